/* SPDX-License-Identifier: MIT */
/*
 * userfaultfd(2): page faults of a range delivered to a descriptor. The constants and layouts are
 * Linux 6.18's; requests are ioctls of type 0xaa.
 */
#ifndef _SYS_USERFAULTFD_H
#define _SYS_USERFAULTFD_H

#include <stdint.h>
#include <sys/cdefs.h>
#include <sys/ioctl.h>

#define UFFD_API            0xaaULL
#define UFFD_USER_MODE_ONLY 1

#define UFFD_FEATURE_PAGEFAULT_FLAG_WP  (1 << 0)
#define UFFD_FEATURE_EVENT_FORK         (1 << 1)
#define UFFD_FEATURE_EVENT_REMAP        (1 << 2)
#define UFFD_FEATURE_EVENT_REMOVE       (1 << 3)
#define UFFD_FEATURE_MISSING_HUGETLBFS  (1 << 4)
#define UFFD_FEATURE_MISSING_SHMEM      (1 << 5)
#define UFFD_FEATURE_EVENT_UNMAP        (1 << 6)
#define UFFD_FEATURE_SIGBUS             (1 << 7)
#define UFFD_FEATURE_THREAD_ID          (1 << 8)
#define UFFD_FEATURE_MINOR_HUGETLBFS    (1 << 9)
#define UFFD_FEATURE_MINOR_SHMEM        (1 << 10)
#define UFFD_FEATURE_EXACT_ADDRESS      (1 << 11)
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM (1 << 12)
#define UFFD_FEATURE_WP_UNPOPULATED     (1 << 13)
#define UFFD_FEATURE_POISON             (1 << 14)
#define UFFD_FEATURE_WP_ASYNC           (1 << 15)
#define UFFD_FEATURE_MOVE               (1 << 16)

#define UFFD_EVENT_PAGEFAULT 0x12
#define UFFD_EVENT_FORK      0x13
#define UFFD_EVENT_REMAP     0x14
#define UFFD_EVENT_REMOVE    0x15
#define UFFD_EVENT_UNMAP     0x16

#define UFFD_PAGEFAULT_FLAG_WRITE (1 << 0)
#define UFFD_PAGEFAULT_FLAG_WP    (1 << 1)
#define UFFD_PAGEFAULT_FLAG_MINOR (1 << 2)

/* What one read() of the descriptor returns. */
struct uffd_msg {
        uint8_t event;
        uint8_t reserved1;
        uint16_t reserved2;
        uint32_t reserved3;
        union {
                struct {
                        uint64_t flags;
                        uint64_t address;
                        union {
                                uint32_t ptid;
                        } feat;
                } pagefault;
                struct {
                        uint32_t ufd;
                } fork;
                struct {
                        uint64_t from;
                        uint64_t to;
                        uint64_t len;
                } remap;
                struct {
                        uint64_t start;
                        uint64_t end;
                } remove;
                struct {
                        uint64_t reserved1;
                        uint64_t reserved2;
                        uint64_t reserved3;
                } reserved;
        } arg;
} __attribute__((packed));

struct uffdio_api {
        uint64_t api;
        uint64_t features;
        uint64_t ioctls;
};

struct uffdio_range {
        uint64_t start;
        uint64_t len;
};

#define UFFDIO_REGISTER_MODE_MISSING (1ULL << 0)
#define UFFDIO_REGISTER_MODE_WP      (1ULL << 1)
#define UFFDIO_REGISTER_MODE_MINOR   (1ULL << 2)
struct uffdio_register {
        struct uffdio_range range;
        uint64_t mode;
        uint64_t ioctls;
};

#define UFFDIO_COPY_MODE_DONTWAKE (1ULL << 0)
#define UFFDIO_COPY_MODE_WP       (1ULL << 1)
struct uffdio_copy {
        uint64_t dst;
        uint64_t src;
        uint64_t len;
        uint64_t mode;
        int64_t copy; /* bytes done, or a negative errno */
};

#define UFFDIO_ZEROPAGE_MODE_DONTWAKE (1ULL << 0)
struct uffdio_zeropage {
        struct uffdio_range range;
        uint64_t mode;
        int64_t zeropage;
};

#define UFFDIO_WRITEPROTECT_MODE_WP       (1ULL << 0)
#define UFFDIO_WRITEPROTECT_MODE_DONTWAKE (1ULL << 1)
struct uffdio_writeprotect {
        struct uffdio_range range;
        uint64_t mode;
};

#define UFFDIO_CONTINUE_MODE_DONTWAKE (1ULL << 0)
#define UFFDIO_CONTINUE_MODE_WP       (1ULL << 1)
struct uffdio_continue {
        struct uffdio_range range;
        uint64_t mode;
        int64_t mapped;
};

#define UFFDIO_POISON_MODE_DONTWAKE (1ULL << 0)
struct uffdio_poison {
        struct uffdio_range range;
        uint64_t mode;
        int64_t updated;
};

#define UFFDIO_MOVE_MODE_DONTWAKE        (1ULL << 0)
#define UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES (1ULL << 1)
struct uffdio_move {
        uint64_t dst;
        uint64_t src;
        uint64_t len;
        uint64_t mode;
        int64_t move;
};

#define UFFDIO               0xaa
#define _UFFDIO_REGISTER     0x00
#define _UFFDIO_UNREGISTER   0x01
#define _UFFDIO_WAKE         0x02
#define _UFFDIO_COPY         0x03
#define _UFFDIO_ZEROPAGE     0x04
#define _UFFDIO_MOVE         0x05
#define _UFFDIO_WRITEPROTECT 0x06
#define _UFFDIO_CONTINUE     0x07
#define _UFFDIO_POISON       0x08
#define _UFFDIO_API          0x3f

#define UFFDIO_API          _IOWR(UFFDIO, _UFFDIO_API, struct uffdio_api)
#define UFFDIO_REGISTER     _IOWR(UFFDIO, _UFFDIO_REGISTER, struct uffdio_register)
#define UFFDIO_UNREGISTER   _IOR(UFFDIO, _UFFDIO_UNREGISTER, struct uffdio_range)
#define UFFDIO_WAKE         _IOR(UFFDIO, _UFFDIO_WAKE, struct uffdio_range)
#define UFFDIO_COPY         _IOWR(UFFDIO, _UFFDIO_COPY, struct uffdio_copy)
#define UFFDIO_ZEROPAGE     _IOWR(UFFDIO, _UFFDIO_ZEROPAGE, struct uffdio_zeropage)
#define UFFDIO_MOVE         _IOWR(UFFDIO, _UFFDIO_MOVE, struct uffdio_move)
#define UFFDIO_WRITEPROTECT _IOWR(UFFDIO, _UFFDIO_WRITEPROTECT, struct uffdio_writeprotect)
#define UFFDIO_CONTINUE     _IOWR(UFFDIO, _UFFDIO_CONTINUE, struct uffdio_continue)
#define UFFDIO_POISON       _IOWR(UFFDIO, _UFFDIO_POISON, struct uffdio_poison)

__BEGIN_DECLS
int userfaultfd(int flags);
__END_DECLS

#endif
