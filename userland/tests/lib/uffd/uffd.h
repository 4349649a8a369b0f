/* SPDX-License-Identifier: MIT */
/* What a program says to userfaultfd, and what it is told: the kernel's layouts, in our words. */
#ifndef TESTS_LIB_UFFD_UFFD_H
#define TESTS_LIB_UFFD_UFFD_H

#include <stdint.h>

#define USERFAULTFD 323 /* the system call */

#define UFFD_API 0xaa

/* Flags of userfaultfd(2) besides O_NONBLOCK and O_CLOEXEC. */
#define UFFD_USER_MODE_ONLY 1

/* Features. */
enum {
        UFFD_PAGEFAULT_WP = 1 << 0,
        UFFD_EVENT_FORK_ON = 1 << 1,
        UFFD_EVENT_REMAP_ON = 1 << 2,
        UFFD_EVENT_REMOVE_ON = 1 << 3,
        UFFD_MISSING_SHMEM = 1 << 5,
        UFFD_EVENT_UNMAP_ON = 1 << 6,
        UFFD_SIGBUS = 1 << 7,
        UFFD_THREAD_ID = 1 << 8,
        UFFD_MINOR_SHMEM = 1 << 10,
        UFFD_EXACT_ADDRESS = 1 << 11,
        UFFD_WP_SHMEM = 1 << 12,
        UFFD_WP_UNPOPULATED = 1 << 13,
        UFFD_POISON = 1 << 14,
        UFFD_WP_ASYNC = 1 << 15,
        UFFD_MOVE = 1 << 16,
};

/* What is asked for a range: mode of UFFDIO_REGISTER. */
enum { UFFD_MISSING = 1, UFFD_WP = 2, UFFD_MINOR = 4 };

/* ioctl numbers: two bits of direction, size, 0xaa, number. */
#define UFFD_IO(direction, number, size) \
        ((direction) << 30 | (unsigned)(size) << 16 | 0xaa << 8 | (number))
#define UFFDIO_API          UFFD_IO(3u, 0x3f, sizeof(struct uffd_api))
#define UFFDIO_REGISTER     UFFD_IO(3u, 0x00, sizeof(struct uffd_register))
#define UFFDIO_UNREGISTER   UFFD_IO(2u, 0x01, sizeof(struct uffd_range))
#define UFFDIO_WAKE         UFFD_IO(2u, 0x02, sizeof(struct uffd_range))
#define UFFDIO_COPY         UFFD_IO(3u, 0x03, sizeof(struct uffd_copy))
#define UFFDIO_ZEROPAGE     UFFD_IO(3u, 0x04, sizeof(struct uffd_fill))
#define UFFDIO_MOVE         UFFD_IO(3u, 0x05, sizeof(struct uffd_copy))
#define UFFDIO_WRITEPROTECT UFFD_IO(3u, 0x06, sizeof(struct uffd_protect))
#define UFFDIO_CONTINUE     UFFD_IO(3u, 0x07, sizeof(struct uffd_fill))
#define UFFDIO_POISON       UFFD_IO(3u, 0x08, sizeof(struct uffd_fill))

struct uffd_api {
        uint64_t api, features, ioctls;
};

struct uffd_range {
        uint64_t start, len;
};

struct uffd_register {
        struct uffd_range range;
        uint64_t mode, ioctls;
};

/* UFFDIO_COPY and UFFDIO_MOVE; done: bytes, or a negative errno. */
struct uffd_copy {
        uint64_t dst, src, len, mode;
        int64_t done;
};

/* UFFDIO_ZEROPAGE, UFFDIO_CONTINUE and UFFDIO_POISON. */
struct uffd_fill {
        struct uffd_range range;
        uint64_t mode;
        int64_t done;
};

struct uffd_protect {
        struct uffd_range range;
        uint64_t mode;
};

/* Modes of these. */
enum { UFFD_DONTWAKE = 1, UFFD_COPY_WP = 2, UFFD_MOVE_HOLES = 2, UFFD_CONTINUE_WP = 2 };
enum { UFFD_PROTECT = 1, UFFD_PROTECT_DONTWAKE = 2 };

/* What is read. */
enum {
        UFFD_FAULT = 0x12,
        UFFD_FORK = 0x13,
        UFFD_REMAP = 0x14,
        UFFD_REMOVE = 0x15,
        UFFD_UNMAP = 0x16
};

/* Flags of a fault. */
enum { UFFD_FAULT_WRITE = 1, UFFD_FAULT_WP = 2, UFFD_FAULT_MINOR = 4 };

struct uffd_message {
        uint8_t event, reserved[7];
        union {
                struct {
                        uint64_t flags, addr;
                        uint32_t thread;
                } fault;
                struct {
                        uint32_t fd;
                } fork;
                struct {
                        uint64_t from, to, len;
                } remap;
                struct {
                        uint64_t start, end;
                } range;
        };
};

#endif
