/* SPDX-License-Identifier: MIT */
/* userfaultfd(2), ioctl_userfaultfd(2): messages, structures and numbers as programs see them. */
#ifndef KERNEL_BASE_ABI_USERFAULTFD_H
#define KERNEL_BASE_ABI_USERFAULTFD_H

#include "kernel/base/types.h"

#define UFFD_API            0xaaULL
#define UFFD_USER_MODE_ONLY 1u

#define UFFD_FEATURE_PAGEFAULT_FLAG_WP  (1u << 0)
#define UFFD_FEATURE_EVENT_FORK         (1u << 1)
#define UFFD_FEATURE_EVENT_REMAP        (1u << 2)
#define UFFD_FEATURE_EVENT_REMOVE       (1u << 3)
#define UFFD_FEATURE_MISSING_HUGETLBFS  (1u << 4)
#define UFFD_FEATURE_MISSING_SHMEM      (1u << 5)
#define UFFD_FEATURE_EVENT_UNMAP        (1u << 6)
#define UFFD_FEATURE_SIGBUS             (1u << 7)
#define UFFD_FEATURE_THREAD_ID          (1u << 8)
#define UFFD_FEATURE_MINOR_HUGETLBFS    (1u << 9)
#define UFFD_FEATURE_MINOR_SHMEM        (1u << 10)
#define UFFD_FEATURE_EXACT_ADDRESS      (1u << 11)
#define UFFD_FEATURE_WP_HUGETLBFS_SHMEM (1u << 12)
#define UFFD_FEATURE_WP_UNPOPULATED     (1u << 13)
#define UFFD_FEATURE_POISON             (1u << 14)
#define UFFD_FEATURE_WP_ASYNC           (1u << 15)
#define UFFD_FEATURE_MOVE               (1u << 16)
#define UFFD_FEATURES_ALL               0x1ffffULL

#define UFFD_EVENT_PAGEFAULT 0x12
#define UFFD_EVENT_FORK      0x13
#define UFFD_EVENT_REMAP     0x14
#define UFFD_EVENT_REMOVE    0x15
#define UFFD_EVENT_UNMAP     0x16

#define UFFD_PAGEFAULT_FLAG_WRITE 1u
#define UFFD_PAGEFAULT_FLAG_WP    2u
#define UFFD_PAGEFAULT_FLAG_MINOR 4u

struct uffd_msg {
        u8 event;
        u8 zero[7];
        union {
                struct {
                        u64 flags, address;
                        u32 ptid;
                } pagefault;
                struct {
                        u32 ufd;
                } fork;
                struct {
                        u64 from, to, len;
                } remap;
                struct {
                        u64 start, end;
                } remove; /* and unmap */
                u64 words[3];
        };
};

struct uffdio_api {
        u64 api, features, ioctls;
};

struct uffdio_range {
        u64 start, len;
};

#define UFFDIO_REGISTER_MODE_MISSING 1u
#define UFFDIO_REGISTER_MODE_WP      2u
#define UFFDIO_REGISTER_MODE_MINOR   4u

#define UFFDIO_REGISTER_MODES 7u

struct uffdio_register {
        struct uffdio_range range;
        u64 mode, ioctls;
};

#define UFFDIO_MODE_DONTWAKE         1u /* of COPY, ZEROPAGE, CONTINUE, POISON, MOVE */
#define UFFDIO_MODE_WP               2u /* of COPY, CONTINUE */
#define UFFDIO_WRITEPROTECT_MODE_WP  1u
#define UFFDIO_WRITEPROTECT_DONTWAKE 2u
#define UFFDIO_MOVE_ALLOW_SRC_HOLES  2u

struct uffdio_copy { /* and MOVE */
        u64 dst, src, len, mode;
        s64 copy;
};

struct uffdio_zeropage { /* CONTINUE and POISON, too */
        struct uffdio_range range;
        u64 mode;
        s64 done;
};

struct uffdio_writeprotect {
        struct uffdio_range range;
        u64 mode;
};

#define UFFDIO_API          0xc018aa3fu
#define UFFDIO_REGISTER     0xc020aa00u
#define UFFDIO_UNREGISTER   0x8010aa01u
#define UFFDIO_WAKE         0x8010aa02u
#define UFFDIO_COPY         0xc028aa03u
#define UFFDIO_ZEROPAGE     0xc020aa04u
#define UFFDIO_MOVE         0xc028aa05u
#define UFFDIO_WRITEPROTECT 0xc018aa06u
#define UFFDIO_CONTINUE     0xc020aa07u
#define UFFDIO_POISON       0xc020aa08u

#define USERFAULTFD_IOC_NEW 0xaa00u /* of /dev/userfaultfd */

#endif
