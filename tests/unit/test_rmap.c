/* SPDX-License-Identifier: MIT */
/* anon_vmas: who gets one, who shares one, how chains grow and end, which owner pages have. */
#include "mm/object.h"
#include "mm/pgwalk.h"
#include "mm/rmap.h"
#include "tests/unit/family.h"

#define RW (PROT_READ | PROT_WRITE)

static struct vma *vma_of(struct mm *mm, unsigned page)
{
        struct vma *vma = vma_at(mm, at_page(page));

        CHECK(vma);
        return vma;
}

/* The page mapped there, which must be one. */
static struct page *page_of(struct mm *mm, unsigned page)
{
        pte_t *pte = pgwalk_find(mm, at_page(page), PT_PTE);

        CHECK(pte && pte_is_leaf(pte_read(pte), PT_PTE));
        return pfn_to_page(pte_pfn(pte_read(pte), PT_PTE));
}

/* "1@2 0@5": the members of the family and the pages of the arena where a walk finds the page. */
struct trace {
        const struct family *family;
        char text[128];
        unsigned stop; /* after so many; 0: never */
};

static bool trace_place(const struct rmap_place *place, void *arg)
{
        struct trace *t = arg;
        unsigned i = 0, page = bytes_to_pages(place->addr - ARENA);
        size_t len = strlen(t->text);

        while (t->family->mm[i] != place->vma->mm)
                i++;
        snprintf(t->text + len, sizeof(t->text) - len, "%s%u@%u", len ? " " : "", i, page);
        return !t->stop || --t->stop > 0;
}

static const char *walk_of(const struct family *f, struct page *page)
{
        static struct trace t;

        t = (struct trace){ .family = f };
        EXPECT(rmap_walk(page, trace_place, &t));
        return t.text;
}

/* ------------------------------------------------------------------ the first write */

TEST(only_a_write_makes_a_vma_own_pages)
{
        struct mm *mm = strip("--");
        struct family f = family_of(mm);

        EXPECT_EQ(chain_at(mm, 0), 0);
        touch(mm, at_page(0), false);
        EXPECT_EQ(chain_at(mm, 0), 0);
        EXPECT_EQ(slab_objects("anon_vma"), 0);
        touch(mm, at_page(1), true);
        EXPECT_EQ(chain_at(mm, 0), 1);
        EXPECT_EQ(slab_objects("anon_vma"), 1);
        EXPECT_STREQ(walk_of(&f, page_of(mm, 1)), "0@1");
        family_check(&f);
        family_end(&f, true);
}

TEST(neighbours_share_if_they_could_merge_but_for_rights)
{
        struct mm *mm = strip("------");
        struct family f = family_of(mm);

        mm_mprotect(mm, &root_caller, at_page(2), 2 * PAGE_SIZE, RW | PROT_EXEC);
        write_pages(mm, 3, 1, 'm');
        write_pages(mm, 0, 1, 'a'); /* its next has one */
        write_pages(mm, 5, 1, 'b'); /* its prev has one */
        EXPECT(vma_of(mm, 0)->anon == vma_of(mm, 2)->anon);
        EXPECT(vma_of(mm, 5)->anon == vma_of(mm, 2)->anon);
        EXPECT_EQ(vma_of(mm, 0)->anon->nr_owners, 3);
        family_check(&f);
        family_end(&f, true);
}

TEST(neighbours_of_other_kinds_do_not_share)
{
        struct mm *mm = strip("----");
        struct family f = family_of(mm);

        mm_madvise(mm, &root_caller, at_page(2), 2 * PAGE_SIZE, 10); /* MADV_DONTFORK */
        write_pages(mm, 0, 4, 'a');
        EXPECT(vma_of(mm, 0)->anon != vma_of(mm, 2)->anon);
        family_check(&f);
        family_end(&f, true);
}

/* What a fork child inherited it does not share with a neighbour, but halves of it do. */
TEST(inherited_memory_is_not_shared)
{
        struct mm *mm = strip("AA");
        struct family f = family_of(mm);
        struct mm *child = f.mm[family_fork(&f, 0)];

        map_pages(child, 2, 2, PROT_READ, 0);
        mm_mprotect(child, &root_caller, at_page(2), 2 * PAGE_SIZE, RW);
        write_pages(child, 2, 2, 'b');
        EXPECT_EQ(chain_at(child, 2), 1);
        EXPECT(vma_of(child, 0)->anon != vma_of(child, 2)->anon);
        family_check(&f);
        family_end(&f, true);
}

/* ------------------------------------------------------------------ fork */

TEST(chains_grow_with_each_generation)
{
        struct mm *mm = strip("AAA");
        struct family f = family_of(mm);

        for (unsigned i = 0; i < 5; i++) {
                EXPECT_EQ(chain_at(f.mm[i], 0), i + 1);
                EXPECT_EQ(family_fork(&f, i), (int)i + 1);
                EXPECT_EQ(chain_at(f.mm[i], 0), i + 1); /* the parent's is as it was */
                family_check(&f);
        }
        EXPECT_STREQ(walk_of(&f, page_of(mm, 0)), "0@0 1@0 2@0 3@0 4@0 5@0");
        write_pages(f.mm[3], 0, 1, 'd');
        EXPECT_STREQ(walk_of(&f, page_of(mm, 0)), "0@0 1@0 2@0 4@0 5@0");
        EXPECT_STREQ(walk_of(&f, page_of(f.mm[3], 0)), "3@0");
        EXPECT(page_of(f.mm[3], 0)->owner == vma_of(f.mm[3], 0)->anon);
        family_end(&f, true);
}

TEST(children_of_one_parent_do_not_meet_in_each_others_sets)
{
        struct mm *mm = strip("A");
        struct family f = family_of(mm);

        family_fork(&f, 0);
        family_fork(&f, 0);
        EXPECT(vma_of(f.mm[1], 0)->anon != vma_of(f.mm[2], 0)->anon);
        EXPECT_EQ(vma_of(mm, 0)->anon->nr_children, 2);
        EXPECT_EQ(interval_validate(&vma_of(mm, 0)->anon->vmas), 3);
        EXPECT_EQ(interval_validate(&vma_of(f.mm[1], 0)->anon->vmas), 1);
        family_check(&f);
        family_end(&f, true);
}

/* Fork, and let the parent exit, for ever: a chain does not get longer than three. */
TEST(an_anon_vma_that_nobody_owns_is_used_again)
{
        struct mm *mm = strip("AA");
        struct family f = family_of(mm);
        unsigned at = 0;

        for (unsigned generation = 1; generation < 30; generation++) {
                int child = family_fork(&f, at);

                ASSERT_TRUE(child >= 0);
                family_check(&f);
                family_exit(&f, at);
                at = (unsigned)child;
                family_check(&f);
                EXPECT_LE(chain_at(f.mm[at], 0), 3);
                EXPECT(vma_is_fork_child(vma_of(f.mm[at], 0)));
                write_pages(f.mm[at], generation % 2, 1, 'a');
        }
        EXPECT_LE(slab_objects("anon_vma"), 3);
        family_end(&f, true);
}

/* With two children it stays what it is: their pages would meet in it. */
TEST(an_anon_vma_of_two_children_is_not_used_again)
{
        struct mm *mm = strip("A");
        struct family f = family_of(mm);
        struct anon_vma *left;

        family_fork(&f, 0); /* 1 */
        left = vma_of(f.mm[1], 0)->anon;
        family_fork(&f, 1); /* 2 */
        family_fork(&f, 1); /* 3 */
        EXPECT_EQ(left->nr_children, 2);
        family_exit(&f, 1);
        EXPECT_EQ(left->nr_owners, 0);
        EXPECT_EQ(family_fork(&f, 2), 1);
        EXPECT(vma_of(f.mm[1], 0)->anon != left);
        EXPECT_EQ(chain_at(f.mm[1], 0), 4);
        family_check(&f);
        family_exit(&f, 3); /* one child is left */
        EXPECT_EQ(left->nr_children, 1);
        EXPECT_EQ(family_fork(&f, 2), 3);
        EXPECT(vma_of(f.mm[3], 0)->anon == left);
        EXPECT_EQ(chain_at(f.mm[3], 0), 3);
        family_check(&f);
        family_end(&f, true);
}

/* It is used again once, not for both halves of a VMA that was split. */
TEST(an_anon_vma_is_used_again_once)
{
        struct mm *mm = strip("AAAA");
        struct family f = family_of(mm);

        family_fork(&f, 0);
        family_fork(&f, 1);
        family_exit(&f, 1);
        mm_mprotect(f.mm[2], &root_caller, at_page(2), 2 * PAGE_SIZE, PROT_READ);
        EXPECT_EQ(family_fork(&f, 2), 1);
        EXPECT(vma_of(f.mm[1], 0)->anon != vma_of(f.mm[1], 2)->anon);
        mm_mprotect(f.mm[1], &root_caller, at_page(2), 2 * PAGE_SIZE, RW);
        EXPECT_VMAS(f.mm[1], "0-2rw 2-4rw");
        mm_mprotect(f.mm[2], &root_caller, at_page(2), 2 * PAGE_SIZE, RW);
        EXPECT_VMAS(f.mm[2], "0-4rw");
        family_check(&f);
        family_end(&f, false);
}

TEST(the_last_holder_of_a_page_becomes_its_owner)
{
        struct mm *mm = strip("A");
        struct family f = family_of(mm);
        struct page *page = page_of(mm, 0);
        struct mm *child = f.mm[family_fork(&f, 0)];

        EXPECT(page->owner == vma_of(mm, 0)->anon);
        write_pages(mm, 0, 1, 'p'); /* a copy: the child keeps the old page */
        EXPECT(page == page_of(child, 0));
        EXPECT(page->owner == vma_of(mm, 0)->anon);
        EXPECT_STREQ(walk_of(&f, page), "1@0");
        write_pages(child, 0, 1, 'c');
        EXPECT(page == page_of(child, 0));
        EXPECT(page->owner == vma_of(child, 0)->anon);
        EXPECT_STREQ(walk_of(&f, page), "1@0");
        family_check(&f);
        family_end(&f, true);
}

TEST(what_is_wiped_or_not_copied_has_no_part_in_it)
{
        struct mm *mm = strip("AAAA");
        struct family f = family_of(mm);
        struct mm *child;

        mm_madvise(mm, &root_caller, at_page(1), PAGE_SIZE, 18); /* MADV_WIPEONFORK */
        mm_madvise(mm, &root_caller, at_page(2), PAGE_SIZE, 10); /* MADV_DONTFORK */
        child = f.mm[family_fork(&f, 0)];
        EXPECT_EQ(chain_at(child, 1), 0);
        EXPECT_EQ(chain_at(child, 3), 2);
        EXPECT_STRIP(child, "A-.A");
        family_check(&f);
        family_end(&f, true);
}

TEST(a_child_outlives_its_ancestors)
{
        struct mm *mm = strip("AA");
        struct family f = family_of(mm);

        family_fork(&f, 0);
        family_fork(&f, 1);
        family_exit(&f, 0);
        family_check(&f);
        family_exit(&f, 1);
        family_check(&f);
        EXPECT_EQ(chain_at(f.mm[2], 0), 3);
        EXPECT_EQ(slab_objects("anon_vma"), 3);
        EXPECT_STRIP(f.mm[2], "AA");
        family_end(&f, true);
}

/* ------------------------------------------------------------------ moves */

TEST(a_page_is_found_wherever_it_has_moved)
{
        struct mm *mm = strip("AAAA");
        struct family f = family_of(mm);
        struct page *page = page_of(mm, 2);
        struct mm *child = f.mm[family_fork(&f, 0)];

        EXPECT_EQ(move_pages(mm, 1, 2, 20, 0), (s64)at_page(20));
        EXPECT_STREQ(walk_of(&f, page), "1@2 0@21");
        EXPECT_EQ(move_pages(child, 2, 2, 40, 0), (s64)at_page(40));
        EXPECT_STREQ(walk_of(&f, page), "0@21 1@40");
        EXPECT_EQ(move_pages(mm, 20, 2, 10, MREMAP_DONTUNMAP), (s64)at_page(10));
        EXPECT_STREQ(walk_of(&f, page), "0@11 1@40");
        EXPECT_EQ(page->index, at_page(2) >> PAGE_SHIFT);
        family_check(&f);
        family_end(&f, false);
}

TEST(what_dontunmap_leaves_whole_is_unfaulted)
{
        struct mm *mm = strip("AAAA");
        struct family f = family_of(mm);

        EXPECT_EQ(move_pages(mm, 0, 4, 20, MREMAP_DONTUNMAP), (s64)at_page(20));
        EXPECT_EQ(chain_at(mm, 0), 0);
        EXPECT_EQ(chain_at(mm, 20), 1);
        EXPECT_EQ(move_pages(mm, 21, 2, 40, MREMAP_DONTUNMAP), (s64)at_page(40));
        EXPECT_EQ(chain_at(mm, 20), 1);
        EXPECT(vma_of(mm, 20)->anon == vma_of(mm, 40)->anon);
        /* Both may now have a page of this number, and each has its own. */
        write_pages(mm, 21, 1, 'n');
        EXPECT(page_of(mm, 21)->index == page_of(mm, 40)->index);
        EXPECT_STREQ(walk_of(&f, page_of(mm, 40)), "0@40");
        EXPECT_STREQ(walk_of(&f, page_of(mm, 21)), "0@21");
        family_check(&f);
        family_end(&f, true);
}

TEST(a_walk_ends_when_its_visitor_says_so)
{
        struct mm *mm = strip("A");
        struct family f = family_of(mm);
        struct trace t = { .family = &f, .stop = 2 };

        for (unsigned i = 0; i < 4; i++)
                family_fork(&f, 0);
        EXPECT_FALSE(rmap_walk(page_of(mm, 0), trace_place, &t));
        EXPECT_STREQ(t.text, "0@0 1@0");
        family_end(&f, true);
}

TEST(a_page_that_nothing_maps_leads_nowhere)
{
        struct mm *mm = strip("A");
        struct family f = family_of(mm);
        struct page *page = page_of(mm, 0);

        page_get(page);
        mm_munmap(mm, &root_caller, at_page(0), PAGE_SIZE);
        EXPECT(!anon_vma_of_page(page));
        EXPECT_STREQ(walk_of(&f, page), "");
        page_put(page);
        family_end(&f, true);
}

/* ------------------------------------------------------------------ pages of objects */

static struct backing backing;

static void release_object(struct backing *b)
{
        object_put(b->object);
}

/* Pages 0 to 3 of the object at a page of the arena. */
static void map_object(struct mm *mm, unsigned page, u64 flags)
{
        struct mmap_request req = {
                .addr = at_page(page),
                .len = 4 * PAGE_SIZE,
                .prot = RW,
                .flags = MAP_FIXED | flags,
                .backing = &backing,
                .readable = true,
                .writable = true,
        };

        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)req.addr);
}

TEST(a_page_of_an_object_is_found_in_all_its_mappings)
{
        struct mm *mm = strip_empty();
        struct family f = family_of(mm);
        struct page *page;

        refcount_init(&backing.ref);
        backing.release = release_object;
        backing.object = object_create(4 * PAGE_SIZE, 0);
        backing.flags = BACKING_SHMEM | BACKING_REGULAR;
        map_object(mm, 0, MAP_SHARED);
        map_object(mm, 10, MAP_PRIVATE);
        touch(mm, at_page(2), true);
        touch(mm, at_page(12), false);
        page = page_of(mm, 2);
        EXPECT_STREQ(walk_of(&f, page), "0@2 0@12");
        family_fork(&f, 0);
        touch(f.mm[1], at_page(2), false);
        EXPECT_EQ(move_pages(f.mm[1], 1, 2, 30, 0), (s64)at_page(30));
        /* In the order of where the mappings begin in the object. */
        EXPECT_STREQ(walk_of(&f, page), "0@2 0@12 1@31");
        touch(mm, at_page(12), true); /* a copy */
        EXPECT_STREQ(walk_of(&f, page), "0@2 1@31");
        EXPECT_STREQ(walk_of(&f, page_of(mm, 12)), "0@12");
        family_check(&f);
        page_get(page);
        EXPECT_EQ(object_truncate(backing.object, 0), 0);
        EXPECT_STREQ(walk_of(&f, page), "");
        page_put(page);
        family_check(&f);
        family_exit(&f, 0);
        family_exit(&f, 1);
        backing_put(&backing);
        family_end(&f, true);
}

/* ------------------------------------------------------------------ checks that check */

static void break_index(void *mm)
{
        page_of(mm, 0)->index++;
        strip_validate(mm);
}

static void break_owner(void *mm)
{
        page_of(mm, 0)->owner = vma_of(mm, 3)->anon;
        strip_validate(mm);
}

static void break_set(void *mm)
{
        anon_vma_lift(vma_of(mm, 0));
        strip_validate(mm);
}

static void break_count(void *mm)
{
        vma_of(mm, 0)->anon->nr_owners++;
        strip_validate(mm);
}

TEST(validate_notices_a_page_that_would_not_be_found)
{
        struct mm *mm = strip("AA.BB");

        EXPECT_PANIC(break_index, mm, "index");
        EXPECT_PANIC(break_owner, mm, "chain_has");
        EXPECT_PANIC(break_count, mm, "nr_owners");
        EXPECT_PANIC(break_set, mm, "anon"); /* the lock that is not held, or the set */
        strip_done(mm);
}
