/* SPDX-License-Identifier: MIT */
/*
 * The pool of hugetlb blocks and what is promised of it. hugetlb.h says what the counts mean.
 *
 * The lock is held while blocks come from the page allocator and go back there: few ever do.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/sync/spinlock.h"
#include "mm/hugetlb.h"
#include "mm/slab.h"

/* A bit for each huge page, set while it is promised and has not been taken. */
struct hugetlb_reserve {
        struct refcount ref;
        struct list node; /* on the pool's list, while there are bits */
        u64 first, nr;    /* huge pages */
        u64 left;         /* bits that are set */
        u64 bits[];
};

static struct {
        struct spinlock lock;
        struct list blocks; /* free ones */
        struct list reserves;
        u64 total, free, reserved, surplus;
} pool = { .lock = SPINLOCK_INIT(RANK_HUGETLB, "hugetlb pool") };

void hugetlb_boot(void)
{
        list_init(&pool.blocks);
        list_init(&pool.reserves);
}

/* ------------------------------------------------------------------ blocks; all under the lock */

static void block_free(struct page *head)
{
        atomic_set(&head->refcount, 0);
        head->owner = NULL;
        head->index = 0;
        page_clear_flags(head, PAGE_PROMISED | PAGE_CACHED);
        list_add(&pool.blocks, &head->node);
        pool.free++;
}

static struct page *block_use(void)
{
        struct page *head = list_first(&pool.blocks, struct page, node);

        list_del(&head->node);
        atomic_set(&head->refcount, 1);
        pool.free--;
        return head;
}

/* One more from the page allocator; false: there is none. */
static bool pool_grow(void)
{
        struct page *head = page_alloc(HUGE_ORDER, ALLOC_USER);

        if (!head)
                return false;
        page_set_kind(head, PAGE_HUGETLB);
        block_free(head);
        pool.total++;
        return true;
}

static void pool_shrink(void)
{
        struct page *head = block_use();

        pool.total--;
        page_set_kind(head, PAGE_KERNEL);
        page_free(head, HUGE_ORDER);
}

static bool pool_grow_surplus(void)
{
        if (pool.surplus >= mm_sysctl.nr_overcommit_hugepages || !pool_grow())
                return false;
        pool.surplus++;
        return true;
}

static void pool_shrink_surplus(u64 n)
{
        for (; n && pool.surplus && pool.free; n--) {
                pool_shrink();
                pool.surplus--;
        }
}

/* ------------------------------------------------------------------ promises; the same */

static bool covers(const struct hugetlb_reserve *r, u64 index)
{
        return r && index / HUGE_PAGES - r->first < r->nr;
}

static bool has_bit(const struct hugetlb_reserve *r, u64 index)
{
        u64 bit = index / HUGE_PAGES - r->first;

        return r->bits[bit / 64] >> bit % 64 & 1;
}

static void flip_bit(struct hugetlb_reserve *r, u64 index)
{
        u64 bit = index / HUGE_PAGES - r->first;
        bool set;

        r->bits[bit / 64] ^= 1UL << bit % 64;
        set = r->bits[bit / 64] >> bit % 64 & 1;
        r->left += set ? 1 : -1UL;
        pool.reserved += set ? 1 : -1UL;
}

struct page *hugetlb_take(struct hugetlb_reserve *r, u64 index)
{
        struct page *head = NULL;
        bool promised;

        spin_lock(&pool.lock);
        promised = covers(r, index) && has_bit(r, index);
        if (promised || pool.free > pool.reserved || pool_grow_surplus())
                head = block_use();
        if (promised) {
                flip_bit(r, index);
                page_set_flags(head, PAGE_PROMISED);
        }
        spin_unlock(&pool.lock);
        return head;
}

/*
 * The last reference is gone. With a surplus the block goes to the page allocator, and cannot be
 * promised; unless it is owed.
 */
static void block_release(struct hugetlb_reserve *r, u64 index, struct page *head)
{
        block_free(head);
        if (pool.surplus == 0 && covers(r, index) && !has_bit(r, index))
                flip_bit(r, index);
        if (pool.free > pool.reserved)
                pool_shrink_surplus(1);
}

void hugetlb_release(struct page *head)
{
        spin_lock(&pool.lock);
        block_release(NULL, 0, head);
        spin_unlock(&pool.lock);
}

void hugetlb_put(struct hugetlb_reserve *r, u64 index, struct page *head)
{
        spin_lock(&pool.lock);
        if (atomic_add(&head->refcount, -1) == 0)
                block_release(hugetlb_is_private(head) ? r : NULL, index, head);
        spin_unlock(&pool.lock);
}

void hugetlb_give_up(struct hugetlb_reserve *r, u64 index, struct page *head)
{
        bool promised = page_has_flags(head, PAGE_PROMISED);

        spin_lock(&pool.lock);
        CHECK(atomic_add(&head->refcount, -1) == 0);
        block_free(head);
        if (promised)
                flip_bit(r, index);
        else if (pool.free > pool.reserved)
                pool_shrink_surplus(1);
        spin_unlock(&pool.lock);
}

/* ------------------------------------------------------------------ reservations */

struct hugetlb_reserve *hugetlb_reserve_create(u64 first, u64 pages)
{
        u64 nr = pages / HUGE_PAGES;
        struct hugetlb_reserve *r = kzalloc(sizeof(*r) + (nr + 63) / 64 * sizeof(u64));

        if (!r)
                return NULL;
        refcount_init(&r->ref);
        r->first = first / HUGE_PAGES;
        r->nr = nr;
        spin_lock(&pool.lock);
        list_add_tail(&pool.reserves, &r->node);
        spin_unlock(&pool.lock);
        return r;
}

struct hugetlb_reserve *hugetlb_reserve_get(struct hugetlb_reserve *r)
{
        if (r)
                refcount_get(&r->ref);
        return r;
}

void hugetlb_reserve_put(struct hugetlb_reserve *r)
{
        if (!r || !refcount_put(&r->ref))
                return;
        hugetlb_unreserve(r, r->first * HUGE_PAGES, (r->first + r->nr) * HUGE_PAGES - 1);
        spin_lock(&pool.lock);
        list_del(&r->node);
        spin_unlock(&pool.lock);
        kfree(r);
}

/* What is not free yet comes from the page allocator, within limits, or goes back there. */
static bool gather(u64 n)
{
        u64 surplus = pool.surplus;

        while (pool.free < pool.reserved + n) {
                if (pool_grow_surplus())
                        continue;
                pool_shrink_surplus(pool.surplus - surplus);
                return false;
        }
        return true;
}

int hugetlb_reserve_all(struct hugetlb_reserve *r)
{
        bool done;

        spin_lock(&pool.lock);
        done = gather(r->nr);
        for (u64 i = 0; done && i < r->nr; i++)
                flip_bit(r, (r->first + i) * HUGE_PAGES);
        spin_unlock(&pool.lock);
        return done ? 0 : -ENOMEM;
}

void hugetlb_unreserve(struct hugetlb_reserve *r, u64 first, u64 last)
{
        u64 ended = 0;

        if (!r)
                return;
        spin_lock(&pool.lock);
        for (u64 index = first; r->left && index < last && covers(r, index); index += HUGE_PAGES) {
                if (!has_bit(r, index))
                        continue;
                flip_bit(r, index);
                ended++;
        }
        pool_shrink_surplus(ended);
        spin_unlock(&pool.lock);
}

/* ------------------------------------------------------------------ /proc, /sys */

void mm_hugetlb_stats(struct mm_hugetlb_stats *out)
{
        spin_lock(&pool.lock);
        *out = (struct mm_hugetlb_stats){
                .total = pool.total,
                .free = pool.free,
                .reserved = pool.reserved,
                .surplus = pool.surplus,
        };
        spin_unlock(&pool.lock);
}

/*
 * Blocks in use or promised stay, and are surplus until they are free. What was surplus is kept for
 * good first, when the pool is to be larger.
 */
void mm_hugetlb_resize(u64 pages)
{
        spin_lock(&pool.lock);
        while (pool.surplus && pool.total - pool.surplus < pages)
                pool.surplus--;
        while (pool.total - pool.surplus < pages && pool_grow())
                ;
        while (pool.total - pool.surplus > pages && pool.free > pool.reserved)
                pool_shrink();
        if (pool.total - pool.surplus > pages)
                pool.surplus = pool.total - pages;
        spin_unlock(&pool.lock);
}

/* ------------------------------------------------------------------ debug builds */

static u64 count_bits(const struct hugetlb_reserve *r)
{
        u64 n = 0;

        for (u64 i = 0; i < r->nr; i++)
                n += has_bit(r, (r->first + i) * HUGE_PAGES);
        CHECK(n == r->left);
        return n;
}

void hugetlb_validate(u64 used)
{
        u64 free = 0, reserved = 0;
        struct list *it;

        list_for_each (it, &pool.blocks) {
                const struct page *head = list_entry(it, struct page, node);

                CHECK(head->kind == PAGE_HUGETLB && head->order == HUGE_ORDER);
                CHECK(atomic_get(&head->refcount) == 0 && atomic_get(&head->mapcount) == 0);
                free++;
        }
        list_for_each (it, &pool.reserves)
                reserved += count_bits(list_entry(it, struct hugetlb_reserve, node));
        CHECK(free == pool.free && reserved == pool.reserved);
        CHECK(pool.reserved <= pool.free && pool.surplus <= pool.total);
        CHECK(pool.total == pool.free + used);
}
