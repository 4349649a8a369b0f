/* SPDX-License-Identifier: MIT */
/*
 * Physical memory: one struct page a frame, and the buddy allocator that hands frames out.
 *
 * struct pages lie in one array indexed by pfn. They are initialised in blocks of the largest
 * order, when the allocator first needs a block, so boot time does not grow with memory.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "arch/mmu.h"
#include "kernel/base/assert.h"
#include "kernel/base/atomic.h"
#include "kernel/base/list.h"

#define PAGE_MAX_ORDER 10 /* blocks of 1 .. 1024 pages */

enum page_kind {
        PAGE_RESERVED, /* not ours: firmware, kernel image; also what lies beyond memory */
        PAGE_FREE,     /* in the allocator (only a block's first page carries the order) */
        PAGE_KERNEL,   /* kernel memory without a more precise kind */
        PAGE_SLAB,
        PAGE_TABLE,   /* a page table */
        PAGE_ANON,    /* private memory: `owner` is an anon_vma of the VMAs that map it */
        PAGE_OBJECT,  /* page of an object: `owner` is the object, NULL once it was truncated */
        PAGE_HUGETLB, /* of a block of 2 MiB: hugetlb.h */
        PAGE_KSTACK,  /* stack of a thread of the kernel */
        PAGE_KIND_COUNT
};

struct page {
        atomic_t refcount;  /* [A] holders: each mapping, the object, whoever keeps a pointer */
        atomic_t mapcount;  /* [A] page-table entries that map it: page_map(), page_unmap() */
        atomic_t lockcount; /* [A] of these, the ones of VMAs with VM_LOCKED */
        u8 kind;            /* enum page_kind; changed by page_set_kind() only */
        u8 order;           /* of the block this page begins; PAGE_TAIL inside a block */
        u8 flags;           /* [A] PAGE_DIRTY, ...: page_has_flags() and its fellows */
        u8 level;           /* PAGE_TABLE: its level */
        u32 nr_used; /* PAGE_TABLE: entries that are not none; for others 0, but for the time of
                      * mm_validate_system() */
        void *owner; /* by kind; PAGE_SLAB: the cache */
        u64 index;   /* PAGE_ANON, PAGE_OBJECT: page number in the VMAs that map it */
        union {
                struct list node;   /* free list, slab list, kit list: for whoever owns the page */
                atomic_t huge_maps; /* [A] of PAGE_HUGE, on the block's first page: huge.h */
        };
};

/*
 * Flags of a page in use change by one atomic operation each: who sets one and who clears another
 * hold different locks, or none.
 */
#define PAGE_DIRTY     0x1u
#define PAGE_UNWRITTEN 0x2u  /* of an object: set aside by fallocate(), never written or mapped */
#define PAGE_HUGE      0x8u  /* of a block that huge entries map: huge.h */
#define PAGE_FORKED    0x10u /* PAGE_ANON: a fork has shared it, and nobody wrote to it since */
#define PAGE_PROMISED  0x20u /* PAGE_HUGETLB: a reservation has given it, and nobody saw it yet */
#define PAGE_CACHED    0x40u /* PAGE_HUGETLB: of an object, or was; not of a private mapping */
#define PAGE_POISONED  0x80u /* free, and filled with the poison (the allocator's own) */

#define PAGE_TAIL 0xffu

/* A huge page: what one entry of a PMD table maps. */
#define HUGE_ORDER 9
#define HUGE_PAGES (1UL << HUGE_ORDER)
#define HUGE_SIZE  (HUGE_PAGES << PAGE_SHIFT)

static inline u64 huge_align_down(u64 addr)
{
        return addr & ~(HUGE_SIZE - 1);
}

static inline u64 huge_align_up(u64 addr)
{
        return huge_align_down(addr + HUGE_SIZE - 1);
}

static inline bool huge_is_aligned(u64 addr)
{
        return (addr & (HUGE_SIZE - 1)) == 0;
}

/* How an allocation may fail and what it is for. */
#define ALLOC_ZERO   0x1u /* contents are zero */
#define ALLOC_NOFAIL 0x2u /* boot only: panics instead of returning NULL */
#define ALLOC_USER \
        0x4u /* memory for programs: refused while what is left is the kernel's reserve */

/* What for, as page_set_kind() would say it; PAGE_KERNEL if nothing is said. */
#define ALLOC_KIND_SHIFT 8
#define ALLOC_KIND(kind) ((unsigned)(kind) << ALLOC_KIND_SHIFT)

/*
 * 2^order pages, refcount 1 on the first, of the kind asked for, every other field 0. NULL if there
 * is no memory, or if the fault-injection hook says so (fail_alloc.h). Not for interrupt handlers.
 */
struct page *page_alloc(unsigned order, unsigned flags);
/* Give a block back, whole, by its only holder: the refcount is 1, nothing maps it. */
void page_free(struct page *page, unsigned order);

/*
 * One page that holds nothing but zeroes, and back again, when it has come to hold nothing else: a
 * few of them are kept, so that nobody has to clear them. Otherwise like the two above.
 */
struct page *page_alloc_blank(enum page_kind kind);
void page_free_blank(struct page *page);

/* Make of a block, held once and used for what it is used for, 2^order pages by themselves, each
 * held once. */
void page_split(struct page *page, unsigned order);

/* Say what the block that begins with `page` is used for: memory_stats() counts by it. */
void page_set_kind(struct page *page, enum page_kind kind);

/* Whether one of `flags` is set; set them; clear them. The page's other flags stay as they are. */
static inline bool page_has_flags(const struct page *page, unsigned flags);
static inline void page_set_flags(struct page *page, unsigned flags);
static inline void page_clear_flags(struct page *page, unsigned flags);

/* Whose counts stand for the page: itself, or the first page of its hugetlb block. */
static inline struct page *page_holder(struct page *page);

static inline void page_get(struct page *page);
/* Drop a reference on an order-0 page, or on a hugetlb block; frees it with the last one. */
static inline void page_put(struct page *page);
/* The same for all pages of a list, linked by `node`: of what goes, all that lies side by side is
 * freed together. The list is empty after. */
void page_put_all(struct list *pages);
/* The last reference is gone: page_put()'s part. */
void page_release(struct page *page);

/*
 * One page-table entry more, or one fewer, maps the page; `locked`: its VMA has VM_LOCKED. And the
 * VMA of one entry gets or loses VM_LOCKED. memory_stats() counts what is mapped and locked.
 */
static inline void page_map(struct page *page, bool locked);
static inline void page_unmap(struct page *page, bool locked);
void page_set_locked(struct page *page, bool locked);

/* page_map(), page_unmap() and page_put() of a page that is known to be private, and no locks to
 * count. */
static inline void page_map_anon(struct page *page);
static inline void page_unmap_anon(struct page *page);
static inline void page_put_anon(struct page *page);
/* A reference that was dropped left none: page_release(), unless it left fewer. */
void page_dropped_last(struct page *page);

/* The page is of an object, and its first mapping has come or its last one gone: their part. */
void page_count_mapped(s64 pages);

static inline struct page *pfn_to_page(pfn_t pfn);
static inline pfn_t page_to_pfn(const struct page *page);
static inline void *page_to_virt(const struct page *page);
static inline struct page *virt_to_page(const void *virt);
/* False for frames outside RAM: no struct page stands behind them. */
bool pfn_is_ram(pfn_t pfn);

/* Pages that were ever handed to the allocator: memory_stats.total. */
extern u64 page_total_ever;

/* In pages. `free` counts memory that the slab keeps in empty slabs, too. */
struct memory_stats {
        u64 total, free;
        u64 slab, tables, kstacks, anon, object, kernel, hugetlb; /* by use */
        u64 mapped; /* of `object`: one entry or more maps it */
        u64 locked; /* of `anon` and `object`: mapped by an entry of a locked VMA */
};
void memory_stats(struct memory_stats *out);

struct mem_range;
/*
 * Take over RAM: `ranges` less `reserved`. The array of struct pages is placed in RAM itself.
 * Nothing may be allocated before.
 */
void page_init(const struct mem_range *ranges, unsigned nr, const struct mem_range *reserved,
               unsigned nr_reserved);

/* Hand over RAM that was `reserved` at boot: a module that has been unpacked. Bytes, any alignment;
 * a page that lies in it only in part stays reserved. */
void page_release_reserved(paddr start, paddr end);

/* One a frame, from frame 0; set by page_init() and for page.c and the functions below alone. */
extern struct page *page_array;
/* The struct pages of this frame's block are initialised. */
bool page_block_is_ready(pfn_t pfn);

static inline struct page *pfn_to_page(pfn_t pfn)
{
        ASSERT(page_block_is_ready(pfn));
        return page_array + pfn;
}

static inline pfn_t page_to_pfn(const struct page *page)
{
        return (pfn_t)(page - page_array);
}

static inline void *page_to_virt(const struct page *page)
{
        return pfn_to_virt(page_to_pfn(page));
}

static inline struct page *virt_to_page(const void *virt)
{
        return pfn_to_page(virt_to_pfn(virt));
}

static inline bool page_has_flags(const struct page *page, unsigned flags)
{
        return __atomic_load_n(&page->flags, __ATOMIC_ACQUIRE) & flags;
}

static inline void page_set_flags(struct page *page, unsigned flags)
{
        __atomic_fetch_or(&page->flags, (u8)flags, __ATOMIC_SEQ_CST);
}

static inline void page_clear_flags(struct page *page, unsigned flags)
{
        __atomic_fetch_and(&page->flags, (u8)~flags, __ATOMIC_SEQ_CST);
}

static inline struct page *page_holder(struct page *page)
{
        if (page->kind != PAGE_HUGETLB)
                return page;
        return page - (page_to_pfn(page) & (HUGE_PAGES - 1));
}

static inline void page_get(struct page *page)
{
        atomic_add(&page_holder(page)->refcount, 1);
}

/* Drop a reference on what holds it itself; true: that was the last one. */
static inline bool page_drop(struct page *holder)
{
        s64 refs = atomic_add(&holder->refcount, -1);

        CHECK(refs >= 0);
        return refs == 0;
}

static inline void page_put(struct page *page)
{
        struct page *holder = page_holder(page);

        if (page_drop(holder))
                page_release(holder);
}

static inline void page_map(struct page *page, bool locked)
{
        if (atomic_add(&page->mapcount, 1) == 1 && page->kind == PAGE_OBJECT)
                page_count_mapped(1);
        if (locked)
                page_set_locked(page, true);
}

static inline void page_unmap(struct page *page, bool locked)
{
        s64 left = atomic_add(&page->mapcount, -1);

        if (locked)
                page_set_locked(page, false);
        CHECK(left >= 0);
        if (left == 0 && page->kind == PAGE_OBJECT)
                page_count_mapped(-1);
}

static inline void page_map_anon(struct page *page)
{
        atomic_add(&page->mapcount, 1);
}

static inline void page_unmap_anon(struct page *page)
{
        CHECK(atomic_add(&page->mapcount, -1) >= 0);
}

static inline void page_put_anon(struct page *page)
{
        if (__builtin_expect(atomic_add(&page->refcount, -1) <= 0, 0))
                page_dropped_last(page);
}

#endif
