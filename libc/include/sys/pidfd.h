/* SPDX-License-Identifier: MIT */
/* Descriptors that stand for processes. */
#ifndef _SYS_PIDFD_H
#define _SYS_PIDFD_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <signal.h>

#define PIDFD_NONBLOCK 04000
#define PIDFD_THREAD   0200

__BEGIN_DECLS
int pidfd_open(pid_t pid, unsigned flags);
int pidfd_getfd(int pidfd, int fd, unsigned flags);
int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned flags);
__END_DECLS

#endif
