/* SPDX-License-Identifier: MIT */
/* select(2): sets of 1024 descriptors, in words of 64, as the kernel reads them. */
#ifndef _SYS_SELECT_H
#define _SYS_SELECT_H

#include <sys/cdefs.h>
#include <sys/_sigset.h>
#include <sys/_timeval.h>
#include <sys/timespec.h>

#ifndef _SIGSET_T_DECLARED
#define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

#define FD_SETSIZE 1024
#define NFDBITS    64
typedef unsigned long fd_mask;

typedef struct {
        fd_mask fds_bits[FD_SETSIZE / NFDBITS];
} fd_set;

#define FD_MASK_(n)    (1UL << ((n) % NFDBITS))
#define FD_SET(n, p)   ((void)((p)->fds_bits[(n) / NFDBITS] |= FD_MASK_(n)))
#define FD_CLR(n, p)   ((void)((p)->fds_bits[(n) / NFDBITS] &= ~FD_MASK_(n)))
#define FD_ISSET(n, p) (((p)->fds_bits[(n) / NFDBITS] & FD_MASK_(n)) != 0)
#define FD_ZERO(p)     __builtin_memset((p), 0, sizeof(fd_set))

__BEGIN_DECLS
int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout);
int pselect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
            const struct timespec *timeout, const sigset_t *mask);
__END_DECLS

#endif
