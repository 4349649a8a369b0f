/* SPDX-License-Identifier: MIT */
/* Names for anonymous memory: what may be one, what they keep apart, where they go. */
#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/anon_name.h"
#include "mm/backing.h"
#include "mm/fail_alloc.h"
#include "tests/unit/huge_fixture.h"

#define RW (PROT_READ | PROT_WRITE)

static struct mm *named_strip(const char *text)
{
        mm_sysctl.anon_names = 1;
        return strip(text);
}

static int name_pages(struct mm *mm, unsigned page, unsigned n, const char *name)
{
        return mm_set_anon_name(mm, at_page(page), n * PAGE_SIZE, name);
}

/* As maps shows it. Valid until the next call. */
static const char *label_of(struct mm *mm, unsigned page)
{
        static struct mm_region region;

        if (!mm_next_region(mm, at_page(page), &region))
                return "nothing";
        if (region.backing)
                backing_put(region.backing);
        return region.label;
}

#define EXPECT_LABEL(mm, page, text) EXPECT_STREQ(label_of((mm), (page)), (text))

TEST(off_everything_is_einval)
{
        struct mm *mm = strip("A");

        EXPECT_EQ(name_pages(mm, 0, 1, "a"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 0, NULL), -EINVAL);
        strip_done(mm);
}

TEST(a_name_splits_and_equal_names_merge)
{
        struct mm *mm = named_strip("AAAAAA");

        EXPECT_EQ(name_pages(mm, 1, 2, "heap of mine"), 0);
        EXPECT_VMAS(mm, "0-1rw 1-3rw 3-6rw");
        EXPECT_LABEL(mm, 0, "");
        EXPECT_LABEL(mm, 1, "[anon:heap of mine]");
        EXPECT_EQ(name_pages(mm, 3, 1, "heap of mine"), 0);
        EXPECT_VMAS(mm, "0-1rw 1-4rw 4-6rw");
        EXPECT_EQ(name_pages(mm, 2, 1, "other"), 0);
        EXPECT_VMAS(mm, "0-1rw 1-2rw 2-3rw 3-4rw 4-6rw");
        EXPECT_EQ(name_pages(mm, 0, 6, ""), 0);
        EXPECT_VMAS(mm, "0-6rw");
        EXPECT_LABEL(mm, 0, "[anon:]");
        EXPECT_EQ(name_pages(mm, 0, 6, NULL), 0);
        EXPECT_LABEL(mm, 0, "");
        strip_done(mm);
}

TEST(new_memory_beside_named_memory_stays_apart)
{
        struct mm *mm = named_strip("--");

        EXPECT_EQ(name_pages(mm, 0, 2, "a"), 0);
        map_pages(mm, 2, 2, RW, 0);
        EXPECT_VMAS(mm, "0-2rw 2-4rw");
        EXPECT_EQ(name_pages(mm, 0, 2, NULL), 0);
        EXPECT_VMAS(mm, "0-4rw");
        EXPECT_EQ(name_pages(mm, 0, 4, "a"), 0);
        map_pages(mm, 1, 1, RW, 0); /* replaces what was named */
        EXPECT_LABEL(mm, 1, "");
        EXPECT_VMAS(mm, "0-1rw 1-2rw 2-4rw");
        strip_done(mm);
}

/* What changes the protection changes no name, and joins nobody who is called otherwise. */
TEST(protection_leaves_names_apart)
{
        struct mm *mm = named_strip("AAA");

        EXPECT_EQ(name_pages(mm, 1, 1, "a"), 0);
        EXPECT_EQ(protect(mm, 1, 1, PROT_READ), 0);
        EXPECT_EQ(protect(mm, 1, 1, RW), 0);
        EXPECT_VMAS(mm, "0-1rw 1-2rw 2-3rw");
        EXPECT_LABEL(mm, 0, "");
        EXPECT_LABEL(mm, 1, "[anon:a]");
        EXPECT_LABEL(mm, 2, "");
        strip_done(mm);
}

TEST(what_is_not_a_name)
{
        char longest[MM_ANON_NAME_MAX + 1];
        struct mm *mm = named_strip("A");

        EXPECT_EQ(name_pages(mm, 0, 1, "a[b"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 1, "a]b"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 1, "a$b"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 1, "a\\b"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 1, "a`b"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 1, "a\tb"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 1, "a\x7f"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 1, "a\xc3\xa4"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 1, "a b/c~!"), 0);
        memset(longest, 'x', sizeof(longest));
        longest[80] = 0;
        EXPECT_EQ(name_pages(mm, 0, 1, longest), -EINVAL);
        longest[79] = 0;
        EXPECT_EQ(name_pages(mm, 0, 1, longest), 0);
        EXPECT_EQ(strlen(label_of(mm, 0)), 79 + 7);
        strip_done(mm);
}

TEST(ranges_that_cannot_be_named)
{
        struct mm *mm = named_strip("A.A");

        EXPECT_EQ(mm_set_anon_name(mm, at_page(0) + 1, 0, "a"), -EINVAL);
        EXPECT_EQ(mm_set_anon_name(mm, at_page(0), 0, "a"), 0);
        EXPECT_EQ(mm_set_anon_name(mm, at_page(0), ~0UL, "a"), -EINVAL);
        EXPECT_EQ(mm_set_anon_name(mm, at_page(2), -at_page(1), "a"), -EINVAL);
        EXPECT_EQ(name_pages(mm, 0, 3, "a"), -ENOMEM); /* and goes on */
        EXPECT_LABEL(mm, 0, "[anon:a]");
        EXPECT_LABEL(mm, 2, "[anon:a]");
        EXPECT_EQ(mm_set_anon_name(mm, at_page(0), 1, "b"), 0); /* whole pages */
        EXPECT_LABEL(mm, 0, "[anon:b]");
        strip_done(mm);
}

TEST(names_go_along)
{
        struct mm *mm = named_strip("AAAA"), *child;
        u64 flags = MREMAP_MAYMOVE | MREMAP_FIXED;
        int err;

        EXPECT_EQ(name_pages(mm, 0, 4, "a"), 0);
        EXPECT_EQ(mm_mprotect(mm, &user_caller, at_page(1), PAGE_SIZE, PROT_READ), 0);
        EXPECT_LABEL(mm, 1, "[anon:a]");
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(2), PAGE_SIZE, PAGE_SIZE, flags, at_page(8)),
                  (s64)at_page(8));
        EXPECT_LABEL(mm, 8, "[anon:a]");
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(8), PAGE_SIZE, PAGE_SIZE,
                            flags | MREMAP_DONTUNMAP, at_page(12)),
                  (s64)at_page(12));
        EXPECT_LABEL(mm, 8, "[anon:a]");
        EXPECT_LABEL(mm, 12, "[anon:a]");
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(12), PAGE_SIZE, 2 * PAGE_SIZE, 0, 0),
                  (s64)at_page(12));
        EXPECT_LABEL(mm, 13, "[anon:a]");
        child = mm_fork(mm, &user_caller, &err);
        EXPECT_TRUE(child != NULL);
        EXPECT_LABEL(child, 0, "[anon:a]");
        EXPECT_EQ(mm_munmap(mm, &user_caller, at_page(0), PAGE_SIZE), 0);
        EXPECT_EQ(name_pages(child, 0, 1, "b"), 0);
        EXPECT_LABEL(mm, 1, "[anon:a]");
        EXPECT_LABEL(child, 0, "[anon:b]");
        mm_put(child);
        strip_done(mm);
}

TEST(growth_joins_what_is_called_the_same)
{
        struct mm *mm = named_strip("--.--.--");

        EXPECT_EQ(name_pages(mm, 0, 2, "a"), 0);
        EXPECT_EQ(name_pages(mm, 3, 2, "a"), 0);
        EXPECT_EQ(name_pages(mm, 6, 2, "b"), 0);
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0, 0),
                  (s64)at_page(0));
        EXPECT_VMAS(mm, "0-5rw 6-8rw");
        EXPECT_EQ(mm_mremap(mm, &user_caller, at_page(0), 5 * PAGE_SIZE, 6 * PAGE_SIZE, 0, 0),
                  (s64)at_page(0));
        EXPECT_VMAS(mm, "0-6rw 6-8rw");
        strip_done(mm);
}

TEST(shared_memory_without_a_path_can_be_named)
{
        struct mm *mm = named_strip(".");
        struct mmap_request req = {
                .addr = at_page(0),
                .len = 3 * PAGE_SIZE,
                .prot = RW,
                .flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
        };

        EXPECT_EQ(mm_mmap(mm, &user_caller, &req), (s64)at_page(0));
        EXPECT_EQ(name_pages(mm, 1, 1, "s"), 0);
        EXPECT_LABEL(mm, 0, "");
        EXPECT_LABEL(mm, 1, "[anon_shmem:s]");
        vma_at(mm, at_page(0))->backing->flags &= ~BACKING_PATHLESS; /* a file from here on */
        EXPECT_EQ(name_pages(mm, 0, 3, "t"), -EBADF);
        EXPECT_LABEL(mm, 1, "[anon_shmem:s]");
        strip_done(mm);
}

TEST(failing_allocations_leave_everything)
{
        struct mm *mm = named_strip("AAA");
        char *before = strip_snapshot(mm);

        for (u64 n = 1;; n++) {
                char *after;
                int err;

                fail_alloc_nth(n, false);
                err = name_pages(mm, 1, 1, "a");
                fail_alloc_nth(0, false);
                if (err == 0)
                        break;
                EXPECT_TRUE(err == -ENOMEM || err == -EAGAIN);
                after = strip_snapshot(mm);
                EXPECT_STREQ(after, before);
                free(after);
                ASSERT_LE(n, 20);
        }
        EXPECT_LABEL(mm, 1, "[anon:a]");
        free(before);
        strip_done(mm);
}
