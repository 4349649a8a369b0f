/* SPDX-License-Identifier: MIT */
/*
 * Moves that end beside other VMAs, in every arrangement that has once left a page with the wrong
 * anon_vma, or a VMA in use that a merge had freed, in some kernel.
 *
 * A shape is a strip to begin with, steps that lead up to a call, and the call. Each is run
 *
 *      by a process that is alone, by one with a child, by the child: a fork child merges less
 *      with a fork after it, or without one
 *      with its pages written then, or not
 *      with its memory unmapped from below, from above, or at exit
 *      with the first process going first, or last
 *
 * and everything is checked after each step. It is also run with every allocation of the call
 * failing once.
 */
#include <stdlib.h>

#include "mm/fail_alloc.h"
#include "tests/unit/family.h"

#define P        PAGE_SIZE
#define RW       (PROT_READ | PROT_WRITE)
#define DU       MREMAP_DONTUNMAP
#define DONTFORK 10

struct shape {
        const char *name, *first;
        void (*steps)(struct mm *mm);
        s64 (*call)(struct mm *mm);
        const char *vmas, *text; /* after it */
        const char *child_vmas;  /* if a fork child does all this; NULL: the same */
};

/* ------------------------------------------------------------------ steps and calls */

static void out(struct mm *mm, unsigned from, unsigned n)
{
        EXPECT_EQ(move_pages(mm, from, n, 40, 0), (s64)at_page(40));
}

static void fresh(struct mm *mm, unsigned page, unsigned n)
{
        map_pages(mm, page, n, RW, 0);
}

static void none(struct mm *mm)
{
        (void)mm;
}

/* Pages 2 and 3 are elsewhere, and what was around them is new. */
static void upper_out(struct mm *mm)
{
        out(mm, 2, 2);
        fresh(mm, 0, 2);
}

static void lower_out(struct mm *mm)
{
        out(mm, 0, 2);
        fresh(mm, 2, 2);
}

static void middle_out(struct mm *mm)
{
        out(mm, 2, 2);
        fresh(mm, 0, 2);
        fresh(mm, 4, 2);
}

static void middle_out_next_stays(struct mm *mm)
{
        out(mm, 2, 2);
        fresh(mm, 0, 2);
}

static void middle_out_prev_stays(struct mm *mm)
{
        out(mm, 2, 2);
        fresh(mm, 4, 2);
}

static void middle_out_prev_written(struct mm *mm)
{
        middle_out(mm);
        write_pages(mm, 0, 2, 'z');
}

static void middle_out_both_written(struct mm *mm)
{
        middle_out(mm);
        write_pages(mm, 0, 1, 'y');
        write_pages(mm, 5, 1, 'z');
}

static void middle_out_two(struct mm *mm)
{
        EXPECT_EQ(move_pages(mm, 2, 4, 40, 0), (s64)at_page(40));
}

static s64 back_to_2(struct mm *mm)
{
        return move_pages(mm, 40, 2, 2, 0);
}

static s64 back_to_0(struct mm *mm)
{
        return move_pages(mm, 40, 2, 0, 0);
}

static s64 two_back_to_2(struct mm *mm)
{
        return move_pages(mm, 40, 4, 2, 0);
}

static s64 two_back_by_dontunmap(struct mm *mm)
{
        return move_pages(mm, 40, 4, 2, DU);
}

static s64 back_by_dontunmap(struct mm *mm)
{
        return move_pages(mm, 40, 2, 2, DU);
}

/* Directly behind itself, directly before itself. */
static s64 up_by_2(struct mm *mm)
{
        return move_pages(mm, 2, 2, 4, 0);
}

static s64 up_by_2_dontunmap(struct mm *mm)
{
        return move_pages(mm, 2, 2, 4, DU);
}

static s64 down_by_2(struct mm *mm)
{
        return move_pages(mm, 2, 2, 0, 0);
}

static s64 down_by_2_dontunmap(struct mm *mm)
{
        return move_pages(mm, 2, 2, 0, DU);
}

/* Into the gap between another and itself. */
static s64 gap_by_2(struct mm *mm)
{
        return move_pages(mm, 4, 2, 2, 0);
}

static s64 gap_by_2_dontunmap(struct mm *mm)
{
        return move_pages(mm, 4, 2, 2, DU);
}

/* From far away, between what was not written and what was. */
static s64 from_7_to_2(struct mm *mm)
{
        return move_pages(mm, 7, 2, 2, 0);
}

/* The middle of a VMA, directly behind it. */
static s64 middle_to_6(struct mm *mm)
{
        return move_pages(mm, 2, 2, 6, 0);
}

/* Over a part of its own VMA. */
static s64 into_itself(struct mm *mm)
{
        return move_pages(mm, 0, 2, 4, 0);
}

/* The hole between two that belong together. */
static void grow_steps(struct mm *mm)
{
        mm_munmap(mm, &root_caller, at_page(2), 2 * P);
}

static s64 grow_into_hole(struct mm *mm)
{
        return mm_mremap(mm, &root_caller, at_page(0), 2 * P, 4 * P, 0, 0);
}

static void grow_to_fresh_steps(struct mm *mm)
{
        grow_steps(mm);
        fresh(mm, 4, 2);
}

static void grow_fresh_steps(struct mm *mm)
{
        grow_steps(mm);
        fresh(mm, 0, 2);
}

static void mprotect_steps(struct mm *mm)
{
        fresh(mm, 0, 6);
        mm_mprotect(mm, &root_caller, at_page(2), 2 * P, PROT_READ);
}

static void mprotect_prev_written(struct mm *mm)
{
        mprotect_steps(mm);
        write_pages(mm, 0, 2, 'p');
}

static void mprotect_next_written(struct mm *mm)
{
        mprotect_steps(mm);
        write_pages(mm, 4, 2, 'n');
}

static void mprotect_middle_written(struct mm *mm)
{
        fresh(mm, 0, 6);
        mm_mprotect(mm, &root_caller, at_page(2), 2 * P, RW | PROT_EXEC);
        write_pages(mm, 2, 2, 'm');
        mm_mprotect(mm, &root_caller, at_page(2), 2 * P, PROT_READ);
}

static s64 mprotect_back(struct mm *mm)
{
        return mm_mprotect(mm, &root_caller, at_page(2), 2 * P, RW);
}

static s64 mprotect_lower_half(struct mm *mm)
{
        return mm_mprotect(mm, &root_caller, at_page(2), P, RW);
}

static s64 map_the_gap(struct mm *mm)
{
        struct mmap_request req = {
                .addr = at_page(2),
                .len = 2 * P,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        return mm_mmap(mm, &root_caller, &req);
}

static void gap_before_written(struct mm *mm)
{
        mm_munmap(mm, &root_caller, at_page(2), 2 * P);
        fresh(mm, 0, 2);
}

static const struct shape shapes[] = {
        /* what was written goes back beside what was not */
        { "beside unwritten prev", "AAAA", upper_out, back_to_2, "0-4rw", "--AA", "0-2rw 2-4rw" },
        { "beside unwritten next", "AAAA", lower_out, back_to_0, "0-4rw", "AA--", "0-2rw 2-4rw" },
        { "between unwritten", "AAAAAA", middle_out, back_to_2, "0-6rw", "--AA--",
          "0-2rw 2-4rw 4-6rw" },
        { "prev unwritten, next its own", "AAAAAA", middle_out_next_stays, back_to_2, "0-6rw",
          "--AAAA", "0-2rw 2-6rw" },
        { "prev its own, next unwritten", "AAAAAA", middle_out_prev_stays, back_to_2, "0-6rw",
          "AAAA--", "0-4rw 4-6rw" },
        { "prev another's, next unwritten", "AAAAAA", middle_out_prev_written, back_to_2,
          "0-2rw 2-6rw", "zzAA--", "0-2rw 2-4rw 4-6rw" },
        { "both others'", "AAAAAA", middle_out_both_written, back_to_2, "0-2rw 2-4rw 4-6rw",
          "y-AA-z", NULL },
        { "the same, leaving the source", "AAAAAA", middle_out, back_by_dontunmap, "0-6rw 40-42rw",
          "--AA--", "0-2rw 2-4rw 4-6rw 40-42rw" },
        /* several at once, each joining what it once was part of */
        { "two back at once", "AAAABBBB", middle_out_two, two_back_to_2, "0-4rw 4-8rw", "AAAABBBB",
          NULL },
        { "two back at once, leaving both", "AAAABBBB", middle_out_two, two_back_by_dontunmap,
          "0-4rw 4-8rw 40-42rw 42-44rw", "AAAABBBB", NULL },
        /* beside its own old place */
        { "unwritten behind itself", "..--", none, up_by_2, "4-6rw", "....--", NULL },
        { "unwritten behind itself, kept", "..--", none, up_by_2_dontunmap, "2-6rw", "..----",
          NULL },
        { "unwritten before itself", "..--", none, down_by_2, "0-2rw", "--", NULL },
        { "unwritten before itself, kept", "..--", none, down_by_2_dontunmap, "0-4rw", "----",
          NULL },
        { "unwritten between prev and itself", "--..--", none, gap_by_2, "0-4rw", "----", NULL },
        { "unwritten between, kept", "--..--", none, gap_by_2_dontunmap, "0-6rw", "------", NULL },
        { "unwritten between written and itself", "AA..--", none, gap_by_2, "0-4rw", "AA--",
          "0-2rw 2-4rw" },
        { "unwritten between written, kept", "AA..--", none, gap_by_2_dontunmap, "0-6rw", "AA----",
          "0-2rw 2-6rw" },
        { "unwritten between unwritten and written", "--..AA.--", none, from_7_to_2, "0-6rw",
          "----AA", "0-4rw 4-6rw" },
        { "unwritten middle, to join written", "------..AA", none, middle_to_6, "0-2rw 4-10rw",
          "--..----AA", "0-2rw 4-8rw 8-10rw" },
        { "written behind itself", "..AA", none, up_by_2, "4-6rw", "....AA", NULL },
        { "written behind itself, kept", "..AA", none, up_by_2_dontunmap, "2-4rw 4-6rw", "..--AA",
          NULL },
        { "written before itself", "..AA", none, down_by_2, "0-2rw", "AA", NULL },
        { "written before itself, kept", "..AA", none, down_by_2_dontunmap, "0-2rw 2-4rw", "AA--",
          NULL },
        { "written between prev and itself", "AA..AA", none, gap_by_2, "0-2rw 2-4rw", "AAAA",
          NULL },
        { "into itself", "AAAAAA", none, into_itself, "2-4rw 4-6rw", "..AAAA", NULL },
        { "unwritten into itself", "------", none, into_itself, "2-6rw", "..----", NULL },
        /* growth that closes a gap */
        { "growth to its own half", "AAAAAA", grow_steps, grow_into_hole, "0-6rw", "AA--AA", NULL },
        { "growth to unwritten", "AAAAAA", grow_to_fresh_steps, grow_into_hole, "0-6rw", "AA----",
          NULL },
        { "unwritten growth to written", "AAAAAA", grow_fresh_steps, grow_into_hole, "0-6rw",
          "----AA", "0-4rw 4-6rw" },
        /* a change of rights that makes three of a kind */
        { "three unwritten", "AAAAAA", mprotect_steps, mprotect_back, "0-6rw", "------", NULL },
        { "prev written", "AAAAAA", mprotect_prev_written, mprotect_back, "0-6rw", "pp----", NULL },
        { "next written", "AAAAAA", mprotect_next_written, mprotect_back, "0-6rw", "----nn", NULL },
        { "middle written", "AAAAAA", mprotect_middle_written, mprotect_back, "0-6rw", "--mm--",
          NULL },
        { "half of a written middle", "AAAAAA", mprotect_middle_written, mprotect_lower_half,
          "0-3rw 3-4r- 4-6rw", "--mm--", NULL },
        /* a new mapping */
        { "a new one between halves", "AAAAAA", grow_steps, map_the_gap, "0-6rw", "AA--AA",
          "0-2rw 2-4rw 4-6rw" },
        { "a new one, next written", "AAAAAA", gap_before_written, map_the_gap, "0-6rw", "----AA",
          "0-4rw 4-6rw" },
};

/* ------------------------------------------------------------------ one run */

enum actor { ALONE, PARENT, CHILD };
enum order { AT_EXIT, FROM_BELOW, FROM_ABOVE };

struct variant {
        enum order order;
        bool fork_after, write_after, first_first;
};

/* Any two columns have every pair of values. */
static const struct variant variants[] = {
        { AT_EXIT, false, false, false },   { AT_EXIT, true, true, true },
        { FROM_BELOW, false, true, true },  { FROM_BELOW, true, false, false },
        { FROM_ABOVE, false, false, true }, { FROM_ABOVE, true, true, false },
};

/* The process that does it all. */
static struct mm *begin(const struct shape *s, enum actor actor, struct family *f)
{
        *f = family_of(strip(s->first));
        if (actor != ALONE)
                family_fork(f, 0);
        return f->mm[actor == CHILD];
}

static void unmap_all(struct family *f, struct mm *mm, enum order order)
{
        for (unsigned i = 0; order != AT_EXIT && i < 48; i++) {
                unsigned page = order == FROM_BELOW ? i : 47 - i;

                if (!vma_at(mm, at_page(page)))
                        continue;
                EXPECT_EQ(mm_munmap(mm, &root_caller, at_page(page), P), 0);
                family_check(f);
        }
}

static void write_all(struct mm *mm)
{
        for (unsigned i = 0; i < 48; i++) {
                struct vma *vma = vma_at(mm, at_page(i));

                if (vma && (vma->flags & VM_WRITE))
                        write_pages(mm, i, 1, 'w');
        }
}

static void run(const struct shape *s, enum actor actor, const struct variant *v)
{
        bool is_child = actor == CHILD && s->child_vmas;
        struct family f;
        struct mm *mm = begin(s, actor, &f);

        s->steps(mm);
        family_check(&f);
        EXPECT(s->call(mm) >= 0);
        EXPECT_VMAS(mm, is_child ? s->child_vmas : s->vmas);
        EXPECT_STRIP(mm, s->text);
        family_check(&f);
        if (v->fork_after)
                family_fork(&f, actor == CHILD);
        if (v->write_after)
                write_all(mm);
        family_check(&f);
        unmap_all(&f, mm, v->order);
        family_end(&f, v->first_first);
}

static void run_all(enum actor actor)
{
        for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++)
                for (unsigned j = 0; j < ARRAY_SIZE(variants); j++) {
                        unsigned before = test_failures();

                        run(&shapes[i], actor, &variants[j]);
                        if (test_failures() > before)
                                test_note("so it is with \"%s\", variant %u", shapes[i].name, j);
                }
}

TEST(shapes_alone)
{
        run_all(ALONE);
}

TEST(shapes_of_a_parent)
{
        run_all(PARENT);
}

TEST(shapes_of_a_fork_child)
{
        run_all(CHILD);
}

/* ------------------------------------------------------------------ without memory */

/* The n-th allocation of the call fails: true if there were that many. */
static bool run_without(const struct shape *s, enum actor actor, unsigned n)
{
        struct family f;
        struct mm *mm = begin(s, actor, &f);
        char *before, *after;
        s64 result;

        s->steps(mm);
        before = strip_snapshot(mm);
        fail_alloc_nth(n, false);
        result = s->call(mm);
        fail_alloc_nth(0, false);
        after = strip_snapshot(mm);
        if (result < 0) {
                EXPECT_EQ(result, -ENOMEM);
                /* Of several VMAs, those before the one that failed have moved. */
                if (s->call != two_back_to_2 && s->call != two_back_by_dontunmap)
                        EXPECT_STREQ(after, before);
        }
        family_check(&f);
        free(before);
        free(after);
        family_end(&f, n & 1);
        return result < 0;
}

TEST(shapes_at_every_failing_allocation)
{
        unsigned failures = 0;

        for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++)
                for (enum actor actor = ALONE; actor <= CHILD; actor++)
                        for (unsigned n = 1; run_without(&shapes[i], actor, n); n++)
                                failures++;
        EXPECT(failures > 200);
        test_note("%u failures", failures);
}

/* ------------------------------------------------------------------ deep chains */

/* Every call on memory that is ten generations old takes as many links: none may be missing. */
TEST(calls_on_a_long_chain_at_every_failing_allocation)
{
        for (unsigned n = 1, done = 0; done < 4; n++) {
                struct family f = family_of(strip("AAAAAA"));
                struct mm *mm;
                s64 result[4];

                for (unsigned i = 0; i < 7; i++)
                        ASSERT_EQ(family_fork(&f, i), (int)i + 1);
                mm = f.mm[7];
                EXPECT_EQ(chain_at(mm, 0), 8);
                fail_alloc_nth(n, false);
                result[0] = mm_mprotect(mm, &root_caller, at_page(1), P, PROT_READ);
                result[1] = mm_munmap(mm, &root_caller, at_page(3), P);
                result[2] = move_pages(mm, 4, 1, 40, 0);
                result[3] = mm_madvise(mm, &root_caller, at_page(5), P, DONTFORK);
                fail_alloc_nth(0, false);
                done = 0;
                for (unsigned i = 0; i < 4; i++)
                        done += result[i] >= 0;
                family_check(&f);
                family_end(&f, n & 1);
                ASSERT_TRUE(n < 500);
        }
}

TEST(forks_of_a_long_chain_at_every_failing_allocation)
{
        for (unsigned n = 1, done = 0; !done; n++) {
                struct family f = family_of(strip("AABB--"));

                for (unsigned i = 0; i < 5; i++)
                        ASSERT_EQ(family_fork(&f, i), (int)i + 1);
                family_exit(&f, 2);
                fail_alloc_nth(n, false);
                done = family_fork(&f, 5) >= 0;
                fail_alloc_nth(0, false);
                family_check(&f);
                write_all(f.mm[5]);
                family_end(&f, n & 1);
                ASSERT_TRUE(n < 500);
        }
}
