/* SPDX-License-Identifier: MIT */
/* mremap() of shared memory: old_len 0 maps it a second time. */
#include "tests/unit/strip.h"

#define RW    (PROT_READ | PROT_WRITE)
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

/* In pages; a result in the arena comes back as a page number. */
static s64 remap(struct mm *mm, unsigned page, u64 old, u64 new, u64 flags, unsigned to)
{
        s64 at = mm_mremap(mm, &user_caller, at_page(page), old * PAGE_SIZE, new *PAGE_SIZE, flags,
                           at_page(to));

        return at >= (s64)ARENA ? (at - (s64)ARENA) >> PAGE_SHIFT : at;
}

static void map_shared(struct mm *mm, unsigned page, unsigned n)
{
        struct mmap_request req = {
                .addr = at_page(page),
                .len = n * PAGE_SIZE,
                .prot = RW,
                .flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
        };

        ASSERT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
}

TEST(old_length_zero_duplicates_shared_memory)
{
        struct mm *mm = strip_empty();

        map_shared(mm, 0, 4);
        write_pages(mm, 0, 4, 's');
        EXPECT_EQ(remap(mm, 0, 0, 2, 0, 0), -ENOMEM);
        EXPECT_EQ(remap(mm, 1, 0, 2, FIXED, 8), 8);
        EXPECT_STRIP(mm, "ssss....--");
        write_pages(mm, 8, 1, 't');
        EXPECT_EQ(peek_byte(mm, at_page(1)), 't');
        EXPECT_EQ(mm_committed(), 4);
        strip_done(mm);
}

TEST(duplicate_onto_itself_loses_its_head)
{
        struct mm *mm = strip_empty();

        map_shared(mm, 0, 4);
        EXPECT_EQ(remap(mm, 0, 0, 2, FIXED, 0), -EFAULT);
        EXPECT_VMAS(mm, "2-4rw");
        strip_done(mm);
}

TEST(duplicate_past_the_object_is_a_bus_error)
{
        struct mm *mm = strip_empty();

        map_shared(mm, 0, 2);
        EXPECT_EQ(remap(mm, 0, 0, 4, FIXED, 8), 8);
        EXPECT_EQ(touch(mm, at_page(9), true).signo, 0);
        EXPECT_EQ(touch(mm, at_page(10), true).signo, 7);
        strip_done(mm);
}
