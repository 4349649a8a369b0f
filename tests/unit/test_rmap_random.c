/* SPDX-License-Identifier: MIT */
/*
 * Families of processes that map, write, split, move, fork and exit at random, now and then without
 * memory, and everything that maps a page compared with every walk after each step.
 *
 * The arena is small, so that VMAs meet, and half of what is mapped is private memory of one kind,
 * so that they merge. Some of it maps an object, which is truncated from time to time.
 */
#include "mm/fail_alloc.h"
#include "mm/object.h"
#include "tests/unit/family.h"

#define P     PAGE_SIZE
#define RW    (PROT_READ | PROT_WRITE)
#define PAGES 20 /* of the arena */

struct world {
        struct family family;
        struct backing backing;
        u64 state; /* of the random numbers */
};

static unsigned below(struct world *w, unsigned n)
{
        return test_random_below(&w->state, n);
}

static unsigned count(const struct world *w)
{
        unsigned nr = 0;

        for (unsigned i = 0; i < FAMILY_MAX; i++)
                nr += w->family.mm[i] != NULL;
        return nr;
}

static unsigned any_process(struct world *w)
{
        unsigned i;

        do {
                i = below(w, FAMILY_MAX);
        } while (!w->family.mm[i]);
        return i;
}

static u64 any_page(struct world *w)
{
        return at_page(below(w, PAGES));
}

static u64 some_pages(struct world *w)
{
        return (1 + below(w, 5)) * P;
}

/* ------------------------------------------------------------------ steps */

static void step_map(struct world *w, struct mm *mm)
{
        static const u64 kinds[] = { MAP_PRIVATE | MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS,
                                     MAP_PRIVATE, MAP_SHARED };
        u64 kind = kinds[below(w, 4)];
        struct mmap_request req = {
                .addr = any_page(w),
                .len = some_pages(w),
                .prot = below(w, 8) ? RW : PROT_READ,
                .flags = kind | MAP_FIXED,
                .offset = below(w, 8) * P,
                .backing = kind & MAP_ANONYMOUS ? NULL : &w->backing,
                .readable = true,
                .writable = true,
        };

        mm_mmap(mm, &root_caller, &req);
}

static void step_touch(struct world *w, struct mm *mm)
{
        u64 addr = any_page(w);
        unsigned nr = 1 + below(w, 4);
        bool write = below(w, 4);

        for (unsigned i = 0; i < nr; i++)
                touch(mm, addr + i * P, write);
}

static void step_move(struct world *w, struct mm *mm)
{
        static const u64 flags[] = { MREMAP_FIXED, MREMAP_FIXED, MREMAP_FIXED | MREMAP_DONTUNMAP,
                                     MREMAP_DONTUNMAP, 0 };
        u64 how = flags[below(w, 5)], from = any_page(w), to = any_page(w), len = some_pages(w);
        u64 new_len = below(w, 4) || (how & MREMAP_DONTUNMAP) ? len : some_pages(w);

        /* Where it once was, as often as not: there it may merge again. */
        if (below(w, 2)) {
                struct vma *vma = vma_at(mm, from);
                u64 home = vma ? vma_pgoff_at(vma, from) << PAGE_SHIFT : 0;

                if (home >= at_page(0) && home < at_page(PAGES))
                        to = home;
        }
        mm_mremap(mm, &root_caller, from, len, new_len, MREMAP_MAYMOVE | how, to);
}

static void step_advise(struct world *w, struct mm *mm)
{
        static const int advice[] = { 4, 4, 8, 10, 11, 18, 19, 102, 103 };

        mm_madvise(mm, &root_caller, any_page(w), some_pages(w), advice[below(w, 9)]);
}

static void step_protect(struct world *w, struct mm *mm)
{
        mm_mprotect(mm, &root_caller, any_page(w), some_pages(w), below(w, 2) ? RW : PROT_READ);
}

static void step_fork_or_exit(struct world *w, unsigned who)
{
        if (count(w) == FAMILY_MAX || (count(w) > 2 && below(w, 2)))
                family_exit(&w->family, who);
        else
                family_fork(&w->family, who);
}

static void step(struct world *w)
{
        unsigned who = any_process(w);
        struct mm *mm = w->family.mm[who];

        switch (below(w, 16)) {
        case 0:
        case 1: step_map(w, mm); break;
        case 2: mm_munmap(mm, &root_caller, any_page(w), some_pages(w)); break;
        case 3:
        case 4: step_protect(w, mm); break;
        case 5: step_advise(w, mm); break;
        case 6:
        case 7: step_fork_or_exit(w, who); break;
        case 8:
                if (!below(w, 4))
                        object_truncate(w->backing.object, below(w, 12) * P);
                break;
        case 9:
        case 10:
        case 11: step_touch(w, mm); break;
        default: step_move(w, mm); break;
        }
}

/* ------------------------------------------------------------------ the whole */

static void release_object(struct backing *b)
{
        object_put(b->object);
}

static void run(u64 seed, unsigned steps, bool short_of_memory)
{
        struct world w = { .family = family_of(strip("AAAA....AAAA")), .state = seed };

        refcount_init(&w.backing.ref);
        w.backing.release = release_object;
        w.backing.object = object_create(8 * P, 0);
        w.backing.flags = BACKING_SHMEM | BACKING_REGULAR;
        ASSERT_TRUE(w.backing.object);
        for (unsigned i = 0; i < steps; i++) {
                if (short_of_memory && below(&w, 3) == 0)
                        fail_alloc_nth(1 + below(&w, 12), false);
                step(&w);
                fail_alloc_nth(0, false);
                family_check(&w.family);
        }
        for (unsigned i = 0; i < FAMILY_MAX; i++)
                if (w.family.mm[i])
                        family_exit(&w.family, i);
        backing_put(&w.backing);
        family_end(&w.family, true);
}

TEST(every_walk_is_right_after_each_of_many_steps)
{
        for (u64 seed = 1; seed <= 4; seed++)
                run(seed, 400, false);
}

TEST(and_when_memory_runs_out)
{
        for (u64 seed = 101; seed <= 104; seed++)
                run(seed, 400, true);
}
