/* SPDX-License-Identifier: MIT */
/*
 * mm_validate(): every invariant of an address space (validate.h says where each is), and how much
 * of it a debug build checks after each call.
 *
 * Locks: mmap_lock for writing.
 */
#include "mm/validate.h"

/*
 * Debug builds check all VMAs, page tables and counters after each call up to these sizes. In a
 * larger address space, what the call touched, page tables too; and everything now and then, the
 * reverse map as well.
 */
#define SMALL_VMAS  1000
#define SMALL_PAGES ((64UL << 20) / PAGE_SIZE)
#define RARELY      256

/* As often, in calls of all, is the system checked: it takes a look at every frame. */
#define SYSTEM_EVERY 1024

static void validate_space(struct mm *mm)
{
        struct tally t = { 0 };

        validate_vmas(mm, &t);
        validate_tables(mm, &t);
}

void mm_validate(struct mm *mm)
{
        mm->tree.work = NULL; /* lookups made here are not the program's */
        validate_space(mm);
        validate_reverse(mm);
        mm->tree.work = &mm->tree_work;
}

#ifdef DEBUG
static bool is_small(const struct mm *mm)
{
        u64 pages = mm->rss[RSS_ANON] + mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM];

        return mm_map_count(mm) <= SMALL_VMAS && pages <= SMALL_PAGES;
}

/* `addr` is what the call was about; what else it touched has been noted. */
static void validate_touched(struct mm *mm, u64 addr)
{
        unsigned nr = (unsigned)min_u64(mm->nr_touched, MM_TOUCHED_MAX);

        validate_vmas_near(mm, addr);
        validate_tables_near(mm, addr);
        for (unsigned i = 0; i < nr; i++) {
                validate_vmas_near(mm, mm->touched[i]);
                validate_tables_near(mm, mm->touched[i]);
        }
}

void mm_validate_call(struct mm *mm, u64 addr)
{
        mm->tree.work = NULL;
        if (++mm->calls % RARELY == 0)
                mm_validate(mm);
        else if (is_small(mm))
                validate_space(mm);
        else
                validate_touched(mm, addr);
        mm->tree.work = &mm->tree_work;
        mm->nr_touched = 0;
}

void mm_validate_merged(const struct vma *vma, u64 start, u64 end)
{
        vma->mm->tree.work = NULL;
        validate_merged(vma, start, end);
        vma->mm->tree.work = &vma->mm->tree_work;
}

void mm_validate_after(void)
{
        static atomic_t calls;

        if (atomic_add(&calls, 1) % SYSTEM_EVERY == 0)
                mm_validate_system();
}
#endif
