/* SPDX-License-Identifier: MIT */
/*
 * mm_validate(): every invariant of an address space (validate.h says where each is), and how much
 * of it a debug build checks after each call.
 *
 * Locks: mmap_lock for writing.
 */
#include "mm/validate.h"

/* Debug builds check everything after each call up to these sizes; past them now and then. */
#define SMALL_VMAS  1000
#define SMALL_PAGES 4096
#define RARELY      256

void mm_validate(struct mm *mm)
{
        struct tally t = { 0 };

        mm->tree.work = NULL; /* lookups made here are not the program's */
        validate_vmas(mm, &t);
        validate_tables(mm, &t);
        validate_reverse(mm);
        mm->tree.work = &mm->tree_work;
}

#ifdef DEBUG
static void validate_some(struct mm *mm, u64 addr)
{
        u64 pages = mm->rss[RSS_ANON] + mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM];
        struct tally t = { 0 };
        struct vma *vma;

        mm->calls++;
        if (mm_map_count(mm) > SMALL_VMAS && mm->calls % RARELY) {
                vma = vma_find(mm, addr);
                if (vma)
                        validate_vma(mm, vma);
                vma = vma_below(mm, addr);
                if (vma)
                        validate_vma(mm, vma);
                return;
        }
        validate_vmas(mm, &t);
        if (pages <= SMALL_PAGES || mm->calls % RARELY == 0)
                validate_tables(mm, &t);
}

void mm_validate_call(struct mm *mm, u64 addr)
{
        mm->tree.work = NULL;
        validate_some(mm, addr);
        mm->tree.work = &mm->tree_work;
}
#else
void mm_validate_call(struct mm *mm, u64 addr)
{
        (void)mm;
        (void)addr;
}
#endif
