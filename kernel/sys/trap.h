/* SPDX-License-Identifier: MIT */
/* Between the traps and the system-call table. */
#ifndef KERNEL_SYS_TRAP_H
#define KERNEL_SYS_TRAP_H

#include "arch/trap.h"

/* Run the call whose number and arguments are in the frame. */
long syscall_dispatch(struct trapframe *tf);

void trap_init(void); /* the console's thread */

#endif
