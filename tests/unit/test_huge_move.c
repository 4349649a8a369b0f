/* SPDX-License-Identifier: MIT */
/* Huge pages: what moves them whole and what splits them on the way, MADV_COLLAPSE, the TLB. */
#include "mm/fail_alloc.h"
#include "tests/unit/huge_fixture.h"

/* ------------------------------------------------------------------ moving */

static s64 move(struct mm *mm, u64 from, u64 len, u64 to, u64 flags)
{
        return mm_mremap(mm, &root_caller, from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED | flags,
                         to);
}

TEST(aligned_alike_moves_huge_entries)
{
        u64 from = BASE, to = BASE + 3 * GIB + 6 * HUGE_SIZE;
        struct mm *mm = huge_mm(4);
        u64 tables;

        write_letters(mm, from, 4 * HUGE_SIZE, 'a');
        tables = stats_of(mm).pgtable_bytes;
        EXPECT_EQ(move(mm, from, 4 * HUGE_SIZE, to, 0), (s64)to);
        EXPECT_LOOK(mm, to, "HHHH");
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), 4);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_PTE) + stat(mm, MMSTAT_MOVED_PMD), 0);
        EXPECT_EQ(stat(mm, MMSTAT_HUGE_SPLIT), 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, tables);
        check_letters(mm, to, 4 * HUGE_SIZE, 'a');
        EXPECT_EQ(touch(mm, from, false).signo, SIGSEGV);
        strip_done(mm);
}

/* 1 GiB of huge pages: 512 entries, or one of the level above. Some are pages, most are zeroes. */
TEST(a_gib_moves_by_512_entries_or_by_one)
{
        for (unsigned aligned = 0; aligned < 2; aligned++) {
                u64 to = BASE + 4 * GIB + (aligned ? 0 : HUGE_SIZE);
                struct mm *mm;

                mm_sysctl.overcommit_memory = 1;
                mm = huge_mm(512);
                for (u64 at = 0; at < GIB; at += HUGE_SIZE)
                        ASSERT_EQ(touch(mm, BASE + at, at % (64 * HUGE_SIZE) == 0).signo, 0);
                EXPECT_EQ(mm->nr_huge, 512);
                EXPECT_EQ(move(mm, BASE, GIB, to, 0), (s64)to);
                EXPECT_EQ(mm->nr_huge, 512);
                EXPECT_EQ(stat(mm, MMSTAT_MOVED_PUD), aligned);
                EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), aligned ? 0 : 512);
                EXPECT_EQ(stat(mm, MMSTAT_MOVED_PTE) + stat(mm, MMSTAT_MOVED_PMD), 0);
                EXPECT_EQ(stat(mm, MMSTAT_HUGE_SPLIT), 0);
                strip_done(mm);
        }
}

TEST(misaligned_moves_split)
{
        u64 to = BASE + GIB + PAGE_SIZE;
        struct mm *mm = huge_mm(3);

        write_letters(mm, BASE, 3 * HUGE_SIZE, 'a');
        EXPECT_EQ(move(mm, BASE, 3 * HUGE_SIZE, to, 0), (s64)to);
        EXPECT_EQ(stat(mm, MMSTAT_HUGE_SPLIT), 3);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_PTE), 3 * HUGE_PAGES);
        EXPECT_EQ(mm->nr_huge, 0);
        check_letters(mm, to, 3 * HUGE_SIZE, 'a');
        strip_done(mm);
}

/* From the middle of a huge page to the middle of another: the edges split, what lies between does
 * not. */
TEST(edges_split_and_no_more)
{
        u64 from = BASE + PAGE_SIZE, to = BASE + GIB + PAGE_SIZE, len = 3 * HUGE_SIZE;
        struct mm *mm = huge_mm(4);

        write_letters(mm, BASE, 4 * HUGE_SIZE, 'a');
        EXPECT_EQ(move(mm, from, len, to, 0), (s64)to);
        EXPECT_EQ(stat(mm, MMSTAT_HUGE_SPLIT), 2);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), 2);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_PTE), HUGE_PAGES);
        EXPECT_LOOK(mm, BASE + GIB, "sHHs");
        check_rest(mm, to, len, 'a', PAGE_SIZE);
        strip_done(mm);
}

/* Tables between huge pages, and an entry that is none: all of one upper table, in one move. */
TEST(tables_move_among_huge_pages)
{
        u64 to = BASE + GIB;
        struct mm *mm = huge_mm(5);

        write_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
        write_letters(mm, BASE + 3 * HUGE_SIZE, 2 * HUGE_SIZE, 'd');
        for (unsigned i = 0; i < 4; i += 3) /* each is split by what it loses */
                ASSERT_EQ(mm_madvise(mm, &root_caller, BASE + i * HUGE_SIZE, PAGE_SIZE,
                                     MADV_DONTNEED),
                          0);
        EXPECT_LOOK(mm, BASE, "sH.sH");
        EXPECT_EQ(move(mm, BASE, 5 * HUGE_SIZE, to, 0), (s64)to);
        EXPECT_LOOK(mm, to, "sH.sH");
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_PMD), 2);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), 2);
        EXPECT_EQ(stat(mm, MMSTAT_MOVED_PTE), 0);
        check_rest(mm, to + HUGE_SIZE, HUGE_SIZE, 'a', HUGE_SIZE);
        strip_done(mm);
}

TEST(dontunmap_leaves_room_for_new_huge_pages)
{
        u64 to = BASE + GIB;
        struct mm *mm = huge_mm(2);

        write_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
        EXPECT_EQ(move(mm, BASE, 2 * HUGE_SIZE, to, MREMAP_DONTUNMAP), (s64)to);
        EXPECT_LOOK(mm, BASE, "..");
        EXPECT_LOOK(mm, to, "HH");
        EXPECT_EQ(touch(mm, BASE, true).signo, 0);
        EXPECT_EQ(touch(mm, BASE + HUGE_SIZE, false).signo, 0);
        EXPECT_LOOK(mm, BASE, "H0");
        check_letters(mm, to, 2 * HUGE_SIZE, 'a');
        strip_done(mm);
}

/* What lies at the target is huge, too: unmapped in part, or whole. */
TEST(onto_huge_pages)
{
        struct mm *mm = huge_mm(4);
        u64 to = BASE + HUGE_SIZE + PAGE_SIZE, from = BASE + 16 * HUGE_SIZE;

        write_letters(mm, BASE, 4 * HUGE_SIZE, 'a');
        map_at(mm, from, HUGE_SIZE);
        write_letters(mm, from, HUGE_SIZE, 'A');
        EXPECT_EQ(move(mm, from, HUGE_SIZE, to, 0), (s64)to);
        EXPECT_LOOK(mm, BASE, "HssH");
        check_letters(mm, to, HUGE_SIZE, 'A');
        check_letters(mm, BASE, HUGE_SIZE + PAGE_SIZE, 'a');
        map_at(mm, from, HUGE_SIZE);
        write_letters(mm, from, HUGE_SIZE, 'B');
        EXPECT_EQ(move(mm, from, HUGE_SIZE, BASE, 0), (s64)BASE);
        EXPECT_LOOK(mm, BASE, "HssH");
        check_letters(mm, BASE, HUGE_SIZE, 'B');
        strip_done(mm);
}

/* A huge entry moves by a store whatever the limit on tables, and without memory nothing moves. */
TEST(moves_at_every_level_and_failure)
{
        for (enum pt_level level = PT_PTE; level <= PT_PUD; level++) {
                for (u64 n = 1;; n++) {
                        u64 to = BASE + GIB;
                        struct mm *mm = huge_mm(3);
                        s64 result;

                        mm_sysctl.move_level = level;
                        write_letters(mm, BASE, 3 * HUGE_SIZE, 'a');
                        fail_alloc_nth(n, false);
                        result = move(mm, BASE, 3 * HUGE_SIZE, to, 0);
                        fail_alloc_nth(0, false);
                        if (result == -ENOMEM) {
                                EXPECT_LOOK(mm, BASE, "HHH");
                                strip_done(mm);
                                continue;
                        }
                        EXPECT_EQ(result, (s64)to);
                        EXPECT_LOOK(mm, to, "HHH");
                        EXPECT_EQ(stat(mm, MMSTAT_MOVED_HUGE), 3);
                        strip_done(mm);
                        break;
                }
        }
}

/* ------------------------------------------------------------------ collapse */

static int collapse(struct mm *mm, u64 addr, u64 len)
{
        return mm_madvise(mm, &root_caller, addr, len, MADV_COLLAPSE);
}

TEST(collapse_makes_small_pages_huge)
{
        struct mm *mm = huge_mm(2);
        u64 tables;

        write_letters(mm, BASE, HUGE_SIZE, 'a');
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE, HUGE_SIZE, RW), 0);
        EXPECT_LOOK(mm, BASE, "s.");
        tables = stats_of(mm).pgtable_bytes;
        EXPECT_EQ(collapse(mm, BASE, 2 * HUGE_SIZE), -EINVAL); /* the second has nothing in it */
        EXPECT_LOOK(mm, BASE, "H.");
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, tables);
        EXPECT_EQ(stat(mm, MMSTAT_HUGE_COLLAPSE), 1);
        check_letters(mm, BASE, HUGE_SIZE, 'a');
        EXPECT_EQ(touch(mm, BASE, true).signo, 0);
        EXPECT_EQ(anon_pages_of(mm), HUGE_PAGES);
        strip_done(mm);
}

TEST(collapse_of_what_is_shared_or_sparse)
{
        struct mm *mm = strip_empty(), *child;

        mm_sysctl.thp_enabled = THP_NEVER;
        map_at(mm, BASE, HUGE_SIZE);
        EXPECT_EQ(touch(mm, BASE + 9 * PAGE_SIZE, true).signo, 0);
        EXPECT_EQ(touch(mm, BASE + 10 * PAGE_SIZE, false).signo, 0);
        child = fork_of(mm);
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), 0);
        EXPECT_LOOK(mm, BASE, "H");
        EXPECT_LOOK(child, BASE, "s");
        EXPECT_EQ(anon_pages_of(mm), HUGE_PAGES);
        EXPECT_EQ(anon_pages_of(child), 1);
        EXPECT(mm_validate_system());
        exit_mm(mm);
        strip_done(child);
}

TEST(collapse_of_nothing_but_zeroes)
{
        struct mm *mm = strip_empty();

        mm_sysctl.thp_enabled = THP_NEVER;
        map_at(mm, BASE, 3 * HUGE_SIZE);
        EXPECT_EQ(touch(mm, BASE, false).signo, 0);
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), -EINVAL); /* of a mapping never written to */
        EXPECT_EQ(touch(mm, BASE + HUGE_SIZE, true).signo, 0);
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), 0);
        EXPECT_LOOK(mm, BASE, "Hs.");
        EXPECT_EQ(collapse(mm, BASE + 2 * HUGE_SIZE, HUGE_SIZE), -EINVAL); /* no table */
        strip_done(mm);
}

TEST(collapse_refuses)
{
        struct mm *mm = strip_empty();
        struct page *held;

        map_at(mm, BASE, 4 * HUGE_SIZE);
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), -EINVAL); /* never written to */
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, 4 * HUGE_SIZE, MADV_NOHUGEPAGE), 0);
        EXPECT_EQ(touch(mm, BASE, true).signo, 0);
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, 4 * HUGE_SIZE, MADV_HUGEPAGE), 0);
        mm_set_thp_disable(mm, MM_THP_DISABLE);
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), -EINVAL);
        mm_set_thp_disable(mm, MM_THP_ADVISED);
        held = mm_access_page(mm, &root_caller, BASE, 0);
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), -EAGAIN);
        page_put(held);
        fail_alloc_nth(1, false);
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), -ENOMEM);
        fail_alloc_nth(0, false);
        EXPECT_EQ(collapse(mm, BASE, PAGE_SIZE), 0); /* no whole one in the range */
        EXPECT_LOOK(mm, BASE, "s");
        EXPECT_EQ(collapse(mm, BASE, HUGE_SIZE), 0);
        EXPECT_LOOK(mm, BASE, "H");
        strip_done(mm);
}

/* ------------------------------------------------------------------ the machine */

/* The TLB knows 2 MiB by one translation: who does not flush it is caught. */
static void split_unflushed(void *arg)
{
        struct mm *mm = arg;
        pte_t *pmd = huge_find(mm, BASE);

        pgtable_set(pmd, pte_mkold(pte_wrprotect(pte_read(pmd), PT_PMD), PT_PMD), PT_PMD);
        peek_byte(mm, BASE + HUGE_SIZE - 1);
}

static void freed_unflushed(void *arg)
{
        struct mm *mm = arg;
        pte_t *pmd = huge_find(mm, BASE);
        struct page *head = pfn_to_page(pte_pfn(pte_read(pmd), PT_PMD)), *table;

        huge_clear(mm, pmd, &table);
        huge_put(head); /* the last of its pages is the last to go */
}

TEST(missed_flushes_are_caught)
{
        struct mm *mm = huge_mm(1);

        EXPECT_EQ(touch(mm, BASE + 3 * PAGE_SIZE, true).signo, 0);
        EXPECT_PANIC(split_unflushed, mm, "stale TLB");
        EXPECT_PANIC(freed_unflushed, mm, "stale TLB");
        strip_done(mm);
}

/* ------------------------------------------------------------------ validators */

/* What debug builds look at after each call notices a state that cannot be. */
static void lost_deposit(void *arg)
{
        struct mm *mm = arg;

        pgtable_withdraw(huge_find(mm, BASE));
        strip_validate(mm);
}

static void one_entry_too_few(void *arg)
{
        struct mm *mm = arg;

        mm->nr_huge--;
        strip_validate(mm);
}

static void one_map_too_many(void *arg)
{
        struct mm *mm = arg;

        huge_get(pfn_to_page(pte_pfn(pte_read(huge_find(mm, BASE)), PT_PMD)));
        strip_validate(mm);
        CHECK(mm_validate_system());
}

static void border_within(void *arg)
{
        struct mm *mm = arg;
        u64 nr = mm->nr_huge;

        mm->nr_huge = 0; /* nobody splits then */
        mm_mprotect(mm, &root_caller, BASE + PAGE_SIZE, PAGE_SIZE, PROT_READ);
        mm->nr_huge = nr;
        strip_validate(mm);
}

static void page_of_another_place(void *arg)
{
        struct mm *mm = arg;

        pfn_to_page(pte_pfn(pte_read(huge_find(mm, BASE)), PT_PMD) + 77)->index++;
        strip_validate(mm);
}

TEST(validators_know_huge_pages)
{
        struct mm *mm = huge_mm(1);

        EXPECT_EQ(touch(mm, BASE, true).signo, 0);
        EXPECT_PANIC(lost_deposit, mm, "huge == 0");
        EXPECT_PANIC(one_entry_too_few, mm, "nr_huge");
        EXPECT_PANIC(one_map_too_many, mm, "huge_maps");
        EXPECT_PANIC(border_within, mm, "CHECK");
        EXPECT_PANIC(page_of_another_place, mm, "index");
        strip_done(mm);
}
