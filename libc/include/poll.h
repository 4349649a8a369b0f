/* SPDX-License-Identifier: MIT */
/* poll(2) and ppoll(2). */
#ifndef _POLL_H
#define _POLL_H

#include <sys/cdefs.h>
#include <signal.h>
#include <sys/_timespec.h>

#define POLLIN     0x001
#define POLLPRI    0x002
#define POLLOUT    0x004
#define POLLERR    0x008
#define POLLHUP    0x010
#define POLLNVAL   0x020
#define POLLRDNORM 0x040
#define POLLRDBAND 0x080
#define POLLWRNORM 0x100
#define POLLWRBAND 0x200
#define POLLRDHUP  0x2000

struct pollfd {
        int fd;
        short events;
        short revents;
};
typedef unsigned long nfds_t;

__BEGIN_DECLS
int poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask);
__END_DECLS

#endif
