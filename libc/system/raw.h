/* SPDX-License-Identifier: MIT */
/*
 * System calls as the kernel defines them: number and up to six arguments in registers, result in
 * rax, -4095..-1 an error number. system_result() turns that into -1 and errno.
 *
 * Numbers come from <sys/syscall.h>. Nothing here touches thread-local storage except
 * system_result(), so the startup code may use the rest before there is any.
 */
#ifndef TERRANE_SYSTEM_RAW_H
#define TERRANE_SYSTEM_RAW_H

#include <errno.h>
#include <sys/syscall.h>

static inline long raw0(long n)
{
        long r;

        __asm__ volatile("syscall" : "=a"(r) : "a"(n) : "rcx", "r11", "memory");
        return r;
}

static inline long raw1(long n, long a)
{
        long r;

        __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a) : "rcx", "r11", "memory");
        return r;
}

static inline long raw2(long n, long a, long b)
{
        long r;

        __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b) : "rcx", "r11", "memory");
        return r;
}

static inline long raw3(long n, long a, long b, long c)
{
        long r;

        __asm__ volatile("syscall"
                         : "=a"(r)
                         : "a"(n), "D"(a), "S"(b), "d"(c)
                         : "rcx", "r11", "memory");
        return r;
}

static inline long raw4(long n, long a, long b, long c, long d)
{
        register long r10 __asm__("r10") = d;
        long r;

        __asm__ volatile("syscall"
                         : "=a"(r)
                         : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10)
                         : "rcx", "r11", "memory");
        return r;
}

static inline long raw6(long n, long a, long b, long c, long d, long e, long f)
{
        register long r10 __asm__("r10") = d;
        register long r8 __asm__("r8") = e;
        register long r9 __asm__("r9") = f;
        long r;

        __asm__ volatile("syscall"
                         : "=a"(r)
                         : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return r;
}

static inline long raw5(long n, long a, long b, long c, long d, long e)
{
        return raw6(n, a, b, c, d, e, 0);
}

/* -1 with errno set when the kernel answered with an error, otherwise the answer. */
static inline long system_result(long r)
{
        if (r < 0 && r >= -4095) {
                errno = (int)-r;
                return -1;
        }
        return r;
}

/* For the many wrappers that pass their arguments on: every argument is cast to a register. */
#define call0(n)             system_result(raw0(n))
#define call1(n, a)          system_result(raw1(n, (long)(a)))
#define call2(n, a, b)       system_result(raw2(n, (long)(a), (long)(b)))
#define call3(n, a, b, c)    system_result(raw3(n, (long)(a), (long)(b), (long)(c)))
#define call4(n, a, b, c, d) system_result(raw4(n, (long)(a), (long)(b), (long)(c), (long)(d)))
#define call5(n, a, b, c, d, e) \
        system_result(raw5(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e)))
#define call6(n, a, b, c, d, e, f) \
        system_result(raw6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)))

#endif
