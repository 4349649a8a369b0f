/* SPDX-License-Identifier: MIT */
/*
 * What is mapped when it is no file: backings that count their VMAs, mappings of frames, special
 * mappings. Letters in a strip are private pages, so most of this is seen in the list of VMAs.
 */
#include "tests/unit/fixture.h"

#include "arch/tlb.h"
#include "kernel/base/abi/madvise.h"
#include "mm/account.h"
#include "mm/fail_alloc.h"
#include "mm/page.h"

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

/* ------------------------------------------------------------------ the backings of these tests */

struct thing {
        struct backing backing;
        int open;    /* VMAs */
        bool gone;   /* released */
        pfn_t first; /* frames: page 0 */
        u64 frames;  /* and how many there are */
        int may_not; /* what may_map() answers */
};

static struct thing *thing_of(struct backing *b)
{
        return container_of(b, struct thing, backing);
}

static void thing_open(struct backing *b)
{
        thing_of(b)->open++;
}

static void thing_close(struct backing *b)
{
        thing_of(b)->open--;
}

static int thing_may_map(struct backing *b, u64 pgoff, u64 pages)
{
        (void)pgoff;
        (void)pages;
        return thing_of(b)->may_not;
}

static bool thing_frame(struct backing *b, u64 pgoff, pfn_t *frame)
{
        *frame = thing_of(b)->first + pgoff;
        return pgoff < thing_of(b)->frames;
}

static void thing_release(struct backing *b)
{
        if (b->object)
                object_put(b->object);
        thing_of(b)->gone = true;
}

static const struct backing_ops counting_ops = { .open = thing_open, .close = thing_close };
static const struct backing_ops frame_ops = { .may_map = thing_may_map, .frame = thing_frame };

static void thing_init(struct thing *t, const struct backing_ops *ops, u32 flags)
{
        *t = (struct thing){ .backing = { .release = thing_release, .ops = ops, .flags = flags } };
        refcount_init(&t->backing.ref);
}

static void counting_init(struct thing *t, unsigned pages)
{
        thing_init(t, &counting_ops, BACKING_SHMEM | BACKING_APART | BACKING_LONE);
        t->backing.object = object_create(pages * PAGE_SIZE, 0);
        ASSERT_TRUE(t->backing.object);
}

/* Frames are pages of the machine here; the first word of each is its number. */
static struct page *frames_init(struct thing *t, unsigned order, u32 flags)
{
        struct page *block = page_alloc(order, ALLOC_ZERO);

        ASSERT_TRUE(block);
        thing_init(t, &frame_ops, flags);
        t->first = page_to_pfn(block);
        t->frames = 1UL << order;
        for (u64 i = 0; i < t->frames; i++)
                *(u8 *)pfn_to_virt(t->first + i) = (u8)(i + 1);
        return block;
}

static s64 map_thing(struct mm *mm, struct thing *t, unsigned page, unsigned n, u64 prot, u64 flags)
{
        struct mmap_request req = {
                .addr = at_page(page),
                .len = n * PAGE_SIZE,
                .prot = prot,
                .flags = flags | MAP_FIXED,
                .backing = &t->backing,
                .readable = true,
                .writable = true,
        };
        s64 at = mm_mmap(mm, &root_caller, &req);

        return at == (s64)req.addr ? 0 : at;
}

/* ------------------------------------------------------------------ backings that count */

TEST(every_vma_of_a_counting_backing_is_opened_and_closed)
{
        struct mm *mm = strip_empty(), *child;
        struct thing t;
        int err;

        counting_init(&t, 6);
        EXPECT_EQ(map_thing(mm, &t, 0, 6, RW, MAP_SHARED), 0);
        EXPECT_EQ(t.open, 1);
        EXPECT_EQ(protect(mm, 2, 2, PROT_READ), 0);
        EXPECT_EQ(t.open, 3);
        child = mm_fork(mm, &root_caller, &err);
        ASSERT_TRUE(child);
        EXPECT_EQ(t.open, 6);
        strip_validate(child);
        mm_put(child);
        EXPECT_EQ(t.open, 3);
        EXPECT_EQ(remap(mm, 0, 0, 2, FIXED, 10), 10);
        EXPECT_EQ(t.open, 4);
        EXPECT_EQ(remap(mm, 10, 2, 2, FIXED | MREMAP_DONTUNMAP, 20), 20);
        EXPECT_EQ(t.open, 5);
        EXPECT_EQ(unmap(mm, 0, 6), 0);
        EXPECT_EQ(t.open, 2);
        EXPECT_EQ(remap(mm, 20, 2, 4, 0, 0), 20); /* growth is no new VMA */
        EXPECT_EQ(t.open, 2);
        strip_done(mm);
        EXPECT_EQ(t.open, 0);
        EXPECT_FALSE(t.gone);
        backing_put(&t.backing);
        EXPECT_TRUE(t.gone);
}

TEST(a_whole_vma_that_must_be_closed_joins_nobody)
{
        struct mm *mm = strip_empty();
        struct thing t;

        counting_init(&t, 6);
        map_thing(mm, &t, 0, 6, RW, MAP_SHARED);
        protect(mm, 2, 2, PROT_READ);
        EXPECT_EQ(protect(mm, 2, 2, RW), 0);
        EXPECT_VMAS(mm, "0-2rw 2-4rw 4-6rw");
        strip_done(mm);
        backing_put(&t.backing);
}

TEST(part_of_a_vma_that_must_be_closed_joins_its_neighbour)
{
        struct mm *mm = strip_empty();
        struct thing t;

        counting_init(&t, 6);
        map_thing(mm, &t, 0, 6, RW, MAP_SHARED);
        protect(mm, 2, 2, PROT_READ);
        EXPECT_EQ(protect(mm, 2, 1, RW), 0);
        EXPECT_VMAS(mm, "0-3rw 3-4r- 4-6rw");
        EXPECT_EQ(t.open, 3);
        strip_done(mm);
        backing_put(&t.backing);
}

TEST(the_upper_part_of_such_a_vma_joins_the_next)
{
        struct mm *mm = strip_empty();
        struct thing t;

        counting_init(&t, 6);
        map_thing(mm, &t, 0, 6, RW, MAP_SHARED);
        protect(mm, 2, 2, PROT_READ);
        EXPECT_EQ(protect(mm, 3, 1, RW), 0);
        EXPECT_VMAS(mm, "0-2rw 2-3r- 3-6rw");
        EXPECT_EQ(t.open, 3);
        strip_done(mm);
        backing_put(&t.backing);
}

TEST(a_gap_filled_between_two_such_vmas_joins_the_lower_one)
{
        struct mm *mm = strip_empty();
        struct thing t;

        counting_init(&t, 6);
        map_thing(mm, &t, 0, 6, RW, MAP_SHARED);
        unmap(mm, 2, 2);
        EXPECT_EQ(remap(mm, 0, 2, 4, 0, 0), 0);
        EXPECT_VMAS(mm, "0-4rw 4-6rw");
        EXPECT_EQ(t.open, 2);
        strip_done(mm);
        backing_put(&t.backing);
}

TEST(a_move_of_several_stops_at_one_that_moves_apart)
{
        struct mm *mm = strip("AC");
        struct thing t;

        counting_init(&t, 2);
        map_thing(mm, &t, 2, 2, RW, MAP_SHARED);
        strip_map(mm, 4, "E");
        EXPECT_EQ(remap(mm, 1, 4, 4, FIXED, 20), -EFAULT);
        EXPECT_VMAS(mm, "0-1rw 2-4rw 4-5rw 20-21rw");
        EXPECT_EQ(remap(mm, 2, 3, 3, FIXED, 30), -EFAULT);
        EXPECT_EQ(remap(mm, 0, 4, 4, FIXED, 40), -EFAULT); /* the last, too */
        EXPECT_VMAS(mm, "2-4rw 4-5rw 20-21rw 40-41rw");
        EXPECT_EQ(remap(mm, 40, 1, 1, FIXED, 0), 0);
        unmap(mm, 4, 1);
        EXPECT_EQ(remap(mm, 2, 3, 3, FIXED, 30), -EFAULT); /* a hole behind it is too much too */
        EXPECT_EQ(remap(mm, 2, 2, 2, FIXED, 30), 30);
        EXPECT_VMAS(mm, "0-1rw 20-21rw 30-32rw");
        strip_done(mm);
        backing_put(&t.backing);
}

TEST(a_read_fault_of_a_lone_backing_maps_one_page)
{
        struct mm *mm = strip_empty();
        struct mm_stats stats;
        struct thing t;

        counting_init(&t, 4);
        map_thing(mm, &t, 0, 4, RW, MAP_SHARED);
        write_pages(mm, 0, 4, 'x');
        map_thing(mm, &t, 10, 4, RW, MAP_SHARED);
        unmap(mm, 0, 4);
        EXPECT_EQ(peek_byte(mm, at_page(11)), 'x');
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.rss_shmem, 1);
        strip_done(mm);
        backing_put(&t.backing);
}

/* ------------------------------------------------------------------ frames */

TEST(frames_are_mapped_at_once_and_counted_nowhere)
{
        struct mm *mm = strip_empty();
        struct mm_region_stats region;
        struct mm_stats stats;
        struct mm_region r;
        struct page *block;
        u64 words[4], faults, done;
        struct thing t;
        u8 vec[4];

        block = frames_init(&t, 2, 0);
        EXPECT_EQ(map_thing(mm, &t, 0, 4, RW, MAP_SHARED), 0);
        faults = host_page_faults;
        EXPECT_EQ(peek_byte(mm, at_page(2)), 3);
        EXPECT_EQ(host_page_faults, faults);
        write_pages(mm, 1, 1, 'w');
        EXPECT_EQ(*(u8 *)pfn_to_virt(t.first + 1), 'w');
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.rss_anon + stats.rss_file + stats.rss_shmem, 0);
        EXPECT_EQ(stats.total_vm, 4);
        mm_region_stats(mm, at_page(0), at_page(4), &region);
        EXPECT_EQ(region.rss, 0);
        mm_pagemap(mm, at_page(0), 4, words, true);
        EXPECT_EQ(words[0] | words[1] | words[2] | words[3], 0);
        EXPECT_EQ(mm_mincore(mm, at_page(0), 4, vec, &done), 0);
        EXPECT_EQ(vec[0] | vec[1] | vec[2] | vec[3], 0);
        ASSERT_TRUE(mm_next_region(mm, 0, &r));
        EXPECT_EQ(r.flags & VM_SPECIAL, VM_PFNMAP | VM_IO | VM_DONTEXPAND);
        EXPECT_TRUE(r.flags & VM_DONTDUMP);
        backing_put(r.backing);
        EXPECT_EQ(mm_committed(), 0);
        strip_done(mm);
        page_free(block, 2);
}

TEST(frames_move_and_split_but_neither_grow_nor_stay_behind)
{
        struct mm *mm = strip_empty();
        struct page *block;
        struct thing t;

        block = frames_init(&t, 2, 0);
        map_thing(mm, &t, 0, 4, RW, MAP_SHARED);
        EXPECT_EQ(remap(mm, 0, 4, 5, 0, 0), -EFAULT);
        EXPECT_EQ(remap(mm, 0, 4, 5, MREMAP_MAYMOVE, 0), -EFAULT);
        EXPECT_EQ(remap(mm, 0, 4, 4, FIXED | MREMAP_DONTUNMAP, 10), -EINVAL);
        EXPECT_EQ(remap(mm, 0, 0, 2, FIXED, 10), -EFAULT); /* a second mapping grows from nothing */
        EXPECT_EQ(remap(mm, 1, 2, 2, FIXED, 10), 10);
        EXPECT_EQ(peek_byte(mm, at_page(11)), 3);
        EXPECT_EQ(touch(mm, at_page(1), false).signo, SIGSEGV);
        EXPECT_EQ(peek_byte(mm, at_page(3)), 4);
        EXPECT_EQ(protect(mm, 10, 1, PROT_READ), 0);
        EXPECT_EQ(protect(mm, 10, 1, RW), 0);
        EXPECT_VMAS(mm, "0-1rw 3-4rw 10-11rw 11-12rw"); /* never joined again */
        EXPECT_EQ(protect(mm, 10, 1, PROT_NONE), 0);
        EXPECT_EQ(touch(mm, at_page(10), false).signo, SIGSEGV);
        EXPECT_EQ(protect(mm, 10, 1, PROT_READ), 0);
        EXPECT_EQ(peek_byte(mm, at_page(10)), 2);
        EXPECT_EQ(touch(mm, at_page(10), true).signo, SIGSEGV);
        strip_done(mm);
        page_free(block, 2);
}

TEST(advice_that_would_lose_frames_is_refused)
{
        static const int refused[] = {
                MADV_DONTNEED, MADV_DONTNEED_LOCKED, MADV_FREE,          MADV_COLD,
                MADV_PAGEOUT,  MADV_POPULATE_READ,   MADV_GUARD_INSTALL, MADV_GUARD_REMOVE,
                MADV_DOFORK,   MADV_DODUMP,          MADV_WIPEONFORK,    MADV_POPULATE_WRITE,
        };
        struct mm *mm = strip_empty();
        struct page *block;
        struct thing t;

        block = frames_init(&t, 0, 0);
        map_thing(mm, &t, 0, 1, RW, MAP_SHARED);
        for (unsigned i = 0; i < ARRAY_SIZE(refused); i++)
                EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(0), PAGE_SIZE, refused[i]), -EINVAL);
        EXPECT_EQ(mm_madvise(mm, &root_caller, at_page(0), PAGE_SIZE, MADV_REMOVE), -ENODEV);
        EXPECT_EQ(mm_mlock(mm, &root_caller, at_page(0), PAGE_SIZE, false), 0);
        EXPECT_FALSE(vma_at(mm, at_page(0))->flags & VM_LOCKED);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 1);
        strip_done(mm);
        page_free(block, 0);
}

TEST(a_write_to_a_private_frame_copies_it)
{
        struct mm *mm = strip_empty(), *child;
        struct mm_stats stats;
        struct page *block;
        struct thing t;
        int err;

        block = frames_init(&t, 1, 0);
        EXPECT_EQ(map_thing(mm, &t, 0, 2, RW, MAP_PRIVATE), 0);
        EXPECT_EQ(mm_committed(), 2);
        write_pages(mm, 0, 1, 'p');
        EXPECT_EQ(*(u8 *)pfn_to_virt(t.first), 1);
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'p');
        mm_stats(mm, &stats);
        EXPECT_EQ(stats.rss_anon, 1);
        child = mm_fork(mm, &root_caller, &err);
        ASSERT_TRUE(child);
        EXPECT_EQ(peek_byte(child, at_page(1)), 2);
        write_pages(child, 0, 2, 'c');
        EXPECT_EQ(peek_byte(mm, at_page(0)), 'p');
        EXPECT_EQ(peek_byte(mm, at_page(1)), 2);
        strip_validate(child);
        mm_put(child);
        strip_done(mm);
        page_free(block, 1);
}

TEST(a_child_has_the_frames_of_its_parent)
{
        struct mm *mm = strip_empty(), *child;
        struct page *block;
        struct thing t;
        int err;
        u64 faults;

        block = frames_init(&t, 1, 0);
        map_thing(mm, &t, 0, 2, RW, MAP_SHARED);
        child = mm_fork(mm, &root_caller, &err);
        ASSERT_TRUE(child);
        faults = host_page_faults;
        write_pages(child, 1, 1, 'c');
        EXPECT_EQ(host_page_faults, faults);
        EXPECT_EQ(peek_byte(mm, at_page(1)), 'c');
        strip_validate(child);
        mm_put(child);
        strip_done(mm);
        page_free(block, 1);
}

TEST(what_may_not_be_mapped_is_refused_with_its_owners_reason)
{
        struct mm *mm = strip("A");
        struct page *block;
        struct thing t;

        block = frames_init(&t, 0, 0);
        t.may_not = -EPERM;
        EXPECT_EQ(map_thing(mm, &t, 0, 1, RW, MAP_SHARED), -EPERM);
        EXPECT_STRIP(mm, "."); /* what was there has gone by then, as on Linux */
        EXPECT_EQ(mm_committed(), 0);
        t.may_not = 0;
        EXPECT_EQ(map_thing(mm, &t, 0, 2, RW, MAP_SHARED), 0);
        EXPECT_EQ(touch(mm, at_page(1), false).signo, SIGBUS); /* there is no such frame */
        strip_done(mm);
        page_free(block, 0);
}

/* ------------------------------------------------------------------ special mappings */

#define VVAR_FLAGS (VM_READ | VM_MAYREAD | VM_IO | VM_DONTEXPAND | VM_DONTDUMP | VM_PFNMAP)
#define CODE_FLAGS (VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_DONTEXPAND)

/* Two pages of frames, and behind them two of an object: as [vvar] and [vdso]. */
struct pair {
        struct thing vvar, code;
        struct page *block;
        u64 at;
};

static void pair_map(struct mm *mm, struct pair *p)
{
        struct mm_special parts[2];
        s64 at;

        p->block = frames_init(&p->vvar, 1, BACKING_SPECIAL | BACKING_LONE);
        thing_init(&p->code, NULL, BACKING_SPECIAL | BACKING_LONE);
        p->code.backing.name = "[vdso]";
        p->code.backing.object = object_create(2 * PAGE_SIZE, 0);
        ASSERT_TRUE(p->code.backing.object);
        object_write(p->code.backing.object, PAGE_SIZE, "code", 4);
        parts[0] = (struct mm_special){ 2 * PAGE_SIZE, VVAR_FLAGS, &p->vvar.backing };
        parts[1] = (struct mm_special){ 2 * PAGE_SIZE, CODE_FLAGS, &p->code.backing };
        at = mm_map_special(mm, parts, 2);
        ASSERT_TRUE(at > 0);
        p->at = (u64)at;
}

static void pair_done(struct mm *mm, struct pair *p)
{
        strip_done(mm);
        backing_put(&p->vvar.backing);
        backing_put(&p->code.backing);
        EXPECT_TRUE(p->vvar.gone && p->code.gone);
        page_free(p->block, 1);
}

TEST(special_mappings_lie_at_the_top_one_behind_the_other)
{
        struct mm *mm = strip_empty();
        struct mm_region r;
        struct pair p;

        pair_map(mm, &p);
        EXPECT_EQ(p.at, mm->mmap_base - 4 * PAGE_SIZE);
        EXPECT_EQ(mm->total_vm, 4);
        EXPECT_EQ(mm->exec_vm, 2);
        EXPECT_EQ(mm_committed(), 0);
        ASSERT_TRUE(mm_next_region(mm, p.at + 2 * PAGE_SIZE, &r));
        EXPECT_STREQ(r.special, "[vdso]");
        EXPECT_EQ(r.offset, 0);
        backing_put(r.backing);
        EXPECT_EQ(peek_byte(mm, p.at + PAGE_SIZE), 2);
        EXPECT_EQ(peek_byte(mm, p.at + 3 * PAGE_SIZE), 'c');
        EXPECT_EQ(mm->rss[RSS_FILE], 1); /* not what is around it */
        pair_done(mm, &p);
}

TEST(no_part_of_a_special_mapping_can_be_cut_off)
{
        struct mm *mm = strip("A");
        struct pair p;

        pair_map(mm, &p);
        for (u64 at = p.at; at < p.at + 4 * PAGE_SIZE; at += 2 * PAGE_SIZE) {
                u64 second = at + PAGE_SIZE;

                EXPECT_EQ(mm_munmap(mm, &root_caller, at, PAGE_SIZE), -EINVAL);
                EXPECT_EQ(mm_munmap(mm, &root_caller, second, PAGE_SIZE), -EINVAL);
                EXPECT_EQ(mm_munmap(mm, &root_caller, 0, second), -EINVAL);
                EXPECT_EQ(mm_mprotect(mm, &root_caller, at, PAGE_SIZE, PROT_NONE), -EINVAL);
                EXPECT_EQ(mm_mprotect(mm, &root_caller, second, PAGE_SIZE, PROT_NONE), -EINVAL);
                EXPECT_EQ(mm_madvise(mm, &root_caller, at, PAGE_SIZE, MADV_DONTFORK), -EINVAL);
                EXPECT_EQ(mm_mseal(mm, second, PAGE_SIZE, 0), -EINVAL);
                EXPECT_EQ(mm_mremap(mm, &root_caller, at, PAGE_SIZE, PAGE_SIZE, FIXED, at_page(9)),
                          -EINVAL);
                EXPECT_EQ(mm_mremap(mm, &root_caller, second, PAGE_SIZE, PAGE_SIZE, FIXED,
                                    at_page(9)),
                          -EINVAL);
                EXPECT_EQ(mm_mremap(mm, &root_caller, at, 2 * PAGE_SIZE, PAGE_SIZE, 0, 0), -EINVAL);
                EXPECT_EQ(mm_mremap(mm, &root_caller, at, 2 * PAGE_SIZE, 3 * PAGE_SIZE, 1, 0),
                          -EFAULT);
                EXPECT_EQ(mm_mremap(mm, &root_caller, at, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                                    FIXED | MREMAP_DONTUNMAP, at_page(9)),
                          -EINVAL);
                EXPECT_EQ(mm_mlock(mm, &root_caller, at, PAGE_SIZE, false), 0);
        }
        EXPECT_EQ(mm_map_count(mm), 3);
        EXPECT_STRIP(mm, "A");
        pair_done(mm, &p);
}

TEST(a_refused_cut_leaves_the_split_before_it)
{
        struct mm *mm = strip_empty();
        struct pair p;
        struct mmap_request req = {
                .len = 2 * PAGE_SIZE,
                .prot = RW,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        pair_map(mm, &p);
        req.addr = p.at - 2 * PAGE_SIZE;
        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)req.addr);
        EXPECT_EQ(mm_munmap(mm, &root_caller, p.at - PAGE_SIZE, 2 * PAGE_SIZE), -EINVAL);
        EXPECT_EQ(mm_map_count(mm), 4);
        req.addr = p.at - PAGE_SIZE;
        EXPECT_EQ(mm_mmap(mm, &root_caller, &req), -EINVAL);
        pair_done(mm, &p);
}

TEST(special_mappings_move_whole_and_together)
{
        struct mm *mm = strip_empty();
        struct pair p;

        pair_map(mm, &p);
        EXPECT_EQ(
                mm_mremap(mm, &root_caller, p.at, 4 * PAGE_SIZE, 4 * PAGE_SIZE, FIXED, at_page(8)),
                (s64)at_page(8));
        EXPECT_VMAS(mm, "8-10r- 10-12r-");
        EXPECT_EQ(peek_byte(mm, at_page(9)), 2);
        EXPECT_EQ(peek_byte(mm, at_page(11)), 'c');
        EXPECT_EQ(remap(mm, 10, 2, 2, FIXED, 20), 20);
        EXPECT_EQ(unmap(mm, 8, 2), 0);
        EXPECT_VMAS(mm, "20-22r-");
        pair_done(mm, &p);
}

TEST(a_written_page_of_the_vdso_is_private)
{
        struct mm *mm = strip_empty();
        struct pair p;
        char buf[4];
        u64 done;
        u8 vec[4];

        pair_map(mm, &p);
        EXPECT_EQ(mm_mincore(mm, p.at, 4, vec, &done), 0);
        EXPECT_EQ(vec[0] + vec[1] + vec[2] + vec[3], 4);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, p.at, 2 * PAGE_SIZE, RW), -EACCES);
        EXPECT_EQ(mm_access(mm, &root_caller, p.at, buf, 1, MM_ACCESS_FORCE), -EFAULT);
        EXPECT_EQ(mm_mprotect(mm, &root_caller, p.at + 2 * PAGE_SIZE, 2 * PAGE_SIZE, RW), 0);
        EXPECT_EQ(touch(mm, p.at + 3 * PAGE_SIZE, true).signo, 0);
        EXPECT_EQ(mm->rss[RSS_ANON], 1);
        EXPECT_EQ(object_read(p.code.backing.object, PAGE_SIZE, buf, 4), 4);
        EXPECT_EQ(memcmp(buf, "code", 4), 0);
        pair_done(mm, &p);
}

TEST(no_memory_for_special_mappings_leaves_nothing)
{
        struct mm *mm = strip_empty();
        struct mm_special parts[2];
        struct pair p;
        s64 at = -ENOMEM;

        pair_map(mm, &p);
        parts[0] = (struct mm_special){ 2 * PAGE_SIZE, VVAR_FLAGS, &p.vvar.backing };
        parts[1] = (struct mm_special){ 2 * PAGE_SIZE, CODE_FLAGS, &p.code.backing };
        for (u64 n = 1; at < 0; n++) {
                fail_alloc_nth(n, false);
                at = mm_map_special(mm, parts, 2);
                fail_alloc_nth(0, false);
                EXPECT_TRUE(at > 0 || at == -ENOMEM);
                EXPECT_EQ(mm_map_count(mm), at < 0 ? 2 : 4);
                strip_validate(mm);
        }
        pair_done(mm, &p);
}
