/* SPDX-License-Identifier: MIT */
/*
 * /proc/meminfo and /proc/vmstat: physical memory by use. The lines of meminfo are those of Linux
 * 6.18 in its order, 0 where there is nothing of the kind (no swap, no page cache but memory files,
 * no huge pages); vmstat has the names of Linux that mean something here.
 */
#include "kernel/fs/proc.h"
#include "kernel/sched/process.h"
#include "mm/mm.h"
#include "mm/page.h"

typedef unsigned long long ull;

static void show_kb(struct seq *seq, const char *label, u64 pages)
{
        seq_printf(seq, "%-15s %8llu kB\n", label, (ull)pages << (PAGE_SHIFT - 10));
}

static void show_zeroes(struct seq *seq, const char *const *labels)
{
        for (; *labels; labels++)
                show_kb(seq, *labels, 0);
}

static void show_lists(struct seq *seq, const struct memory_stats *s)
{
        static const char *const files[] = { "Active(file):", "Inactive(file):", NULL };
        static const char *const after[] = { "SwapTotal:", "SwapFree:",  "Zswap:", "Zswapped:",
                                             "Dirty:",     "Writeback:", NULL };

        show_kb(seq, "MemTotal:", s->total);
        show_kb(seq, "MemFree:", s->free);
        show_kb(seq, "MemAvailable:", s->free);
        show_kb(seq, "Buffers:", 0);
        show_kb(seq, "Cached:", s->object);
        show_kb(seq, "SwapCached:", 0);
        show_kb(seq, "Active:", 0);
        show_kb(seq, "Inactive:", s->anon + s->object - s->locked);
        show_kb(seq, "Active(anon):", 0);
        show_kb(seq, "Inactive(anon):", s->anon + s->object - s->locked);
        show_zeroes(seq, files);
        show_kb(seq, "Unevictable:", s->locked);
        show_kb(seq, "Mlocked:", s->locked);
        show_zeroes(seq, after);
}

static void show_uses(struct seq *seq, const struct memory_stats *s)
{
        static const char *const after[] = { "SecPageTables:", "NFS_Unstable:", "Bounce:",
                                             "WritebackTmp:", NULL };

        show_kb(seq, "AnonPages:", s->anon);
        show_kb(seq, "Mapped:", s->mapped);
        show_kb(seq, "Shmem:", s->object);
        show_kb(seq, "KReclaimable:", 0);
        show_kb(seq, "Slab:", s->slab);
        show_kb(seq, "SReclaimable:", 0);
        show_kb(seq, "SUnreclaim:", s->slab);
        show_kb(seq, "KernelStack:", s->kstacks);
        show_kb(seq, "PageTables:", s->tables);
        show_zeroes(seq, after);
}

int proc_show_meminfo(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        static const char *const tail[] = { "VmallocTotal:",
                                            "VmallocUsed:",
                                            "VmallocChunk:",
                                            "Percpu:",
                                            "AnonHugePages:",
                                            "ShmemHugePages:",
                                            "ShmemPmdMapped:",
                                            "FileHugePages:",
                                            "FilePmdMapped:",
                                            "Balloon:",
                                            NULL };
        static const char *const maps[] = { "DirectMap4k:", "DirectMap2M:", "DirectMap1G:", NULL };
        struct memory_stats s;

        (void)node;
        if (!proc_first(cookie))
                return 0;
        memory_stats(&s);
        show_lists(seq, &s);
        show_uses(seq, &s);
        show_kb(seq, "CommitLimit:", mm_commit_limit());
        show_kb(seq, "Committed_AS:", mm_committed());
        show_zeroes(seq, tail);
        seq_printf(seq, "HugePages_Total:       0\nHugePages_Free:        0\n"
                        "HugePages_Rsvd:        0\nHugePages_Surp:        0\n"
                        "Hugepagesize:       2048 kB\nHugetlb:               0 kB\n");
        show_zeroes(seq, maps);
        return 1;
}

/* ---------------------------------------------------------------- vmstat */

/* Faults of all processes: who was waited for has left his count with who waited. */
static u64 count_faults(void)
{
        struct rusage own, children;
        struct process *p;
        u64 faults = 0;

        for (int pid = 1; (p = process_next(pid)); pid++) {
                spin_lock(&process_lock);
                process_usage(p, &own);
                process_child_usage(p, &children);
                spin_unlock(&process_lock);
                faults += (u64)(own.minflt + children.minflt);
                pid = p->pid;
                process_put(p);
        }
        return faults;
}

static void show_count(struct seq *seq, const char *name, u64 value)
{
        seq_printf(seq, "%s %llu\n", name, (ull)value);
}

int proc_show_vmstat(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct memory_stats s;

        (void)node;
        if (!proc_first(cookie))
                return 0;
        memory_stats(&s);
        show_count(seq, "nr_free_pages", s.free);
        show_count(seq, "nr_inactive_anon", s.anon + s.object - s.locked);
        show_count(seq, "nr_active_anon", 0);
        show_count(seq, "nr_unevictable", s.locked);
        show_count(seq, "nr_mlock", s.locked);
        show_count(seq, "nr_slab_reclaimable", 0);
        show_count(seq, "nr_slab_unreclaimable", s.slab);
        show_count(seq, "nr_anon_pages", s.anon);
        show_count(seq, "nr_mapped", s.mapped);
        show_count(seq, "nr_file_pages", s.object);
        show_count(seq, "nr_dirty", 0);
        show_count(seq, "nr_writeback", 0);
        show_count(seq, "nr_shmem", s.object);
        show_count(seq, "nr_kernel_stack", s.kstacks << (PAGE_SHIFT - 10));
        show_count(seq, "nr_page_table_pages", s.tables);
        show_count(seq, "pswpin", 0);
        show_count(seq, "pswpout", 0);
        show_count(seq, "pgfault", count_faults());
        show_count(seq, "pgmajfault", 0);
        return 1;
}
