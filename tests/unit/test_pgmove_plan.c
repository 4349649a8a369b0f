/* SPDX-License-Identifier: MIT */
/*
 * The plan of a move of page tables: it reserves as many tables as the move will link, no fewer and
 * none in vain, it says where the move may begin earlier, and one turn flushes what it has moved.
 */
#include "kernel/base/abi/madvise.h"
#include "mm/pgmove.h"
#include "tests/unit/fixture.h"

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)
#define P     PAGE_SIZE
#define MIB2  (2UL << 20)
#define GIB   (1UL << 30)
#define A     0x100000000000UL
#define B     0x200000000000UL
#define HEAD  (16 * P)

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

/* Mapped, and its first page written. */
static void dwell(struct mm *mm, u64 addr, u64 len)
{
        map_at(mm, addr, len);
        ASSERT_EQ(touch(mm, addr, true).signo, 0);
}

/* Touch a page in every table of the range. */
static void touch_tables(struct mm *mm, u64 addr, u64 len)
{
        for (u64 at = 0; at < len; at += MIB2)
                ASSERT_EQ(touch(mm, addr + at, true).signo, 0);
}

static struct pgmove plan_of(struct mm *mm, u64 from, u64 len, u64 to)
{
        struct pgmove move = {
                .mm = mm, .from = from, .to = to, .len = len, .to_len = len, .tables = 77, .lead = P
        };

        pgmove_plan(&move);
        return move;
}

/* Plan what a call will move, let it, and compare. Returns how many tables it linked. */
static u64 linked_as_planned(struct mm *mm, u64 from, u64 old_len, u64 new_len, u64 to)
{
        u64 linked = mmstat_get(mm, MMSTAT_TABLES_ALLOCATED);
        struct pgmove move = {
                .mm = mm, .from = from, .to = to, .len = min_u64(old_len, new_len), .tables = 77
        };

        move.to_len = new_len;
        move.gone[0] = (struct address_range){ to, to + new_len };
        if (new_len < old_len)
                move.gone[1] = (struct address_range){ from + new_len, from + old_len };
        pgmove_plan(&move);
        ASSERT_EQ(mm_mremap(mm, &root_caller, from, old_len, new_len, FIXED, to), (s64)to);
        linked = mmstat_get(mm, MMSTAT_TABLES_ALLOCATED) - linked;
        EXPECT_EQ(move.tables, linked);
        return linked;
}

/* ------------------------------------------------------------------ tables that are missing */

TEST(an_empty_region_takes_a_table_of_each_level)
{
        struct mm *mm = strip_empty();

        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B), 3);
        strip_done(mm);
}

/* Table 1 of its kind from address 0 on: counted, though the numbers begin there. */
TEST(the_second_gib_takes_tables_as_any_other)
{
        struct mm *mm = strip_empty();

        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, GIB + MIB2), 3);
        strip_done(mm);
        mm = strip_empty();
        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, MIB2 + P), 3);
        strip_done(mm);
}

/* As on Linux: where the source has a table, entries or not, the destination gets one. */
TEST(only_tables_at_the_source_take_tables)
{
        struct mm *mm = strip_empty();

        map_at(mm, A, 4 * MIB2);
        EXPECT_EQ(linked_as_planned(mm, A, 4 * MIB2, 4 * MIB2, B + P), 0);
        map_at(mm, A, 4 * MIB2);
        touch_tables(mm, A, 4 * MIB2);
        ASSERT_EQ(mm_madvise(mm, &root_caller, A, 4 * MIB2, MADV_DONTNEED), 0);
        /* The lowest tables went with the pages, those above them stay: they take one. */
        EXPECT_EQ(linked_as_planned(mm, A, 4 * MIB2, 4 * MIB2, B + 8 * MIB2 + P), 1);
        strip_done(mm);
}

/* Pages that were moved one by one leave a table behind that holds nothing: it moves like others,
 * and what takes it must be there. */
TEST(empty_tables_move_like_full_ones)
{
        struct mm *mm = strip_empty();

        dwell(mm, A, MIB2);
        ASSERT_EQ(mm_mremap(mm, &root_caller, A, MIB2, MIB2, FIXED | MREMAP_DONTUNMAP, GIB + P),
                  (s64)(GIB + P));
        EXPECT_EQ(linked_as_planned(mm, A, MIB2, MIB2, B), 2);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 1);
        EXPECT_EQ(linked_as_planned(mm, B, MIB2, MIB2, A + P), 2 + 2); /* one by one: nothing */
        strip_done(mm);
}

TEST(each_table_of_a_range_is_counted_once)
{
        struct mm *mm = strip_empty();

        map_at(mm, A, 4 * MIB2);
        touch_tables(mm, A, 4 * MIB2);
        EXPECT_EQ(linked_as_planned(mm, A, 4 * MIB2, 4 * MIB2, B + P), 5 + 2);
        strip_done(mm);
        mm = strip_empty();
        map_at(mm, A, 4 * MIB2);
        touch_tables(mm, A, 4 * MIB2);
        EXPECT_EQ(linked_as_planned(mm, A, 4 * MIB2, 4 * MIB2, B + GIB - 2 * MIB2), 2 + 1);
        strip_done(mm);
}

TEST(the_last_page_of_a_table_takes_that_table)
{
        struct mm *mm = strip_empty();

        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B + MIB2 - P), 3);
        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B), 0);
        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B + MIB2 - 3 * P), 0);
        EXPECT_EQ(mm_munmap(mm, &root_caller, B + MIB2 - P, P), 0);
        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B + MIB2 - P), 0);
        strip_done(mm);
}

TEST(tables_of_the_source_that_are_missing_take_none)
{
        struct mm *mm = strip_empty();

        /* The last page of the first table is in the second one's place. */
        map_at(mm, A, 2 * MIB2);
        ASSERT_EQ(touch(mm, A + MIB2 - P, true).signo, 0);
        EXPECT_EQ(linked_as_planned(mm, A, 2 * MIB2, 2 * MIB2, B + P), 2 + 2);
        strip_done(mm);
}

/* Tables that another VMA needs are there already, wherever it lies in what they map. */
/* On either side of a border of the largest tables the destination gets one: the source has one. */
TEST(tables_above_what_is_missing_are_made_on_both_sides)
{
        struct mm *mm = strip_empty();

        dwell(mm, A + 32 * MIB2, P);
        map_at(mm, A, 16 * P);
        EXPECT_EQ(linked_as_planned(mm, A, 16 * P, 16 * P, B - 8 * P), 2);
        strip_done(mm);
}

TEST(tables_in_use_are_not_counted)
{
        static const struct {
                s64 beside; /* from the destination */
                u64 tables;
        } cases[] = {
                { -(s64)P, 0 },       { P, 0 },          { -(s64)(64 * P), 0 },
                { 64 * P, 0 },        { -(s64)MIB2, 1 }, { 2 * MIB2, 1 },
                { 100 * MIB2, 1 },    { -(s64)GIB, 2 },  { 3 * GIB, 2 },
                { -(s64)(B / 2), 3 },
        };

        for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
                struct mm *mm = strip_empty();
                u64 to = B + 3 * GIB + GIB / 2 + 256 * P;

                dwell(mm, to + (u64)cases[i].beside, P);
                dwell(mm, A, P);
                EXPECT_EQ(linked_as_planned(mm, A, P, P, to), cases[i].tables);
                strip_done(mm);
        }
}

TEST(a_neighbour_that_never_touched_its_memory_has_no_tables)
{
        struct mm *mm = strip_empty();

        map_at(mm, B + 2 * P, P);
        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B), 3);
        strip_done(mm);
}

/* ------------------------------------------------------------------ tables that both need */

/* A move of `len` bytes, from a mapping of which the pages in `touched` have been touched, a bit
 * for each: the first one, the last before the border, the first behind it, the last one. */
static u64 linked_across(u64 border, u64 from, u64 len, u64 to, unsigned touched)
{
        u64 places[] = { from, border - P, border, from + len - P }, linked;
        struct mm *mm = strip_empty();

        map_at(mm, from, len);
        for (unsigned i = 0; i < ARRAY_SIZE(places); i++)
                if (touched >> i & 1)
                        ASSERT_EQ(touch(mm, places[i], true).signo, 0);
        linked = linked_as_planned(mm, from, len, len, to);
        ASSERT_EQ(mm_munmap(mm, &root_caller, to, len), 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 0);
        strip_done(mm);
        return linked;
}

/* The destination begins in the table in which the source ends, and which has to be made. */
TEST(a_table_that_the_move_makes_is_the_source_s_too)
{
        static const struct {
                u64 before, behind, gap;
                u64 tables;
        } cases[] = {
                { 8 * P, P, MIB2 - 9 * P, 2 },        /* at equal offsets, into two tables */
                { 8 * P, 8 * P, 8 * P, 1 },           /* into one */
                { MIB2, P, P, 2 },                    /* into two, neither alike */
                { 2 * MIB2, 8 * P, MIB2 / 2, 3 },     /* the first of three */
                { 2 * MIB2, 8 * P, MIB2 - 8 * P, 0 }, /* it begins in the next one: none */
                { 8 * P, MIB2 - P, 0, 3 },            /* with the last page of that table */
        };

        for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
                u64 from = A - cases[i].before, len = cases[i].before + cases[i].behind;

                EXPECT_EQ(linked_across(A + MIB2, from + MIB2, len,
                                        from + MIB2 + len + cases[i].gap, 0x3),
                          cases[i].tables);
        }
}

/* The source has none there, and gets none, because the destination gets none either. */
TEST(a_table_that_nobody_makes_is_nobody_s)
{
        EXPECT_EQ(linked_across(A, A - 8 * P, 16 * P, A + 8 * P, 0), 0);
        EXPECT_EQ(linked_across(A, A - MIB2, 2 * MIB2, A + MIB2, 0), 0);
        /* The whole table in the middle moves, past the one in which the source ends. */
        EXPECT_EQ(
                linked_across(A + MIB2, A + MIB2 - 8 * P, MIB2 + 16 * P, A + 3 * MIB2 - 8 * P, 0x4),
                0);
}

/*
 * The same with a move that begins earlier, with the start of its first table: that is in the last
 * one below a border, and the end of the source finds a new table of the level above.
 */
TEST(a_table_made_for_the_lead_is_the_source_s_too)
{
        u64 lead = 3 * MIB2 / 4, border = A - GIB;

        EXPECT_EQ(linked_across(border, border - MIB2 + lead, 2 * MIB2, A - MIB2 + lead, 0x1), 2);
}

/* Source and destination side by side, either below the other, at a border of each kind. */
TEST(as_many_tables_as_planned_at_every_border)
{
        static const u64 spans[] = { MIB2, GIB, 512 * GIB };

        for (unsigned i = 0; i < ARRAY_SIZE(spans) * 3 * 4 * 4 * 16; i++) {
                u64 span = spans[i / (3 * 4 * 4 * 16)];
                u64 parts[] = { P, span / 2, span, 2 * span };
                u64 gaps[] = { 0, span / 2, span - P };
                u64 before = parts[i / 16 % 4], behind = parts[i / 64 % 4];
                u64 gap = gaps[i / 256 % 3], len = before + behind;

                linked_across(A, A - before, len, A + behind + gap, i % 16);
                linked_across(A, A - before, len, A - before - len - gap, i % 16);
        }
}

/* ------------------------------------------------------------------ tables that will be gone */

TEST(tables_go_with_the_only_mapping_that_the_target_replaces)
{
        struct mm *mm = strip_empty();

        dwell(mm, B, P);
        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B), 3);
        dwell(mm, A, 2 * P);
        EXPECT_EQ(linked_as_planned(mm, A, 2 * P, 2 * P, B), 3); /* it ends before the target */
        dwell(mm, B + MIB2 + 5 * P, P); /* inside its table, with nothing else */
        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B + MIB2 + 5 * P), 1);
        strip_done(mm);
}

/* Neighbours that end and begin just outside what the table maps do not keep it. */
TEST(tables_go_though_others_lie_beside_them)
{
        struct mm *mm = strip_empty();

        dwell(mm, B + MIB2 - P, P);
        dwell(mm, B + MIB2 + 5 * P, P);
        dwell(mm, B + 2 * MIB2, P);
        dwell(mm, A, P);
        EXPECT_EQ(linked_as_planned(mm, A, P, P, B + MIB2 + 5 * P), 1);
        strip_done(mm);
}

TEST(tables_stay_with_what_the_target_leaves)
{
        for (unsigned below = 0; below < 2; below++) {
                struct mm *mm = strip_empty();

                dwell(mm, below ? B - P : B, 2 * P);
                dwell(mm, A, P);
                EXPECT_EQ(linked_as_planned(mm, A, P, P, B + (below ? 0 : P)), below ? 3 : 0);
                strip_done(mm);
        }
}

/* The target begins in one mapping and ends in a part of another. */
TEST(tables_stay_with_one_of_two_mappings_under_the_target)
{
        struct mm *mm = strip_empty();

        dwell(mm, B, P);
        dwell(mm, B + 2 * P, 2 * P);
        dwell(mm, A, 3 * P);
        EXPECT_EQ(linked_as_planned(mm, A, 3 * P, 3 * P, B), 0);
        strip_done(mm);
}

TEST(tables_go_with_the_tail_that_shrinking_cuts_off)
{
        struct mm *mm = strip_empty();

        map_at(mm, A - HEAD, 2 * HEAD);
        ASSERT_EQ(touch(mm, A - HEAD, true).signo, 0);
        ASSERT_EQ(touch(mm, A, true).signo, 0);
        EXPECT_EQ(linked_as_planned(mm, A - HEAD, 2 * HEAD, HEAD, A + 100 * P), 3);
        strip_done(mm);
}

/* Of the mapping nothing is left in the upper table: the tail goes, and the target behind it. */
TEST(tables_go_with_tail_and_target_side_by_side)
{
        struct mm *mm = strip_empty();

        map_at(mm, A - HEAD, 4 * HEAD);
        ASSERT_EQ(touch(mm, A - HEAD, true).signo, 0);
        ASSERT_EQ(touch(mm, A, true).signo, 0);
        EXPECT_EQ(linked_as_planned(mm, A - HEAD, 3 * HEAD, HEAD, A + 2 * HEAD), 3);
        strip_done(mm);
}

/* As before, but that a page of it is left between the two, or behind them. */
TEST(tables_stay_with_a_page_that_tail_and_target_leave)
{
        for (unsigned behind = 0; behind < 2; behind++) {
                struct mm *mm = strip_empty();

                map_at(mm, A - HEAD, 4 * HEAD + P);
                ASSERT_EQ(touch(mm, A - HEAD, true).signo, 0);
                ASSERT_EQ(touch(mm, A, true).signo, 0);
                EXPECT_EQ(linked_as_planned(mm, A - HEAD, 3 * HEAD, HEAD,
                                            A + 2 * HEAD + (behind ? 0 : P)),
                          0);
                strip_done(mm);
        }
}

/* ------------------------------------------------------------------ beginning earlier */

TEST(a_move_begins_with_the_table_if_that_is_free)
{
        struct mm *mm = strip_empty();
        u64 from = A + MIB2 - HEAD, to = B + MIB2 - HEAD, lead = MIB2 - HEAD;

        map_at(mm, from, MIB2);
        EXPECT_EQ(plan_of(mm, from, MIB2, to).lead, lead);
        EXPECT_EQ(plan_of(mm, from, MIB2, to).top, PT_PUD);
        EXPECT_EQ(plan_of(mm, from, HEAD, to).lead, lead);
        EXPECT_EQ(plan_of(mm, from, HEAD - P, to).lead, 0); /* not to its end */
        EXPECT_EQ(plan_of(mm, from, MIB2, to - P).lead, 0); /* other offsets */
        EXPECT_EQ(plan_of(mm, from, MIB2, B).lead, 0);
        EXPECT_EQ(plan_of(mm, from + P, MIB2 - P, to + P).lead, 0); /* inside the mapping */
        EXPECT_EQ(plan_of(mm, from, 0, to).lead, 0);
        mm_sysctl.move_level = PT_PTE;
        EXPECT_EQ(plan_of(mm, from, MIB2, to).lead, 0); /* for nothing */
        EXPECT_EQ(plan_of(mm, from, MIB2, to).top, PT_PTE);
        mm_sysctl.move_level = PT_PUD;
        strip_done(mm);
}

TEST(neighbours_in_the_table_keep_it_and_those_before_it_do_not)
{
        u64 from = A + MIB2 - HEAD, to = B + MIB2 - HEAD, lead = MIB2 - HEAD;

        for (unsigned beside_target = 0; beside_target < 2; beside_target++) {
                struct mm *mm = strip_empty();
                u64 base = beside_target ? B : A;

                map_at(mm, from, MIB2);
                map_at(mm, base - P, P);
                EXPECT_EQ(plan_of(mm, from, MIB2, to).lead, lead);
                map_at(mm, base, P);
                EXPECT_EQ(plan_of(mm, from, MIB2, to).lead, 0);
                strip_done(mm);
        }
}

TEST(the_table_is_left_if_the_destination_reaches_into_it)
{
        struct mm *mm = strip_empty();
        u64 from = A + MIB2 - HEAD, lead = MIB2 - HEAD;
        struct pgmove move = { .mm = mm, .from = from, .len = HEAD };

        map_at(mm, from, MIB2);
        move.to = from - MIB2;
        move.to_len = HEAD; /* to the border of the table */
        pgmove_plan(&move);
        EXPECT_EQ(move.lead, lead);
        move.to_len = HEAD + P;
        pgmove_plan(&move);
        EXPECT_EQ(move.lead, 0);
        move.to = from + 2 * MIB2; /* above the source it cannot */
        pgmove_plan(&move);
        EXPECT_EQ(move.lead, lead);
        strip_done(mm);
}

/* The first entry goes to the last of one PMD table, the next to the first of another. */
TEST(the_lead_arrives_below_a_border_of_tables)
{
        struct mm *mm = strip_empty();
        u64 from = A + MIB2 - HEAD, to = B + GIB - HEAD;

        map_at(mm, from, HEAD);
        ASSERT_EQ(touch(mm, from, true).signo, 0);
        EXPECT_EQ(linked_as_planned(mm, from, HEAD, HEAD, to), 2);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 1);
        strip_done(mm);
}

TEST(the_lead_uses_the_tables_of_its_own_side_of_a_border)
{
        struct mm *mm = strip_empty();
        u64 from = A + MIB2 - HEAD, to = B + GIB - HEAD;

        dwell(mm, B, P);
        map_at(mm, from, HEAD);
        ASSERT_EQ(touch(mm, from, true).signo, 0);
        EXPECT_EQ(linked_as_planned(mm, from, HEAD, HEAD, to), 0);
        strip_done(mm);
}

/* What follows the first table is looked for where it is. */
TEST(a_lead_does_not_shift_what_follows_it)
{
        struct mm *mm = strip_empty();
        u64 from = A + MIB2 - HEAD, to = B + MIB2 - HEAD;

        map_at(mm, from, 2 * HEAD);
        ASSERT_EQ(touch(mm, from, true).signo, 0);
        ASSERT_EQ(touch(mm, from + HEAD, true).signo, 0);
        EXPECT_EQ(linked_as_planned(mm, from, 2 * HEAD, 2 * HEAD, to), 3);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 1);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PTE), 1);
        strip_done(mm);
}

/* Memory at the very bottom, below any lead, keeps its tables like other memory. */
TEST(the_lowest_memory_keeps_its_tables)
{
        struct mm *mm = strip_empty();
        u64 from = A + MIB2 - P;

        dwell(mm, 16 * P, P);
        dwell(mm, from, P);
        EXPECT_EQ(linked_as_planned(mm, from, P, P, 3 * MIB2 - P), 0);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 1);
        strip_done(mm);
}

/* ------------------------------------------------------------------ flushes */

static u64 flushes_of(struct mm *mm, u64 from, u64 len, u64 to, u64 *pages)
{
        u64 flushes = mmstat_get(mm, MMSTAT_TLB_FLUSHES);

        *pages = mmstat_get(mm, MMSTAT_TLB_PAGES);
        ASSERT_EQ(mm_mremap(mm, &root_caller, from, len, len, FIXED, to), (s64)to);
        *pages = mmstat_get(mm, MMSTAT_TLB_PAGES) - *pages;
        return mmstat_get(mm, MMSTAT_TLB_FLUSHES) - flushes;
}

/* From the first extent that had a page to the end of the last one; others are not flushed. */
TEST(a_turn_flushes_from_the_first_page_moved_to_the_last)
{
        struct mm *mm = strip_empty();
        u64 pages;

        map_at(mm, A, 4 * MIB2);
        touch_tables(mm, A, 4 * MIB2);
        for (unsigned i = 0; i < 4; i += 3)
                ASSERT_EQ(mm_mremap(mm, &root_caller, A + i * MIB2, MIB2, MIB2,
                                    FIXED | MREMAP_DONTUNMAP, GIB + 4 * i * MIB2 + P),
                          (s64)(GIB + 4 * i * MIB2 + P));
        flushes_of(mm, A, 4 * MIB2, B + P, &pages);
        EXPECT_EQ(pages, 512 + 511);
        strip_done(mm);
}

/* 4096 entries a turn: 17 tables are two turns and an eighth. */
TEST(a_turn_ends_with_4096_entries)
{
        struct mm *mm = strip_empty();
        u64 pages;

        map_at(mm, A, 17 * MIB2);
        ASSERT_EQ(mm_madvise(mm, &root_caller, A, 17 * MIB2, MADV_POPULATE_READ), 0);
        EXPECT_EQ(flushes_of(mm, A, 17 * MIB2, B + P, &pages), 3 + 1); /* and of the tables */
        EXPECT_EQ(pages, 17 * 512);
        strip_done(mm);
}

/* A table is one entry. */
TEST(a_turn_takes_3000_tables)
{
        struct mm *mm = strip_empty();
        u64 pages;

        mm_sysctl.move_level = PT_PMD;
        map_at(mm, A, 3000 * MIB2);
        for (u64 at = 0; at < 3000 * MIB2; at += MIB2)
                ASSERT_EQ(touch(mm, A + at, false).signo, 0);
        EXPECT_EQ(flushes_of(mm, A, 3000 * MIB2, B, &pages), 1 + 1);
        EXPECT_EQ(mmstat_get(mm, MMSTAT_MOVED_PMD), 3000);
        mm_sysctl.move_level = PT_PUD;
        strip_done(mm);
}
