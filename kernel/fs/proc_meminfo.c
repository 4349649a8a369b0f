/* SPDX-License-Identifier: MIT */
/*
 * /proc/meminfo: physical memory by use. The lines are those of Linux 6.18 in its order, 0 where
 * there is nothing of the kind (no swap, no page cache but memory files, no huge pages).
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

static void show_hugetlb(struct seq *seq)
{
        struct mm_hugetlb_stats s;

        mm_hugetlb_stats(&s);
        seq_printf(seq,
                   "HugePages_Total:   %5llu\nHugePages_Free:    %5llu\n"
                   "HugePages_Rsvd:    %5llu\nHugePages_Surp:    %5llu\n"
                   "Hugepagesize:       2048 kB\nHugetlb:        %8llu kB\n",
                   (unsigned long long)s.total, (unsigned long long)s.free,
                   (unsigned long long)s.reserved, (unsigned long long)s.surplus,
                   (unsigned long long)s.total << 11);
}

int proc_show_meminfo(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        static const char *const tail[] = { "VmallocTotal:", "VmallocUsed:", "VmallocChunk:",
                                            "Percpu:", NULL };
        static const char *const huge_tail[] = { "ShmemHugePages:", "ShmemPmdMapped:",
                                                 "FileHugePages:",  "FilePmdMapped:",
                                                 "Balloon:",        NULL };
        static const char *const maps[] = { "DirectMap4k:", "DirectMap2M:", "DirectMap1G:", NULL };
        struct mm_huge_stats huge;
        struct memory_stats s;

        (void)node;
        if (!proc_first(cookie))
                return 0;
        memory_stats(&s);
        mm_huge_stats(&huge);
        show_lists(seq, &s);
        show_uses(seq, &s);
        show_kb(seq, "CommitLimit:", mm_commit_limit());
        show_kb(seq, "Committed_AS:", mm_committed());
        show_zeroes(seq, tail);
        show_kb(seq, "AnonHugePages:", huge.mapped << (21 - PAGE_SHIFT));
        show_zeroes(seq, huge_tail);
        show_hugetlb(seq);
        show_zeroes(seq, maps);
        return 1;
}
