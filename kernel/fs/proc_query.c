/* SPDX-License-Identifier: MIT */
/*
 * Questions about an address space in binary: PROCMAP_QUERY on /proc/PID/maps, PAGEMAP_SCAN on
 * /proc/PID/pagemap (ioctl_pagemap_scan(2)); and the orders of /proc/PID/clear_refs.
 */
#include "arch/usercopy.h"
#include "kernel/base/abi/procfs.h"
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/sched/process.h"
#include "mm/mm.h"
#include "mm/page_scan.h"
#include "mm/slab.h"
#include "mm/vma_flags.h"

/* ---------------------------------------------------------------- PROCMAP_QUERY */

/* The rights that the query asks for, all of which a region must have. */
static u64 wanted_flags(u64 query)
{
        return (query & PROCMAP_QUERY_VMA_READABLE ? VM_READ : 0) |
               (query & PROCMAP_QUERY_VMA_WRITABLE ? VM_WRITE : 0) |
               (query & PROCMAP_QUERY_VMA_EXECUTABLE ? VM_EXEC : 0) |
               (query & PROCMAP_QUERY_VMA_SHARED ? VM_MAYSHARE : 0);
}

static u64 shown_flags(u64 flags)
{
        return (flags & VM_READ ? PROCMAP_QUERY_VMA_READABLE : 0) |
               (flags & VM_WRITE ? PROCMAP_QUERY_VMA_WRITABLE : 0) |
               (flags & VM_EXEC ? PROCMAP_QUERY_VMA_EXECUTABLE : 0) |
               (flags & VM_MAYSHARE ? PROCMAP_QUERY_VMA_SHARED : 0);
}

static bool has_file(const struct mm_region *r)
{
        return r->backing && !(r->backing->flags & BACKING_SPECIAL);
}

/* The region that the query asks for, its backing referenced; false: there is none. */
static bool find_region(struct mm *mm, const struct procmap_query *q, struct mm_region *r)
{
        bool or_next = q->query_flags & PROCMAP_QUERY_COVERING_OR_NEXT_VMA;
        u64 want = wanted_flags(q->query_flags), addr = q->query_addr;

        while (mm_next_region(mm, addr, r)) {
                bool fits = (r->flags & want) == want;

                if ((q->query_flags & PROCMAP_QUERY_FILE_BACKED_VMA) && !has_file(r))
                        fits = false;
                if (fits && (or_next || r->start <= addr))
                        return true;
                proc_region_drop(r);
                if (!or_next)
                        return false;
                addr = r->end;
        }
        return false;
}

static void answer_region(struct procmap_query *q, const struct mm_region *r)
{
        q->vma_start = r->start;
        q->vma_end = r->end;
        q->vma_flags = shown_flags(r->flags);
        q->vma_page_size = r->flags & VM_HUGETLB ? 2UL << 20 : PAGE_SIZE;
        q->vma_offset = r->backing ? r->offset : 0;
        q->inode = r->backing ? r->backing->ino : 0;
        q->dev_major = r->backing ? r->backing->dev >> 8 : 0;
        q->dev_minor = r->backing ? r->backing->dev & 0xff : 0;
}

/* Build ID and name, into user memory. -ENAMETOOLONG, -EFAULT, -ENOMEM. */
static int answer_texts(struct procmap_query *q, const struct mm_region *r)
{
        u8 id[BUILD_ID_MAX];
        unsigned id_size = q->build_id_size ? proc_build_id(r->backing, id) : 0;
        char *name = NULL;
        size_t size = 0;
        int err = 0;

        if (q->build_id_size && q->build_id_size < id_size)
                return -ENAMETOOLONG;
        q->build_id_size = id_size;
        if (q->vma_name_size) {
                name = kmalloc(PROC_NAME_SIZE);
                if (!name)
                        return -ENOMEM;
                size = proc_region_name(r, name);
                size = size ? size + 1 : 0;
        }
        if (size > min_u64(q->vma_name_size, PROC_NAME_SIZE))
                err = -ENAMETOOLONG;
        else if (size && user_copy_out(q->vma_name_addr, name, size))
                err = -EFAULT;
        else if (id_size && user_copy_out(q->build_id_addr, id, id_size))
                err = -EFAULT;
        q->vma_name_size = (u32)size;
        kfree(name);
        return err;
}

/* What the caller's struct has beyond the one known here must be zero. */
static int copy_query_in(struct procmap_query *q, uaddr arg)
{
        u64 size;
        u8 more;

        if (user_copy_in(&size, arg, sizeof(size)))
                return -EFAULT;
        if (size > PAGE_SIZE)
                return -E2BIG;
        if (size < offsetof(struct procmap_query, vma_start))
                return -EINVAL;
        memset(q, 0, sizeof(*q));
        if (user_copy_in(q, arg, min_u64(size, sizeof(*q))))
                return -EFAULT;
        for (u64 i = sizeof(*q); i < size; i++) {
                if (user_copy_in(&more, arg + i, 1))
                        return -EFAULT;
                if (more)
                        return -E2BIG;
        }
        q->size = size;
        return 0;
}

static long query_region(const struct proc_node *node, uaddr arg)
{
        struct procmap_query q;
        struct mm_region r;
        struct mm *mm;
        bool found;
        int err = copy_query_in(&q, arg);

        if (err)
                return err;
        if (q.query_flags & ~PROCMAP_QUERY_VALID_FLAGS)
                return -EINVAL;
        if (!q.vma_name_size != !q.vma_name_addr || !q.build_id_size != !q.build_id_addr)
                return -EINVAL;
        mm = proc_mm(node);
        if (!mm)
                return -ESRCH;
        found = find_region(mm, &q, &r);
        mm_put(mm);
        if (!found)
                return -ENOENT;
        answer_region(&q, &r);
        err = answer_texts(&q, &r);
        proc_region_drop(&r);
        if (!err && user_copy_out(arg, &q, min_u64(q.size, sizeof(q))))
                err = -EFAULT;
        return err;
}

long proc_maps_ioctl(const struct proc_node *node, unsigned cmd, uaddr arg)
{
        return cmd == PROCMAP_QUERY ? query_region(node, arg) : -ENOTTY;
}

/* ---------------------------------------------------------------- PAGEMAP_SCAN */

#define REGIONS_AT_ONCE 512u

/* An address range in user space, as access_ok() has it: it may end at the very end. */
static bool is_user_range(u64 start, u64 len)
{
        return len <= TASK_SIZE && start <= TASK_SIZE - len;
}

static int scan_check(struct pm_scan_arg *arg)
{
        u64 bytes;

        if (arg->size != sizeof(*arg) || (arg->flags & ~PM_SCAN_FLAGS))
                return -EINVAL;
        if ((arg->category_inverted | arg->category_mask | arg->category_anyof_mask |
             arg->return_mask) &
            ~PM_SCAN_CATEGORIES)
                return -EINVAL;
        if (arg->start & ~PAGE_MASK)
                return -EINVAL;
        if (!is_user_range(arg->start, arg->end - arg->start))
                return -EFAULT;
        if (!arg->vec && arg->vec_len)
                return -EINVAL;
        if (__builtin_mul_overflow(arg->vec_len, sizeof(struct page_region), &bytes))
                bytes = ~0ULL;
        if (arg->vec && !is_user_range(arg->vec, bytes))
                return -EFAULT;
        arg->end = page_align_up(arg->end);
        arg->max_pages = arg->max_pages ? arg->max_pages : ~0ULL;
        return 0;
}

/*
 * Fill the caller's vector, a buffer at a time; how many regions, or an errno. *walk_end is where
 * the walk stopped last. Like Linux's, it is left there when a buffer was full and the rest of the
 * walk then came to the end.
 */
static long scan_all(struct mm *mm, struct page_scan *scan, uaddr vec, u64 vec_len, u64 *walk_end)
{
        u64 done = 0;
        int err;

        do {
                u64 room = min_u64(vec_len - done, REGIONS_AT_ONCE);

                scan->nr = 0;
                scan->nr_max = vec_len ? (unsigned)room : 0;
                err = mm_scan_pages(mm, scan);
                if (scan->nr && user_copy_out(vec + done * sizeof(struct page_region),
                                              scan->regions, scan->nr * sizeof(struct page_region)))
                        return -EFAULT;
                done += scan->nr;
                if (scan->stopped)
                        *walk_end = scan->at;
        } while (!err && scan->stopped && done < vec_len && scan->pages < scan->max_pages);
        return err ? err : (long)done;
}

static long scan_pages(const struct proc_node *node, uaddr uarg)
{
        struct mm *mm = proc_mm(node);
        struct page_scan scan = { 0 };
        struct pm_scan_arg arg;
        long n;

        if (!mm)
                return -ESRCH;
        n = user_copy_in(&arg, uarg, sizeof(arg)) ? -EFAULT : scan_check(&arg);
        if (!n && arg.vec_len) {
                scan.regions =
                        kmalloc(min_u64(arg.vec_len, REGIONS_AT_ONCE) * sizeof(struct page_region));
                n = scan.regions ? 0 : -ENOMEM;
        }
        if (n) {
                mm_put(mm);
                return n;
        }
        scan.at = arg.start;
        scan.end = arg.end;
        scan.flags = arg.flags;
        scan.inverted = arg.category_inverted;
        scan.all_of = arg.category_mask;
        scan.any_of = arg.category_anyof_mask;
        scan.shown = arg.return_mask;
        scan.max_pages = arg.max_pages;
        arg.walk_end = arg.end;
        n = scan_all(mm, &scan, arg.vec, arg.vec_len, &arg.walk_end);
        mm_put(mm);
        kfree(scan.regions);
        if (user_copy_out(uarg + offsetof(struct pm_scan_arg, walk_end), &arg.walk_end,
                          sizeof(arg.walk_end)))
                return -EFAULT;
        return n;
}

long proc_pagemap_ioctl(struct file *file, unsigned cmd, uaddr arg)
{
        return cmd == PAGEMAP_SCAN ? scan_pages(proc_node_of(file), arg) : -EINVAL;
}

/* ---------------------------------------------------------------- clear_refs */

/* Bytes that are looked at; the rest is not taken. */
#define CLEAR_REFS_MAX 12

enum { CLEAR_ALL = 1, CLEAR_ANON, CLEAR_FILES, CLEAR_SOFT_DIRTY, CLEAR_HIWATER };

static void clear_refs(struct mm *mm, int what)
{
        switch (what) {
        case CLEAR_ALL: mm_clear_references(mm, true, true); break;
        case CLEAR_ANON: mm_clear_references(mm, false, true); break;
        case CLEAR_FILES: mm_clear_references(mm, true, false); break;
        case CLEAR_SOFT_DIRTY: mm_clear_soft_dirty(mm); break;
        case CLEAR_HIWATER: mm_reset_hiwater_rss(mm); break;
        default: break;
        }
}

static bool is_blank(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A decimal number, blanks around it; -EINVAL, or -ERANGE past what an int holds. */
static int parse_order(const char *p)
{
        s64 value = 0;

        while (is_blank(*p))
                p++;
        p += *p == '+';
        if (*p < '0' || *p > '9')
                return -EINVAL;
        for (; *p >= '0' && *p <= '9'; p++)
                value = value * 10 + (*p - '0');
        while (is_blank(*p))
                p++;
        if (*p)
                return -EINVAL;
        if (value > 0x7fffffff)
                return -ERANGE;
        return value < CLEAR_ALL || value > CLEAR_HIWATER ? -EINVAL : (int)value;
}

ssize_t proc_clear_refs(const struct proc_node *node, char *text, size_t len)
{
        struct process_info info;
        struct mm *mm;
        int what;

        len = min_u64(len, CLEAR_REFS_MAX);
        text[len] = '\0';
        what = parse_order(text);
        if (what < 0)
                return what;
        mm = proc_mm(node);
        if (!mm)
                return proc_info(node, &info) ? -ESRCH : (ssize_t)len;
        clear_refs(mm, what);
        mm_put(mm);
        return (ssize_t)len;
}
