/* SPDX-License-Identifier: MIT */
/* Huge pages: when faults map them, what splits them, what fork and writes make of them. */
#include "mm/fail_alloc.h"
#include "tests/unit/huge_fixture.h"

/* ------------------------------------------------------------------ faults */

TEST(write_fault_maps_a_huge_page)
{
        struct mm *mm = huge_mm(2);

        EXPECT_EQ(touch(mm, BASE + 5 * PAGE_SIZE, true).signo, 0);
        EXPECT_LOOK(mm, BASE, "H.");
        EXPECT_EQ(anon_pages_of(mm), HUGE_PAGES);
        EXPECT_EQ(huge_pages_mapped(), HUGE_PAGES);
        EXPECT_EQ(stat(mm, MMSTAT_FAULT_HUGE), 1);
        /* A PUD and a PMD table, and the deposit. */
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 3 * PAGE_SIZE);
        write_letters(mm, BASE, HUGE_SIZE, 'a');
        check_letters(mm, BASE, HUGE_SIZE, 'a');
        EXPECT_EQ(stat(mm, MMSTAT_FAULT_ANON), 0);
        strip_done(mm);
}

TEST(read_fault_maps_zeroes_and_a_write_replaces_them)
{
        struct mm *mm = huge_mm(2);

        EXPECT_EQ(peek_byte(mm, BASE + 7), 0);
        EXPECT_EQ(peek_byte(mm, BASE + HUGE_SIZE), 0);
        EXPECT_LOOK(mm, BASE, "00");
        EXPECT_EQ(anon_pages_of(mm), 0);
        EXPECT_EQ(huge_pages_mapped(), 0);
        strip_validate(mm);
        EXPECT_EQ(touch(mm, BASE + 7, true).signo, 0);
        EXPECT_LOOK(mm, BASE, "H0");
        EXPECT_EQ(peek_byte(mm, BASE + HUGE_SIZE - 1), 0);
        EXPECT_EQ(anon_pages_of(mm), HUGE_PAGES);
        EXPECT_TRUE(vma_at(mm, BASE)->anon); /* as on Linux, from the read on */
        strip_done(mm);
}

/* /proc/PID/mem and process_vm_readv(): the page they read outlives the mapping. */
TEST(zeroes_are_read_from_elsewhere)
{
        struct mm *mm = huge_mm(1);
        struct page *page;
        char c = 'x';

        EXPECT_EQ(touch(mm, BASE, false).signo, 0);
        EXPECT_LOOK(mm, BASE, "0");
        EXPECT_EQ(mm_access(mm, &root_caller, BASE, &c, 1, 0), 1);
        EXPECT_EQ(mm_access(mm, &root_caller, BASE + 5 * PAGE_SIZE, &c, 1, 0), 1);
        EXPECT_EQ(c, 0);
        page = mm_access_page(mm, &root_caller, BASE + 5 * PAGE_SIZE, 0);
        EXPECT(page != NULL);
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE, HUGE_SIZE), 0);
        EXPECT_EQ(*(u8 *)page_to_virt(page), 0);
        page_put(page);
        strip_done(mm);
}

TEST(no_zero_page_means_a_page_for_reads)
{
        struct mm *mm = huge_mm(1);

        mm_sysctl.thp_zero_page = 0;
        EXPECT_EQ(peek_byte(mm, BASE), 0);
        EXPECT_LOOK(mm, BASE, "H");
        strip_done(mm);
}

/* What decides: the mode, advice, prctl; what a small page or a border is in the way of. */
TEST(who_gets_huge_pages)
{
        static const struct {
                enum thp_mode mode;
                enum mm_thp_disable disable;
                int advice;
                bool huge;
        } rows[] = {
                { THP_MADVISE, MM_THP_ENABLE, 0, false },
                { THP_MADVISE, MM_THP_ENABLE, MADV_HUGEPAGE, true },
                { THP_MADVISE, MM_THP_ENABLE, MADV_NOHUGEPAGE, false },
                { THP_ALWAYS, MM_THP_ENABLE, 0, true },
                { THP_ALWAYS, MM_THP_ENABLE, MADV_NOHUGEPAGE, false },
                { THP_NEVER, MM_THP_ENABLE, MADV_HUGEPAGE, false },
                { THP_ALWAYS, MM_THP_DISABLE, MADV_HUGEPAGE, false },
                { THP_ALWAYS, MM_THP_ADVISED, 0, false },
                { THP_ALWAYS, MM_THP_ADVISED, MADV_HUGEPAGE, true },
                { THP_MADVISE, MM_THP_ADVISED, MADV_HUGEPAGE, true },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mm *mm = strip_empty();
                struct mmap_request req = {
                        .addr = BASE,
                        .len = HUGE_SIZE,
                        .prot = RW,
                        .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                };
                struct mm_region_stats stats;
                struct mm_region region;

                mm_sysctl.thp_enabled = rows[i].mode;
                mm_set_thp_disable(mm, rows[i].disable);
                ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)BASE);
                if (rows[i].advice)
                        ASSERT_EQ(mm_madvise(mm, &root_caller, BASE, HUGE_SIZE, rows[i].advice), 0);
                EXPECT_TRUE(mm_next_region_stats(mm, BASE, &region, &stats));
                EXPECT_EQ(stats.wants_huge, rows[i].huge);
                EXPECT_EQ(touch(mm, BASE, true).signo, 0);
                EXPECT_EQ(huge_find(mm, BASE) != NULL, rows[i].huge);
                strip_done(mm);
        }
}

TEST(a_huge_page_must_fit)
{
        struct mm *mm = strip_empty();

        map_at(mm, BASE + PAGE_SIZE, 2 * HUGE_SIZE);
        EXPECT_EQ(touch(mm, BASE + PAGE_SIZE, true).signo, 0);
        EXPECT_EQ(touch(mm, BASE + HUGE_SIZE, true).signo, 0);
        EXPECT_EQ(touch(mm, BASE + 2 * HUGE_SIZE, true).signo, 0);
        EXPECT_LOOK(mm, BASE, "sHs");
        EXPECT_EQ(anon_pages_of(mm), HUGE_PAGES + 2);
        strip_done(mm);
}

TEST(a_table_is_in_the_way)
{
        struct mm *mm = strip_empty();

        map_at(mm, BASE, HUGE_SIZE);
        mm_madvise(mm, &root_caller, BASE, HUGE_SIZE, MADV_NOHUGEPAGE);
        EXPECT_EQ(touch(mm, BASE, true).signo, 0);
        mm_madvise(mm, &root_caller, BASE, HUGE_SIZE, MADV_HUGEPAGE);
        EXPECT_EQ(touch(mm, BASE + PAGE_SIZE, true).signo, 0);
        EXPECT_LOOK(mm, BASE, "s");
        strip_done(mm);
}

/* Each allocation of the fault fails in turn: of the block, then small pages do; else no memory. */
TEST(without_a_block_small_pages_do)
{
        unsigned small = 0, oom = 0;

        for (u64 n = 0; n < 20; n++) { /* without a failure first: slabs come to be */
                struct mm *mm = huge_mm(1);
                struct mm_fault fault;

                fail_alloc_nth(n, false);
                fault = touch(mm, BASE, true);
                fail_alloc_nth(0, false);
                oom += fault.signo == MM_FAULT_OOM;
                small += !fault.signo && !huge_find(mm, BASE);
                strip_done(mm);
        }
        EXPECT_EQ(small, 1);
        EXPECT_LE(3, oom);
}

/* ------------------------------------------------------------------ splitting */

/* Whatever splits, the contents and the pages stay. */
static void expect_split(const char *after, int (*call)(struct mm *mm))
{
        struct mm *mm = huge_mm(3);
        u64 tables;

        write_letters(mm, BASE, 3 * HUGE_SIZE, 'a');
        EXPECT_LOOK(mm, BASE, "HHH");
        tables = stats_of(mm).pgtable_bytes;
        EXPECT_EQ(call(mm), 0);
        EXPECT_LOOK(mm, BASE, after);
        strip_validate(mm);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, tables);
        strip_done(mm);
}

#define PART  (BASE + HUGE_SIZE + 3 * PAGE_SIZE)
#define PARTS (4 * PAGE_SIZE)

static int unmap_part(struct mm *mm)
{
        int err = mm_munmap(mm, &root_caller, PART, PARTS);

        check_letters(mm, BASE, HUGE_SIZE + 3 * PAGE_SIZE, 'a');
        EXPECT_EQ(anon_pages_of(mm), 3 * HUGE_PAGES - 4);
        return err;
}

static int protect_part(struct mm *mm)
{
        int err = mm_mprotect(mm, &root_caller, PART, PARTS, PROT_READ);

        check_letters(mm, BASE, 3 * HUGE_SIZE, 'a');
        EXPECT_EQ(touch(mm, PART, true).signo, SIGSEGV);
        EXPECT_EQ(touch(mm, PART + PARTS, true).signo, 0);
        return err;
}

static int lock_part(struct mm *mm)
{
        int err = mm_mlock(mm, &root_caller, PART, PARTS, false);

        check_letters(mm, BASE, 3 * HUGE_SIZE, 'a');
        return err;
}

static int drop_part(struct mm *mm)
{
        int err = mm_madvise(mm, &root_caller, PART, PARTS, MADV_DONTNEED);

        EXPECT_EQ(anon_pages_of(mm), 3 * HUGE_PAGES - 4);
        EXPECT_EQ(peek_byte(mm, PART), 0);
        return err;
}

static int free_part(struct mm *mm)
{
        int err = mm_madvise(mm, &root_caller, PART, PARTS, MADV_FREE);

        check_letters(mm, BASE, 3 * HUGE_SIZE, 'a');
        return err;
}

static int guard_part(struct mm *mm)
{
        int err = mm_madvise(mm, &root_caller, PART, PARTS, MADV_GUARD_INSTALL);

        EXPECT_EQ(touch(mm, PART, false).signo, SIGSEGV);
        return err;
}

static int cold_part(struct mm *mm)
{
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, HUGE_SIZE, MADV_COLD), 0);
        return mm_madvise(mm, &root_caller, PART, PARTS, MADV_COLD);
}

static int page_out(struct mm *mm)
{
        return mm_madvise(mm, &root_caller, BASE + HUGE_SIZE, HUGE_SIZE, MADV_PAGEOUT);
}

static int advise_part(struct mm *mm)
{
        return mm_madvise(mm, &root_caller, PART, PARTS, MADV_NOHUGEPAGE);
}

/* One border alone, with nothing done to the entries after. */
static int advise_rest(struct mm *mm)
{
        return mm_madvise(mm, &root_caller, PART, BASE + 3 * HUGE_SIZE - PART, MADV_NOHUGEPAGE);
}

static int advise_border(struct mm *mm)
{
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, HUGE_SIZE, MADV_NOHUGEPAGE), 0);
        return mm_madvise(mm, &root_caller, BASE + HUGE_SIZE, PAGE_SIZE, MADV_NOHUGEPAGE);
}

static int shrink(struct mm *mm)
{
        s64 at = mm_mremap(mm, &root_caller, BASE, 3 * HUGE_SIZE, 3 * HUGE_SIZE - PAGE_SIZE, 0, 0);

        return at == (s64)BASE ? 0 : (int)at;
}

/* The border of two VMAs moves into a huge page: [0, 1) is read-only already, one page follows. */
static int move_border(struct mm *mm)
{
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE, HUGE_SIZE, PROT_READ), 0);
        return mm_mprotect(mm, &root_caller, BASE + HUGE_SIZE, PAGE_SIZE, PROT_READ);
}

TEST(part_of_a_huge_page_is_split)
{
        expect_split("HsH", unmap_part);
        expect_split("HsH", protect_part);
        expect_split("HsH", lock_part);
        expect_split("HsH", drop_part);
        expect_split("HsH", free_part);
        expect_split("HsH", guard_part);
        expect_split("HsH", advise_part);
        expect_split("HsH", advise_rest);
        expect_split("HsH", advise_border);
        expect_split("HsH", cold_part);
        expect_split("HsH", page_out);
        expect_split("HsH", move_border);
        expect_split("HHs", shrink);
}

static int protect_all(struct mm *mm)
{
        int err = mm_mprotect(mm, &root_caller, BASE, 2 * HUGE_SIZE, PROT_READ);

        EXPECT_EQ(touch(mm, BASE, true).signo, SIGSEGV);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE, 3 * HUGE_SIZE, PROT_NONE), 0);
        EXPECT_EQ(touch(mm, BASE, false).signo, SIGSEGV);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE, 3 * HUGE_SIZE, RW), 0);
        EXPECT_EQ(touch(mm, BASE, true).signo, 0);
        return err;
}

static int lock_all(struct mm *mm)
{
        struct memory_stats stats;
        int err = mm_mlock(mm, &root_caller, BASE + HUGE_SIZE, HUGE_SIZE, false);

        memory_stats(&stats);
        EXPECT_EQ(stats.locked, HUGE_PAGES);
        EXPECT_EQ(mm_munlock(mm, &root_caller, BASE, 3 * HUGE_SIZE), 0);
        memory_stats(&stats);
        EXPECT_EQ(stats.locked, 0);
        return err;
}

static int free_all(struct mm *mm)
{
        struct mm_region_stats s;
        int err = mm_madvise(mm, &root_caller, BASE, 2 * HUGE_SIZE, MADV_FREE);

        mm_region_stats(mm, BASE, BASE + 3 * HUGE_SIZE, &s);
        EXPECT_EQ(s.lazyfree, 2 * HUGE_SIZE);
        EXPECT_EQ(s.anon_huge, 3 * HUGE_SIZE);
        return err;
}

TEST(whole_huge_pages_stay)
{
        expect_split("HHH", protect_all);
        expect_split("HHH", lock_all);
        expect_split("HHH", free_all);
}

TEST(locked_pages_stay_counted_when_split)
{
        struct memory_stats stats;
        struct mm *mm = huge_mm(1);

        EXPECT_EQ(touch(mm, BASE, true).signo, 0);
        EXPECT_EQ(mm_mlock(mm, &root_caller, BASE, HUGE_SIZE, false), 0);
        EXPECT_EQ(mm_munlock(mm, &root_caller, PAGE_SIZE + BASE, PAGE_SIZE), 0);
        EXPECT_LOOK(mm, BASE, "s");
        memory_stats(&stats);
        EXPECT_EQ(stats.locked, HUGE_PAGES - 1);
        strip_done(mm);
}

TEST(zeroes_are_split_into_zeroes)
{
        struct mm *mm = huge_mm(2);

        EXPECT_EQ(touch(mm, BASE, false).signo, 0);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE, PAGE_SIZE, PROT_READ), 0);
        EXPECT_LOOK(mm, BASE, "s.");
        EXPECT_EQ(anon_pages_of(mm), 0);
        EXPECT_EQ(peek_byte(mm, BASE + PAGE_SIZE), 0);
        EXPECT_EQ(stat(mm, MMSTAT_FAULT_ZERO), 0);
        EXPECT_EQ(touch(mm, BASE + PAGE_SIZE, true).signo, 0);
        EXPECT_EQ(anon_pages_of(mm), 1);
        strip_done(mm);
}

TEST(unmapping_whole_pages_gives_back_their_tables)
{
        struct mm *mm = huge_mm(4);

        write_letters(mm, BASE, 4 * HUGE_SIZE, 'a');
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 6 * PAGE_SIZE);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, HUGE_SIZE, MADV_DONTNEED), 0);
        EXPECT_LOOK(mm, BASE, ".HHH");
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 5 * PAGE_SIZE);
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE, 2 * HUGE_SIZE), 0);
        EXPECT_EQ(stats_of(mm).pgtable_bytes, 4 * PAGE_SIZE);
        EXPECT_EQ(stat(mm, MMSTAT_HUGE_SPLIT), 0);
        check_rest(mm, BASE + 2 * HUGE_SIZE, 2 * HUGE_SIZE, 'a', 2 * HUGE_SIZE);
        strip_done(mm);
}

/* ------------------------------------------------------------------ fork and writes */

TEST(fork_shares_huge_pages)
{
        struct mm *mm = huge_mm(2), *child;
        struct mm_region_stats s;

        write_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
        child = fork_of(mm);
        EXPECT_LOOK(child, BASE, "HH");
        EXPECT_EQ(stats_of(child).pgtable_bytes, stats_of(mm).pgtable_bytes);
        EXPECT_EQ(huge_pages_mapped(), 2 * HUGE_PAGES);
        mm_region_stats(mm, BASE, BASE + 2 * HUGE_SIZE, &s);
        EXPECT_EQ(s.shared_dirty, 2 * HUGE_SIZE);
        EXPECT_EQ(s.pss, HUGE_SIZE);
        /* A write splits, and copies one page. The other side keeps its huge page. */
        EXPECT_EQ(touch(child, BASE + PAGE_SIZE, true).signo, 0);
        EXPECT_LOOK(child, BASE, "sH");
        EXPECT_LOOK(mm, BASE, "HH");
        EXPECT_EQ(stat(child, MMSTAT_FAULT_COPY), 1);
        EXPECT_EQ(peek_byte(mm, BASE + PAGE_SIZE), 'b');
        mm_region_stats(child, BASE, BASE + HUGE_SIZE, &s);
        EXPECT_EQ(s.private_dirty, PAGE_SIZE);
        EXPECT(mm_validate_system());
        strip_validate(mm);
        strip_validate(child);
        /* Whoever is left has it for himself. */
        exit_mm(child);
        EXPECT_EQ(touch(mm, BASE, true).signo, 0);
        EXPECT_LOOK(mm, BASE, "HH");
        EXPECT_EQ(stat(mm, MMSTAT_FAULT_REUSE), 1);
        EXPECT_EQ(stat(mm, MMSTAT_HUGE_SPLIT), 0);
        strip_done(mm);
}

TEST(the_parent_may_go_first)
{
        struct mm *mm = huge_mm(1), *child;

        write_letters(mm, BASE, HUGE_SIZE, 'a');
        child = fork_of(mm);
        EXPECT_EQ(mm_munmap(mm, &root_caller, BASE, 3 * PAGE_SIZE), 0);
        EXPECT_LOOK(mm, BASE, "s");
        EXPECT(mm_validate_system());
        exit_mm(mm);
        check_letters(child, BASE, HUGE_SIZE, 'a');
        EXPECT_EQ(touch(child, BASE, true).signo, 0);
        EXPECT_LOOK(child, BASE, "H");
        strip_done(child);
}

/* The last huge entry goes; pages that the other side maps by PTEs stay, the others are free. */
TEST(pages_outlive_their_block)
{
        struct mm *mm = huge_mm(1), *child;
        struct memory_stats stats;

        write_letters(mm, BASE, HUGE_SIZE, 'a');
        child = fork_of(mm);
        EXPECT_EQ(mm_munmap(child, &root_caller, BASE + PAGE_SIZE, HUGE_SIZE - PAGE_SIZE), 0);
        memory_stats(&stats);
        EXPECT_EQ(stats.anon, HUGE_PAGES);
        EXPECT_EQ(mm_madvise(mm, &root_caller, BASE, HUGE_SIZE, MADV_DONTNEED), 0);
        memory_stats(&stats);
        EXPECT_EQ(stats.anon, 1);
        EXPECT_EQ(huge_pages_mapped(), 0);
        EXPECT_EQ(peek_byte(child, BASE), 'a');
        EXPECT_EQ(touch(child, BASE, true).signo, 0);
        EXPECT_EQ(stat(child, MMSTAT_FAULT_REUSE), 1);
        exit_mm(mm);
        strip_done(child);
}

TEST(fork_without_memory_leaves_the_parent)
{
        for (u64 n = 1;; n++) {
                struct mm *mm = huge_mm(2), *child;
                int err = 0;

                write_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
                fail_alloc_nth(n, false);
                child = mm_fork(mm, &user_caller, &err);
                fail_alloc_nth(0, false);
                strip_validate(mm);
                check_letters(mm, BASE, 2 * HUGE_SIZE, 'a');
                EXPECT_EQ(touch(mm, BASE, true).signo, 0);
                if (child)
                        exit_mm(child);
                else
                        EXPECT_LOOK(mm, BASE, "HH");
                strip_done(mm);
                if (child)
                        break;
                EXPECT_EQ(err, -ENOMEM);
        }
}

/* A debugger reads and writes through huge pages, read-only ones too. */
TEST(access_from_outside)
{
        struct mm *mm = huge_mm(2), *child;
        char text[4] = "xyz";

        write_letters(mm, BASE, HUGE_SIZE, 'a');
        EXPECT_EQ(mm_access(mm, &root_caller, BASE + PAGE_SIZE, text, 1, 0), 1);
        EXPECT_EQ(text[0], 'b');
        EXPECT_EQ(mm_mprotect(mm, &root_caller, BASE, 2 * HUGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(mm_access(mm, &root_caller, BASE, "Q", 1, MM_ACCESS_WRITE), -EFAULT);
        EXPECT_EQ(mm_access(mm, &root_caller, BASE, "Q", 1, MM_ACCESS_WRITE | MM_ACCESS_FORCE), 1);
        EXPECT_LOOK(mm, BASE, "H.");
        EXPECT_EQ(peek_byte(mm, BASE), 'Q');
        child = fork_of(mm);
        EXPECT_EQ(mm_access(mm, &root_caller, BASE, "R", 1, MM_ACCESS_WRITE | MM_ACCESS_FORCE), 1);
        EXPECT_LOOK(mm, BASE, "s.");
        EXPECT_EQ(peek_byte(child, BASE), 'Q');
        EXPECT_EQ(peek_byte(mm, BASE), 'R');
        exit_mm(child);
        strip_done(mm);
}
