/* SPDX-License-Identifier: MIT */
/*
 * Walks of the reverse map while other threads move, split, merge, fork and throw away. The tests'
 * scheduler changes threads wherever a lock is taken or released: whatever a walk may see half
 * done, it sees sooner or later.
 */
#include "mm/object.h"
#include "mm/pgwalk.h"
#include "mm/rmap.h"
#include "tests/unit/audit.h"
#include "tests/unit/family.h"

#define P     PAGE_SIZE
#define RW    (PROT_READ | PROT_WRITE)
#define SEEDS 60

static struct mm *mm;
static struct page *page; /* mapped once in mm, all the time */
static unsigned movers;   /* that have not finished */

static struct page *page_at(u64 addr)
{
        pte_t *pte = pgwalk_find(mm, addr, PT_PTE);

        CHECK(pte && pte_is_leaf(pte_read(pte), PT_PTE));
        return pfn_to_page(pte_pfn(pte_read(pte), PT_PTE));
}

static bool count_place(const struct rmap_place *place, void *arg)
{
        unsigned *seen = arg;

        *seen += place->vma->mm == mm;
        return true;
}

/* As long as anything moves: in mm there is one mapping of the page, not none and not two. */
static void walk_on(void *arg)
{
        (void)arg;
        while (movers) {
                unsigned seen = 0;

                EXPECT(rmap_walk(page, count_place, &seen));
                EXPECT_EQ(seen, 1);
                host_yield();
        }
}

static void run_threads(void (*const fn[])(void *), unsigned nr, u64 seed)
{
        movers = nr;
        host_sched_seed(seed);
        for (unsigned i = 0; i < nr; i++)
                host_task_create("mover", fn[i], NULL);
        host_task_create("walker", walk_on, NULL);
        host_task_create("walker", walk_on, NULL);
        host_run();
        host_sched_seed(0);
}

/* ------------------------------------------------------------------ private pages */

/* Out and back, where it merges with what has stayed on both sides. */
static void move_out_and_back(void *arg)
{
        (void)arg;
        for (unsigned i = 0; i < 4; i++) {
                EXPECT(move_pages(mm, 2, 2, 20, 0) > 0);
                EXPECT(move_pages(mm, 20, 2, 2, 0) > 0);
        }
        movers--;
}

static void split_and_merge(void *arg)
{
        (void)arg;
        for (unsigned i = 0; i < 6; i++) {
                mm_mprotect(mm, &root_caller, at_page(3), P, PROT_READ);
                mm_mprotect(mm, &root_caller, at_page(3), P, RW);
        }
        movers--;
}

/* Children are born, throw their tables away and die. */
static void fork_and_exit(void *arg)
{
        int err;

        (void)arg;
        for (unsigned i = 0; i < 4; i++) {
                struct mm *child = mm_fork(mm, &root_caller, &err);

                ASSERT_TRUE(child);
                mm_madvise(child, &root_caller, at_page(0) & ~0x1fffffUL, 4UL << 20, 4);
                mm_put(child);
        }
        movers--;
}

TEST(a_walk_sees_each_page_once_while_all_moves)
{
        static void (*const fn[])(void *) = { move_out_and_back, split_and_merge, fork_and_exit };

        for (u64 seed = 1; seed <= SEEDS; seed++) {
                mm = strip("AAAAAA");
                page = page_at(at_page(3));
                run_threads(fn, 3, seed);
                strip_validate(mm);
                audit_memory(&mm, 1);
                strip_done(mm);
        }
}

/* ------------------------------------------------------------------ first writes */

/* Neighbours that could share, written for the first time: the same ones by all threads. */
static void write_first(void *arg)
{
        (void)arg;
        for (unsigned i = 0; i < 6; i++)
                touch(mm, at_page(i), true);
}

TEST(first_writes_at_the_same_time_make_one_owner)
{
        for (u64 seed = 1; seed <= SEEDS; seed++) {
                mm = strip("------");
                mm_mprotect(mm, &root_caller, at_page(2), 2 * P, RW | PROT_EXEC);
                host_sched_seed(seed);
                for (unsigned i = 0; i < 4; i++)
                        host_task_create("writer", write_first, NULL);
                host_run();
                host_sched_seed(0);
                strip_validate(mm);
                EXPECT(vma_at(mm, at_page(0))->anon == vma_at(mm, at_page(2))->anon);
                EXPECT(vma_at(mm, at_page(4))->anon == vma_at(mm, at_page(2))->anon);
                EXPECT_EQ(slab_objects("anon_vma"), 1);
                strip_done(mm);
        }
}

/* ------------------------------------------------------------------ whole tables */

#define TABLE 0x200000UL
#define HERE  0x40000000UL
#define THERE 0x80000000UL

static struct backing backing;

static void release_object(struct backing *b)
{
        object_put(b->object);
}

static void map_object(u64 flags)
{
        struct mmap_request req = {
                .addr = HERE,
                .len = 2 * TABLE,
                .prot = RW,
                .flags = MAP_FIXED | flags,
                .backing = &backing,
                .readable = true,
                .writable = true,
        };

        refcount_init(&backing.ref);
        backing.release = release_object;
        backing.object = object_create(2 * TABLE, 0);
        backing.flags = BACKING_SHMEM | BACKING_REGULAR;
        mm = strip_empty();
        ASSERT_EQ(mm_mmap(mm, &root_caller, &req), (s64)HERE);
        for (u64 at = 0; at < 2 * TABLE; at += TABLE / 2)
                EXPECT_EQ(touch(mm, HERE + at, true).signo, 0);
        page = page_at(HERE);
}

static void move_tables(void *arg)
{
        u64 from = HERE, to = THERE;

        (void)arg;
        for (unsigned i = 0; i < 4; i++) {
                EXPECT_EQ(mm_mremap(mm, &root_caller, from, 2 * TABLE, 2 * TABLE,
                                    MREMAP_MAYMOVE | MREMAP_FIXED, to),
                          (s64)to);
                from = from == HERE ? THERE : HERE;
                to = to == HERE ? THERE : HERE;
        }
        movers--;
}

static void truncate_upper(void *arg)
{
        (void)arg;
        object_truncate(backing.object, TABLE + P);
        object_truncate(backing.object, TABLE);
        object_truncate(backing.object, P);
        movers--;
}

/* Nothing is mapped but the first page, wherever the mapping is now. */
static void check_truncated(void)
{
        for (u64 at = P; at < 2 * TABLE; at += P) {
                pte_t *pte = pgwalk_find(mm, HERE + at, PT_PTE);

                EXPECT(!pte || pte_is_none(pte_read(pte)));
                pte = pgwalk_find(mm, THERE + at, PT_PTE);
                EXPECT(!pte || pte_is_none(pte_read(pte)));
        }
}

static void run_tables(u64 flags)
{
        static void (*const fn[])(void *) = { move_tables, truncate_upper };

        for (u64 seed = 1; seed <= SEEDS; seed++) {
                map_object(flags);
                run_threads(fn, 2, seed);
                check_truncated();
                strip_validate(mm);
                audit_memory(&mm, 1);
                mm_put(mm);
                backing_put(&backing);
                EXPECT_EQ(mm_committed(), 0);
        }
}

/* One page, back and forth, in the TLB of whoever moves it. */
static void move_page(void *arg)
{
        (void)arg;
        for (unsigned i = 0; i < 12; i++) {
                u64 from = i % 2 ? THERE : HERE, to = i % 2 ? HERE : THERE;

                touch(mm, from, true);
                EXPECT_EQ(
                        mm_mremap(mm, &root_caller, from, P, P, MREMAP_MAYMOVE | MREMAP_FIXED, to),
                        (s64)to);
        }
        movers--;
}

/* At any point of a move. */
static void truncate_and_extend(void *arg)
{
        while (movers) {
                for (u64 wait = test_random_below(arg, 16); wait; wait--)
                        host_yield();
                object_truncate(backing.object, 0);
                object_truncate(backing.object, P);
        }
}

/* The machine panics if a frame is freed while a TLB leads to it. */
TEST(a_moved_page_is_not_freed_while_its_old_address_leads_to_it)
{
        u64 state = 1;

        for (u64 seed = 1; seed <= SEEDS; seed++) {
                map_object(MAP_SHARED);
                EXPECT_EQ(mm_munmap(mm, &root_caller, HERE + P, 2 * TABLE - P), 0);
                movers = 1;
                host_sched_seed(seed);
                host_task_create("mover", move_page, NULL);
                host_task_create("truncater", truncate_and_extend, &state);
                host_run();
                host_sched_seed(0);
                strip_validate(mm);
                audit_memory(&mm, 1);
                mm_put(mm);
                backing_put(&backing);
        }
}

TEST(truncation_reaches_shared_pages_whose_tables_move)
{
        run_tables(MAP_SHARED);
}

TEST(truncation_reaches_private_copies_whose_tables_move)
{
        run_tables(MAP_PRIVATE);
}
