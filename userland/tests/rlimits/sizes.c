/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_FSIZE: every call that makes a file longer, below, at, across and beyond the limit; with
 * SIGXFSZ as it is, ignored, blocked and caught. Shown: the file's size, its offset and its bytes
 * around the limit.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

#define LIMIT      10000L /* bytes: not a multiple of a page */
#define BAD        8
#define APPEND     02000
#define READ_WRITE 2
#define CREATE     0100
#define SET_FLAGS  4 /* F_SETFL */
#define ADD_SEALS  1033
#define SEAL_GROW  4
#define SEAL_WRITE 8
#define KEEP_SIZE  1
#define PUNCH      3
#define SEALABLE   2
#define RWF_APPEND 16

static int fd;
static char bytes[20000];

static long size_of(int file)
{
        struct stat st;

        return fstat(file, &st) < 0 ? -1 : (long)st.st_size;
}

/* Bytes that are not 0, in all of the file. */
static long bytes_of(int file)
{
        static char buffer[4096];
        long n, at = 0, found = 0;

        while ((n = raw_call(NR_pread64, file, buffer, sizeof(buffer), at)) > 0) {
                for (long i = 0; i < n; i++)
                        found += buffer[i] != 0;
                at += n;
        }
        return found;
}

static int pending(void)
{
        unsigned long set = 0;

        raw_call(NR_rt_sigpending, &set, 8);
        return set >> (SIGXFSZ - 1) & 1;
}

static void take_signal(void)
{
        unsigned long set = 1UL << (SIGXFSZ - 1), now[2] = { 0, 0 };

        raw_call(NR_rt_sigtimedwait, &set, 0, now, 8);
}

/* A file of `size` bytes, its offset `at`; the signal is blocked, so that it shows as pending. */
static void start(long size, long at)
{
        unsigned long set = 1UL << (SIGXFSZ - 1);

        raw_call(NR_rt_sigprocmask, SIG_BLOCK, &set, 0, 8);
        if (fd)
                raw_call(NR_close, fd);
        limit_set(LIMIT_FSIZE, NO_LIMIT, NO_LIMIT);
        fd = (int)raw_call(NR_memfd_create, "x", SEALABLE);
        if (size)
                raw_call(NR_ftruncate, fd, size);
        raw_call(NR_lseek, fd, at, 0);
        limit_set(LIMIT_FSIZE, LIMIT, NO_LIMIT);
}

static void result(long got, const char *what)
{
        step(got, "%s", what);
        say("     size %ld, offset %ld, %ld bytes written%s", size_of(fd),
            raw_call(NR_lseek, fd, 0, 1), bytes_of(fd), pending() ? ", SIGXFSZ" : "");
        if (pending())
                take_signal();
}

static void writes(void)
{
        static const struct {
                long size, at, length;
                const char *what;
        } rows[] = {
                { 0, 0, LIMIT - 1, "one below" },
                { 0, 0, LIMIT, "up to it" },
                { 0, 0, LIMIT + 1, "across" },
                { 0, 0, 20000, "far across" },
                { LIMIT - 1, LIMIT - 1, 1, "the last byte" },
                { LIMIT - 1, LIMIT - 1, 2, "the last byte and one more" },
                { LIMIT, LIMIT, 1, "at it" },
                { LIMIT, LIMIT, 0, "nothing at it" },
                { 0, LIMIT, 1, "at it, behind a hole" },
                { 0, LIMIT - 1, 3, "across, behind a hole" },
                { 0, LIMIT + 5000, 1, "beyond" },
                { 0, LIMIT + 5000, 0, "nothing beyond" },
                { 30000, 0, 20000, "across, in a longer file" },
                { 30000, LIMIT, 1, "at it, in a longer file" },
                { 30000, 20000, 1, "beyond, in a longer file" },
                { 30000, 30000, 1, "to the end of a longer file" },
        };

        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                start(rows[i].size, rows[i].at);
                result(raw_call(NR_write, fd, bytes, rows[i].length), rows[i].what);
                start(rows[i].size, 7);
                result(raw_call(NR_pwrite64, fd, bytes, rows[i].length, rows[i].at), "pwrite");
        }
}

static void other_writes(void)
{
        struct iovec two[2] = { { bytes, 6000 }, { bytes, 6000 } };
        struct iovec bad[2] = { { bytes, 6000 }, { (void *)BAD, 6000 } };
        struct iovec edge[2] = { { bytes, LIMIT }, { (void *)BAD, 6000 } };
        struct iovec none[2] = { { bytes, 0 }, { bytes, 0 } };
        long from, at;

        start(0, 0);
        result(raw_call(NR_writev, fd, two, 2), "writev across");
        result(raw_call(NR_writev, fd, two, 2), "writev at it");
        result(raw_call(NR_writev, fd, none, 2), "writev of nothing at it");
        start(0, 0);
        result(raw_call(NR_pwritev, fd, two, 2, 4000, 0), "pwritev to the limit and across");
        result(raw_call(NR_pwritev, fd, two, 2, LIMIT, 0), "pwritev at it");
        start(0, 0);
        result(raw_call(NR_writev, fd, bad, 2), "writev, the second bad");
        start(0, 0);
        result(raw_call(NR_writev, fd, edge, 2), "writev, what is beyond bad");
        start(0, LIMIT);
        result(raw_call(NR_write, fd, BAD, 10), "from a bad address at it");
        start(0, LIMIT - 1);
        result(raw_call(NR_write, fd, BAD, 10), "from a bad address below it");
        start(LIMIT - 2, 0);
        raw_call(NR_fcntl, fd, SET_FLAGS, APPEND);
        result(raw_call(NR_write, fd, bytes, 5), "O_APPEND across");
        result(raw_call(NR_write, fd, bytes, 5), "O_APPEND at it");
        start(LIMIT - 2, 0);
        result(raw_call(NR_pwritev2, fd, two, 1, 0, 0, RWF_APPEND), "RWF_APPEND across");
        start(0, 0);
        from = raw_call(NR_memfd_create, "from", 0);
        limit_set(LIMIT_FSIZE, NO_LIMIT, NO_LIMIT);
        raw_call(NR_write, from, bytes, sizeof(bytes));
        limit_set(LIMIT_FSIZE, LIMIT, NO_LIMIT);
        at = 0;
        result(raw_call(NR_sendfile, fd, from, &at, 8192), "sendfile below");
        result(raw_call(NR_sendfile, fd, from, &at, LIMIT), "sendfile across");
        step(at, "offset of what was read");
        result(raw_call(NR_sendfile, fd, from, &at, 5), "sendfile at it");
        step(at, "offset of what was read");
}

static void lengths(void)
{
        static const long sizes[] = { 0, LIMIT - 1, LIMIT, LIMIT + 1, 30000 };
        char path[32];

        for (unsigned i = 0; i < 5; i++)
                for (unsigned j = 0; j < 5; j++) {
                        start(sizes[i], 0);
                        say("     from %ld to %ld", sizes[i], sizes[j]);
                        result(raw_call(NR_ftruncate, fd, sizes[j]), "ftruncate");
                        start(sizes[i], 0);
                        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
                        result(raw_call(NR_truncate, path, sizes[j]), "truncate");
                }
        start(0, 0);
        result(raw_call(NR_ftruncate, fd, 0x7fffffffffffffff), "to the longest");
        start(0, 0);
        result(raw_call(NR_ftruncate, fd, -1), "to -1");
}

static void allocations(void)
{
        static const struct {
                long size, at, length;
        } rows[] = {
                { 0, 0, LIMIT - 1 }, { 0, 0, LIMIT },        { 0, 0, LIMIT + 1 },
                { 0, LIMIT, 1 },     { 0, LIMIT - 1, 1 },    { 30000, 0, 20000 },
                { 30000, 0, 30001 }, { 30000, 20000, 1 },    { LIMIT, LIMIT, 1 },
                { 0, 0, 0 },         { 0, 1, NO_LIMIT / 2 },
        };

        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                say("     %ld bytes from %ld on, in a file of %ld", rows[i].length, rows[i].at,
                    rows[i].size);
                start(rows[i].size, 0);
                result(raw_call(NR_fallocate, fd, 0, rows[i].at, rows[i].length), "fallocate");
                start(rows[i].size, 0);
                result(raw_call(NR_fallocate, fd, KEEP_SIZE, rows[i].at, rows[i].length),
                       "KEEP_SIZE");
                start(rows[i].size, 0);
                result(raw_call(NR_fallocate, fd, PUNCH, rows[i].at, rows[i].length), "PUNCH_HOLE");
        }
}

/* Limit or seal: which is told, and is there a signal? */
static void sealed(void)
{
        start(100, 0);
        step(raw_call(NR_fcntl, fd, ADD_SEALS, SEAL_GROW), "F_SEAL_GROW");
        result(raw_call(NR_ftruncate, fd, LIMIT + 1), "ftruncate");
        result(raw_call(NR_fallocate, fd, 0, 0, LIMIT + 1), "fallocate");
        result(raw_call(NR_fallocate, fd, KEEP_SIZE, 0, LIMIT + 1), "fallocate, KEEP_SIZE");
        result(raw_call(NR_pwrite64, fd, bytes, 1, LIMIT), "pwrite");
        result(raw_call(NR_pwrite64, fd, bytes, 2, LIMIT - 1), "pwrite across");
        start(30000, 0);
        raw_call(NR_fcntl, fd, ADD_SEALS, SEAL_WRITE);
        result(raw_call(NR_pwrite64, fd, bytes, 1, LIMIT), "F_SEAL_WRITE: pwrite");
        result(raw_call(NR_ftruncate, fd, 30001), "ftruncate");
        result(raw_call(NR_fallocate, fd, 0, 0, 30001), "fallocate");
}

static void limits(void)
{
        static const unsigned long sizes[] = { 0,         1,           4095,
                                               4096,      1UL << 62,   0x7fffffffffffffff,
                                               1UL << 63, NO_LIMIT - 1 };

        for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
                say("     limit %#lx", sizes[i]);
                start(0, 0);
                limit_set(LIMIT_FSIZE, sizes[i], NO_LIMIT);
                result(raw_call(NR_write, fd, bytes, 5000), "write");
                result(raw_call(NR_ftruncate, fd, 5000), "ftruncate");
                result(raw_call(NR_pwrite64, fd, bytes, 0, 0), "write of nothing");
                result(raw_call(NR_ftruncate, fd, 0), "ftruncate to 0");
        }
}

/* What is no regular file has no size. */
static void not_files(void)
{
        int pair[2];
        char *at;
        long file;

        start(0, 0);
        limit_set(LIMIT_FSIZE, 0, NO_LIMIT);
        raw_call(NR_pipe, pair);
        step(raw_call(NR_write, pair[1], bytes, 10), "a pipe");
        raw_call(NR_socketpair, 1, 1, 0, pair);
        step(raw_call(NR_write, pair[1], bytes, 10), "a socket");
        file = raw_call(NR_open, "/dev/null", READ_WRITE, 0);
        step(raw_call(NR_write, file, bytes, 10), "/dev/null");
        step(raw_call(NR_pwrite64, file, bytes, 10, 5000), "/dev/null, further on");
        file = raw_call(NR_eventfd2, 0, 0);
        step(raw_call(NR_write, file, "\1\0\0\0\0\0\0", 8), "an eventfd");
        file = raw_call(NR_open, "/proc/self/clear_refs", 1, 0);
        step(raw_call(NR_write, file, "1", 1), "a file of /proc");
        file = raw_call(NR_open, "/tmp/rlimits.size", CREATE | READ_WRITE, 0600);
        step(file >= 0, "a file of no bytes is made");
        step(raw_call(NR_write, file, bytes, 1), "written to");
        step(raw_call(NR_mkdir, "/tmp/rlimits.d", 0700), "a directory");
        step(raw_call(NR_symlink, "a name of some length", "/tmp/rlimits.l"), "a link");
        raw_call(NR_rmdir, "/tmp/rlimits.d");
        raw_call(NR_unlink, "/tmp/rlimits.l");
        raw_call(NR_unlink, "/tmp/rlimits.size");
        start(20000, 0);
        at = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        at[15000] = 'x';
        result(0, "written through a mapping, beyond it");
}

/* ------------------------------------------------------------------ the signal */

static void unblock(void)
{
        unsigned long none = 0;

        start(0, LIMIT);
        raw_call(NR_rt_sigprocmask, SIG_SETMASK, &none, 0, 8);
}

static void killed(void)
{
        unblock();
        step(raw_call(NR_write, fd, bytes, 1), "not reached");
}

static void killed_by_ftruncate(void)
{
        unblock();
        step(raw_call(NR_ftruncate, fd, LIMIT + 1), "not reached");
}

static void killed_by_fallocate(void)
{
        unblock();
        step(raw_call(NR_fallocate, fd, KEEP_SIZE, 0, LIMIT + 1), "not reached");
}

static void ignored(void)
{
        signal(SIGXFSZ, SIG_IGN);
        unblock();
        result(raw_call(NR_write, fd, bytes, 1), "write");
        result(raw_call(NR_ftruncate, fd, LIMIT + 1), "ftruncate");
        result(raw_call(NR_fallocate, fd, 0, 0, LIMIT + 1), "fallocate");
}

static void handle(int signo, siginfo_t *info, void *context)
{
        (void)context;
        say("     %s, code %d, from %s", signal_name(signo), info->si_code,
            info->si_pid == getpid() ? "itself" : "another");
}

static void caught(void)
{
        struct sigaction action = { .sa_flags = SA_SIGINFO };

        action.sa_sigaction = handle;
        sigaction(SIGXFSZ, &action, NULL);
        unblock();
        result(raw_call(NR_write, fd, bytes, 1), "write");
        result(raw_call(NR_pwrite64, fd, bytes, 2, LIMIT - 1), "across");
        result(raw_call(NR_ftruncate, fd, LIMIT + 1), "ftruncate");
        result(raw_call(NR_fallocate, fd, 0, 0, LIMIT + 1), "fallocate");
        sigaction(SIGPIPE, &action, NULL);
        {
                int pair[2];

                raw_call(NR_pipe, pair);
                raw_call(NR_close, pair[0]);
                step(raw_call(NR_write, pair[1], bytes, 1), "a pipe without a reader");
                raw_call(NR_socketpair, 1, 1, 0, pair);
                raw_call(NR_close, pair[0]);
                step(raw_call(NR_write, pair[1], bytes, 1), "a socket without a reader");
        }
}

void rlimits_sizes(void)
{
        memset(bytes, 'b', sizeof(bytes));
        scene("file size: write");
        in_child(writes, "writes");
        in_child(other_writes, "other ways to write");
        scene("file size: lengths");
        in_child(lengths, "truncate");
        scene("file size: fallocate");
        in_child(allocations, "fallocate");
        scene("file size: seals");
        in_child(sealed, "seals");
        scene("file size: limits");
        in_child(limits, "each");
        scene("file size: not of files");
        in_child(not_files, "others");
        scene("file size: the signal");
        in_child(killed, "write");
        in_child(killed_by_ftruncate, "ftruncate");
        in_child(killed_by_fallocate, "fallocate");
        in_child(ignored, "ignored");
        in_child(caught, "caught");
}
