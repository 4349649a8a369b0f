/* SPDX-License-Identifier: MIT */
/* The terminal on the console. */
#ifndef KERNEL_FS_TTY_H
#define KERNEL_FS_TTY_H

#include "kernel/base/types.h"

struct file;

/*
 * One byte has been received. Called by the console's own thread of the kernel (kernel/sys/trap.c
 * collects the bytes of the interrupt handler), so it may sleep, echo and send signals.
 */
void tty_input(u8 byte);

void tty_init(void);
int tty_open(struct file *file);

#endif
