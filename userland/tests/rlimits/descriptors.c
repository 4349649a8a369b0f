/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NOFILE: every call that makes descriptors, with none, one and two free ones below the
 * limit. Shown besides: the descriptors that are there afterwards, and whether a refused open() has
 * made or cut the file.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

#define FIRST 20 /* descriptors below are in use */
#define BAD   8  /* an address */
#define KEPT  "/tmp/rlimits.kept"
#define NEW   "/tmp/rlimits.new"

#define AT_HERE      (-100)
#define WRITE_ONLY   1
#define CREATE       0100
#define EXCLUSIVE    0200
#define TRUNCATE     01000
#define PATH_ONLY    010000000
#define NAMELESS     020200000 /* O_TMPFILE */
#define CLOSE_EXEC   02000000
#define DUP          0    /* F_DUPFD */
#define DUP_CLOEXEC  1030 /* F_DUPFD_CLOEXEC */
#define LOCAL        1    /* AF_UNIX */
#define STREAM       1    /* SOCK_STREAM */
#define FORK_PIDFD   (0x1000 | SIGCHLD)
#define WAIT_NOTHING 0x40000000 /* an unknown flag, to many calls */

static int pair[2], free_ones;

static long open_file(const char *path, int flags)
{
        return raw_call(NR_open, path, flags, 0600);
}

static long open_how(unsigned long flags)
{
        unsigned long how[3] = { flags, 0, 0 };

        return raw_call(NR_openat2, AT_HERE, KEPT, how, sizeof(how));
}

static long fork_with_pidfd(void *where)
{
        long pid = raw_call(NR_clone, FORK_PIDFD, 0, where, 0, 0);

        if (pid == 0)
                _exit(0);
        if (pid > 0)
                waitpid((pid_t)pid, NULL, 0);
        return pid > 0 ? 0 : pid;
}

/* Descriptors relative to the limit. */
static int edge(int n)
{
        return FIRST + free_ones + n;
}

enum call {
        OPEN,
        OPEN_NEW,
        OPEN_EXCLUSIVE,
        OPEN_TRUNCATE,
        OPEN_NONE,
        OPEN_EMPTY,
        OPEN_BAD,
        OPEN_PATH,
        OPEN_NAMELESS,
        OPEN_DIRECTORY,
        OPEN_CLOEXEC,
        OPEN_LOOP,
        OPENAT2,
        OPENAT2_FLAGS,
        CREAT,
        DUP_ONE,
        DUP_NONE,
        DUP2_BELOW,
        DUP2_AT,
        DUP2_ABOVE,
        DUP2_NEGATIVE,
        DUP2_SELF,
        DUP2_NONE,
        DUP2_NONE_AT,
        DUP2_OVER,
        DUP3_BELOW,
        DUP3_AT,
        DUP3_SELF,
        DUP3_FLAGS,
        FCNTL_0,
        FCNTL_BELOW,
        FCNTL_AT,
        FCNTL_NEGATIVE,
        FCNTL_NONE_AT,
        FCNTL_CLOEXEC,
        PIPE,
        PIPE_BAD,
        PIPE_FLAGS,
        PIPE_CLOEXEC,
        SOCKETPAIR,
        SOCKETPAIR_BAD,
        SOCKETPAIR_FAMILY,
        SOCKETPAIR_TYPE,
        EVENTFD,
        EVENTFD_FLAGS,
        MEMFD,
        MEMFD_FLAGS,
        MEMFD_BAD,
        PIDFD,
        PIDFD_FLAGS,
        PIDFD_NOBODY,
        CLONE_PIDFD,
        CLONE_PIDFD_BAD,
        CALLS
};

static const char *const names[CALLS] = {
        [OPEN] = "open",
        [OPEN_NEW] = "open that creates",
        [OPEN_EXCLUSIVE] = "open that creates, of what is there",
        [OPEN_TRUNCATE] = "open that truncates",
        [OPEN_NONE] = "open of what is not there",
        [OPEN_EMPTY] = "open without a name",
        [OPEN_BAD] = "open from a bad address",
        [OPEN_PATH] = "open of a path",
        [OPEN_NAMELESS] = "open without a name in a directory",
        [OPEN_DIRECTORY] = "open of a directory, to write",
        [OPEN_CLOEXEC] = "open, closed by exec",
        [OPEN_LOOP] = "open of a directory that is a file",
        [OPENAT2] = "openat2",
        [OPENAT2_FLAGS] = "openat2 with an unknown flag",
        [CREAT] = "creat",
        [DUP_ONE] = "dup",
        [DUP_NONE] = "dup of what is not open",
        [DUP2_BELOW] = "dup2 below the limit",
        [DUP2_AT] = "dup2 at the limit",
        [DUP2_ABOVE] = "dup2 above the limit",
        [DUP2_NEGATIVE] = "dup2 to -1",
        [DUP2_SELF] = "dup2 to itself",
        [DUP2_NONE] = "dup2 of what is not open",
        [DUP2_NONE_AT] = "dup2 of what is not open, at the limit",
        [DUP2_OVER] = "dup2 to what is open",
        [DUP3_BELOW] = "dup3 below the limit",
        [DUP3_AT] = "dup3 at the limit",
        [DUP3_SELF] = "dup3 to itself",
        [DUP3_FLAGS] = "dup3 with an unknown flag, at the limit",
        [FCNTL_0] = "F_DUPFD from 0",
        [FCNTL_BELOW] = "F_DUPFD from below the limit",
        [FCNTL_AT] = "F_DUPFD from the limit",
        [FCNTL_NEGATIVE] = "F_DUPFD from -1",
        [FCNTL_NONE_AT] = "F_DUPFD of what is not open, from the limit",
        [FCNTL_CLOEXEC] = "F_DUPFD_CLOEXEC from 0",
        [PIPE] = "pipe",
        [PIPE_BAD] = "pipe to a bad address",
        [PIPE_FLAGS] = "pipe2 with an unknown flag",
        [PIPE_CLOEXEC] = "pipe2, closed by exec",
        [SOCKETPAIR] = "socketpair",
        [SOCKETPAIR_BAD] = "socketpair to a bad address",
        [SOCKETPAIR_FAMILY] = "socketpair of no family",
        [SOCKETPAIR_TYPE] = "socketpair of no type",
        [EVENTFD] = "eventfd2",
        [EVENTFD_FLAGS] = "eventfd2 with an unknown flag",
        [MEMFD] = "memfd_create",
        [MEMFD_FLAGS] = "memfd_create with an unknown flag",
        [MEMFD_BAD] = "memfd_create from a bad address",
        [PIDFD] = "pidfd_open",
        [PIDFD_FLAGS] = "pidfd_open with an unknown flag",
        [PIDFD_NOBODY] = "pidfd_open of nobody",
        [CLONE_PIDFD] = "clone with CLONE_PIDFD",
        [CLONE_PIDFD_BAD] = "clone with CLONE_PIDFD to a bad address",
};

static long make_duplicate(enum call call)
{
        switch (call) {
        case DUP_ONE: return raw_call(NR_dup, 0);
        case DUP_NONE: return raw_call(NR_dup, 99);
        case DUP2_BELOW: return raw_call(NR_dup2, 0, edge(-1));
        case DUP2_AT: return raw_call(NR_dup2, 0, edge(0));
        case DUP2_ABOVE: return raw_call(NR_dup2, 0, edge(1));
        case DUP2_NEGATIVE: return raw_call(NR_dup2, 0, -1);
        case DUP2_SELF: return raw_call(NR_dup2, 0, 0);
        case DUP2_NONE: return raw_call(NR_dup2, 99, edge(-1));
        case DUP2_NONE_AT: return raw_call(NR_dup2, 99, edge(0));
        case DUP2_OVER: return raw_call(NR_dup2, 0, FIRST - 1);
        case DUP3_BELOW: return raw_call(NR_dup3, 0, edge(-1), CLOSE_EXEC);
        case DUP3_AT: return raw_call(NR_dup3, 0, edge(0), 0);
        case DUP3_SELF: return raw_call(NR_dup3, 0, 0, 0);
        case DUP3_FLAGS: return raw_call(NR_dup3, 0, edge(0), WAIT_NOTHING);
        case FCNTL_0: return raw_call(NR_fcntl, 0, DUP, 0);
        case FCNTL_BELOW: return raw_call(NR_fcntl, 0, DUP, edge(-1));
        case FCNTL_AT: return raw_call(NR_fcntl, 0, DUP, edge(0));
        case FCNTL_NEGATIVE: return raw_call(NR_fcntl, 0, DUP, -1);
        case FCNTL_NONE_AT: return raw_call(NR_fcntl, 99, DUP, edge(0));
        default: return raw_call(NR_fcntl, 0, DUP_CLOEXEC, 0);
        }
}

static long make_new(enum call call)
{
        switch (call) {
        case PIPE: return raw_call(NR_pipe, pair);
        case PIPE_BAD: return raw_call(NR_pipe, BAD);
        case PIPE_FLAGS: return raw_call(NR_pipe2, pair, WAIT_NOTHING);
        case PIPE_CLOEXEC: return raw_call(NR_pipe2, pair, CLOSE_EXEC);
        case SOCKETPAIR: return raw_call(NR_socketpair, LOCAL, STREAM, 0, pair);
        case SOCKETPAIR_BAD: return raw_call(NR_socketpair, LOCAL, STREAM, 0, BAD);
        case SOCKETPAIR_FAMILY: return raw_call(NR_socketpair, 999, STREAM, 0, pair);
        case SOCKETPAIR_TYPE: return raw_call(NR_socketpair, LOCAL, 9, 0, pair);
        case EVENTFD: return raw_call(NR_eventfd2, 0, 0);
        case EVENTFD_FLAGS: return raw_call(NR_eventfd2, 0, WAIT_NOTHING);
        case MEMFD: return raw_call(NR_memfd_create, "x", 0);
        case MEMFD_FLAGS: return raw_call(NR_memfd_create, "x", WAIT_NOTHING);
        case MEMFD_BAD: return raw_call(NR_memfd_create, BAD, 0);
        case PIDFD: return raw_call(NR_pidfd_open, getpid(), 0);
        case PIDFD_FLAGS: return raw_call(NR_pidfd_open, getpid(), WAIT_NOTHING);
        case PIDFD_NOBODY: return raw_call(NR_pidfd_open, 0x3fffff, 0);
        case CLONE_PIDFD: return fork_with_pidfd(pair);
        default: return fork_with_pidfd((void *)BAD);
        }
}

static long make(enum call call)
{
        switch (call) {
        case OPEN: return open_file(KEPT, 0);
        case OPEN_NEW: return open_file(NEW, CREATE | WRITE_ONLY);
        case OPEN_EXCLUSIVE: return open_file(KEPT, CREATE | EXCLUSIVE);
        case OPEN_TRUNCATE: return open_file(KEPT, TRUNCATE | WRITE_ONLY);
        case OPEN_NONE: return open_file(NEW, 0);
        case OPEN_EMPTY: return open_file("", 0);
        case OPEN_BAD: return open_file((const char *)BAD, 0);
        case OPEN_PATH: return open_file(KEPT, PATH_ONLY);
        case OPEN_NAMELESS: return open_file("/tmp", NAMELESS | WRITE_ONLY);
        case OPEN_DIRECTORY: return open_file("/tmp", WRITE_ONLY);
        case OPEN_CLOEXEC: return open_file(KEPT, CLOSE_EXEC);
        case OPEN_LOOP: return open_file(KEPT "/x", 0);
        case OPENAT2: return open_how(0);
        case OPENAT2_FLAGS: return open_how(1UL << 40);
        case CREAT: return raw_call(NR_creat, NEW, 0600);
        default: return call < PIPE ? make_duplicate(call) : make_new(call);
        }
}

/* ------------------------------------------------------------------ what is there */

/* Descriptors from `from` on: "20 21c", c of those that exec closes. */
static const char *show_open(int from)
{
        static char text[512];
        int used = 0;

        text[0] = '\0';
        for (int fd = from; fd < 200; fd++) {
                long flags = raw_call(NR_fcntl, fd, 1 /* F_GETFD */);

                if (flags >= 0)
                        used += snprintf(text + used, sizeof(text) - used, " %d%s", fd,
                                         flags ? "c" : "");
        }
        return text[0] ? text : " none";
}

static long file_size(const char *path)
{
        struct stat st;
        long err = stat(path, &st);

        return err < 0 ? -1 : (long)st.st_size;
}

/* All descriptors below FIRST are open, none from there on. */
static void fill(void)
{
        long fd;

        raw_call(NR_close_range, FIRST, ~0U, 0);
        while ((fd = raw_call(NR_dup, 1)) >= 0 && fd < FIRST)
                continue;
        raw_call(NR_close_range, FIRST, ~0U, 0);
}

static enum call trying;

static void try(void)
{
        long fd = open_file(KEPT, CREATE | TRUNCATE | WRITE_ONLY), result;

        raw_call(NR_write, fd, "0123456789", 10);
        raw_call(NR_unlink, NEW);
        fill();
        pair[0] = pair[1] = -77;
        limit_set(LIMIT_NOFILE, edge(0), 1000);
        result = make(trying);
        limit_set(LIMIT_NOFILE, 1000, 1000);
        step(result, "%d free", free_ones);
        say("     open:%s; told %d %d; file of %ld, new of %ld", show_open(FIRST), pair[0], pair[1],
            file_size(KEPT), file_size(NEW));
        raw_call(NR_unlink, NEW);
        raw_call(NR_unlink, KEPT);
}

void rlimits_descriptors(void)
{
        for (trying = 0; trying < CALLS; trying++) {
                scene(names[trying]);
                for (free_ones = 0; free_ones <= 2; free_ones++)
                        in_child(try, "try");
        }
}
