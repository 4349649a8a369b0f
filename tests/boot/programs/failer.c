/* SPDX-License-Identifier: MIT */
/*
 * Every allocation that a system call makes in the kernel fails: the first, the second, the third,
 * until the call needs no more (/proc/sys/vm/fail_alloc); it alone, and it and all that follow. A
 * call that fails says so by its errno, and leaves /proc/self/maps and the number of open files as
 * they were. Then children try to live when there is no more memory at all.
 *
 *   failer [STEP] all calls; one line each, and the number of failures in the end; lives STEP apart
 *   failer end    ends: what execve() starts
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rounds.h"

#define P      4096UL
#define AREA   ((char *)0x10000000)
#define TARGET ((char *)0x20000000)
#define PAGES  16
#define MOST   500 /* allocations; no call here makes as many */

#define GUARD_INSTALL 102
#define DONTUNMAP     4

static int fds[2] = { -1, -1 };

/* ------------------------------------------------------------------ memory */

static void area_make(void)
{
        if (mmap(AREA, PAGES * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                 -1, 0) != AREA)
                die("mmap");
        memset(AREA, 'a', PAGES * P);
}

static void area_end(void)
{
        munmap(AREA, 64 * P);
        munmap(TARGET, 64 * P);
}

static long map_anon(void)
{
        return (long)mmap(TARGET, P, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static long map_shared(void)
{
        return (long)mmap(TARGET, P, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
                          -1, 0);
}

static long map_over(void)
{
        return (long)mmap(AREA + 2 * P, 3 * P, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                          -1, 0);
}

static long unmap_middle(void)
{
        return munmap(AREA + 3 * P, P);
}

static long protect_middle(void)
{
        return mprotect(AREA + 3 * P, P, PROT_READ);
}

static long move(void)
{
        return (long)mremap(AREA + 3 * P, 5 * P, 5 * P, MREMAP_MAYMOVE | MREMAP_FIXED, TARGET);
}

static long move_and_grow(void)
{
        return (long)mremap(AREA + 3 * P, 5 * P, 9 * P, MREMAP_MAYMOVE | MREMAP_FIXED, TARGET);
}

static long copy(void)
{
        return (long)mremap(AREA, 5 * P, 5 * P, MREMAP_MAYMOVE | MREMAP_FIXED | DONTUNMAP, TARGET);
}

static long advise(void)
{
        return madvise(AREA + 3 * P, P, MADV_DONTFORK);
}

static long guard(void)
{
        return madvise(AREA + 3 * P, P, GUARD_INSTALL);
}

static long lock(void)
{
        return mlock(AREA + 3 * P, P);
}

/* ------------------------------------------------------------------ files */

static long open_new(void)
{
        return fds[0] = open("/tmp/failer", O_RDWR | O_CREAT | O_EXCL, 0600);
}

static long make_memfd(void)
{
        return fds[0] = memfd_create("failer", 0);
}

static long make_pipe(void)
{
        return pipe(fds);
}

static long make_directory(void)
{
        return mkdir("/tmp/failer.d", 0700);
}

static long duplicate(void)
{
        return fds[0] = dup(control);
}

static void memfd_before(void)
{
        if (make_memfd() < 0)
                die("memfd_create");
}

static long write_file(void)
{
        return write(fds[0], "x", 1) == 1 ? 0 : -1;
}

static long allocate(void)
{
        return fallocate(fds[0], 0, 0, 10 * P);
}

static void files_end(void)
{
        for (int i = 0; i < 2; i++) {
                if (fds[i] >= 0)
                        close(fds[i]);
                fds[i] = -1;
        }
        unlink("/tmp/failer");
        rmdir("/tmp/failer.d");
}

/* ------------------------------------------------------------------ processes */

/* In a child, for a page fault that finds no memory ends who takes it. */
static void fork_once(void)
{
        pid_t pid = fork();

        if (pid == 0)
                _exit(0);
        if (pid < 0)
                _exit(errno);
        waitpid(pid, NULL, 0);
        _exit(0);
}

/* Past a point execve() has nobody to tell of a failure: the signal is its answer. */
static void execute_once(void)
{
        char *argv[] = { (char *)"failer", (char *)"end", NULL };

        execv("/proc/self/exe", argv);
        _exit(errno);
}

/* A child does this with its n-th allocation failing: 1, it has failed; 0, it made fewer; -1. */
static int child_try(const char *name, void (*once)(void), int n)
{
        int status, failed, error;
        pid_t pid = fork();

        if (pid == 0) {
                usleep(2000); /* the parent has taken the faults that come of its fork() */
                arm(n);
                once();
        }
        errno = 0;
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
                die("fork");
        failed = disarm();
        if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGSEGV))
                return failed > 0;
        error = WIFSIGNALED(status) ? EINTR : WEXITSTATUS(status);
        if (failed ? !error || error == ENOMEM || error == EAGAIN : !error)
                return failed > 0;
        printf("%s, allocation %d: %s\n", name, n, strerror(error));
        return -1;
}

/* ------------------------------------------------------------------ the loop */

struct scenario {
        const char *name;
        void (*before)(void);
        long (*call)(void);
        void (*after)(void);
        int also; /* an errno besides ENOMEM */
};

static const struct scenario scenarios[] = {
        { "mmap", area_make, map_anon, area_end, 0 },
        { "mmap of shared memory", area_make, map_shared, area_end, 0 },
        { "mmap over a middle", area_make, map_over, area_end, 0 },
        { "munmap of a middle", area_make, unmap_middle, area_end, 0 },
        { "mprotect of a middle", area_make, protect_middle, area_end, 0 },
        { "mremap", area_make, move, area_end, 0 },
        { "mremap that grows", area_make, move_and_grow, area_end, 0 },
        { "mremap with DONTUNMAP", area_make, copy, area_end, 0 },
        { "madvise", area_make, advise, area_end, EAGAIN },
        { "madvise of a guard", area_make, guard, area_end, 0 },
        { "mlock", area_make, lock, area_end, EAGAIN },
        { "open", NULL, open_new, files_end, ENOSPC },
        { "memfd_create", NULL, make_memfd, files_end, ENFILE },
        { "pipe", NULL, make_pipe, files_end, ENFILE },
        { "mkdir", NULL, make_directory, files_end, ENOSPC },
        { "dup", NULL, duplicate, files_end, EMFILE },
        { "write", memfd_before, write_file, files_end, ENOSPC },
        { "fallocate", memfd_before, allocate, files_end, ENOSPC },
};

/* What a program can see of itself. */
struct sight {
        char maps[8192];
        int lowest_fd;
};

static void look(struct sight *sight)
{
        int fd = open("/proc/self/maps", O_RDONLY);
        ssize_t n, used = 0;

        sight->lowest_fd = fd;
        while ((n = read(fd, sight->maps + used, sizeof(sight->maps) - 1 - used)) > 0)
                used += n;
        sight->maps[used] = '\0';
        close(fd);
}

static int tell(const char *name, int n, const char *what)
{
        printf("%s, allocation %d: %s\n", name, n, what);
        return -1;
}

/* 1: it failed as it should; 0: it needed no more; -1: it is wrong. */
static int try_once(const struct scenario *s, int n)
{
        static struct sight before, after;
        int error, failed, good;
        long result;

        if (s->before)
                s->before();
        look(&before);
        arm(n);
        result = s->call();
        error = errno;
        failed = disarm();
        look(&after);
        good = failed > 0;
        if (failures > 1 && failed >= failures)
                good = tell(s->name, n, "it does not give up");
        else if (result < 0 && (!failed || (error != ENOMEM && error != s->also)))
                good = tell(s->name, n, strerror(error));
        else if (result < 0 && strcmp(before.maps, after.maps))
                good = tell(s->name, n, after.maps);
        else if (result < 0 && before.lowest_fd != after.lowest_fd)
                good = tell(s->name, n, "an open file more");
        s->after();
        return good;
}

/* How often it failed, or -1. */
static int run(const struct scenario *s)
{
        for (int n = 1; n < MOST; n++) {
                int result = try_once(s, n);

                if (result <= 0)
                        return result < 0 ? -1 : n - 1;
        }
        return -1;
}

static int run_child(const char *name, void (*once)(void))
{
        for (int n = 1; n < MOST; n++) {
                int result = child_try(name, once, n);

                if (result <= 0)
                        return result < 0 ? -1 : n - 1;
        }
        return -1;
}

static void run_all(struct tally *t)
{
        for (unsigned i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
                count(t, scenarios[i].name, run(&scenarios[i]));
        count(t, "fork", run_child("fork", fork_once));
        count(t, "execve", run_child("execve", execute_once));
}

/*
 * Every call, each life beginning with another; the last is a program. No fork: what it leaves
 * would wake init, which cannot do without memory.
 */
static void live(int n)
{
        const unsigned nr = sizeof(scenarios) / sizeof(scenarios[0]);

        for (unsigned i = 0; i < 10 * nr; i++) {
                const struct scenario *s = &scenarios[((unsigned)n + i) % nr];

                if (s->before)
                        s->before();
                s->call();
                s->after();
        }
        if (fork() == 0)
                _exit(0);
        execute_once();
}

int main(int argc, char **argv)
{
        static const struct rounds rounds = { "/proc/sys/vm/fail_alloc", "allocations", run_all,
                                              live, files_end };

        if (argc > 1 && strcmp(argv[1], "end") == 0)
                return 0;
        return run_rounds(&rounds, argc > 1 ? atoi(argv[1]) : LIFE_STEP);
}
