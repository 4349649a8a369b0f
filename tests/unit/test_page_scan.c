/* SPDX-License-Identifier: MIT */
/* Looking for pages by category, and forgetting which were used. */
#include "tests/unit/strip.h"

#include "kernel/base/abi/madvise.h"
#include "mm/page_scan.h"

#define ROOM 16

static struct page_region regions[ROOM];

/* What a scan of `pages` pages finds, as text: "0-2:a 4-5:2a stop 6". */
static const char *scan_text(struct mm *mm, struct page_scan scan, unsigned pages)
{
        static char text[512];
        int at = 0, err;

        scan.at = at_page(0);
        scan.end = at_page(pages);
        scan.regions = regions;
        scan.max_pages = scan.max_pages ? scan.max_pages : ~0ULL;
        err = mm_scan_pages(mm, &scan);
        text[0] = 0;
        for (unsigned i = 0; i < scan.nr; i++)
                at += snprintf(text + at, sizeof(text) - (size_t)at, "%u-%u:%x ",
                               (unsigned)((regions[i].start - ARENA) >> PAGE_SHIFT),
                               (unsigned)((regions[i].end - ARENA) >> PAGE_SHIFT),
                               (unsigned)regions[i].categories);
        if (err)
                snprintf(text + at, sizeof(text) - (size_t)at, "error %d", err);
        else
                snprintf(text + at, sizeof(text) - (size_t)at, "%s %u",
                         scan.stopped ? "stop" : "end",
                         (unsigned)((scan.at - ARENA) >> PAGE_SHIFT));
        return text;
}

/* Two written pages, one read, one guard, one untouched; a hole; one untouched; one written. */
static struct mm *pages_of_all_kinds(void)
{
        struct mm *mm = strip("AA---.-C");

        EXPECT_EQ(touch(mm, at_page(2), false).signo, 0);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(3), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        return mm;
}

TEST(scan_reports_what_pages_are)
{
        struct mm *mm = pages_of_all_kinds();
        struct page_scan all = { .shown = PM_SCAN_CATEGORIES, .nr_max = ROOM };
        struct page_scan scan = all;

        EXPECT_STREQ(scan_text(mm, scan, 8), "0-2:a 2-3:2a 3-4:112 4-5:2 6-7:2 7-8:a end 8");
        scan.shown = 0;
        EXPECT_STREQ(scan_text(mm, scan, 8), "0-5:0 6-8:0 end 8");
        scan = all;
        scan.all_of = PAGE_IS_PRESENT;
        EXPECT_STREQ(scan_text(mm, scan, 8), "0-2:a 2-3:2a 7-8:a end 8");
        scan.inverted = PAGE_IS_PRESENT;
        EXPECT_STREQ(scan_text(mm, scan, 8), "3-4:112 4-5:2 6-7:2 end 8");
        scan = all;
        scan.any_of = PAGE_IS_GUARD | PAGE_IS_PFNZERO;
        EXPECT_STREQ(scan_text(mm, scan, 8), "2-3:2a 3-4:112 end 8");
        scan = all;
        scan.flags = PM_SCAN_WP_MATCHING;
        EXPECT_STREQ(scan_text(mm, scan, 8), "end 8");
        scan.flags = PM_SCAN_CHECK_WPASYNC;
        EXPECT_STREQ(scan_text(mm, scan, 8), "error -1");
        scan = all;
        scan.all_of = PAGE_IS_WPALLOWED;
        EXPECT_STREQ(scan_text(mm, scan, 8), "end 8");
        strip_done(mm);
}

TEST(scan_stops_where_it_is_told)
{
        struct mm *mm = pages_of_all_kinds();
        struct page_scan scan = { .shown = PM_SCAN_CATEGORIES, .all_of = PAGE_IS_PRESENT };

        for (unsigned room = 1; room <= 3; room++) {
                static const char *const texts[] = { "0-2:a stop 2", "0-2:a 2-3:2a stop 7",
                                                     "0-2:a 2-3:2a 7-8:a end 8" };

                scan.nr_max = room;
                EXPECT_STREQ(scan_text(mm, scan, 8), texts[room - 1]);
        }
        for (unsigned pages = 1; pages <= 4; pages++) {
                static const char *const texts[] = { "0-1:a stop 1", "0-2:a stop 2",
                                                     "0-2:a 2-3:2a stop 7",
                                                     "0-2:a 2-3:2a 7-8:a end 8" };

                scan.max_pages = pages;
                EXPECT_STREQ(scan_text(mm, scan, 8), texts[pages - 1]);
        }
        scan.nr_max = 0;
        scan.max_pages = 1;
        EXPECT_STREQ(scan_text(mm, scan, 8), "end 8");
        strip_done(mm);
}

TEST(scan_of_a_hole_is_cut_at_the_limit)
{
        struct mm *mm = strip_empty();
        struct mmap_request req = {
                .addr = ARENA,
                .len = 1UL << 40,
                .prot = PROT_READ,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };
        struct page_scan scan = { .shown = PM_SCAN_CATEGORIES, .nr_max = ROOM, .max_pages = 5 };

        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)ARENA);
        EXPECT_STREQ(scan_text(mm, scan, 1000), "0-5:0 stop 5");
        scan.max_pages = 1000;
        EXPECT_STREQ(scan_text(mm, scan, 1000), "0-1000:0 end 1000");
        strip_done(mm);
}

TEST(references_are_forgotten_by_kind)
{
        struct mm *mm = strip("AAAA");
        struct mm_region_stats stats;

        mm_region_stats(mm, at_page(0), at_page(4), &stats);
        EXPECT_EQ(stats.referenced, 4 * PAGE_SIZE);
        mm_clear_references(mm, true, false);
        mm_region_stats(mm, at_page(0), at_page(4), &stats);
        EXPECT_EQ(stats.referenced, 4 * PAGE_SIZE);
        mm_clear_references(mm, false, true);
        mm_region_stats(mm, at_page(0), at_page(4), &stats);
        EXPECT_EQ(stats.referenced, 0);
        EXPECT_EQ(stats.private_dirty, 4 * PAGE_SIZE);
        peek_byte(mm, at_page(1)); /* the TLB must have forgotten it: the walk sets the bit again */
        mm_region_stats(mm, at_page(0), at_page(4), &stats);
        EXPECT_EQ(stats.referenced, PAGE_SIZE);
        strip_done(mm);
}

TEST(high_water_of_residence_can_be_reset)
{
        struct mm *mm = strip("AAAA");
        struct mm_stats stats;

        EXPECT_EQ(mm_munmap(mm, &root_caller, at_page(1), 3 * PAGE_SIZE), 0);
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.hiwater_rss, 4);
        mm_reset_hiwater_rss(mm);
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.hiwater_rss, 1);
        strip_done(mm);
}
