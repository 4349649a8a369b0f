/* SPDX-License-Identifier: MIT */
/*
 * Moving page tables, rule by rule: what moves as a whole and what does not, how often the TLB is
 * flushed, what arrives. The counts are those of /proc/PID/mmstat.
 */
#include "kernel/base/abi/madvise.h"
#include "mm/pgwalk.h"
#include "tests/unit/strip.h"

#define RW    (PROT_READ | PROT_WRITE)
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)
#define MIB2  (2UL << 20)
#define GIB   (1UL << 30)
#define A     0x100000000000UL
#define B     0x200000000000UL

static void map_at(struct mm *mm, u64 addr, u64 len)
{
        struct mmap_request req = {
                .addr = addr,
                .len = len,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
        };

        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)addr);
}

/* A read, or a write of the page's number, to each `step` bytes. */
static void touch_range(struct mm *mm, u64 addr, u64 len, u64 step, bool write)
{
        for (u64 at = 0; at < len; at += step) {
                u64 value = at;

                ASSERT_EQ((write ? host_store(mm, &root_caller, addr + at, &value, 8)
                                 : host_load(mm, &root_caller, addr + at, &value, 8))
                                  .signo,
                          0);
        }
}

static void expect_range(struct mm *mm, u64 addr, u64 len, u64 step)
{
        for (u64 at = 0; at < len; at += step) {
                u64 value = ~0UL;

                ASSERT_EQ(host_load(mm, &root_caller, addr + at, &value, 8).signo, 0);
                ASSERT_EQ(value, at);
        }
}

/* What a move did. */
struct work {
        u64 pte, pmd, pud, flushes, allocated, freed;
};

static struct work work_now(const struct mm *mm)
{
        return (struct work){
                .pte = mmstat_get(mm, MMSTAT_MOVED_PTE),
                .pmd = mmstat_get(mm, MMSTAT_MOVED_PMD),
                .pud = mmstat_get(mm, MMSTAT_MOVED_PUD),
                .flushes = mmstat_get(mm, MMSTAT_TLB_FLUSHES),
                .allocated = mmstat_get(mm, MMSTAT_TABLES_ALLOCATED),
                .freed = mmstat_get(mm, MMSTAT_TABLES_FREED),
        };
}

static struct work move_with(struct mm *mm, u64 from, u64 len, u64 to, u64 flags)
{
        struct work before = work_now(mm), w;

        ASSERT_EQ(mm_mremap(mm, &root_caller, from, len, len, flags, to), (s64)to);
        w = work_now(mm);
        w.pte -= before.pte;
        w.pmd -= before.pmd;
        w.pud -= before.pud;
        w.flushes -= before.flushes;
        w.allocated -= before.allocated;
        w.freed -= before.freed;
        return w;
}

static struct work move(struct mm *mm, u64 from, u64 len, u64 to)
{
        return move_with(mm, from, len, to, FIXED);
}

/* ------------------------------------------------------------------ a GiB */

static void expect_gib_moves(bool write, unsigned level)
{
        struct mm *mm = strip_empty();
        struct work w;

        mm_sysctl.move_level = level;
        map_at(mm, A, GIB);
        /* All of it, read; written memory is as much as the machine has: a page in every table. */
        if (!write)
                ASSERT_EQ(mm_madvise(mm, &root_caller, A, GIB, MADV_POPULATE_READ), 0);
        touch_range(mm, A, GIB, MIB2, write);
        w = move(mm, A, GIB, B);
        EXPECT_EQ(w.pud, level == PT_PUD ? 1 : 0);
        EXPECT_EQ(w.pmd, level == PT_PMD ? 512 : 0);
        EXPECT_EQ(w.pte, 0);
        EXPECT_LE(w.flushes, 2); /* the range's; the tables' that served the source alone */
        if (write)
                expect_range(mm, B, GIB, MIB2);
        strip_done(mm);
        mm_sysctl.move_level = PT_PUD;
}

TEST(a_gib_that_was_read_moves_by_one_entry)
{
        expect_gib_moves(false, PT_PUD);
}

TEST(a_gib_that_was_read_moves_by_512_pmd_entries)
{
        expect_gib_moves(false, PT_PMD);
}

TEST(a_gib_that_was_written_moves_by_one_entry_or_512)
{
        expect_gib_moves(true, PT_PUD);
        expect_gib_moves(true, PT_PMD);
}

/* ------------------------------------------------------------------ flushes */

TEST(ptes_are_flushed_by_the_thousand)
{
        struct mm *mm = strip_empty();
        struct work w;

        map_at(mm, A, 16 * MIB2);
        touch_range(mm, A, 16 * MIB2, PAGE_SIZE, false);
        w = move(mm, A, 16 * MIB2, B + PAGE_SIZE);
        EXPECT_EQ(w.pte, 16 * 512);
        EXPECT_LE(w.flushes, 3 + 1);
        strip_done(mm);
}

TEST(a_move_of_nothing_flushes_nothing)
{
        struct mm *mm = strip_empty();
        struct work w;

        map_at(mm, A, 8 * MIB2);
        w = move(mm, A, 8 * MIB2, B + PAGE_SIZE);
        EXPECT_EQ(w.flushes, 0);
        EXPECT_EQ(w.allocated, 0);
        strip_done(mm);
}

TEST(munmap_of_private_memory_flushes_once)
{
        struct mm *mm = strip_empty();
        struct work before;

        map_at(mm, A, 8 * MIB2);
        touch_range(mm, A, 8 * MIB2, PAGE_SIZE, true);
        before = work_now(mm);
        EXPECT_EQ(mm_munmap(mm, &root_caller, A, 8 * MIB2), 0);
        EXPECT_LE(work_now(mm).flushes - before.flushes, 2); /* pages; tables */
        strip_done(mm);
}

TEST(munmap_of_pages_held_by_two_flushes_every_64)
{
        struct mm *mm = strip_empty(), *child;
        struct work before;
        int err;

        map_at(mm, A, 256 * PAGE_SIZE);
        touch_range(mm, A, 256 * PAGE_SIZE, PAGE_SIZE, true);
        child = mm_fork(mm, &root_caller, &err);
        ASSERT_TRUE(child);
        before = work_now(mm);
        EXPECT_EQ(mm_munmap(mm, &root_caller, A, 256 * PAGE_SIZE), 0);
        EXPECT_LE(work_now(mm).flushes - before.flushes, 256 / 64 + 1);
        expect_range(child, A, 256 * PAGE_SIZE, PAGE_SIZE);
        mm_put(mm);
        strip_done(child);
}

/* ------------------------------------------------------------------ aligning down */

#define HEAD (16 * PAGE_SIZE)

/* How many PMD entries move of a mapping of HEAD and 2 MiB, whose head ends a table. */
static u64 pmds_of_head_and_table(struct mm *mm, u64 from, u64 to)
{
        touch_range(mm, from, HEAD + MIB2, PAGE_SIZE, true);
        return move(mm, from, HEAD + MIB2, to).pmd;
}

TEST(aligned_down_a_head_moves_with_its_table)
{
        struct mm *mm = strip_empty();

        map_at(mm, A + MIB2 - HEAD, HEAD + MIB2);
        EXPECT_EQ(pmds_of_head_and_table(mm, A + MIB2 - HEAD, B + MIB2 - HEAD), 2);
        expect_range(mm, B + MIB2 - HEAD, HEAD + MIB2, PAGE_SIZE);
        strip_done(mm);
}

TEST(not_aligned_down_inside_a_mapping)
{
        struct mm *mm = strip_empty();

        map_at(mm, A + MIB2 - HEAD - PAGE_SIZE, PAGE_SIZE + HEAD + MIB2);
        EXPECT_EQ(pmds_of_head_and_table(mm, A + MIB2 - HEAD, B + MIB2 - HEAD), 1);
        strip_done(mm);
}

TEST(not_aligned_down_where_the_copy_joins_another)
{
        struct mm *mm = strip_empty();

        map_at(mm, A + MIB2 - HEAD, HEAD + MIB2);
        map_at(mm, B + MIB2 - HEAD - PAGE_SIZE, PAGE_SIZE);
        EXPECT_EQ(pmds_of_head_and_table(mm, A + MIB2 - HEAD, B + MIB2 - HEAD), 1);
        strip_done(mm);
}

TEST(not_aligned_down_short_of_the_next_table)
{
        struct mm *mm = strip_empty();
        struct work w;

        map_at(mm, A + MIB2 - HEAD, HEAD);
        touch_range(mm, A + MIB2 - HEAD, HEAD, PAGE_SIZE, true);
        w = move(mm, A + MIB2 - HEAD, HEAD - PAGE_SIZE, B + MIB2 - HEAD);
        EXPECT_EQ(w.pmd, 0);
        EXPECT_EQ(w.pte, 15);
        strip_done(mm);
}

TEST(aligned_down_with_exactly_the_rest_of_the_table)
{
        struct mm *mm = strip_empty();
        struct work w;

        map_at(mm, A + MIB2 - HEAD, HEAD);
        touch_range(mm, A + MIB2 - HEAD, HEAD, PAGE_SIZE, true);
        w = move(mm, A + MIB2 - HEAD, HEAD, B + MIB2 - HEAD);
        EXPECT_EQ(w.pmd, 1);
        EXPECT_EQ(w.pte, 0);
        strip_done(mm);
}

TEST(not_aligned_down_with_other_offsets)
{
        struct mm *mm = strip_empty();

        map_at(mm, A + MIB2 - HEAD, HEAD + MIB2);
        EXPECT_EQ(pmds_of_head_and_table(mm, A + MIB2 - HEAD, B + MIB2 - HEAD - PAGE_SIZE), 0);
        strip_done(mm);
}

TEST(a_tail_moves_page_by_page)
{
        struct mm *mm = strip_empty();
        struct work w;

        map_at(mm, A, MIB2 + HEAD);
        touch_range(mm, A, MIB2 + HEAD, PAGE_SIZE, true);
        w = move(mm, A, MIB2 + HEAD, B);
        EXPECT_EQ(w.pmd, 1);
        EXPECT_EQ(w.pte, 16);
        strip_done(mm);
}

/* ------------------------------------------------------------------ what arrives */

TEST(pages_that_are_not_there_are_not_moved)
{
        struct mm *mm = strip_empty();
        struct work w;

        map_at(mm, A, 6 * MIB2);
        touch_range(mm, A, 6 * MIB2, 3 * MIB2 + 7 * PAGE_SIZE, true); /* two pages of 3072 */
        w = move(mm, A, 6 * MIB2, B + PAGE_SIZE);
        EXPECT_EQ(w.pte, 2);
        EXPECT_EQ(mm->rss[RSS_ANON], 2);
        for (u64 at = 0; at < 6 * MIB2; at += PAGE_SIZE) {
                pte_t *pte = pgwalk_find(mm, B + PAGE_SIZE + at, PT_PTE);
                bool there = at == 0 || at == 3 * MIB2 + 7 * PAGE_SIZE;

                ASSERT_EQ(pte && !pte_is_none(pte_read(pte)), there);
        }
        strip_done(mm);
}

TEST(markers_move_as_they_are)
{
        static const u64 targets[] = { B, B + PAGE_SIZE };

        for (unsigned i = 0; i < ARRAY_SIZE(targets); i++) {
                struct mm *mm = strip_empty();
                struct mm_fault fault;
                struct work w;

                map_at(mm, A, MIB2);
                touch_range(mm, A, MIB2, PAGE_SIZE, true);
                ASSERT_EQ(mm_madvise(mm, &root_caller, A + 5 * PAGE_SIZE, 3 * PAGE_SIZE,
                                     MADV_GUARD_INSTALL),
                          0);
                w = move(mm, A, MIB2, targets[i]);
                EXPECT_EQ(w.pmd, i == 0);
                EXPECT_EQ(w.pte, i == 0 ? 0 : 512);
                for (u64 page = 0; page < 512; page++) {
                        fault = touch(mm, targets[i] + page * PAGE_SIZE, false);
                        ASSERT_EQ(fault.signo != 0, page >= 5 && page < 8);
                }
                strip_done(mm);
        }
}

/* Written and read-only entries side by side, as a fork and a few writes leave them. */
TEST(write_protection_of_shared_pages_moves_along)
{
        struct mm *mm = strip_empty(), *child;
        u8 own = 'X', seen;
        int err;

        map_at(mm, A, 2 * MIB2);
        for (u64 at = 0; at < 2 * MIB2; at += PAGE_SIZE)
                ASSERT_EQ(host_store(mm, &root_caller, A + at, "A", 1).signo, 0);
        child = mm_fork(mm, &root_caller, &err);
        ASSERT_TRUE(child);
        for (u64 at = 0; at < 2 * MIB2; at += 3 * PAGE_SIZE)
                ASSERT_EQ(host_store(mm, &root_caller, A + at, &own, 1).signo, 0);
        EXPECT_EQ(move(mm, A, 2 * MIB2, B + PAGE_SIZE).pte, 1024);
        EXPECT_EQ(move(mm, B + PAGE_SIZE, 2 * MIB2, B + 8 * MIB2 + PAGE_SIZE).pmd, 2);
        for (u64 at = 0; at < 2 * MIB2; at += PAGE_SIZE)
                ASSERT_EQ(
                        host_store(mm, &root_caller, B + 8 * MIB2 + PAGE_SIZE + at, &own, 1).signo,
                        0);
        for (u64 at = 0; at < 2 * MIB2; at += PAGE_SIZE) {
                ASSERT_EQ(host_load(child, &root_caller, A + at, &seen, 1).signo, 0);
                ASSERT_EQ(seen, 'A');
        }
        mm_put(child);
        strip_done(mm);
}

TEST(ranges_at_the_very_end_move)
{
        struct mm *mm = strip_empty();
        u64 last = TASK_SIZE - 3 * PAGE_SIZE;

        map_at(mm, A, 3 * PAGE_SIZE);
        touch_range(mm, A, 3 * PAGE_SIZE, PAGE_SIZE, true);
        move(mm, A, 3 * PAGE_SIZE, last);
        expect_range(mm, last, 3 * PAGE_SIZE, PAGE_SIZE);
        move(mm, last, 3 * PAGE_SIZE, A + 7 * PAGE_SIZE);
        expect_range(mm, A + 7 * PAGE_SIZE, 3 * PAGE_SIZE, PAGE_SIZE);
        strip_done(mm);
}

TEST(half_of_user_space_moves)
{
        struct mm *mm = strip_empty();
        u64 len = 1UL << 45, from = 1UL << 40, to = from + len;

        map_at(mm, from, len);
        touch_range(mm, from, len, len / 7 / PAGE_SIZE * PAGE_SIZE, true);
        move(mm, from, len, to);
        expect_range(mm, to, len, len / 7 / PAGE_SIZE * PAGE_SIZE);
        move(mm, to, len, from);
        expect_range(mm, from, len, len / 7 / PAGE_SIZE * PAGE_SIZE);
        strip_done(mm);
}

/* ------------------------------------------------------------------ tables */

TEST(no_table_is_left_over)
{
        static const u64 offsets[] = { 0, PAGE_SIZE, 100 * PAGE_SIZE, MIB2 - PAGE_SIZE };
        struct mm *mm = strip_empty();
        u64 at = A;

        map_at(mm, at, 5 * MIB2);
        touch_range(mm, at, 5 * MIB2, PAGE_SIZE, true);
        for (unsigned i = 0; i < 8; i++) {
                u64 to = (i % 2 ? A : B) + i * GIB + offsets[i % 4];

                move(mm, at, 5 * MIB2, to);
                at = to;
        }
        expect_range(mm, at, 5 * MIB2, PAGE_SIZE);
        EXPECT_EQ(mm_munmap(mm, &root_caller, at, 5 * MIB2), 0);
        EXPECT_EQ(mm->pgtable_bytes, 0);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_TABLES_ALLOCATED), mmstat_get(mm, MMSTAT_TABLES_FREED));
        strip_done(mm);
}

TEST(a_move_by_table_needs_no_table_but_those_above)
{
        struct mm *mm = strip_empty();
        struct work w;

        map_at(mm, A, 8 * MIB2);
        touch_range(mm, A, 8 * MIB2, PAGE_SIZE, true);
        w = move(mm, A, 8 * MIB2, B);
        EXPECT_EQ(w.pmd, 8);
        EXPECT_EQ(w.allocated, 2); /* for the PUD and the PMD entries */
        EXPECT_EQ(w.freed, 2);
        strip_done(mm);
}

TEST(what_stays_behind_keeps_its_tables_only_if_moved_page_by_page)
{
        struct mm *mm = strip_empty();
        struct work w;

        map_at(mm, A, 4 * MIB2);
        touch_range(mm, A, 4 * MIB2, PAGE_SIZE, true);
        w = move_with(mm, A, 4 * MIB2, B, FIXED | MREMAP_DONTUNMAP);
        EXPECT_EQ(w.pmd, 4);
        EXPECT_TRUE(!pgwalk_find(mm, A, PT_PTE));
        w = move_with(mm, B, 4 * MIB2, B + GIB + PAGE_SIZE, FIXED | MREMAP_DONTUNMAP);
        EXPECT_EQ(w.pte, 4 * 512);
        EXPECT_TRUE(pgwalk_find(mm, B, PT_PTE)); /* empty, for what will be touched there */
        strip_done(mm);
}
