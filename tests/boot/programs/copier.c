/* SPDX-License-Identifier: MIT */
/*
 * Every copy that a system call makes from or to the program fails: the first, the second, the
 * third, until the call makes no more (/proc/sys/vm/fail_copy); it alone, and it and all that
 * follow. It answers EFAULT, and leaves the program as it was: maps, status, open files, and what
 * each row looks at besides. A row that says `done` is of a call that Linux has done when it copies
 * its answer out. Then children try to live when no copy succeeds any more.
 *
 *   copier [STEP] all calls; one line each, and the number of failures in the end; lives STEP apart
 *   copier end    ends: what execve() starts
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rounds.h"

#define MOST 100 /* copies; no call here makes as many */

/* Files that are open at fixed numbers while a call is made. */
enum { FILE_FD = 100, READ_FD, WRITE_FD, DIR_FD, EVENT_FD, ZERO_FD, MAP_FD };

#define PATH     "/tmp/copier"
#define OTHER    "/tmp/copier.other"
#define CONTENTS "0123456789"

static char buffer[8192], second[64];
static struct iovec vectors[2] = { { buffer, 4 }, { second, 4 } };
static struct iovec remote = { second, 4 };

/* ------------------------------------------------------------------ what there is */

static void put(int fd, int at)
{
        if (fd < 0 || dup2(fd, at) != at)
                die("dup2");
        close(fd);
}

static void world_make(void)
{
        int ends[2];

        put(open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600), FILE_FD);
        if (pipe(ends) < 0)
                die("pipe");
        put(ends[0], READ_FD);
        put(ends[1], WRITE_FD);
        put(open("/", O_RDONLY | O_DIRECTORY), DIR_FD);
        put(syscall(SYS_eventfd2, 5, 0), EVENT_FD);
        put(open("/dev/zero", O_RDWR), ZERO_FD);
        put(open("/proc/self/pagemap", O_RDONLY), MAP_FD);
        if (write(FILE_FD, CONTENTS, 10) != 10 || write(WRITE_FD, CONTENTS, 10) != 10)
                die("write");
        lseek(FILE_FD, 2, SEEK_SET);
}

static void world_end(void)
{
        for (int fd = FILE_FD; fd <= MAP_FD; fd++)
                close(fd);
        unlink(PATH);
        unlink(OTHER);
        rmdir(OTHER);
}

/* What a program can see of itself, and of its files. */
struct sight {
        char maps[6000], status[2000];
        int lowest_fd;
        off_t offset, dir_offset, size;
        int piped, other;
        char file[16], name[16], host[65];
        sigset_t blocked, pending;
        struct sigaction action;
        struct itimerval timer;
        struct rlimit limit;
        stack_t stack;
};

static void read_all(const char *path, char *text, size_t size)
{
        int fd = open(path, O_RDONLY);
        ssize_t n, used = 0;

        while ((n = read(fd, text + used, size - 1 - used)) > 0)
                used += n;
        text[used] = '\0';
        close(fd);
}

/* Lines of status that change by looking, or by time. */
static void forget_lines(char *status)
{
        static const char *const names[] = {
                "VmRSS", "VmHWM",          "RssAnon",          "RssFile",
                "VmPTE", "voluntary_ctxt", "nonvoluntary_ctxt"
        };

        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                char *line = strstr(status, names[i]);

                for (; line && *line && *line != '\n'; line++)
                        *line = ' ';
        }
}

static void look(struct sight *s)
{
        struct utsname uts;
        struct stat st;

        memset(s, 0, sizeof(*s));
        read_all("/proc/self/maps", s->maps, sizeof(s->maps));
        read_all("/proc/self/status", s->status, sizeof(s->status));
        forget_lines(s->status);
        s->lowest_fd = dup(control);
        close(s->lowest_fd);
        s->offset = lseek(FILE_FD, 0, SEEK_CUR);
        s->dir_offset = lseek(DIR_FD, 0, SEEK_CUR);
        s->size = fstat(FILE_FD, &st) ? -1 : st.st_size;
        ioctl(READ_FD, FIONREAD, &s->piped);
        s->other = access(OTHER, F_OK);
        (void)!pread(FILE_FD, s->file, sizeof(s->file), 0);
        syscall(SYS_prctl, 16, s->name, 0, 0, 0);
        uname(&uts);
        memcpy(s->host, uts.nodename, sizeof(s->host));
        sigprocmask(SIG_BLOCK, NULL, &s->blocked);
        sigpending(&s->pending);
        sigaction(SIGUSR1, NULL, &s->action);
        getitimer(ITIMER_VIRTUAL, &s->timer);
        memset(&s->timer.it_value, s->timer.it_value.tv_sec != 0, sizeof(s->timer.it_value));
        getrlimit(RLIMIT_CORE, &s->limit);
        sigaltstack(NULL, &s->stack);
}

/* ------------------------------------------------------------------ calls */

#define P(x) ((long)(x))

static char path[] = PATH, other[] = OTHER, root[] = "/", name[] = "name";
static struct timespec moment = { 0, 1000 };
static struct timeval times_of_file[2];
static struct itimerval timer = { { 1000, 0 }, { 1000, 0 } };
static struct rlimit limit = { 12345, 1 << 30 };
static struct pollfd polled[2] = { { READ_FD, POLLIN, 0 }, { ZERO_FD, POLLIN, 0 } };
static fd_set readable, writable;
static struct flock lock = { .l_type = F_WRLCK, .l_start = 0, .l_len = 1 };
static loff_t file_offset;
static unsigned long mask[2] = { 1 };
static unsigned long action[4] = { P(SIG_IGN) };
static stack_t stack = { .ss_sp = buffer, .ss_size = 8192 };
static unsigned word;
static char *no_vector[1];
static struct {
        unsigned version;
        int pid;
} cap_header = { 0x20080522, 0 };
static struct {
        unsigned long flags, mode, resolve;
} how = { O_RDONLY, 0, 0 };

static void set_files(void)
{
        FD_ZERO(&readable);
        FD_SET(READ_FD, &readable);
        FD_ZERO(&writable);
        FD_SET(WRITE_FD, &writable);
        file_offset = 1;
        cap_header.version = 0x20080522;
        *(unsigned long *)buffer = 1;
}

static void make_signal(void)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, NULL);
        kill(getpid(), SIGUSR1);
        *(sigset_t *)buffer = set;
}

static void end_signal(void)
{
        struct timespec none = { 0, 0 };
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        while (sigtimedwait(&set, NULL, &none) > 0)
                ;
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        sigprocmask(SIG_UNBLOCK, (sigset_t *)mask, NULL);
}

static void make_child(void)
{
        if (fork() == 0)
                _exit(0);
        usleep(3000);
}

static void end_child(void)
{
        while (waitpid(-1, NULL, WNOHANG) > 0)
                ;
}

static void end_settings(void)
{
        static const struct itimerval none;
        static const stack_t no_stack = { .ss_flags = SS_DISABLE };
        static const struct rlimit core = { 0, RLIM_INFINITY };

        setitimer(ITIMER_VIRTUAL, &none, NULL);
        signal(SIGUSR1, SIG_DFL);
        sigaltstack(&no_stack, NULL);
        setrlimit(RLIMIT_CORE, &core);
}

/* A row names what matters to it. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct row {
        const char *name;
        long nr, a[6];
        void (*before)(void), (*after)(void);
        const char *done; /* the call is done, or partly: how it comes */
};

#define EARLIER "what the copies before it moved is moved, and counted"
#define ANSWER  "only the answer is lost"

static const struct row rows[] = {
        { "read", SYS_read, { FILE_FD, P(buffer), 4 } },
        { "read of a pipe", SYS_read, { READ_FD, P(buffer), 4 } },
        { "read of zeros", SYS_read, { ZERO_FD, P(buffer), 4 } },
        { "read of an eventfd", SYS_read, { EVENT_FD, P(buffer), 8 }, .done = ANSWER },
        { "read of pagemap", SYS_read, { MAP_FD, P(buffer), 8 } },
        { "readv", SYS_readv, { FILE_FD, P(vectors), 2 }, .done = EARLIER },
        { "pread", SYS_pread64, { FILE_FD, P(buffer), 4, 0 } },
        { "write", SYS_write, { FILE_FD, P(buffer), 4 } },
        { "write to a pipe", SYS_write, { WRITE_FD, P(buffer), 4 } },
        { "write to an eventfd", SYS_write, { EVENT_FD, P(buffer), 8 }, set_files },
        { "writev", SYS_writev, { FILE_FD, P(vectors), 2 }, .done = EARLIER },
        { "pwrite", SYS_pwrite64, { FILE_FD, P(buffer), 4, 0 } },
        { "sendfile",
          SYS_sendfile,
          { WRITE_FD, FILE_FD, P(&file_offset), 4 },
          set_files,
          .done = ANSWER },
        { "open", SYS_open, { P(path), O_RDONLY } },
        { "open of a new file", SYS_open, { P(other), O_RDWR | O_CREAT, 0600 } },
        { "openat2", SYS_openat2, { AT_FDCWD, P(path), P(&how), sizeof(how) } },
        { "stat", SYS_stat, { P(path), P(buffer) } },
        { "fstat", SYS_fstat, { FILE_FD, P(buffer) } },
        { "newfstatat", SYS_newfstatat, { AT_FDCWD, P(path), P(buffer), 0 } },
        { "statx", SYS_statx, { AT_FDCWD, P(path), 0, 0x7ff, P(buffer) } },
        { "statfs", SYS_statfs, { P(path), P(buffer) } },
        { "access", SYS_access, { P(path), R_OK } },
        { "truncate", SYS_truncate, { P(path), 3 } },
        { "mkdir", SYS_mkdir, { P(other), 0700 } },
        { "rename", SYS_rename, { P(path), P(other) } },
        { "link", SYS_link, { P(path), P(other) } },
        { "symlink", SYS_symlink, { P(path), P(other) } },
        { "unlink", SYS_unlink, { P(path) } },
        { "readlink", SYS_readlink, { P("/proc/self/exe"), P(buffer), 64 } },
        { "chmod", SYS_chmod, { P(path), 0600 } },
        { "getcwd", SYS_getcwd, { P(buffer), 64 } },
        { "chdir", SYS_chdir, { P(root) } },
        { "getdents64", SYS_getdents64, { DIR_FD, P(buffer), 4096 }, .done = EARLIER },
        { "utimensat", SYS_utimensat, { AT_FDCWD, P(path), P(times_of_file), 0 } },
        { "memfd_create", SYS_memfd_create, { P(name), 0 } },
        { "pipe2", SYS_pipe2, { P(buffer), 0 } },
        { "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, P(buffer) } },
        { "poll", SYS_poll, { P(polled), 2, 0 } },
        { "ppoll", SYS_ppoll, { P(polled), 2, P(&moment), 0, 8 }, .done = ANSWER },
        { "select", SYS_select, { 110, P(&readable), P(&writable), 0, 0 }, set_files },
        { "fcntl, asking for a lock", SYS_fcntl, { FILE_FD, F_GETLK, P(&lock) } },
        { "fcntl, locking", SYS_fcntl, { FILE_FD, F_SETLK, P(&lock) } },
        { "ioctl(FIONREAD)", SYS_ioctl, { READ_FD, FIONREAD, P(buffer) } },
        { "ioctl(FIONBIO)", SYS_ioctl, { READ_FD, FIONBIO, P(&word) } },
        { "mincore", SYS_mincore, { 0, 4096, P(second) } },
        { "process_vm_readv", SYS_process_vm_readv, { 0, P(vectors), 1, P(&remote), 1, 0 } },
        { "process_vm_writev", SYS_process_vm_writev, { 0, P(vectors), 1, P(&remote), 1, 0 } },
        { "rt_sigaction",
          SYS_rt_sigaction,
          { SIGUSR1, P(action), P(buffer), 8 },
          NULL,
          end_settings,
          ANSWER },
        { "rt_sigprocmask",
          SYS_rt_sigprocmask,
          { SIG_BLOCK, P(mask), P(buffer), 8 },
          NULL,
          end_signal,
          ANSWER },
        { "rt_sigpending", SYS_rt_sigpending, { P(buffer), 8 } },
        { "rt_sigtimedwait",
          SYS_rt_sigtimedwait,
          { P(buffer), P(second), P(&moment), 8 },
          make_signal,
          end_signal,
          ANSWER },
        { "sigaltstack", SYS_sigaltstack, { P(&stack), P(second) }, NULL, end_settings, ANSWER },
        { "getitimer", SYS_getitimer, { ITIMER_REAL, P(buffer) } },
        { "setitimer",
          SYS_setitimer,
          { ITIMER_VIRTUAL, P(&timer), P(buffer) },
          NULL,
          end_settings,
          ANSWER },
        { "nanosleep", SYS_nanosleep, { P(&moment), P(buffer) } },
        { "clock_gettime", SYS_clock_gettime, { 0, P(buffer) } },
        { "gettimeofday", SYS_gettimeofday, { P(buffer), P(second) } },
        { "times", SYS_times, { P(buffer) } },
        { "uname", SYS_uname, { P(buffer) } },
        { "sethostname", SYS_sethostname, { P(name), 4 } },
        { "sysinfo", SYS_sysinfo, { P(buffer) } },
        { "getrlimit", SYS_getrlimit, { RLIMIT_CORE, P(buffer) } },
        { "setrlimit", SYS_setrlimit, { RLIMIT_CORE, P(&limit) }, NULL, end_settings },
        { "prlimit64",
          SYS_prlimit64,
          { 0, RLIMIT_CORE, P(&limit), P(buffer) },
          NULL,
          end_settings,
          ANSWER },
        { "getrusage", SYS_getrusage, { 0, P(buffer) } },
        { "getresuid", SYS_getresuid, { P(buffer), P(buffer + 8), P(buffer + 16) } },
        { "setgroups", SYS_setgroups, { 1, P(&word) } },
        { "capget", SYS_capget, { P(&cap_header), P(buffer) }, set_files },
        { "prctl(PR_SET_NAME)", SYS_prctl, { 15, P(name) } },
        { "prctl(PR_GET_NAME)", SYS_prctl, { 16, P(buffer) } },
        { "sched_getparam", SYS_sched_getparam, { 0, P(buffer) } },
        { "sched_getaffinity", SYS_sched_getaffinity, { 0, 64, P(buffer) } },
        { "sched_setaffinity", SYS_sched_setaffinity, { 0, 8, P(mask) } },
        { "getrandom", SYS_getrandom, { P(buffer), 16, 0 } },
        { "futex", SYS_futex, { P(&word), 0, 1, 0, 0, 0 } },
        { "wait4", SYS_wait4, { -1, P(buffer), 0, P(buffer + 64) }, make_child, end_child, ANSWER },
        { "waitid",
          SYS_waitid,
          { P_ALL, 0, P(buffer), WEXITED, P(buffer + 512) },
          make_child,
          end_child,
          ANSWER },
        { "execve", SYS_execve, { P(path), P(no_vector), P(no_vector) } },
};

/* ------------------------------------------------------------------ the loop */

static int tell(const struct row *row, int n, const char *what)
{
        printf("%s, copy %d: %s\n", row->name, n, what);
        return -1;
}

static int compare(const struct row *row, int n, const struct sight *a, const struct sight *b)
{
        if (strcmp(a->maps, b->maps))
                return tell(row, n, "other maps");
        if (a->lowest_fd != b->lowest_fd)
                return tell(row, n, "an open file more");
        if (row->done)
                return 1;
        if (strcmp(a->status, b->status))
                return tell(row, n, "another status");
        if (memcmp(a, b, sizeof(*a)))
                return tell(row, n, "something else has changed");
        return 1;
}

/* 1: it failed as it should; 0: it made no more copies; -1: it is wrong. */
static int try_once(const struct row *row, int n)
{
        static struct sight before, after;
        const long *a = row->a;
        int error, failed, good = 1;
        long result;

        world_make();
        if (row->before)
                row->before();
        look(&before);
        arm(n);
        result = syscall(row->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
        error = errno;
        failed = disarm();
        look(&after);
        if (failures > 1 && failed >= failures)
                good = tell(row, n, "it does not give up");
        else if (failed && result < 0 && error != EFAULT)
                good = tell(row, n, strerror(error));
        else if (failed && result >= 0 && !row->done)
                good = tell(row, n, "success all the same");
        else if (failed)
                good = compare(row, n, &before, &after);
        /* What it has opened. */
        for (int fd = after.lowest_fd - 1; !failed && fd >= before.lowest_fd; fd--)
                close(fd);
        if (row->after)
                row->after();
        world_end();
        return good < 0 ? -1 : failed > 0;
}

/* How often it failed, or -1. */
static int run(const struct row *row)
{
        for (int n = 1; n < MOST; n++) {
                int result = try_once(row, n);

                if (result <= 0)
                        return result < 0 ? -1 : n - 1;
        }
        return -1;
}

/* ------------------------------------------------------------------ processes */

static void execute_once(void)
{
        char *argv[] = { (char *)"copier", (char *)"end", NULL }, *envp[] = { (char *)"A=b", NULL };

        execve("/proc/self/exe", argv, envp);
        _exit(errno);
}

static void handle(int signo)
{
        (void)signo;
}

static void signal_once(void)
{
        kill(getpid(), SIGUSR2);
        _exit(0);
}

static void clone_once(void)
{
        int parent_tid = 0, child_tid = 0, flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID;
        long pid = syscall(SYS_clone, flags | SIGCHLD, 0, &parent_tid, &child_tid, 0);

        if (pid == 0)
                _exit(0);
        _exit(pid < 0 ? errno : 0);
}

/*
 * A child does this with its n-th copy failing: EFAULT is its answer, or, where nobody is left to
 * be told, SIGSEGV or SIGKILL. What only informs is not told at all: that is success.
 */
static int child_try(const char *what, void (*once)(void), int n)
{
        int status, failed, died;
        pid_t pid = fork();

        if (pid == 0) {
                signal(SIGUSR2, handle);
                usleep(2000);
                arm(n);
                once();
        }
        while (waitid(P_PID, pid, NULL, WEXITED | WNOWAIT) < 0 && errno == EINTR)
                ;
        failed = disarm();
        if (waitpid(pid, &status, 0) != pid)
                die("waitpid");
        died = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        if (died ? died == SIGSEGV || died == SIGKILL
                 : WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == EFAULT)
                return failed > 0;
        printf("%s, copy %d: status %#x\n", what, n, status);
        return -1;
}

static int run_child(const char *what, void (*once)(void))
{
        for (int n = 1; n < MOST; n++) {
                int result = child_try(what, once, n);

                if (result <= 0)
                        return result < 0 ? -1 : n - 1;
        }
        return -1;
}

static void run_all(struct tally *t)
{
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                count(t, rows[i].name, run(&rows[i]));
        count(t, "a program that starts", run_child("execve", execute_once));
        count(t, "a signal", run_child("a signal", signal_once));
        count(t, "clone", run_child("clone", clone_once));
}

/* Every call, each life beginning with another; the last is a program. */
static void live(int n)
{
        const unsigned nr = sizeof(rows) / sizeof(rows[0]);

        for (unsigned i = 0; i < nr; i++) {
                const struct row *row = &rows[((unsigned)n + i) % nr];
                const long *a = row->a;

                if (row->before)
                        row->before();
                syscall(row->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
                if (row->after)
                        row->after();
        }
        execute_once();
}

int main(int argc, char **argv)
{
        static const struct rounds rounds = { "/proc/sys/vm/fail_copy", "copies", run_all, live,
                                              world_end };

        if (argc > 1 && strcmp(argv[1], "end") == 0)
                return 0;
        return run_rounds(&rounds, argc > 1 ? atoi(argv[1]) : LIFE_STEP);
}
