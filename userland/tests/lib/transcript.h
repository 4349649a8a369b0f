/* SPDX-License-Identifier: MIT */
/*
 * The transcript of a comparison program: one line a step, the same on every kernel that behaves
 * the same. Nothing is buffered, so that a line is out before the next step can kill the program,
 * and nothing here allocates memory, so that the steps see no address space but their own.
 *
 * System calls are made directly: the libraries that these programs are linked with differ in what
 * they check and pass on, and it is the kernel that is being asked.
 */
#ifndef TESTS_LIB_TRANSCRIPT_H
#define TESTS_LIB_TRANSCRIPT_H

/* System-call numbers as NR_name, from the kernel's own table. */
enum {
#define SYSCALL(number, name, signature) NR_##name = (number),
#include "kernel/sys/syscalls.def"
#undef SYSCALL
};

/* One system call of up to six arguments: its result, or a negative errno. */
long raw_call6(long nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
               unsigned long e, unsigned long f);

/* raw_call(number, arguments...): arguments of any scalar type; those not given are 0. */
#define raw_call(...) raw_call_padded(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define raw_call_padded(nr, a, b, c, d, e, f, ...)                                  \
        raw_call6((nr), (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
                  (unsigned long)(d), (unsigned long)(e), (unsigned long)(f))

/* "EINVAL" for 22 (and for -22); "E<number>" for one without a name here; "0" for 0. */
const char *errno_name(long err);

/* "SIGSEGV" for 11; "SIG<number>" for one without a name here. */
const char *signal_name(int signo);

/* Prints one line as it stands. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints "NN text -> result": the result as a number, or as an errno's name when it is one. */
void step(long result, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* As step, with the result in words. */
void step_text(const char *result, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Says what is being looked at from here on. */
void scene(const char *title);

/* Prints "NN text -> ok", or "-> WRONG": for what is known to hold, whatever the numbers are. */
void check(int holds, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Runs the function in a child and waits for it, so that it may change limits, identity or memory
 * for good. How the child ended is a step: "exit 0", "killed by SIGSEGV". Steps are numbered on.
 */
void in_child(void (*fn)(void), const char *what);

/* Reads a whole small file into the buffer, NUL-terminated: its length, or a negative errno. */
long read_file(const char *path, char *buffer, unsigned long size);

/* The value of a line "Name:   123 kB" of /proc/self/status, in the unit it stands in; or -1. */
long status_value(const char *name);

#endif
