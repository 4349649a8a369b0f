/* SPDX-License-Identifier: MIT */
/* Hugetlb memory: backings, objects, entries. hugetlb.h says how it all fits together. */
#include "mm/hugetlb.h"

#include "arch/cpu.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/flush.h"
#include "mm/object_impl.h"
#include "mm/slab.h"

/* ------------------------------------------------------------------ backings */

#define HUGETLB_NAME "/anon_hugepage (deleted)"
#define HUGETLB_DEV  0x11u /* 00:11: a file system without a device */

static void backing_release(struct backing *backing)
{
        object_put(backing->object);
        kfree(backing);
}

struct backing *hugetlb_backing_create(u64 size, struct hugetlb_reserve *reserve)
{
        static atomic_t last_ino;
        struct backing *backing = kzalloc(sizeof(*backing));

        if (!backing)
                return NULL;
        backing->object = object_create(size, OBJECT_HUGETLB);
        if (!backing->object) {
                kfree(backing);
                return NULL;
        }
        backing->object->reserve = hugetlb_reserve_get(reserve);
        refcount_init(&backing->ref);
        backing->release = backing_release;
        backing->ino = (u64)atomic_add(&last_ino, 1);
        backing->name = HUGETLB_NAME;
        backing->dev = HUGETLB_DEV;
        backing->flags = BACKING_LONE;
        return backing;
}

/* ------------------------------------------------------------------ objects */

static void clear_block(struct page *head)
{
        for (u64 i = 0; i < HUGE_PAGES; i++)
                page_clear(page_to_virt(head + i));
}

/* A new block of zeroes, with the object's reference. Under the object's lock. */
static int make_page(struct object *object, u64 index, struct page **out)
{
        struct page *head = hugetlb_take(object->reserve, index);
        int err;

        if (!head)
                return -ENOSPC;
        err = page_tree_insert(&object->pages, index, head);
        if (err) {
                hugetlb_give_up(object->reserve, index, head);
                return err;
        }
        clear_block(head);
        head->owner = object;
        head->index = index;
        page_clear_flags(head, PAGE_PROMISED);
        page_set_flags(head, PAGE_CACHED);
        *out = head;
        return 0;
}

int hugetlb_object_page(struct object *object, u64 index, bool create, struct page **out)
{
        int err = 0;

        ASSERT(mutex_is_mine(&object->lock));
        *out = page_tree_get(&object->pages, index);
        if (index >= object->size >> PAGE_SHIFT)
                err = -ENXIO;
        else if (!*out && create)
                err = make_page(object, index, out);
        if (!err && *out)
                page_get(*out);
        return err;
}

/* Bytes [from, to) of the object that lie in one block. Under the object's lock. */
static void clear_part(struct object *object, u64 from, u64 to)
{
        struct page *head;

        if (from >= to)
                return;
        head = page_tree_get(&object->pages, huge_align_down(from) >> PAGE_SHIFT);
        if (head)
                memset((u8 *)page_to_virt(head) + (from & (HUGE_SIZE - 1)), 0, to - from);
}

void hugetlb_object_punch(struct object *object, u64 start, u64 end)
{
        u64 first = huge_align_up(start), last = huge_align_down(end);
        struct list gone = LIST_INIT(gone);

        mutex_lock(&object->lock);
        clear_part(object, start, min_u64(first, end));
        if (last >= first)
                clear_part(object, last, end);
        for (u64 at = first; at < last; at += HUGE_SIZE) {
                struct page *head = page_tree_remove(&object->pages, at >> PAGE_SHIFT);

                if (!head)
                        continue;
                __atomic_store_n(&head->owner, NULL, __ATOMIC_RELEASE);
                list_add_tail(&gone, &head->node);
        }
        mutex_unlock(&object->lock);
        if (first < last)
                rmap_zap(&object->rmap, first >> PAGE_SHIFT, (last >> PAGE_SHIFT) - 1, false);
        while (!list_empty(&gone)) {
                struct page *head = list_first(&gone, struct page, node);

                list_del(&head->node);
                page_put(head);
        }
}

/* ------------------------------------------------------------------ entries */

pte_t *hugetlb_find(const struct mm *mm, u64 addr)
{
        pte_t *pmd = pgwalk_find(mm, addr, PT_PMD);

        return pmd && pte_is_leaf(pte_read(pmd), PT_PMD) ? pmd : NULL;
}

bool hugetlb_is_alone(const struct page *head)
{
        return hugetlb_is_private(head) && atomic_get(&head->mapcount) == 1;
}

void hugetlb_copy_entry(struct mm *child, const struct pgwalk *walk, pte_t *to)
{
        pte_t entry = pte_wrprotect(pte_read(walk->pte), PT_PMD);
        struct page *head = hugetlb_head(entry);

        pgtable_set(walk->pte, entry, PT_PMD);
        page_get(head);
        page_map(head, false);
        pgtable_set(to, pte_mkold(entry, PT_PMD), PT_PMD);
        child->nr_hugetlb++;
}

void hugetlb_clear(struct vma *vma, u64 addr, pte_t *pmd)
{
        struct page *head = hugetlb_head(pgtable_clear(pmd, PT_PMD));
        struct mm *mm = vma->mm;

        CHECK(mm->nr_hugetlb > 0);
        mm->nr_hugetlb--;
        flush_page(mm, addr);
        page_unmap(head, false);
        hugetlb_put(vma->reserve, vma_pgoff_at(vma, addr), head);
}
