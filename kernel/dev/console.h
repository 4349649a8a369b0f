/* SPDX-License-Identifier: MIT */
/*
 * The console: serial port COM1, and VGA text where there is a screen.
 *
 * Output is written here and on the way out when the call returns. Input arrives byte by byte in
 * trap_console_byte(), from the interrupt handler.
 */
#ifndef KERNEL_DEV_CONSOLE_H
#define KERNEL_DEV_CONSOLE_H

#include "kernel/base/types.h"

/* Bytes as they are: no newline is turned into CR LF; that is the terminal's line discipline. */
void console_write(const char *buf, size_t len);

/*
 * Once memory and the wait queues behind trap_console_byte() exist: look for a screen (it is shown
 * the log so far) and let received bytes come in, those that wait in the port first.
 */
void console_start(void);

/* Serial port n (0 is COM1, the console; 1..3 COM2..COM4) by itself; false if there is none. */
bool serial_write(unsigned n, const char *buf, size_t len);

#endif
