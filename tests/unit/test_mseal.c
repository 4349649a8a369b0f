/* SPDX-License-Identifier: MIT */
/* mseal(), msync(), mincore(). */
#include "tests/unit/fixture.h"

#include "kernel/base/abi/madvise.h"

static int seal(struct mm *mm, unsigned page, unsigned n)
{
        return mm_mseal(mm, at_page(page), n * PAGE_SIZE, 0);
}

/* ------------------------------------------------------------------ mseal */

TEST(mseal_checks_its_arguments)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(mm_mseal(mm, at_page(0), PAGE_SIZE, 1), -EINVAL);
        EXPECT_EQ(mm_mseal(mm, at_page(0) + 1, PAGE_SIZE, 0), -EINVAL);
        EXPECT_EQ(mm_mseal(mm, at_page(0), ~0UL, 0), -EINVAL);
        EXPECT_EQ(mm_mseal(mm, at_page(0), ~0UL - PAGE_SIZE, 0), -EINVAL);
        EXPECT_EQ(mm_mseal(mm, at_page(0) + 1, 0, 0), -EINVAL);
        EXPECT_EQ(seal(mm, 40, 0), 0);
        EXPECT_FLAGS(mm, 0, "rd wr mr mw me ac");
        strip_done(mm);
}

TEST(mseal_with_a_hole_seals_nothing)
{
        struct mm *mm = strip("--.--");
        char *before = strip_snapshot(mm);

        EXPECT_EQ(seal(mm, 0, 5), -ENOMEM);
        EXPECT_EQ(seal(mm, 2, 1), -ENOMEM);
        EXPECT_EQ(seal(mm, 3, 3), -ENOMEM);
        EXPECT_UNCHANGED(mm, before);
        free(before);
        strip_done(mm);
}

TEST(mseal_splits_merges_and_may_be_repeated)
{
        struct mm *mm = strip("AAAA");

        EXPECT_EQ(seal(mm, 1, 1), 0);
        EXPECT_VMAS(mm, "0-1rw 1-2rw 2-4rw");
        EXPECT_FLAGS(mm, 1, "rd wr mr mw me ac sl");
        EXPECT_EQ(seal(mm, 1, 2), 0);
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-4rw");
        EXPECT_EQ(seal(mm, 0, 4), 0);
        EXPECT_VMAS(mm, "0-4rw");
        strip_done(mm);
}

TEST(mseal_at_the_limit_of_mappings_is_enomem)
{
        struct mm *mm = strip("----");

        mm_sysctl.max_map_count = 1;
        EXPECT_EQ(seal(mm, 0, 2), -ENOMEM);
        EXPECT_EQ(seal(mm, 0, 4), 0);
        strip_done(mm);
}

TEST(sealed_memory_is_neither_unmapped_moved_replaced_nor_protected)
{
        struct mm *mm = strip("AA.--");
        struct mmap_request req = map_request(0, 2, RW, MAP_PRIVATE | MAP_FIXED, NULL, 0);

        EXPECT_EQ(seal(mm, 0, 2), 0);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), 2 * PAGE_SIZE), -EPERM);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(1), 3 * PAGE_SIZE), -EPERM);
        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), -EPERM);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, PROT_READ), -EPERM);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(0), PAGE_SIZE, RW), -EPERM);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), PAGE_SIZE, PAGE_SIZE, 0, 0), -EPERM);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, PAGE_SIZE, 0, 0), -EPERM);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(3), PAGE_SIZE, PAGE_SIZE,
                            MREMAP_MAYMOVE | MREMAP_FIXED, at_page(0)),
                  -EPERM);
        EXPECT_STRIP(mm, "AA.--");
        write_pages(mm, 0, 1, 'w'); /* but written */
        strip_done(mm);
}

TEST(sealed_memory_may_be_locked_and_merges_with_sealed_only)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(seal(mm, 0, 2), 0);
        map_pages(mm, 2, 2, RW, 0);
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(0), PAGE_SIZE, false), 0);
        EXPECT_VMAS(mm, "0-1rw 1-2rw 2-4rw");
        EXPECT_EQ(seal(mm, 2, 2), 0);
        EXPECT_VMAS(mm, "0-1rw 1-4rw");
        strip_done(mm);
}

TEST(fork_hands_seals_on_and_exit_ends_them)
{
        struct mm *parent = strip("AA"), *child;

        EXPECT_EQ(seal(parent, 0, 2), 0);
        child = fork_of(parent);
        EXPECT_FLAGS(child, 0, "rd wr mr mw me ac sl");
        EXPECT_EQ(mm_munmap(child, &user_caller, at_page(0), PAGE_SIZE), -EPERM);
        strip_validate(child);
        mm_put(child);
        strip_done(parent);
}

/* ------------------------------------------------------------------ msync */

#define ASYNC      1
#define INVALIDATE 2
#define SYNC       4

static int sync_pages(struct mm *mm, unsigned page, unsigned n, int flags)
{
        return mm_msync(mm, at_page(page), n * PAGE_SIZE, flags);
}

TEST(msync_checks_its_arguments)
{
        struct mm *mm = strip("--");

        EXPECT_EQ(sync_pages(mm, 0, 1, 8), -EINVAL);
        EXPECT_EQ(sync_pages(mm, 0, 1, ASYNC | SYNC), -EINVAL);
        EXPECT_EQ(mm_msync(mm, at_page(0) + 1, 0, SYNC), -EINVAL);
        EXPECT_EQ(mm_msync(mm, at_page(0), ~0UL, SYNC), 0); /* rounds to 0 */
        EXPECT_EQ(mm_msync(mm, at_page(0), ~0UL - PAGE_SIZE, SYNC), -ENOMEM);
        EXPECT_EQ(sync_pages(mm, 30, 0, SYNC), 0);
        EXPECT_EQ(sync_pages(mm, 0, 2, 0), 0);
        EXPECT_EQ(sync_pages(mm, 0, 2, SYNC | INVALIDATE), 0);
        strip_done(mm);
}

TEST(msync_goes_over_holes_and_says_so)
{
        struct mm *mm = strip("-.-");

        EXPECT_EQ(sync_pages(mm, 0, 3, SYNC), -ENOMEM);
        EXPECT_EQ(sync_pages(mm, 0, 3, ASYNC), -ENOMEM);
        EXPECT_EQ(sync_pages(mm, 2, 2, SYNC), -ENOMEM); /* nothing behind the last */
        EXPECT_EQ(sync_pages(mm, 1, 1, SYNC), -ENOMEM);
        strip_done(mm);
}

TEST(msync_invalidate_of_locked_memory_is_ebusy)
{
        struct mm *mm = strip("-.-");

        EXPECT_EQ(mm_mlock(mm, &user_caller, at_page(2), PAGE_SIZE, false), 0);
        EXPECT_EQ(sync_pages(mm, 2, 1, SYNC), 0);
        EXPECT_EQ(sync_pages(mm, 2, 1, INVALIDATE), -EBUSY);
        EXPECT_EQ(sync_pages(mm, 0, 3, INVALIDATE), -EBUSY); /* beats the hole before it */
        EXPECT_EQ(sync_pages(mm, 0, 3, ASYNC | INVALIDATE), -EBUSY);
        strip_done(mm);
}

/* ------------------------------------------------------------------ mincore */

static u8 vec[16];
static u64 stored;

/* '1' and '0' for the pages stored; EFAULT and the like are its caller's. */
static const char *core_text(struct mm *mm, unsigned page, unsigned n, int expected)
{
        static char text[17];

        memset(vec, 0xee, sizeof(vec));
        EXPECT_EQ(mm_mincore(mm, at_page(page), n, vec, &stored), expected);
        for (u64 i = 0; i < stored; i++)
                text[i] = (char)('0' + vec[i]);
        text[stored] = 0;
        EXPECT_EQ(vec[stored], 0xee);
        return text;
}

TEST(mincore_is_1_for_what_has_a_page)
{
        struct mm *mm = strip("A-A-");

        EXPECT_EQ(peek_byte(mm, at_page(3)), 0); /* the zero page counts */
        EXPECT_STREQ(core_text(mm, 0, 4, 0), "1011");
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(0), PAGE_SIZE, MADV_GUARD_INSTALL), 0);
        EXPECT_STREQ(core_text(mm, 0, 4, 0), "0011");
        EXPECT_STREQ(core_text(mm, 0, 0, 0), "");
        strip_done(mm);
}

TEST(mincore_stores_what_is_before_a_hole)
{
        struct mm *mm = strip("AB.A");

        EXPECT_STREQ(core_text(mm, 0, 4, -ENOMEM), "11");
        EXPECT_STREQ(core_text(mm, 2, 2, -ENOMEM), "");
        strip_done(mm);
}

TEST(mincore_of_files_asks_for_the_file_page)
{
        struct backing *file = file_create("a.c.", BACKING_SHMEM);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, RW, MAP_PRIVATE, file, 0);
        EXPECT_STREQ(core_text(mm, 0, 4, 0), "1010");
        write_pages(mm, 1, 1, 'X'); /* which fills the file's hole as well */
        EXPECT_STREQ(core_text(mm, 0, 4, 0), "1110");
        /* A shared mapping that was emptied still has its pages. */
        map_shared_anon(mm, 8, 2, RW);
        write_pages(mm, 8, 1, 's');
        EXPECT_EQ(mm_madvise(mm, &user_caller, at_page(8), 2 * PAGE_SIZE, MADV_DONTNEED), 0);
        EXPECT_STREQ(core_text(mm, 8, 2, 0), "10");
        backing_put(file);
        strip_done(mm);
}
