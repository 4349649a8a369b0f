/* SPDX-License-Identifier: MIT */
/* System calls without a C library. Results are values or negative errnos. */
#ifndef TESTS_DIFF_NATIVE_SYS_H
#define TESTS_DIFF_NATIVE_SYS_H

#include <stddef.h>
#include <stdint.h>

enum {
        SYS_READ = 0,
        SYS_WRITE = 1,
        SYS_OPEN = 2,
        SYS_CLOSE = 3,
        SYS_MMAP = 9,
        SYS_MPROTECT = 10,
        SYS_MUNMAP = 11,
        SYS_BRK = 12,
        SYS_SIGACTION = 13,
        SYS_IOCTL = 16,
        SYS_PREAD = 17,
        SYS_PWRITE = 18,
        SYS_MREMAP = 25,
        SYS_MSYNC = 26,
        SYS_MINCORE = 27,
        SYS_MADVISE = 28,
        SYS_PAUSE = 34,
        SYS_ALARM = 37,
        SYS_EXIT = 60,
        SYS_WAIT = 61,
        SYS_FTRUNCATE = 77,
        SYS_GETRLIMIT = 97,
        SYS_GETPPID = 110,
        SYS_CAPGET = 125,
        SYS_CAPSET = 126,
        SYS_SIGALTSTACK = 131,
        SYS_MLOCK = 149,
        SYS_MUNLOCK = 150,
        SYS_MLOCKALL = 151,
        SYS_MUNLOCKALL = 152,
        SYS_PRCTL = 157,
        SYS_SETRLIMIT = 160,
        SYS_FUTEX = 202,
        SYS_REMAP_FILE_PAGES = 216,
        SYS_SET_TID_ADDRESS = 218,
        SYS_SET_ROBUST_LIST = 273,
        SYS_FALLOCATE = 285,
        SYS_DUP3 = 292,
        SYS_MEMFD_CREATE = 319,
        SYS_USERFAULTFD = 323,
        SYS_MLOCK2 = 325,
        SYS_CLOSE_RANGE = 436,
        SYS_MSEAL = 462
};

static inline long sys6(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                        uint64_t f)
{
        register uint64_t r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
        long result;

        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return result;
}

static inline long sys4(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
        return sys6(nr, a, b, c, d, 0, 0);
}

static inline long sys3(long nr, uint64_t a, uint64_t b, uint64_t c)
{
        return sys6(nr, a, b, c, 0, 0, 0);
}

static inline long sys2(long nr, uint64_t a, uint64_t b)
{
        return sys6(nr, a, b, 0, 0, 0, 0);
}

static inline long sys1(long nr, uint64_t a)
{
        return sys6(nr, a, 0, 0, 0, 0, 0);
}

#endif
