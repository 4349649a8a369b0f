/* SPDX-License-Identifier: MIT */
/* Between the traps and the system-call table. */
#ifndef KERNEL_SYS_TRAP_H
#define KERNEL_SYS_TRAP_H

#include "arch/trap.h"

/*
 * Write each of these calls to the log (kernel/sched/strace.h): names of system calls with commas
 * between them, or "all". One that there is not gets a warning.
 */
void syscall_strace(const char *names);

void trap_init(void); /* the console's thread */

#endif
