/* SPDX-License-Identifier: MIT */
/*
 * The public face of mm/: an address space, its life, and the calls on it.
 *
 *   term        meaning
 *   mm          one address space: a tree of VMAs and a tree of page tables
 *   vma         a range of pages with one set of flags and one backing
 *   pgoff       the page offset of a VMA's first page in what it maps; for anonymous memory the
 *               page number at which it was first mapped
 *   anon_vma    the set of VMAs that may hold a private page; what merging compares
 *   folio       a physical page (or, later, several) as the unit of mapping
 *   zap         to remove page-table entries and drop what they mapped
 *
 * What mm/ needs to know of the caller comes in as data, struct mm_caller. Results are 0, an
 * address or a negative errno, named in linux-mm terms by the man page of the call.
 *
 * Lock letters on fields: [M] mmap_lock, [R] mmap_lock and the reverse-map lock, [T] page-table
 * lock, [I] immutable after creation, [A] atomic.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include "arch/page.h"
#include "kernel/base/types.h"

struct mm; /* defined in mm/mm_types.h: for mm/ only */
struct backing;
struct backing_ops;

#define MM_NO_LIMIT (~0ULL)

/* Capabilities that mm/ asks about. */
#define MM_CAP_IPC_LOCK  0x1u
#define MM_CAP_SYS_ADMIN 0x2u
#define MM_CAP_SYS_RAWIO 0x4u

struct mm_caller {
        u64 rlimit_as, rlimit_data, rlimit_data_max, rlimit_stack, rlimit_memlock; /* bytes */
        unsigned caps;                                                             /* MM_CAP_* */
        bool leaving; /* a thread at its end: nobody need resolve its faults for it (userfaultfd) */
};

/* ------------------------------------------------------------------ life */

/*
 * A new, empty address space with one reference. `stack_rlimit` (bytes) places mmap_base;
 * `seed` 0 turns address randomisation off; `legacy` is the bottom-up layout. NULL: no memory.
 */
struct mm_layout {
        u64 stack_rlimit;
        u64 seed;
        bool legacy;
};
struct mm *mm_create(const struct mm_layout *layout);

/* A copy for fork: copy-on-write. *err is -ENOMEM when NULL is returned. */
struct mm *mm_fork(struct mm *parent, const struct mm_caller *who, int *err);

/* A number that no other address space has had; never 0. */
u64 mm_id(const struct mm *mm);

void mm_get(struct mm *mm);
void mm_put(struct mm *mm); /* the last reference unmaps everything; may sleep */
/* Hold the structure without what is in it. mm_try_get() gets what mm_get() does, unless all has
 * been unmapped. */
void mm_hold(struct mm *mm);
void mm_drop(struct mm *mm);
bool mm_try_get(struct mm *mm);
/* Somebody uses it besides the caller, who does. */
bool mm_is_shared(const struct mm *mm);

/* Run on `mm` from here on (NULL: no user space). */
void mm_activate(struct mm *mm);

/* Huge pages in this address space: prctl(PR_SET_THP_DISABLE). fork() hands it on. */
enum mm_thp_disable {
        MM_THP_ENABLE,
        MM_THP_DISABLE,
        MM_THP_ADVISED, /* disabled but for memory that asked for them */
};
void mm_set_thp_disable(struct mm *mm, enum mm_thp_disable how);
enum mm_thp_disable mm_get_thp_disable(const struct mm *mm);

/* ------------------------------------------------------------------ calls */

struct mmap_request {
        u64 addr, len, prot, flags;
        u64 offset;              /* bytes */
        struct backing *backing; /* NULL: anonymous */
        bool readable, writable; /* how the file is open */
        bool noexec;             /* lies on a noexec mount */
};
s64 mm_mmap(struct mm *mm, const struct mm_caller *who, const struct mmap_request *req);
int mm_remap_file_pages(struct mm *mm, const struct mm_caller *who, u64 addr, u64 size, u64 prot,
                        u64 pgoff, u64 flags);
/* `who` is not asked anything, and may be NULL. */
int mm_munmap(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len);
/*
 * Unmap what is left of one mapping of a backing with these `ops`: of the first at or above `addr`
 * that lies as many pages above it as its page number says, and of the same backing's others that
 * do. -EINVAL: there is none.
 */
int mm_detach(struct mm *mm, u64 addr, const struct backing_ops *ops);
int mm_mprotect(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len, u64 prot);

/*
 * Protection keys (pkeys(7)). The caller's thread gets `rights` to a new key; -ENOSPC: all are in
 * use, or the processor has none.
 */
int mm_pkey_alloc(struct mm *mm, u64 flags, u64 rights);
int mm_pkey_free(struct mm *mm, int key);
int mm_pkey_mprotect(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len, u64 prot,
                     int key); /* -1: as mm_mprotect() */
s64 mm_mremap(struct mm *mm, const struct mm_caller *who, u64 addr, u64 old_len, u64 new_len,
              u64 flags, u64 new_addr);
u64 mm_brk(struct mm *mm, const struct mm_caller *who, u64 addr); /* the resulting break */

int mm_madvise(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len, int advice);
int mm_mlock(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len, bool onfault);
int mm_munlock(struct mm *mm, const struct mm_caller *who, u64 addr, u64 len);
int mm_mlockall(struct mm *mm, const struct mm_caller *who, int flags);
int mm_munlockall(struct mm *mm);
int mm_mseal(struct mm *mm, u64 addr, u64 len, u64 flags);
/*
 * Name anonymous memory (anon_name.h), or, with NULL, take the name away: PR_SET_VMA_ANON_NAME.
 * -EINVAL: that is off, or not a name; -EBADF: memory of a file; -ENOMEM: there are holes.
 */
int mm_set_anon_name(struct mm *mm, u64 addr, u64 len, const char *name);
int mm_msync(struct mm *mm, u64 addr, u64 len, int flags);
/* One byte a page into `vec` for up to `pages` pages from addr; *done says how many were stored
 * before an error. */
int mm_mincore(struct mm *mm, u64 addr, u64 pages, u8 *vec, u64 *done);

/* ------------------------------------------------------------------ faults and remote access */

/* No memory to resolve the fault with: the process has to die, with a log line that names it. */
#define MM_FAULT_OOM (-1)
/* A signal has ended the wait for a userfaultfd's handler; the access may be tried again. */
#define MM_FAULT_SIGNAL (-2)

struct mm_fault {
        int signo; /* 0: resolved, run the instruction again; MM_FAULT_* */
        int code;  /* si_code */
        u64 addr;  /* si_addr */
        u32 key;   /* si_pkey, of SEGV_PKUERR */
};
/* `access` is FAULT_* of arch/trap.h. */
struct mm_fault mm_fault(struct mm *mm, const struct mm_caller *who, u64 addr, unsigned access);
/*
 * Most faults: true if it is resolved, and nothing had to be known of the caller. If it is not,
 * nothing is decided, and mm_fault() is to be asked.
 */
bool mm_fault_plain(struct mm *mm, u64 addr, unsigned access);

/* Copy between a kernel buffer and another address space; bytes copied, or -EFAULT if none. */
#define MM_ACCESS_WRITE  0x1u
#define MM_ACCESS_FORCE  0x2u  /* as a debugger: through protection, by copy on write */
#define MM_ACCESS_ALONE  0x4u  /* private pages are made the program's own first, as for a write */
#define MM_ACCESS_MAPPED 0x8u  /* only what is mapped now: no stack grows for it */
#define MM_ACCESS_NOWAIT 0x10u /* nobody is waited for: what userfaultfd would give is missing */
#define MM_ACCESS_KEYS   0x20u /* within what protection keys allow the calling thread */
ssize_t mm_access(struct mm *mm, const struct mm_caller *who, u64 addr, void *buf, size_t len,
                  unsigned flags);
/* The page that an access to one byte would use, faulted in, with a reference. NULL: -EFAULT. */
struct page *mm_access_page(struct mm *mm, const struct mm_caller *who, u64 addr, unsigned flags);

/* ------------------------------------------------------------------ for exec and /proc */

/* Where things are; set by exec, read by /proc and brk. */
struct mm_image {
        u64 start_code, end_code, start_data, end_data;
        u64 start_brk;
        u64 start_stack;
        u64 arg_start, arg_end, env_start, env_end;
};
void mm_set_image(struct mm *mm, const struct mm_image *image); /* also sets brk = start_brk */
void mm_get_image(struct mm *mm, struct mm_image *image);

/* The initial stack: a GROWSDOWN VMA whose top is the layout's stack top. `size` bytes mapped. */
s64 mm_map_stack(struct mm *mm, const struct mm_caller *who, u64 size, bool executable);

/*
 * Special mappings (backing.h), one right behind the other, where mmap() would put something of
 * their whole length. They are in nobody's limits, nor charged. The address of the first, or
 * -ENOMEM, and nothing is mapped.
 */
struct mm_special {
        u64 len;   /* bytes, page multiple */
        u64 flags; /* VM_* */
        struct backing *backing;
};
s64 mm_map_special(struct mm *mm, const struct mm_special *parts, unsigned nr);

/* Where a position-independent executable goes (ELF_ET_DYN_BASE plus its randomisation). */
u64 mm_pie_base(struct mm *mm);

/* Bytes of a name for anonymous memory, and of how maps shows it, with their NUL. */
#define MM_ANON_NAME_MAX 80
#define MM_LABEL_MAX     (MM_ANON_NAME_MAX + 16)

struct mm_region {
        u64 start, end, offset;   /* bytes */
        u64 flags;                /* VM_* of mm/vma_flags.h */
        struct backing *backing;  /* with a reference, or NULL */
        const char *special;      /* "[heap]", "[stack]", "[vdso]", or NULL */
        char label[MM_LABEL_MAX]; /* "[anon:NAME]", which stands for a path, or "" */
};

/* What smaps says of regions, pages counted as /proc/PID/smaps does; all in bytes. */
struct mm_region_stats {
        u64 rss, pss, pss_dirty, shared_clean, shared_dirty, private_clean, private_dirty;
        u64 referenced, anonymous, lazyfree, anon_huge, swap, locked;
        u64 pss_anon, pss_file, pss_shmem;
        u64 private_hugetlb, shared_hugetlb;
        bool wants_huge; /* of one region: Linux would use huge pages here, THPeligible */
};

/* The first region that ends after `addr`; false if there is none. The same with its pages. */
bool mm_next_region(struct mm *mm, u64 addr, struct mm_region *out);
bool mm_next_region_stats(struct mm *mm, u64 addr, struct mm_region *out,
                          struct mm_region_stats *stats);
/*
 * Those that end after `addr`, in order, until `fn` returns false. It is called under mmap_lock,
 * and r->backing has no reference of its own.
 */
typedef bool mm_region_fn(void *arg, const struct mm_region *r);
void mm_walk_regions(struct mm *mm, u64 addr, mm_region_fn *fn, void *arg);
/* The pages of any range. */
void mm_region_stats(struct mm *mm, u64 start, u64 end, struct mm_region_stats *out);
/* All of them: from the start of the first to the end of the last, 0 and 0 if there is none. */
void mm_all_regions(struct mm *mm, u64 *start, u64 *end, struct mm_region_stats *stats);

/* Forget which pages were used: those of VMAs with a file, of VMAs without one. */
void mm_clear_references(struct mm *mm, bool of_files, bool of_others);
/* Every page and mapping counts as not written, if that is kept (mm_sysctl.soft_dirty). */
void mm_clear_soft_dirty(struct mm *mm);
/* The most that was resident is what is resident now. */
void mm_reset_hiwater_rss(struct mm *mm);

struct mm_stats { /* pages, but pgtable_bytes */
        u64 total_vm, data_vm, exec_vm, stack_vm, locked_vm, hiwater_vm, hiwater_rss;
        u64 rss_anon, rss_file, rss_shmem;
        u64 pgtable_bytes;
        u64 hugetlb;
        u64 map_count;
        u64 thp_disable; /* enum mm_thp_disable */
};
void mm_stats(struct mm *mm, struct mm_stats *out);

/* /proc/PID/pagemap words for `pages` pages from addr; pfns only if `show_pfn`. */
void mm_pagemap(struct mm *mm, u64 addr, u64 pages, u64 *out, bool show_pfn);

/* Huge pages since boot, as /proc/vmstat counts them, and how many are mapped now. */
struct mm_huge_stats {
        u64 fault_alloc, fault_fallback; /* faults: a page, or none to be had */
        u64 collapse_alloc;              /* MADV_COLLAPSE */
        u64 zero_alloc;                  /* of zeroes */
        u64 split;                       /* entries that became small ones */
        u64 mapped;                      /* pages (of 2 MiB) that huge entries map */
};
void mm_huge_stats(struct mm_huge_stats *out);

/* The pool of hugetlb pages (hugetlb.h), in pages of 2 MiB. */
struct mm_hugetlb_stats {
        u64 total, free, reserved, surplus;
};
void mm_hugetlb_stats(struct mm_hugetlb_stats *out);
/* So many are to be set aside, as far as there is memory: nr_hugepages. */
void mm_hugetlb_resize(u64 pages);

/* ------------------------------------------------------------------ global state */

/* The files of /proc/sys/vm. */
struct mm_sysctl {
        u64 max_map_count, mmap_min_addr;
        u64 overcommit_memory, overcommit_ratio, overcommit_kbytes;
        u64 admin_reserve_kbytes, user_reserve_kbytes;
        u64 legacy_va_layout;
        u64 mmap_rnd_bits; /* of randomness in addresses, if there is any */
        u64 thp_enabled;   /* enum thp_mode of huge.h */
        u64 thp_zero_page; /* read faults map the huge zero page */
        u64 nr_overcommit_hugepages;
        u64 soft_dirty; /* pages tell whether they were written: soft_dirty.h; from the start on */
        u64 anon_names; /* anonymous memory can be named; from the start on */
        u64 move_level; /* highest level at which mremap moves page tables: enum pt_level */
};
extern struct mm_sysctl mm_sysctl;

u64 mm_commit_limit(void); /* pages */
u64 mm_committed(void);    /* pages */

/* After page_init() and slab_init(). */
void mm_init(void);

/* Every invariant of an address space, recomputed; panics with the first that does not hold. */
void mm_validate(struct mm *mm);
/*
 * Every invariant that spans address spaces and files: who maps a page, what is committed. False if
 * it could not be checked because something is going on.
 */
bool mm_validate_system(void);

#endif
