/* SPDX-License-Identifier: MIT */
/* mremap() of shared memory: old_len 0 maps it a second time. */
#include "tests/unit/fixture.h"

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

TEST(old_length_zero_duplicates_shared_memory)
{
        struct mm *mm = strip_empty();

        map_shared_anon(mm, 0, 4, RW);
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

        map_shared_anon(mm, 0, 4, RW);
        EXPECT_EQ(remap(mm, 0, 0, 2, FIXED, 0), -EFAULT);
        EXPECT_VMAS(mm, "2-4rw");
        strip_done(mm);
}

TEST(duplicate_past_the_object_is_a_bus_error)
{
        struct mm *mm = strip_empty();

        map_shared_anon(mm, 0, 2, RW);
        EXPECT_EQ(remap(mm, 0, 0, 4, FIXED, 8), 8);
        EXPECT_EQ(touch(mm, at_page(9), true).signo, 0);
        EXPECT_EQ(touch(mm, at_page(10), true).signo, 7);
        strip_done(mm);
}
