/* SPDX-License-Identifier: MIT */
/*
 * One call of the comparison, and the world in which it is made: the same addresses, files and
 * limits on both sides.
 *
 *      OWN      what the comparison itself needs on Linux: code, stack and records, one shared
 *               mapping. The side of mm/ has a mapping alike there, so that totals are the same.
 *      arena    everything else. Calls keep to a few windows in it: one in the middle of a page
 *               table, others at the borders of tables, one where mmap() itself begins to place.
 *
 * This header and stream.[ch] need nothing of a C library but stdint.h, so that any program on any
 * system can make the same calls from the same seed.
 */
#ifndef TESTS_DIFF_OP_H
#define TESTS_DIFF_OP_H

#include <stdbool.h>
#include <stdint.h>

#define OP_PAGE 4096UL

/* ------------------------------------------------------------------ places */

#define OWN_BASE 0x1000000UL
#define OWN_SIZE (512UL << 10)
#define OWN_END  (OWN_BASE + OWN_SIZE)

#define MAIN_WINDOW 0x10000000UL /* of 64 pages, at the start of a page table */
#define HEAP_WINDOW 0x20000000UL /* where the break is at first */
#define EDGE_2M     0x10400000UL /* between two page tables */
#define EDGE_1G     0x40000000UL /* between two tables of page tables */
#define EDGE_2G     0x80000000UL /* as far as that from the next */
#define HUGE_WINDOW 0x30000000UL /* of 6 huge pages */
#define TOP_WINDOW \
        0x7ffff7fff000UL /* mmap_base without randomness and 8 MiB of stack: ends there */
#define WORLD_END 0x7ffffffff000UL

#define STACK_LIMIT   (8UL << 20) /* RLIMIT_STACK and RLIMIT_MEMLOCK at first, bytes */
#define MEMLOCK_LIMIT (8UL << 20)

/* ------------------------------------------------------------------ files */

enum op_file {
        FILE_SMALL,    /* memfd of 12 pages, written now and then */
        FILE_LARGE,    /* memfd of 2 MiB and 3 pages */
        FILE_EMPTY,    /* memfd of no pages */
        FILE_READONLY, /* FILE_SMALL, open for reading only */
        FILE_ZERO,     /* /dev/zero */
        FILES,
        MEMFDS = FILE_EMPTY + 1
};
#define FILE_NONE (~0UL)

#define SMALL_FILE_SIZE (12 * OP_PAGE)
#define LARGE_FILE_SIZE ((2UL << 20) + 3 * OP_PAGE)

/* The byte that page `page` of a memfd begins with; 0: the page is a hole. */
static inline unsigned char file_byte(unsigned file, uint64_t page)
{
        return page % 3 == 2 || page >= 12 ? 0 : (unsigned char)(0x80 + 16 * file + page);
}

/* ------------------------------------------------------------------ calls */

/* Arguments are those of the system call, unless the comment says otherwise. */
enum op_kind {
        OP_MMAP, /* a[4]: enum op_file or FILE_NONE */
        OP_MUNMAP,
        OP_MPROTECT,
        OP_MREMAP,
        OP_MADVISE,
        OP_MLOCK,
        OP_MLOCK2,
        OP_MUNLOCK,
        OP_MLOCKALL,
        OP_MUNLOCKALL,
        OP_MSEAL,
        OP_MSYNC,
        OP_MINCORE, /* address is aligned, at most MINCORE_PAGES */
        OP_BRK,
        OP_REMAP_FILE_PAGES,
        OP_READ,     /* address: one byte */
        OP_WRITE,    /* address, value: one byte */
        OP_TRUNCATE, /* file, size */
        OP_PUNCH,    /* file, offset, length */
        OP_FWRITE,   /* file, offset, value: one byte */
        OP_RLIMIT,   /* enum op_limit, soft, hard */
        OP_FORK,     /* enum fork_kind; operations go on in one process */
        OP_SCAN,     /* PAGEMAP_SCAN: address, length, PM_SCAN_*, most pages, scan_masks() */
        /* userfaultfd: the last argument is the descriptor's number, 0 .. UFFDS - 1; modes as in
         * the ioctls' structures */
        OP_UFFD_OPEN, /* features besides SIGBUS */
        OP_UFFD_CLOSE,
        OP_UFFD_REGISTER,   /* address, length, modes */
        OP_UFFD_UNREGISTER, /* address, length */
        OP_UFFD_COPY,       /* address, length, source, mode */
        OP_UFFD_MOVE,       /* address, length, source, mode */
        OP_UFFD_ZEROPAGE,   /* address, length, mode; so the others */
        OP_UFFD_CONTINUE,
        OP_UFFD_POISON,
        OP_UFFD_PROTECT,
        OP_UFFD_WAKE, /* address, length */
        OP_KINDS
};

#define MINCORE_PAGES 64

#define UFFDS       2
#define SCAN_RANGES 24 /* as many are asked for */

/* Of OP_SCAN: which categories are inverted, which a page must have all of, and one of. */
static inline uint64_t scan_masks(uint64_t inverted, uint64_t all_of, uint64_t any_of)
{
        return inverted | all_of << 16 | any_of << 32;
}

enum fork_kind {
        FORK_SIBLING,  /* go on as the parent; the child keeps what it has */
        FORK_CHILD,    /* go on as the child; the parent keeps what it has */
        FORK_INHERITOR /* go on as the child, when the parent has unmapped all it can */
};

/* Hard limits stay infinite but for LIMIT_DATA's. */
enum op_limit { LIMIT_AS, LIMIT_DATA, LIMIT_STACK, LIMIT_MEMLOCK, LIMITS };

struct op {
        uint32_t kind;
        uint64_t a[6];
};

/* Which descriptor a call of userfaultfd is about. */
static inline unsigned op_uffd(const struct op *op)
{
        switch (op->kind) {
        case OP_UFFD_CLOSE: return op->a[0] % UFFDS;
        case OP_UFFD_OPEN: return op->a[1] % UFFDS;
        case OP_UFFD_UNREGISTER:
        case OP_UFFD_WAKE: return op->a[2] % UFFDS;
        case OP_UFFD_COPY:
        case OP_UFFD_MOVE: return op->a[4] % UFFDS;
        default: return op->a[3] % UFFDS;
        }
}

/* How many of `a` a call has. */
unsigned op_args(uint32_t kind);
/* "mmap"; NULL: there is no such call. */
const char *op_name(uint32_t kind);

#endif
