/* SPDX-License-Identifier: MIT */
/* The life of an address space, and what others may read of it. mm.h is the contract. */
#include "kernel/base/abi/mman.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "mm/account.h"
#include "mm/fault.h"
#include "mm/hugetlb.h"
#include "mm/keys.h"
#include "mm/layout.h"
#include "mm/munmap.h"
#include "mm/object_impl.h"
#include "mm/pgwalk.h"
#include "mm/shared_anon.h"
#include "mm/slab.h"
#include "mm/uffd.h"

struct mm_sysctl mm_sysctl = {
        .max_map_count = 65530,
        .mmap_min_addr = 4096,
        .overcommit_memory = 0,
        .overcommit_ratio = 50,
        .admin_reserve_kbytes = 8192,
        .user_reserve_kbytes = 131072,
        .mmap_rnd_bits = 28,
        .thp_enabled = THP_MADVISE,
        .thp_zero_page = 1,
        .move_level = PT_PUD,
};

struct mm_list mm_list = { SPINLOCK_INIT(RANK_LEAF, "address spaces"), LIST_INIT(mm_list.all) };

static struct slab_cache *mm_cache;

void mm_init(void)
{
        mm_cache = slab_cache_create("mm", sizeof(struct mm), 64);
        vmtree_boot();
        vma_boot();
        object_boot();
        shared_anon_boot();
        fault_boot();
        hugetlb_boot();
}

/* ------------------------------------------------------------------ life */

static atomic_t last_id;

u64 mm_id(const struct mm *mm)
{
        return mm->id;
}

struct mm *mm_alloc(void)
{
        struct mm *mm = slab_zalloc(mm_cache);

        if (!mm)
                return NULL;
        refcount_init(&mm->users);
        refcount_init(&mm->holds);
        list_init(&mm->uffd_events);
        keys_init(mm);
        mm->id = (u64)atomic_add(&last_id, 1);
        rwsem_init(&mm->mmap_lock, RANK_MMAP, "mmap_lock");
        spin_init(&mm->table_lock, RANK_TABLE, "page tables");
        spin_init(&mm->pte_lock, RANK_PTE_TABLE, "ptes");
        vmtree_init(&mm->tree, &mm->tree_work);
        if (pgtable_create_root(mm)) {
                slab_free(mm_cache, mm);
                return NULL;
        }
        spin_lock(&mm_list.lock);
        list_add_tail(&mm_list.all, &mm->node);
        spin_unlock(&mm_list.lock);
        return mm;
}

struct mm *mm_create(const struct mm_layout *layout)
{
        struct mm *mm = mm_alloc();

        if (mm)
                layout_init(mm, layout);
        return mm;
}

void mm_get(struct mm *mm)
{
        refcount_get(&mm->users);
}

void mm_put(struct mm *mm)
{
        if (!refcount_put(&mm->users))
                return;
        mm_lock(mm);
        unmap_all(mm);
        mm_unlock(mm, 0);
        CHECK(mm->total_vm == 0 && mm->locked_vm == 0 && mm->tree.count == 0);
        CHECK(mm->nr_huge == 0 && mm->nr_hugetlb == 0);
        CHECK(mm->rss[RSS_ANON] == 0 && mm->rss[RSS_FILE] == 0 && mm->rss[RSS_SHMEM] == 0);
        spin_lock(&mm_list.lock);
        list_del(&mm->node);
        spin_unlock(&mm_list.lock);
        pgtable_free_root(mm);
        mm_drop(mm);
}

void mm_hold(struct mm *mm)
{
        refcount_get(&mm->holds);
}

void mm_drop(struct mm *mm)
{
        if (refcount_put(&mm->holds))
                slab_free(mm_cache, mm);
}

bool mm_try_get(struct mm *mm)
{
        s64 users = atomic_get(&mm->users.count);

        while (users && !atomic_cmpxchg(&mm->users.count, users, users + 1))
                users = atomic_get(&mm->users.count);
        return users != 0;
}

bool mm_is_shared(const struct mm *mm)
{
        return refcount_read(&mm->users) > 1;
}

void mm_activate(struct mm *mm)
{
        mmu_activate(mm ? &mm->mmu : NULL);
}

void mm_unlock_and_settle(struct mm *mm)
{
        struct vma *graveyard = mm->graveyard;
        struct list events = LIST_INIT(events);

        mm->graveyard = NULL;
        list_splice_tail(&events, &mm->uffd_events);
        rwsem_write_unlock(&mm->mmap_lock);
        vma_bury(graveyard);
        uffd_deliver(&events);
}

void mm_set_thp_disable(struct mm *mm, enum mm_thp_disable how)
{
        __atomic_store_n(&mm->thp_disable, how, __ATOMIC_RELAXED);
}

enum mm_thp_disable mm_get_thp_disable(const struct mm *mm)
{
        return __atomic_load_n(&mm->thp_disable, __ATOMIC_RELAXED);
}

/* ------------------------------------------------------------------ for exec */

void mm_set_image(struct mm *mm, const struct mm_image *image)
{
        rwsem_write_lock(&mm->mmap_lock);
        mm->image = *image;
        mm->brk = image->start_brk;
        rwsem_write_unlock(&mm->mmap_lock);
}

void mm_get_image(struct mm *mm, struct mm_image *image)
{
        rwsem_read_lock(&mm->mmap_lock);
        *image = mm->image;
        rwsem_read_unlock(&mm->mmap_lock);
}

s64 mm_map_stack(struct mm *mm, const struct mm_caller *who, u64 size, bool executable)
{
        struct mmap_request req = {
                .addr = mm->stack_top - page_align_up(size),
                .len = size,
                .prot = PROT_READ | PROT_WRITE | (executable ? PROT_EXEC : 0),
                .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN,
        };

        return mm_mmap(mm, who, &req);
}

u64 mm_pie_base(struct mm *mm)
{
        return mm->pie_base;
}

/* ------------------------------------------------------------------ for /proc */

void mm_stats(struct mm *mm, struct mm_stats *out)
{
        u64 rss;

        rwsem_read_lock(&mm->mmap_lock);
        spin_lock(&mm->pte_lock);
        rss = mm->rss[RSS_ANON] + mm->rss[RSS_FILE] + mm->rss[RSS_SHMEM];
        *out = (struct mm_stats){
                .total_vm = mm->total_vm,
                .data_vm = mm->data_vm,
                .exec_vm = mm->exec_vm,
                .stack_vm = mm->stack_vm,
                .locked_vm = mm->locked_vm,
                .hiwater_vm = max_u64(mm->hiwater_vm, mm->total_vm),
                .hiwater_rss = max_u64(mm->hiwater_rss, rss),
                .rss_anon = mm->rss[RSS_ANON],
                .rss_file = mm->rss[RSS_FILE],
                .rss_shmem = mm->rss[RSS_SHMEM],
                .pgtable_bytes = mm->pgtable_bytes,
                .map_count = mm_map_count(mm),
                .thp_disable = mm->thp_disable,
                .hugetlb = mm->nr_hugetlb * HUGE_PAGES,
        };
        spin_unlock(&mm->pte_lock);
        rwsem_read_unlock(&mm->mmap_lock);
}
