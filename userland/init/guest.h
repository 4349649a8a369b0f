/* SPDX-License-Identifier: MIT */
/* What only process 1 of a guest does. */
#ifndef INIT_GUEST_H
#define INIT_GUEST_H

#include <stddef.h>

/* Say something on the console (the kernel's log). */
void say(const char *text);
void say_error(const char *what, int error);

/* Make /proc, /sys, /dev and /tmp usable; what exists already is left as it is. */
void guest_mount(void);

/* A whole file in memory that stays, NUL-terminated behind its `len` bytes; NULL if unreadable. */
char *guest_read_file(const char *path, size_t *len);

/*
 * Ports. The program's output goes out through three debug-console ports that QEMU writes to files
 * (they carry any byte), and QEMU ends when something is written to the exit port.
 */
enum guest_port {
        PORT_STDOUT = 0xe9,
        PORT_STDERR = 0xea,
        PORT_RECORD = 0xeb,
        PORT_EXIT = 0xf4,
};

/* Ask for access to ports; 0 or an errno. */
int guest_ports_open(void);
void guest_port_write(enum guest_port port, const char *data, size_t len);

/* End the machine: QEMU's exit device with `code` (seven bits) if there is one, otherwise off. */
_Noreturn void guest_end(int code);

/* Run what the description at /etc/run says, report, and end the machine. */
_Noreturn void agent(char *description, size_t len);

/* `run=COMMAND` from the kernel's command line, or a shell on the console that never ends. */
_Noreturn void console_shell(void);

#endif
