/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps, smaps, smaps_rollup: one record a region. The cookie is the address at which the
 * next region is looked for, so a reader goes on correctly while the address space changes.
 */
#include "arch/mmu.h"
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/sched/process.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/vma_flags.h"

#define NAME_COLUMN 73

/* Blanks up to the column of names; at least one. */
static void pad_to_name(struct seq *seq, size_t start)
{
        size_t width = seq->len - start;

        seq_printf(seq, "%*s", (int)(width < NAME_COLUMN ? NAME_COLUMN - width : 1), "");
}

static void show_range(struct seq *seq, u64 start, u64 end, const char *perms, u64 offset, u32 dev,
                       u64 ino)
{
        seq_hex(seq, start, 8, '-');
        seq_hex(seq, end, 8, ' ');
        seq_put(seq, perms, 4);
        seq_put(seq, " ", 1);
        seq_hex(seq, offset, 8, ' ');
        seq_hex(seq, dev >> 8, 2, ':');
        seq_hex(seq, dev & 0xff, 2, ' ');
        seq_decimal(seq, ino, ' ');
}

/* Only files have a path; whatever else has a name brings it along. */
size_t proc_region_name(const struct mm_region *r, char buf[PROC_NAME_SIZE])
{
        const char *name = *r->label ? r->label : r->special ? r->special : "";
        size_t len = strlen(name);

        if (!*r->label && !r->special && r->backing)
                return file_path(backing_file(r->backing), buf, PROC_NAME_SIZE);
        memcpy(buf, name, len + 1);
        return len;
}

void proc_region_drop(const struct mm_region *r)
{
        if (r->backing)
                backing_put(r->backing);
}

static int show_name(struct seq *seq, const struct mm_region *r, size_t start)
{
        char *name;

        if (!r->backing && !r->special && !*r->label)
                return 0;
        name = kmalloc(PROC_NAME_SIZE);
        if (!name)
                return -ENOMEM;
        proc_region_name(r, name);
        pad_to_name(seq, start);
        seq_escape(seq, name, "\n");
        kfree(name);
        return 0;
}

static int show_region(struct seq *seq, const struct mm_region *r)
{
        char perms[5] = { r->flags & VM_READ ? 'r' : '-', r->flags & VM_WRITE ? 'w' : '-',
                          r->flags & VM_EXEC ? 'x' : '-', r->flags & VM_MAYSHARE ? 's' : 'p', 0 };
        size_t start = seq->len;
        int err;

        show_range(seq, r->start, r->end, perms, r->backing ? r->offset : 0,
                   r->backing ? r->backing->dev : 0, r->backing ? r->backing->ino : 0);
        err = show_name(seq, r, start);
        seq_put(seq, "\n", 1);
        return err;
}

/*
 * The page of the vsyscall lies in the kernel's half: no VMA, yet Linux shows it behind the last.
 * Nothing is there to be executed here.
 */
#define VSYSCALL 0xffffffffff600000ULL

static const struct mm_region vsyscall_region = {
        .start = VSYSCALL,
        .end = VSYSCALL + PAGE_SIZE,
        .flags = VM_EXEC,
        .special = "[vsyscall]",
};

/* 1 with a region, its backing referenced; 0 behind the last; or an errno. `stats` may be NULL. */
static int next_region(const struct proc_node *node, u64 *cookie, struct mm_region *r,
                       struct mm_region_stats *stats)
{
        struct mm *mm = proc_mm(node);
        struct process_info info;
        bool found;

        if (!mm)
                return proc_info(node, &info); /* a zombie has none; who is gone is an error */
        found = stats ? mm_next_region_stats(mm, *cookie, r, stats)
                      : mm_next_region(mm, *cookie, r);
        mm_put(mm);
        if (!found && *cookie <= VSYSCALL) {
                *r = vsyscall_region;
                if (stats)
                        *stats = (struct mm_region_stats){ 0 };
                found = true;
        }
        if (found)
                *cookie = r->end;
        return found;
}

int proc_show_maps(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm_region r;
        int err = next_region(node, cookie, &r, NULL);

        if (err <= 0)
                return err;
        err = show_region(seq, &r);
        proc_region_drop(&r);
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
        show_kb(seq, "AnonHugePages:", s->anon_huge);
        show_kb(seq, "ShmemPmdMapped:", 0);
        show_kb(seq, "FilePmdMapped:", 0);
        show_kb(seq, "Shared_Hugetlb:", s->shared_hugetlb);
        seq_printf(seq, "Private_Hugetlb: %7llu kB\n",
                   (unsigned long long)s->private_hugetlb >> 10);
        show_kb(seq, "Swap:", s->swap);
        show_kb(seq, "SwapPss:", 0);
        show_kb(seq, "Locked:", s->locked);
}

static void show_flags(struct seq *seq, u64 flags)
{
        if (mmu_has_keys())
                seq_printf(seq, "ProtectionKey:  %8u\n", vm_key(flags));
        seq_printf(seq, "VmFlags: ");
        for (unsigned bit = 0; bit < 64; bit++)
                if ((flags >> bit & 1) && vm_flag_letters(bit))
                        seq_printf(seq, "%s ", vm_flag_letters(bit));
        seq_put(seq, "\n", 1);
}

int proc_show_smaps(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm_region_stats stats;
        struct mm_region r;
        u64 page_size;
        int err = next_region(node, cookie, &r, &stats);

        if (err <= 0)
                return err;
        err = show_region(seq, &r);
        show_kb(seq, "Size:", r.end - r.start);
        page_size = r.flags & VM_HUGETLB ? 2UL << 20 : PAGE_SIZE;
        show_kb(seq, "KernelPageSize:", page_size);
        show_kb(seq, "MMUPageSize:", page_size);
        show_stats(seq, &stats, false);
        seq_printf(seq, "THPeligible:    %8u\n", r.wants_huge);
        show_flags(seq, r.flags);
        proc_region_drop(&r);
        return err ? err : 1;
}

int proc_show_smaps_rollup(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm_region_stats sum;
        struct mm *mm;
        u64 start, end;

        if (!proc_first(cookie))
                return 0;
        mm = proc_mm(node);
        if (!mm)
                return -ESRCH;
        mm_all_regions(mm, &start, &end, &sum);
        mm_put(mm);
        show_range(seq, start, end, "---p", 0, 0, 0);
        pad_to_name(seq, 0);
        seq_printf(seq, "[rollup]\n");
        show_stats(seq, &sum, true);
        return 1;
}
