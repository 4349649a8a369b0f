/* SPDX-License-Identifier: MIT */
/*
 * Tests that were written because a bug planted on purpose (tests/museum) was noticed by no other,
 * or only by tests at random. The page of the bug says what it is about.
 */
#include "tests/unit/fixture.h"

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

/* Lengths in bytes; a result in the arena as the number of its page. */
static s64 remap_bytes(struct mm *mm, unsigned page, u64 old, u64 new, u64 flags, unsigned to)
{
        s64 at = mm_mremap(mm, &user_caller, at_page(page), old, new, flags, at_page(to));

        return at >= (s64)ARENA ? (at - (s64)ARENA) >> PAGE_SHIFT : at;
}

static s64 remap(struct mm *mm, unsigned page, u64 old, u64 new, u64 flags, unsigned to)
{
        return remap_bytes(mm, page, old * PAGE_SIZE, new *PAGE_SIZE, flags, to);
}

/* ------------------------------------------------------------------ mremap */

TEST(a_source_that_is_too_short_is_refused_before_the_target_goes)
{
        struct mm *mm = strip("AA........TTTT");
        char *before = strip_snapshot(mm);

        EXPECT_EQ(remap(mm, 1, 2, 3, FIXED, 10), -EFAULT); /* grows */
        EXPECT_UNCHANGED(mm, before);
        EXPECT_EQ(remap(mm, 1, 4, 2, FIXED, 10), -EFAULT); /* shrinks */
        EXPECT_UNCHANGED(mm, before);
        free(before);
        strip_done(mm);
}

TEST(lengths_count_in_whole_pages)
{
        struct mm *mm = strip("AA");
        u64 p = PAGE_SIZE;

        EXPECT_EQ(remap_bytes(mm, 0, p + 1, 4 * p, 0, 0), 0); /* two pages, which is all of it */
        EXPECT_STRIP(mm, "AA--");
        EXPECT_EQ(remap_bytes(mm, 0, 4 * p, 2 * p + 1, 0, 0), 0);
        EXPECT_STRIP(mm, "AA-.");
        EXPECT_EQ(remap_bytes(mm, 0, 2 * p + 5, 2 * p + 7, FIXED, 10), 10);
        EXPECT_STRIP(mm, "..........AA-");
        strip_done(mm);
}

TEST(growth_stays_where_there_is_room)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(remap(mm, 0, 1, 3, MREMAP_MAYMOVE, 0), 0);
        EXPECT_STRIP(mm, "A--");
        strip_done(mm);
}

TEST(a_file_keeps_its_offset_when_it_moves)
{
        struct backing *file = file_create("abcdef", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 4, PROT_READ, MAP_PRIVATE, file, 2);
        EXPECT_EQ(remap(mm, 0, 4, 4, FIXED, 10), 10); /* nobody has looked at it yet */
        EXPECT_EQ(peek_byte(mm, at_page(10)), 'c');
        EXPECT_EQ(peek_byte(mm, at_page(13)), 'f');
        EXPECT_EQ(remap(mm, 11, 2, 2, FIXED, 20), 20); /* part of it */
        EXPECT_EQ(peek_byte(mm, at_page(20)), 'd');
        EXPECT_EQ(peek_byte(mm, at_page(21)), 'e');
        backing_put(file);
        strip_done(mm);
}

TEST(written_copies_of_a_file_move_along)
{
        struct backing *file = file_create("abc", 0);
        struct mm *mm = strip_empty();

        map_file(mm, 0, 3, RW, MAP_PRIVATE, file, 0);
        write_pages(mm, 1, 1, 'X');
        EXPECT_EQ(remap(mm, 0, 3, 3, FIXED, 10), 10);
        EXPECT_EQ(peek_byte(mm, at_page(10)), 'a');
        EXPECT_EQ(peek_byte(mm, at_page(11)), 'X');
        EXPECT_EQ(peek_byte(mm, at_page(12)), 'c');
        backing_put(file);
        strip_done(mm);
}

TEST(shared_memory_stays_shared_when_it_moves)
{
        struct mm *parent = strip_empty(), *child;

        map_shared_anon(parent, 0, 2, RW);
        child = fork_of(parent);
        EXPECT_EQ(remap(parent, 0, 2, 2, FIXED, 10), 10);
        write_pages(parent, 10, 1, 'x');
        EXPECT_EQ(peek_byte(child, at_page(0)), 'x');
        strip_validate(child);
        mm_put(child);
        strip_done(parent);
}
