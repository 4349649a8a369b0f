/* SPDX-License-Identifier: MIT */
/* userfaultfd for programs that use it; see pager.h. */
#include "userland/tests/lib/use/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

#define PAGE 4096UL

void pager_failed(const char *what, long result)
{
        say("     %s: %s", what, errno_name(result));
        _exit(1);
}

static long command(int fd, unsigned request, void *argument)
{
        long result;

        do {
                result = raw_call(NR_ioctl, fd, request, argument);
        } while (result == -EINTR);
        return result;
}

static void must(int fd, unsigned request, void *argument, const char *what)
{
        long result = command(fd, request, argument);

        if (result < 0)
                pager_failed(what, result);
}

int pager_open(unsigned long features, int nonblock)
{
        struct uffd_api api = { UFFD_API, features, 0 };
        long fd = raw_call(USERFAULTFD, nonblock ? O_NONBLOCK : 0);

        if (fd < 0)
                pager_failed("userfaultfd", fd);
        must((int)fd, UFFDIO_API, &api, "UFFDIO_API");
        return (int)fd;
}

void pager_register(int fd, unsigned long start, unsigned long length, unsigned long mode)
{
        struct uffd_register r = { { start, length }, mode, 0 };

        must(fd, UFFDIO_REGISTER, &r, "UFFDIO_REGISTER");
}

void pager_unregister(int fd, unsigned long start, unsigned long length)
{
        struct uffd_range range = { start, length };

        must(fd, UFFDIO_UNREGISTER, &range, "UFFDIO_UNREGISTER");
}

/* A fill that was interrupted on the way goes on where it stopped. */
long pager_copy(int fd, unsigned long dst, const void *src, unsigned long length)
{
        unsigned long done = 0;

        while (done < length) {
                struct uffd_copy copy = { dst + done, (uint64_t)src + done, length - done, 0, 0 };
                long result = command(fd, UFFDIO_COPY, &copy);

                if (result < 0 && (result != -EAGAIN || copy.done < 0))
                        return result;
                done += (unsigned long)copy.done;
        }
        return 0;
}

long pager_zero(int fd, unsigned long dst, unsigned long length)
{
        struct uffd_fill fill = { { dst, length }, 0, 0 };

        return command(fd, UFFDIO_ZEROPAGE, &fill);
}

void pager_protect(int fd, unsigned long start, unsigned long length, int on)
{
        struct uffd_protect p = { { start, length }, on ? UFFD_PROTECT : 0 };

        must(fd, UFFDIO_WRITEPROTECT, &p, "UFFDIO_WRITEPROTECT");
}

int pager_wait(int fd, int stop, unsigned long *page)
{
        for (;;) {
                struct pollfd wait[2] = { { fd, POLLIN, 0 }, { stop, POLLIN, 0 } };
                struct uffd_message message;
                long n;

                raw_call(NR_poll, wait, 2, -1);
                n = raw_call(NR_read, fd, &message, sizeof(message));
                if (n == (long)sizeof(message) && message.event == UFFD_FAULT) {
                        *page = message.fault.addr & -PAGE;
                        return 1;
                }
                if (n != -EAGAIN && n != -EINTR && n != (long)sizeof(message))
                        pager_failed("reading a fault", n);
                if (wait[1].revents)
                        return 0;
        }
}
