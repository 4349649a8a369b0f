/* SPDX-License-Identifier: MIT */
/*
 * Work instead of time: how many nodes of the VMA tree a call comes to. Every call begins without
 * remembered leaves, as one does that follows a thousand others.
 */
#include "tests/unit/strip.h"

#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

#define WORK_BASE 0x100000000UL
#define PITCH     4 /* pages from one VMA to the next */

/* `n` VMAs of a page with three free pages between. */
static struct mm *spread(unsigned n)
{
        struct mm *mm = strip_empty();
        struct mmap_request req = {
                .len = PAGE_SIZE,
                .prot = PROT_READ | PROT_WRITE,
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        };

        for (unsigned i = 0; i < n; i++) {
                req.addr = WORK_BASE + (u64)i * PITCH * PAGE_SIZE;
                ASSERT_EQ(mm_mmap(mm, &user_caller, &req), (s64)req.addr);
        }
        return mm;
}

static void work_begin(struct mm *mm)
{
        memset(mm->tree.recent, 0, sizeof(mm->tree.recent));
        atomic_set(&mm->tree_work.nodes, 0);
}

static s64 visits(const struct mm *mm)
{
        return atomic_get(&mm->tree_work.nodes);
}

/* What a lookup or a move may cost at most. */
static s64 bound(const struct mm *mm)
{
        return 4 * mm->tree.height + 8;
}

static u64 random_page(u64 *seed, unsigned n)
{
        return WORK_BASE + test_random_below(seed, (u64)n * PITCH) * PAGE_SIZE;
}

TEST(a_lookup_comes_to_no_more_nodes_than_the_tree_is_high)
{
        struct mm *mm = spread(20000);
        u64 seed = 3, addr;
        struct vma *vma;

        for (unsigned i = 0; i < 5000; i++) {
                addr = random_page(&seed, 20000);
                work_begin(mm);
                vma = vma_find(mm, addr);
                ASSERT_TRUE(!vma || (vma->end > addr && vma->start < addr + PITCH * PAGE_SIZE));
                ASSERT_LE((long)visits(mm), mm->tree.height + 1); /* and a neighbour */
                vma_below(mm, addr);
                ASSERT_LE((long)visits(mm), mm->tree.height + 2);
        }
        strip_done(mm);
}

TEST(asking_again_comes_to_no_node)
{
        struct mm *mm = spread(1000);
        u64 seed = 4, addr;

        for (unsigned i = 0; i < 1000; i++) {
                addr = random_page(&seed, 1000);
                vma_find(mm, addr);
                vma_below(mm, addr);
                atomic_set(&mm->tree_work.nodes, 0);
                for (unsigned k = 0; k < 10; k++) {
                        vma_find(mm, addr);
                        vma_below(mm, addr);
                }
                ASSERT_EQ(visits(mm), 0);
        }
        strip_done(mm);
}

/* Move the VMA at or above a random place to a random free page, in one of three ways. */
static bool move_at_random(struct mm *mm, unsigned n, u64 *seed)
{
        struct vmtree_pos pos;
        struct vma *vma = vmtree_find(&mm->tree, random_page(seed, n), &pos);
        u64 kind = test_random_below(seed, 3), to = random_page(seed, n), from;

        if (!vma || vma_at(mm, to) || vma_pages(vma) != 1)
                return false;
        from = vma->start;
        if (test_random_below(seed, 2))
                ASSERT_EQ(touch(mm, from, true).signo, 0);
        work_begin(mm);
        if (kind == 0)
                ASSERT_TRUE(mm_mremap(mm, &user_caller, from, PAGE_SIZE, 5 * PAGE_SIZE,
                                      MREMAP_MAYMOVE, 0) > 0);
        else
                ASSERT_EQ(mm_mremap(mm, &user_caller, from, PAGE_SIZE, PAGE_SIZE,
                                    FIXED | (kind == 1 ? MREMAP_DONTUNMAP : 0), to),
                          (s64)to);
        return true;
}

TEST(a_move_among_60000_vmas_comes_to_few_nodes)
{
        struct mm *mm = spread(60000);
        u64 seed = 5, moves = 0;
        s64 most = 0;

        for (unsigned i = 0; i < 3000; i++) {
                if (!move_at_random(mm, 60000, &seed))
                        continue;
                moves++;
                most = most > visits(mm) ? most : visits(mm);
                ASSERT_LE(visits(mm), bound(mm));
        }
        printf("%lld moves, at most %ld nodes, height %u\n", (long long)moves, (long)most,
               mm->tree.height);
        EXPECT_LE(2000, moves);
        strip_done(mm);
}

/* A multi-VMA move of k VMAs among n: O(k log n). */
static void expect_work_of_many(struct mm *mm, unsigned k)
{
        u64 span = (u64)k * PITCH * PAGE_SIZE, from = WORK_BASE + 16 * PITCH * PAGE_SIZE;
        u64 to = WORK_BASE + (mm_map_count(mm) - k) * PITCH * PAGE_SIZE + PAGE_SIZE;

        work_begin(mm);
        ASSERT_EQ(mm_mremap(mm, &user_caller, from, span, span, FIXED, to), (s64)to);
        EXPECT_LE(visits(mm), k * bound(mm));
        printf("%5u of %5lld: %ld nodes, height %u\n", k, (long long)mm_map_count(mm),
               (long)visits(mm), mm->tree.height);
        work_begin(mm);
        ASSERT_EQ(mm_mremap(mm, &user_caller, to, span, span, FIXED, from), (s64)from);
        EXPECT_LE(visits(mm), k * bound(mm));
}

TEST(a_move_of_k_vmas_is_k_moves_of_one)
{
        static const unsigned sizes[] = { 100, 1000, 10000, 60000 };

        for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
                struct mm *mm = spread(sizes[i]);

                for (unsigned k = 1; k <= 1000 && k < sizes[i] / 3; k *= 10)
                        expect_work_of_many(mm, k);
                strip_done(mm);
        }
}
