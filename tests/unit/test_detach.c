/* SPDX-License-Identifier: MIT */
/* mm_detach(): what is left of an attachment goes, wherever splits and moves have left it. */
#include "tests/unit/fixture.h"

static const struct backing_ops ops;   /* says whose the backings are */
static const struct backing_ops other; /* another owner's */

static struct backing *segment(unsigned pages, const struct backing_ops *of)
{
        struct backing *b = file_create(&"abcdefgh"[8 - pages], BACKING_SHMEM);

        b->ops = of;
        return b;
}

static s64 move(struct mm *mm, unsigned page, unsigned n, unsigned to)
{
        return mm_mremap(mm, &user_caller, at_page(page), n * PAGE_SIZE, n * PAGE_SIZE,
                         MREMAP_MAYMOVE | MREMAP_FIXED, at_page(to)) -
               (s64)at_page(to);
}

TEST(attachment_goes_whole)
{
        struct backing *b = segment(4, &ops);
        struct mm *mm = strip("A");

        map_file(mm, 4, 4, RW, MAP_SHARED, b, 0);
        EXPECT_EQ(mm_detach(mm, at_page(4), &ops), 0);
        EXPECT_VMAS(mm, "0-1rw");
        EXPECT_EQ(mm_detach(mm, at_page(4), &ops), -EINVAL);
        backing_put(b);
        strip_done(mm);
}

TEST(attachment_is_known_by_where_it_began)
{
        struct backing *b = segment(4, &ops);
        struct mm *mm = strip_empty();

        map_file(mm, 4, 4, RW, MAP_SHARED, b, 0);
        EXPECT_EQ(mm_detach(mm, at_page(3), &ops), -EINVAL);
        EXPECT_EQ(mm_detach(mm, at_page(5), &ops), -EINVAL);
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(4), PAGE_SIZE), 0);
        EXPECT_EQ(mm_detach(mm, at_page(5), &ops), -EINVAL);
        EXPECT_VMAS(mm, "5-8rw");
        EXPECT_EQ(mm_detach(mm, at_page(4), &ops), 0); /* where page 0 was */
        EXPECT_VMAS(mm, "");
        backing_put(b);
        strip_done(mm);
}

TEST(pieces_in_their_place_go_and_moved_ones_stay)
{
        struct backing *b = segment(8, &ops);
        struct mm *mm = strip_empty();

        map_file(mm, 10, 8, RW, MAP_SHARED, b, 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(11), PAGE_SIZE, PROT_READ), 0);
        EXPECT_EQ(move(mm, 14, 2, 30), 0);
        EXPECT_VMAS(mm, "10-11rw 11-12r- 12-14rw 16-18rw 30-32rw");
        EXPECT_EQ(mm_detach(mm, at_page(10), &ops), 0);
        EXPECT_VMAS(mm, "30-32rw");
        EXPECT_EQ(mm_detach(mm, at_page(26), &ops), 0); /* where it would begin */
        EXPECT_VMAS(mm, "");
        backing_put(b);
        strip_done(mm);
}

TEST(others_among_the_pieces_stay)
{
        struct backing *b = segment(8, &ops), *same = segment(8, &ops);
        struct backing *foreign = segment(8, &other);
        struct mm *mm = strip_empty();

        map_file(mm, 10, 8, RW, MAP_SHARED, b, 0);
        map_file(mm, 12, 1, RW, MAP_SHARED, same, 2);    /* another segment, in the right place */
        map_file(mm, 13, 1, RW, MAP_SHARED, foreign, 3); /* no segment */
        map_pages(mm, 14, 1, RW, 0);
        EXPECT_EQ(mm_detach(mm, at_page(10), &ops), 0);
        EXPECT_VMAS(mm, "12-13rw 13-14rw 14-15rw");
        backing_put(b);
        backing_put(same);
        backing_put(foreign);
        strip_done(mm);
}

TEST(what_lies_beyond_the_segment_stays)
{
        struct backing *b = segment(2, &ops);
        struct mm *mm = strip_empty();

        map_file(mm, 10, 2, RW, MAP_SHARED, b, 0);
        map_file(mm, 14, 1, RW, MAP_SHARED, b, 4); /* past its end, though in line with it */
        EXPECT_EQ(mm_detach(mm, at_page(10), &ops), 0);
        EXPECT_VMAS(mm, "14-15rw");
        backing_put(b);
        strip_done(mm);
}

TEST(sealed_attachment_stays_without_an_error)
{
        struct backing *b = segment(2, &ops);
        struct mm *mm = strip_empty();

        map_file(mm, 10, 2, RW, MAP_SHARED, b, 0);
        EXPECT_EQ(mm_mseal(mm, at_page(10), PAGE_SIZE, 0), 0);
        EXPECT_EQ(mm_detach(mm, at_page(10), &ops), 0);
        EXPECT_VMAS(mm, "10-11rw");
        backing_put(b);
        strip_done(mm);
}
