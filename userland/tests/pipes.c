/* SPDX-License-Identifier: MIT */
/*
 * Pipes: how much they hold, what an end that is gone means, and polling.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

static int fds[2];
static char buffer[200000];

static void open_pipe(int flags)
{
        step(raw_call(NR_pipe2, fds, flags), "pipe2(%s)", flags & O_NONBLOCK ? "NONBLOCK" : "0");
}

static void close_both(void)
{
        raw_call(NR_close, fds[0]);
        raw_call(NR_close, fds[1]);
}

static void write_step(long length)
{
        step(raw_call(NR_write, fds[1], buffer, length), "write %ld", length);
}

static void read_step(long length)
{
        step(raw_call(NR_read, fds[0], buffer, length), "read %ld", length);
}

static void capacity(void)
{
        scene("capacity");
        open_pipe(O_NONBLOCK);
        read_step(10);
        write_step(0);
        write_step(100);
        read_step(0);
        read_step(60);
        read_step(60);
        read_step(60);
        write_step(65536);
        write_step(1);
        read_step(4096);
        write_step(4096);
        write_step(4096);
        read_step(200000);
        write_step(200000);
        read_step(200000);
        close_both();
}

static void ends_gone(void)
{
        scene("an end is gone");
        open_pipe(0);
        write_step(10);
        raw_call(NR_close, fds[1]);
        read_step(100);
        read_step(100);
        raw_call(NR_close, fds[0]);
        signal(SIGPIPE, SIG_IGN);
        open_pipe(0);
        raw_call(NR_close, fds[0]);
        write_step(1);
        write_step(0);
        raw_call(NR_close, fds[1]);
        signal(SIGPIPE, SIG_DFL);
}

static void dies_of_pipe(void)
{
        open_pipe(0);
        raw_call(NR_close, fds[0]);
        write_step(1);
}

static int polled(int fd, int events)
{
        struct pollfd p = { fd, (short)events, 0 };

        return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

static void polling(void)
{
        scene("poll");
        open_pipe(0);
        step(polled(fds[0], POLLIN), "empty, to read");
        step(polled(fds[1], POLLOUT), "empty, to write");
        write_step(1);
        step(polled(fds[0], POLLIN | POLLOUT), "a byte in it, to read");
        step(polled(fds[0], 0), "asked for nothing");
        raw_call(NR_close, fds[1]);
        step(polled(fds[0], POLLIN), "no writer, a byte left");
        read_step(1);
        step(polled(fds[0], POLLIN), "no writer, empty");
        raw_call(NR_close, fds[0]);
        step(polled(fds[0], POLLIN), "closed");
        open_pipe(O_NONBLOCK);
        write_step(65536);
        step(polled(fds[1], POLLOUT), "full, to write");
        raw_call(NR_close, fds[0]);
        step(polled(fds[1], POLLOUT), "no reader, to write");
        raw_call(NR_close, fds[1]);
}

/* A child writes much more than fits while the parent reads slowly: nothing is lost or reordered.
 */
static void stream(void)
{
        unsigned long sum = 0, wrong = 0, total = 0;
        unsigned char expected = 0;
        long n;

        scene("a stream through a pipe");
        open_pipe(0);
        if (fork() == 0) {
                for (unsigned long i = 0; i < sizeof(buffer); i++)
                        buffer[i] = (char)i;
                for (int round = 0; round < 8; round++)
                        for (unsigned long at = 0; at < sizeof(buffer) - 64;)
                                at += (unsigned long)write(fds[1], buffer + at,
                                                           sizeof(buffer) - 64 - at);
                _exit(0);
        }
        raw_call(NR_close, fds[1]);
        while ((n = raw_call(NR_read, fds[0], buffer, 997)) > 0) {
                for (long i = 0; i < n; i++, total++) {
                        if (total % (sizeof(buffer) - 64) == 0)
                                expected = 0;
                        wrong += (unsigned char)buffer[i] != expected++;
                        sum += (unsigned char)buffer[i];
                }
        }
        step((long)total, "bytes");
        step((long)wrong, "that are wrong");
        step((long)sum, "sum");
        raw_call(NR_close, fds[0]);
        while (wait(NULL) > 0)
                ;
}

static void misuse(void)
{
        scene("misuse");
        open_pipe(0);
        step(raw_call(NR_lseek, fds[0], 0, 0), "lseek");
        step(raw_call(NR_read, fds[1], buffer, 1), "read from the end that is written");
        step(raw_call(NR_write, fds[0], buffer, 1), "write to the end that is read");
        step(raw_call(NR_pread64, fds[0], buffer, 1, 0), "pread");
        step(raw_call(NR_ftruncate, fds[0], 0), "ftruncate");
        step(raw_call(NR_pipe2, fds + 0, 0x10), "pipe2 with an unknown flag");
        step(raw_call(NR_fcntl, fds[0], F_GETFL, 0) & 3, "access mode to read");
        step(raw_call(NR_fcntl, fds[1], F_GETFL, 0) & 3, "access mode to write");
        close_both();
        step(raw_call(NR_read, fds[0], buffer, 1), "read after close");
}

/* Buffers that end where nothing is mapped. */
static void half_buffers(void)
{
        long memfd, zero;
        int ends[2];
        struct {
                unsigned long base, length;
        } parts[2];

        scene_in_arena("buffers that end too early");
        map(0, 1, "rw-");
        raw_call(NR_pipe, ends);
        memfd = raw_call(NR_memfd_create, "half", 0);
        zero = raw_call(NR_open, "/dev/zero", 2, 0);
        raw_call(NR_ftruncate, memfd, 4 * PAGE);
        step(raw_call(NR_write, ends[1], at(1) - 100, 200), "write to a pipe");
        step(raw_call(NR_write, ends[1], at(1) - 100, 100), "write what is there");
        step(raw_call(NR_read, ends[0], at(1) - 50, 100), "read from a pipe");
        step(raw_call(NR_read, ends[0], at(1) - 50, 50), "read what there is room for");
        step(raw_call(NR_write, memfd, at(1) - 100, 200), "write to a memfd");
        step(raw_call(NR_pread64, memfd, at(1) - 100, 200, 0), "read from a memfd");
        step(raw_call(NR_read, zero, at(1) - 100, 200), "read of /dev/zero");
        step(raw_call(NR_pread64, memfd, at(1), 200, 0), "read to nothing");
        parts[0].base = at(0);
        parts[0].length = 64;
        parts[1].base = at(3);
        parts[1].length = 64;
        raw_call(NR_lseek, memfd, 0, 0);
        step(raw_call(NR_readv, memfd, parts, 2), "readv, the second bad");
        step(raw_call(NR_writev, memfd, parts, 2), "writev, the second bad");
        parts[0].base = at(3);
        step(raw_call(NR_readv, memfd, parts, 2), "readv, the first bad");
        raw_call(NR_close, ends[0]);
        raw_call(NR_close, ends[1]);
        raw_call(NR_close, memfd);
        raw_call(NR_close, zero);
}

int main(void)
{
        capacity();
        ends_gone();
        in_child(dies_of_pipe, "write without a reader");
        polling();
        stream();
        misuse();
        half_buffers();
        return 0;
}
