/* SPDX-License-Identifier: MIT */
/*
 * What became of a call, and the address space behind it: written alike by both sides, so that two
 * snapshots are equal if and only if their bytes are.
 *
 *      struct snapshot | struct vma_note x nr_vmas | struct page_run x nr_runs
 *
 * The comparison's own mapping is left out of the lists, but not of the counters: it is the same on
 * both sides. A snapshot is shallow or has VmFlags, too, as snapshot_has_flags() says.
 */
#ifndef TESTS_DIFF_SNAPSHOT_H
#define TESTS_DIFF_SNAPSHOT_H

#include <stddef.h>

#include "tests/diff/op.h"

/* As in /proc/PID/status, in KiB. VmExe and VmLib are one, VmRSS is the sum of three. */
enum counter {
        COUNT_PEAK,
        COUNT_SIZE,
        COUNT_LOCKED,
        COUNT_ANON,
        COUNT_FILE,
        COUNT_SHMEM,
        COUNT_DATA,
        COUNT_STACK,
        COUNT_EXEC,
        COUNT_TABLES,
        COUNTERS
};

struct snapshot {
        uint32_t size; /* bytes, of all of it */
        uint16_t nr_vmas;
        uint16_t nr_runs;

        int64_t result;      /* of an access: the byte read, or 0 */
        int32_t signo, code; /* of an access that failed; MM_FAULT_OOM: memory ran out */
        uint64_t addr;       /* si_addr */
        uint64_t vector;     /* of mincore: its bytes, folded */

        uint64_t count[COUNTERS];
};

/* What /proc/PID/maps shows in its last column. */
enum vma_name {
        NAME_NONE,
        NAME_HEAP,
        NAME_STACK,
        NAME_ZERO,   /* /dev/zero */
        NAME_SHARED, /* /dev/zero (deleted) */
        NAME_OTHER,
        NAME_MEMFD /* and up: one for each memfd */
};

#define NOTE_READ   0x1
#define NOTE_WRITE  0x2
#define NOTE_EXEC   0x4
#define NOTE_SHARED 0x8

struct vma_note {
        uint64_t start, end, offset; /* bytes */
        uint32_t rights;             /* NOTE_* */
        uint32_t name;               /* enum vma_name */
        uint64_t flags;              /* VM_* that VmFlags shows; 0 in a shallow snapshot */
};

/* Neighbouring pages with the same bits 55 to 63 of pagemap, none of which is 0, mapped alike. */
struct page_run {
        uint64_t start;
        uint32_t pages;
        uint32_t bits;     /* bits 55 and up, shifted down; HUGE_BIT: mapped by a huge entry */
        uint64_t contents; /* of the pages that can be read: first and last word of each, folded */
};

#define HUGE_BIT 0x200u

#define SNAPSHOT_MAX 65536 /* bytes */

static inline struct vma_note *snapshot_vmas(struct snapshot *s)
{
        return (struct vma_note *)(s + 1);
}

static inline struct page_run *snapshot_runs(struct snapshot *s)
{
        return (struct page_run *)(snapshot_vmas(s) + s->nr_vmas);
}

/* Whether madvise() changes flags of VMAs; the rest is about pages. */
static inline bool advice_is_about_flags(uint64_t advice)
{
        switch (advice) {
        case 3:  /* MADV_WILLNEED */
        case 4:  /* MADV_DONTNEED */
        case 8:  /* MADV_FREE */
        case 9:  /* MADV_REMOVE */
        case 20: /* MADV_COLD */
        case 21: /* MADV_PAGEOUT */
        case 22: /* MADV_POPULATE_READ */
        case 23: /* MADV_POPULATE_WRITE */
        case 25: /* MADV_COLLAPSE */
        case 24: /* MADV_DONTNEED_LOCKED */ return false;
        default: return true;
        }
}

/* A call with this result can have changed VmFlags, or made VMAs that had none. */
static inline bool op_can_change_flags(const struct op *op, int64_t result)
{
        switch (op->kind) {
        case OP_MUNMAP:
        case OP_MSYNC:
        case OP_MINCORE:
        case OP_READ:
        case OP_WRITE:
        case OP_TRUNCATE:
        case OP_PUNCH:
        case OP_FWRITE:
        case OP_SCAN:
        case OP_UFFD_COPY:
        case OP_UFFD_MOVE:
        case OP_UFFD_ZEROPAGE:
        case OP_UFFD_CONTINUE:
        case OP_UFFD_POISON:
        case OP_UFFD_PROTECT:
        case OP_UFFD_WAKE:
        case OP_RLIMIT: return false;
        case OP_MMAP: return result >= 0;
        case OP_MADVISE: return result != -22 && advice_is_about_flags(op->a[2]);
        default: return result != -22 /* EINVAL */;
        }
}

/* After calls that can change VmFlags, every 16th and the last one. */
static inline bool snapshot_has_flags(const struct op *op, unsigned index, unsigned nr,
                                      int64_t result)
{
        return index % 16 == 15 || index + 1 == nr || op_can_change_flags(op, result);
}

static inline uint64_t fold(uint64_t sum, uint64_t word)
{
        sum ^= word;
        return (sum << 7 | sum >> 57) * 0x9e3779b97f4a7c15ULL;
}

/* A region that PAGEMAP_SCAN reports. */
static inline uint64_t fold_region(uint64_t sum, uint64_t start, uint64_t end, uint64_t categories)
{
        return fold(fold(fold(sum, start), end), categories);
}

/* One page more: as part of the last run or as a new one. False: it does not fit. */
static inline bool snapshot_page(struct snapshot *s, uint64_t addr, uint32_t bits, bool readable,
                                 const void *page)
{
        struct page_run *run = snapshot_runs(s) + s->nr_runs - 1;

        if (!s->nr_runs || run->start + run->pages * OP_PAGE != addr || run->bits != bits) {
                if (s->size + sizeof(*run) > SNAPSHOT_MAX)
                        return false;
                run++;
                *run = (struct page_run){ .start = addr, .bits = bits };
                s->nr_runs++;
                s->size += (uint32_t)sizeof(*run);
        }
        run->pages++;
        if (readable) {
                const uint64_t *word = page;

                run->contents = fold(fold(run->contents, word[0]), word[511]);
        }
        return true;
}

/* One VMA more; before the first page. */
static inline struct vma_note *snapshot_vma(struct snapshot *s)
{
        struct vma_note *note = snapshot_vmas(s) + s->nr_vmas;

        if (s->size + sizeof(*note) > SNAPSHOT_MAX)
                return NULL;
        *note = (struct vma_note){ 0 };
        s->nr_vmas++;
        s->size += (uint32_t)sizeof(*note);
        return note;
}

#endif
