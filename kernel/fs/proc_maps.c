/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps, smaps, smaps_rollup: one record a region. The cookie is the address at which the
 * next region is looked for, so a reader goes on correctly while the address space changes.
 */
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/sched/task.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/vma_flags.h"

#define NAME_COLUMN 73
#define PATH_SIZE   4096

/* Blanks up to the column of names; at least one. */
static void pad_to_name(struct seq *seq, size_t start)
{
        size_t width = seq->len - start;

        seq_printf(seq, "%*s", (int)(width < NAME_COLUMN ? NAME_COLUMN - width : 1), "");
}

static void show_range(struct seq *seq, u64 start, u64 end, const char *perms, u64 offset, u32 dev,
                       u64 ino)
{
        seq_printf(seq, "%08llx-%08llx %s %08llx %02x:%02x %llu ", (unsigned long long)start,
                   (unsigned long long)end, perms, (unsigned long long)offset, dev >> 8, dev & 0xff,
                   (unsigned long long)ino);
}

/* What a region without a name maps: a file, which has a path. */
static int show_backing(struct seq *seq, struct backing *backing)
{
        char *path = kmalloc(PATH_SIZE);

        if (!path)
                return -ENOMEM;
        file_path(backing_file(backing), path, PATH_SIZE);
        seq_escape(seq, path, "\n");
        kfree(path);
        return 0;
}

static int show_region(struct seq *seq, const struct mm_region *r)
{
        size_t start = seq->len;
        char perms[5] = { r->flags & VM_READ ? 'r' : '-', r->flags & VM_WRITE ? 'w' : '-',
                          r->flags & VM_EXEC ? 'x' : '-', r->flags & VM_MAYSHARE ? 's' : 'p', 0 };
        int err = 0;

        show_range(seq, r->start, r->end, perms, r->backing ? r->offset : 0,
                   r->backing ? r->backing->dev : 0, r->backing ? r->backing->ino : 0);
        if (r->backing || r->special) {
                pad_to_name(seq, start);
                if (r->special)
                        seq_printf(seq, "%s", r->special);
                else
                        err = show_backing(seq, r->backing);
        }
        seq_put(seq, "\n", 1);
        return err;
}

static int next_region(const struct proc_node *node, u64 *cookie, struct mm **mm,
                       struct mm_region *r)
{
        struct process_info info;

        *mm = proc_mm(node);
        if (!*mm)
                return proc_info(node, &info); /* a zombie has none; who is gone is an error */
        if (!mm_next_region(*mm, *cookie, r)) {
                mm_put(*mm);
                return 0;
        }
        *cookie = r->end;
        return 1;
}

int proc_show_maps(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm_region r;
        struct mm *mm;
        int err = next_region(node, cookie, &mm, &r);

        if (err <= 0)
                return err;
        err = show_region(seq, &r);
        if (r.backing)
                backing_put(r.backing);
        mm_put(mm);
        return err ? err : 1;
}

/* ---------------------------------------------------------------- smaps */

static void show_kb(struct seq *seq, const char *label, u64 bytes)
{
        seq_printf(seq, "%-16s%8llu kB\n", label, (unsigned long long)bytes >> 10);
}

/* The lines that smaps and smaps_rollup share. */
static void show_stats(struct seq *seq, const struct mm_region_stats *s, bool rollup)
{
        show_kb(seq, "Rss:", s->rss);
        show_kb(seq, "Pss:", s->pss);
        show_kb(seq, "Pss_Dirty:", s->pss_dirty);
        if (rollup) {
                show_kb(seq, "Pss_Anon:", s->pss_anon);
                show_kb(seq, "Pss_File:", s->pss_file);
                show_kb(seq, "Pss_Shmem:", s->pss_shmem);
        }
        show_kb(seq, "Shared_Clean:", s->shared_clean);
        show_kb(seq, "Shared_Dirty:", s->shared_dirty);
        show_kb(seq, "Private_Clean:", s->private_clean);
        show_kb(seq, "Private_Dirty:", s->private_dirty);
        show_kb(seq, "Referenced:", s->referenced);
        show_kb(seq, "Anonymous:", s->anonymous);
        show_kb(seq, "KSM:", 0);
        show_kb(seq, "LazyFree:", s->lazyfree);
        show_kb(seq, "AnonHugePages:", 0);
        show_kb(seq, "ShmemPmdMapped:", 0);
        show_kb(seq, "FilePmdMapped:", 0);
        show_kb(seq, "Shared_Hugetlb:", 0);
        seq_printf(seq, "Private_Hugetlb: %7u kB\n", 0);
        show_kb(seq, "Swap:", s->swap);
        show_kb(seq, "SwapPss:", 0);
        show_kb(seq, "Locked:", s->locked);
}

static void show_flags(struct seq *seq, u64 flags)
{
        seq_printf(seq, "THPeligible:    %8u\nVmFlags: ", 0);
        for (unsigned bit = 0; bit < 64; bit++)
                if ((flags >> bit & 1) && vm_flag_letters(bit))
                        seq_printf(seq, "%s ", vm_flag_letters(bit));
        seq_put(seq, "\n", 1);
}

int proc_show_smaps(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm_region_stats stats;
        struct mm_region r;
        struct mm *mm;
        int err = next_region(node, cookie, &mm, &r);

        if (err <= 0)
                return err;
        err = show_region(seq, &r);
        mm_region_stats(mm, r.start, r.end, &stats);
        show_kb(seq, "Size:", r.end - r.start);
        show_kb(seq, "KernelPageSize:", PAGE_SIZE);
        show_kb(seq, "MMUPageSize:", PAGE_SIZE);
        show_stats(seq, &stats, false);
        show_flags(seq, r.flags);
        if (r.backing)
                backing_put(r.backing);
        mm_put(mm);
        return err ? err : 1;
}

static void add_stats(struct mm_region_stats *sum, const struct mm_region_stats *s)
{
        const u64 *from = (const u64 *)s;
        u64 *to = (u64 *)sum;

        for (size_t i = 0; i < sizeof(*s) / sizeof(u64); i++)
                to[i] += from[i];
}

int proc_show_smaps_rollup(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm_region_stats sum, one;
        u64 at = 0, first = 0, end = 0;
        struct mm_region r;
        struct mm *mm;

        if (!proc_first(cookie))
                return 0;
        memset(&sum, 0, sizeof(sum));
        while (next_region(node, &at, &mm, &r) > 0) {
                mm_region_stats(mm, r.start, r.end, &one);
                add_stats(&sum, &one);
                first = end ? first : r.start;
                end = r.end;
                if (r.backing)
                        backing_put(r.backing);
                mm_put(mm);
        }
        if (!end)
                return -ESRCH;
        show_range(seq, first, end, "---p", 0, 0, 0);
        pad_to_name(seq, 0);
        seq_printf(seq, "[rollup]\n");
        show_stats(seq, &sum, true);
        return 1;
}
