/* SPDX-License-Identifier: MIT */
/*
 * Running a job: see job.h.
 *
 * Written for Linux's system calls and any libc: what a small libc may lack (capset, personality,
 * prlimit64, ...) is called by number. Nothing here knows whether it runs as process 1.
 */
#include "userland/init/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNLIMITED         (~(uint64_t)0)
#define ADDR_NO_RANDOMIZE 0x0040000
#define PR_CAPBSET_DROP   24
#define CAPABILITY_V3     0x20080522
#define LAST_SIGNAL       64

/* ---- the description ---- */

static const char *parse_limit(struct job *job, char *text)
{
        char *end;
        unsigned long number = strtoul(text, &end, 10);
        struct job_limit limit = { .given = 1 };
        uint64_t *values[] = { &limit.soft, &limit.hard };

        if (end == text || number >= JOB_LIMITS)
                return "a limit's number is wrong";
        for (int i = 0; i < 2; i++) {
                if (*end++ != ' ')
                        return "a limit needs a number, a soft and a hard value";
                if (strncmp(end, "unlimited", 9) == 0) {
                        *values[i] = UNLIMITED;
                        end += 9;
                } else {
                        *values[i] = strtoull(end, &end, 10);
                }
        }
        job->limits[number] = limit;
        return *end ? "a limit has something behind it" : NULL;
}

/* The value if `entry` is KEY=VALUE for this `key`, otherwise NULL. */
static char *value_of(char *entry, const char *key)
{
        size_t len = strlen(key);

        return strncmp(entry, key, len) == 0 && entry[len] == '=' ? entry + len + 1 : NULL;
}

static const char *parse_entry(struct job *job, char *entry, size_t counts[3])
{
        char *value;

        if ((value = value_of(entry, "arg")))
                job->argv[counts[0]++] = value;
        else if ((value = value_of(entry, "env")))
                job->envp[counts[1]++] = value;
        else if ((value = value_of(entry, "put")))
                job->puts[counts[2]++] = value;
        else if ((value = value_of(entry, "exec")))
                job->path = value;
        else if ((value = value_of(entry, "limit")))
                return parse_limit(job, value);
        else if ((value = value_of(entry, "cap"))) {
                job->has_caps = 1;
                job->caps = strtoull(value, NULL, 16);
        } else {
                return "an entry has no known key";
        }
        return NULL;
}

const char *job_parse(struct job *job, char *text, size_t len)
{
        size_t entries = 1, counts[3] = { 0, 0, 0 };
        const char *wrong = NULL;

        memset(job, 0, sizeof(*job));
        if (len == 0 || text[len - 1] != '\0')
                return "the last entry has no end";
        for (size_t i = 0; i < len; i++)
                entries += text[i] == '\0';
        job->argv = calloc(entries, sizeof(char *));
        job->envp = calloc(entries, sizeof(char *));
        job->puts = calloc(entries, sizeof(char *));
        if (!job->argv || !job->envp || !job->puts)
                return "no memory";
        for (char *entry = text; entry < text + len && !wrong; entry += strlen(entry) + 1)
                wrong = parse_entry(job, entry, counts);
        if (!wrong && (!job->path || !job->argv[0]))
                return "there is no program in it";
        return wrong;
}

/* ---- the new process ---- */

static void set_limits(const struct job *job)
{
        for (int i = 0; i < JOB_LIMITS; i++) {
                const uint64_t value[2] = { job->limits[i].soft, job->limits[i].hard };

                if (job->limits[i].given)
                        syscall(SYS_prlimit64, 0, i, value, NULL);
        }
}

/*
 * A program of user 0 gets the bounding set at execve, so that is what has to shrink; the call to
 * capset is for a kernel that has no bounding set.
 */
static void drop_capabilities(uint64_t keep)
{
        struct {
                uint32_t version;
                int pid;
        } header = { CAPABILITY_V3, 0 };
        struct {
                uint32_t effective, permitted, inheritable;
        } data[2];

        for (int cap = 0; cap < 64; cap++)
                if (!(keep >> cap & 1))
                        syscall(SYS_prctl, PR_CAPBSET_DROP, cap, 0, 0, 0);
        if (syscall(SYS_capget, &header, data) < 0)
                return;
        for (int i = 0; i < 2; i++) {
                data[i].permitted &= (uint32_t)(keep >> (32 * i));
                data[i].effective = data[i].permitted;
                data[i].inheritable = 0;
        }
        syscall(SYS_capset, &header, data);
}

/*
 * execve forgets the alternate stack but keeps its flags, and those of a new thread are not those
 * of a new process: what the program finds would depend on what started us. With a stack they are
 * 0.
 */
static void reset_alternate_stack(void)
{
        static char room[1 << 16];
        struct {
                void *sp;
                int flags;
                size_t size;
        } stack = { room, 0, sizeof(room) };

        syscall(SYS_sigaltstack, &stack, NULL);
}

static void reset_signals(void)
{
        struct sigaction action;
        sigset_t none;

        memset(&action, 0, sizeof(action));
        action.sa_handler = SIG_DFL;
        for (int sig = 1; sig <= LAST_SIGNAL; sig++)
                sigaction(sig, &action, NULL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        reset_alternate_stack();
}

static void set_descriptors(int out, int err)
{
        int null = open("/dev/null", O_RDWR);

        dup2(out, 1);
        dup2(err, 2);
        if (null >= 0)
                dup2(null, 0);
        else
                close(0);
}

/* Become the program. `report` is closed by a successful execve; otherwise it gets the errno. */
static void become(const struct job *job, int out, int err, int report)
{
        int error;

        /* The report moves out of the way of 0, 1 and 2, and stays when all the others go. */
        report = fcntl(report, F_DUPFD, 3);
        out = fcntl(out, F_DUPFD, 3);
        err = fcntl(err, F_DUPFD, 3);
        set_descriptors(out, err);
        dup2(report, 3);
        fcntl(3, F_SETFD, FD_CLOEXEC);
        for (int fd = 4; fd < 1024; fd++)
                close(fd);

        setsid();
        reset_signals();
        umask(022);
        if (chdir("/tmp") < 0)
                (void)!chdir("/");
        syscall(SYS_iopl, 0);
        syscall(SYS_setgroups, 0, NULL);
        syscall(SYS_personality, ADDR_NO_RANDOMIZE);
        set_limits(job);
        if (job->has_caps)
                drop_capabilities(job->caps);
        execve(job->path, job->argv, job->envp);
        error = errno;
        (void)!write(3, &error, sizeof(error));
        _exit(127);
}

/* ---- relaying ---- */

static volatile pid_t
        program; /* leads a session and a process group of its own, but for a moment */

void job_kill(void)
{
        if (program > 0 && kill(-program, SIGKILL) < 0)
                kill(program, SIGKILL);
}

static int wake_fd; /* SIGCHLD writes here, so that a poll ends */

static void child_ended(int sig)
{
        int saved = errno;

        (void)sig;
        (void)!write(wake_fd, "", 1);
        errno = saved;
}

static uint64_t now_ms(void)
{
        struct timespec now = { 0, 0 };

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t in_us(const struct timeval *time)
{
        return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

/* Collect what has ended; 1 once `main` is among it. Orphans come to process 1 and end here too. */
static int reap(pid_t main, struct job_result *result)
{
        struct rusage usage;
        int status, ended = 0;
        pid_t pid;

        while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
                if (pid != main)
                        continue;
                result->status = status;
                result->user = in_us(&usage.ru_utime);
                result->sys = in_us(&usage.ru_stime);
                ended = 1;
        }
        return ended;
}

/* Pass on what can be read; a descriptor at its end becomes -1. Returns 1 if anything came. */
static int relay(struct pollfd *poll_fd, int channel, job_output *output)
{
        static char buffer[65536];
        ssize_t len;

        if (poll_fd->fd < 0 || !(poll_fd->revents & (POLLIN | POLLHUP | POLLERR)))
                return 0;
        len = read(poll_fd->fd, buffer, sizeof(buffer));
        if (len < 0 && errno == EINTR)
                return 1;
        if (len > 0) {
                output(channel, buffer, (size_t)len);
                return 1;
        }
        close(poll_fd->fd);
        poll_fd->fd = -1;
        return 1;
}

static void watch(pid_t main, struct pollfd fds[3], job_output *output, struct job_result *result)
{
        uint64_t deadline = 0;
        int ended = 0;

        while (!ended || fds[0].fd >= 0 || fds[1].fd >= 0) {
                /* A second is the safety net for a wake-up that was lost. */
                int ready = poll(fds, 3, ended ? DRAIN_SILENT_MS : 1000);
                int moved = 0;
                char byte;

                if (ready > 0) {
                        moved = relay(&fds[0], 1, output) | relay(&fds[1], 2, output);
                        if (fds[2].revents & POLLIN)
                                moved |= read(fds[2].fd, &byte, 1) == 1;
                }
                if (ended && (!moved || now_ms() > deadline))
                        break;
                if (!ended && reap(main, result)) {
                        ended = 1;
                        deadline = now_ms() + DRAIN_TOTAL_MS;
                } else if (ended) {
                        reap(main, result);
                }
        }
}

static int make_pipes(int pipes[4][2])
{
        for (int i = 0; i < 4; i++)
                if (pipe(pipes[i]) < 0)
                        return -errno;
        fcntl(pipes[3][0], F_SETFL, O_NONBLOCK);
        fcntl(pipes[3][1], F_SETFL, O_NONBLOCK);
        return 0;
}

int job_run(const struct job *job, job_output *output, struct job_result *result)
{
        enum { OUT, ERR, REPORT, WAKE };
        int pipes[4][2], error = make_pipes(pipes);
        struct sigaction action;
        pid_t pid;

        if (error)
                return error;
        memset(result, 0, sizeof(*result));
        memset(&action, 0, sizeof(action));
        wake_fd = pipes[WAKE][1];
        action.sa_handler = child_ended;
        sigaction(SIGCHLD, &action, NULL);

        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                become(job, pipes[OUT][1], pipes[ERR][1], pipes[REPORT][1]);
        program = pid;
        for (int i = OUT; i <= REPORT; i++)
                close(pipes[i][1]);
        /* Ends at once: the writing end goes away with execve, or carries the reason why not. */
        if (read(pipes[REPORT][0], &error, sizeof(error)) == sizeof(error))
                result->exec_errno = error;
        close(pipes[REPORT][0]);

        struct pollfd fds[3] = { { .fd = pipes[OUT][0], .events = POLLIN },
                                 { .fd = pipes[ERR][0], .events = POLLIN },
                                 { .fd = pipes[WAKE][0], .events = POLLIN } };

        watch(pid, fds, output, result);
        for (int i = 0; i < 3; i++)
                if (fds[i].fd >= 0)
                        close(fds[i].fd);
        close(pipes[WAKE][1]);
        return 0;
}
