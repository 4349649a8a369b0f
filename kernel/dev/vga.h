/* SPDX-License-Identifier: MIT */
/* The VGA text screen as a second place for what the console shows. Output only. */
#ifndef KERNEL_DEV_VGA_H
#define KERNEL_DEV_VGA_H

#include "kernel/base/types.h"

/* Look for a screen in text mode; if there is one, show the log so far. */
void vga_open(void);

/* Nothing happens without a screen. */
void vga_write(const char *text, size_t len);

#endif
