/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors. The kernel writes the time left into its timespec; callers' stay whole.
 */
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>
#include "raw.h"

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
        return (int)call3(SYS_poll, fds, n, timeout_ms);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
        struct timespec left;

        if (timeout)
                left = *timeout;
        return (int)call5(SYS_ppoll, fds, n, timeout ? &left : NULL, mask, sizeof(*mask));
}

/* timeout is updated to what is left, as Linux does. */
int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout)
{
        return (int)call5(SYS_select, nfds, readfds, writefds, exceptfds, timeout);
}

int pselect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
            const struct timespec *timeout, const sigset_t *mask)
{
        struct {
                const sigset_t *mask;
                unsigned long size;
        } sixth = { mask, sizeof(*mask) };
        struct timespec left;

        if (timeout)
                left = *timeout;
        return (int)call6(SYS_pselect6, nfds, readfds, writefds, exceptfds, timeout ? &left : NULL,
                          &sixth);
}
