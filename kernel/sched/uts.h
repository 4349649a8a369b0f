/* SPDX-License-Identifier: MIT */
/* The names of the system, for uname(2) and /proc/sys/kernel. */
#ifndef KERNEL_SCHED_UTS_H
#define KERNEL_SCHED_UTS_H

#include "kernel/base/abi/resource.h"

const struct utsname *uts_name(void);
/* `len` is at most UTS_LEN - 1; the rest is filled with NULs. */
void uts_set_nodename(const char *name, size_t len);
void uts_set_domainname(const char *name, size_t len);

#endif
