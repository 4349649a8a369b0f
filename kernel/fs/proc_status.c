/* SPDX-License-Identifier: MIT */
/* /proc/PID/{status,stat,statm,limits}: proc_pid_status(5) and its neighbours. */
#include "kernel/base/string.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/proc.h"
#include "kernel/fs/walk.h"
#include "kernel/sched/process.h"
#include "mm/mm.h"

#define NS_PER_TICK 10000000ULL /* USER_HZ is 100 */
#define NO_LIMIT    (~0ULL)

typedef unsigned long long ull;

static const char *state_name(char state)
{
        switch (state) {
        case 'R': return "R (running)";
        case 'S': return "S (sleeping)";
        case 'D': return "D (disk sleep)";
        case 'T': return "T (stopped)";
        default: return "Z (zombie)";
        }
}

/* The process' memory by numbers; all 0 if it has none. */
static bool memory_of(const struct proc_node *node, struct mm_stats *stats, struct mm_image *image)
{
        struct mm *mm = proc_mm(node);

        memset(stats, 0, sizeof(*stats));
        memset(image, 0, sizeof(*image));
        if (!mm)
                return false;
        mm_stats(mm, stats);
        mm_get_image(mm, image);
        mm_put(mm);
        return true;
}

/* Pages of the program's own text, and of other executable mappings. */
static u64 text_pages(const struct mm_stats *s, const struct mm_image *image)
{
        u64 pages =
                (page_align_up(image->end_code) - page_align_down(image->start_code)) >> PAGE_SHIFT;

        return min_u64(pages, s->exec_vm);
}

/* ---------------------------------------------------------------- status */

static void status_head(struct seq *seq, const struct proc_node *node, const struct process_info *i)
{
        struct files *files = process_files(node->process);
        struct fs_context *fs = process_fs(node->process);

        seq_printf(seq, "Name:\t%s\n", i->comm);
        if (fs) {
                seq_printf(seq, "Umask:\t%04o\n", fs_context_umask(fs));
                fs_context_put(fs);
        }
        seq_printf(seq, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
                   state_name(i->state), i->tgid, i->pid, i->ppid);
        seq_printf(seq, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", i->cred.uid, i->cred.euid,
                   i->cred.suid, i->cred.fsuid, i->cred.gid, i->cred.egid, i->cred.sgid,
                   i->cred.fsgid);
        seq_printf(seq, "FDSize:\t%u\nGroups:\t", files ? files_capacity(files) : 0);
        for (u32 g = 0; g < i->cred.nr_groups; g++)
                seq_printf(seq, "%s%u", g ? " " : "", i->cred.groups[g]);
        seq_printf(seq, " \nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\nKthread:\t0\n",
                   i->tgid, i->pid, i->pgid, i->sid);
        files_put(files);
}

static void status_kb(struct seq *seq, const char *label, u64 pages)
{
        seq_printf(seq, "%s:\t%8llu kB\n", label, (ull)pages << (PAGE_SHIFT - 10));
}

static void status_memory(struct seq *seq, const struct proc_node *node)
{
        struct mm_image image;
        struct mm_stats s;
        u64 rss, text;

        if (!memory_of(node, &s, &image))
                return;
        rss = s.rss_anon + s.rss_file + s.rss_shmem;
        text = text_pages(&s, &image);
        status_kb(seq, "VmPeak", max_u64(s.hiwater_vm, s.total_vm));
        status_kb(seq, "VmSize", s.total_vm);
        status_kb(seq, "VmLck", s.locked_vm);
        status_kb(seq, "VmPin", 0);
        status_kb(seq, "VmHWM", max_u64(s.hiwater_rss, rss));
        status_kb(seq, "VmRSS", rss);
        status_kb(seq, "RssAnon", s.rss_anon);
        status_kb(seq, "RssFile", s.rss_file);
        status_kb(seq, "RssShmem", s.rss_shmem);
        status_kb(seq, "VmData", s.data_vm);
        status_kb(seq, "VmStk", s.stack_vm);
        status_kb(seq, "VmExe", text);
        status_kb(seq, "VmLib", s.exec_vm - text);
        seq_printf(seq, "VmPTE:\t%8llu kB\n", (ull)s.pgtable_bytes >> 10);
        status_kb(seq, "VmSwap", 0);
        status_kb(seq, "HugetlbPages", s.hugetlb);
        seq_printf(seq,
                   "CoreDumping:\t0\nTHP_enabled:\t%d\n"
                   "untag_mask:\t0xffffffffffffffff\n",
                   s.thp_disable != MM_THP_DISABLE);
}

static void status_signals(struct seq *seq, const struct process_info *i)
{
        seq_printf(seq, "Threads:\t%d\nSigQ:\t0/%llu\n", i->nr_threads,
                   (ull)i->rlimits[RLIMIT_SIGPENDING].cur);
        seq_printf(seq, "SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n",
                   (ull)i->sig_pending, (ull)i->sig_shared_pending, (ull)i->sig_blocked);
        seq_printf(seq, "SigIgn:\t%016llx\nSigCgt:\t%016llx\n", (ull)i->sig_ignored,
                   (ull)i->sig_caught);
}

static void status_tail(struct seq *seq, const struct proc_node *node, const struct process_info *i)
{
        const struct process *p = node->process;

        seq_printf(seq, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\n",
                   (ull)i->cred.cap_inheritable, (ull)i->cred.cap_permitted,
                   (ull)i->cred.cap_effective);
        seq_printf(seq, "CapBnd:\t%016llx\nCapAmb:\t%016llx\nNoNewPrivs:\t0\n",
                   (ull)i->cred.cap_bounding, (ull)i->cred.cap_ambient);
        seq_printf(seq, "Seccomp:\t0\nSeccomp_filters:\t0\nCpus_allowed:\t1\n"
                        "Cpus_allowed_list:\t0\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
        seq_printf(seq, "voluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n",
                   (ull)p->nr_switches_wanted, (ull)p->nr_switches_forced);
}

int proc_show_status(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct process_info info;
        int err;

        if (!proc_first(cookie))
                return 0;
        err = proc_info(node, &info);
        if (err)
                return err;
        status_head(seq, node, &info);
        status_memory(seq, node);
        status_signals(seq, &info);
        status_tail(seq, node, &info);
        return 1;
}

/* ---------------------------------------------------------------- stat */

static void stat_tail(struct seq *seq, const struct proc_node *node, const struct mm_image *m)
{
        seq_printf(seq, " 0 0 0 %d 0 0 0 0 0 0 0", node->process->exit_signal);
        seq_printf(seq, " %llu %llu %llu %llu %llu %llu %llu 0\n", (ull)m->start_data,
                   (ull)m->end_data, (ull)m->start_brk, (ull)m->arg_start, (ull)m->arg_end,
                   (ull)m->env_start, (ull)m->env_end);
}

int proc_show_stat(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const struct process *p = node->process;
        struct process_info i;
        struct mm_image image;
        struct rusage usage;
        struct mm_stats s;
        int err;

        if (!proc_first(cookie))
                return 0;
        err = proc_info(node, &i);
        if (err)
                return err;
        memory_of(node, &s, &image);
        spin_lock(&process_lock);
        process_usage(node->process, &usage);
        spin_unlock(&process_lock);
        /* minflt, cminflt, majflt, cmajflt */
        seq_printf(seq, "%d (%s) %c %d %d %d 0 -1 4194304 %llu %llu 0 0", i.pid, i.comm, i.state,
                   i.ppid, i.pgid, i.sid, (ull)usage.minflt, (ull)p->child_faults);
        seq_printf(seq, " %llu %llu %llu %llu %d %d %d 0 %llu", (ull)(i.utime_ns / NS_PER_TICK),
                   (ull)(i.stime_ns / NS_PER_TICK), (ull)(p->cutime_ns / NS_PER_TICK),
                   (ull)(p->cstime_ns / NS_PER_TICK), 20 + p->nice, p->nice, i.nr_threads,
                   (ull)(i.start_ns / NS_PER_TICK));
        seq_printf(seq, " %llu %llu %llu %llu %llu %llu 0 0", (ull)s.total_vm << PAGE_SHIFT,
                   (ull)(s.rss_anon + s.rss_file + s.rss_shmem), (ull)i.rlimits[RLIMIT_RSS].cur,
                   (ull)image.start_code, (ull)image.end_code, (ull)image.start_stack);
        seq_printf(seq, " %llu %llu %llu %llu", (ull)(i.sig_pending & 0x7fffffff),
                   (ull)(i.sig_blocked & 0x7fffffff), (ull)(i.sig_ignored & 0x7fffffff),
                   (ull)(i.sig_caught & 0x7fffffff));
        stat_tail(seq, node, &image);
        return 1;
}

int proc_show_statm(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct process_info info;
        struct mm_image image;
        struct mm_stats s;
        int err;

        if (!proc_first(cookie))
                return 0;
        err = proc_info(node, &info);
        if (err)
                return err;
        memory_of(node, &s, &image);
        seq_printf(seq, "%llu %llu %llu %llu 0 %llu 0\n", (ull)s.total_vm,
                   (ull)(s.rss_anon + s.rss_file + s.rss_shmem), (ull)(s.rss_file + s.rss_shmem),
                   (ull)text_pages(&s, &image), (ull)(s.data_vm + s.stack_vm));
        return 1;
}

/* ---------------------------------------------------------------- limits */

static const struct {
        const char *name, *unit;
} limit_names[RLIMIT_COUNT] = {
        [RLIMIT_CPU] = { "Max cpu time", "seconds" },
        [RLIMIT_FSIZE] = { "Max file size", "bytes" },
        [RLIMIT_DATA] = { "Max data size", "bytes" },
        [RLIMIT_STACK] = { "Max stack size", "bytes" },
        [RLIMIT_CORE] = { "Max core file size", "bytes" },
        [RLIMIT_RSS] = { "Max resident set", "bytes" },
        [RLIMIT_NPROC] = { "Max processes", "processes" },
        [RLIMIT_NOFILE] = { "Max open files", "files" },
        [RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
        [RLIMIT_AS] = { "Max address space", "bytes" },
        [RLIMIT_LOCKS] = { "Max file locks", "locks" },
        [RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
        [RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
        [RLIMIT_NICE] = { "Max nice priority", NULL },
        [RLIMIT_RTPRIO] = { "Max realtime priority", NULL },
        [RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
};

static void show_limit(struct seq *seq, u64 value)
{
        if (value == NO_LIMIT)
                seq_printf(seq, "%-20s ", "unlimited");
        else
                seq_printf(seq, "%-20llu ", (ull)value);
}

int proc_show_limits(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct process_info info;
        int err;

        if (!proc_first(cookie))
                return 0;
        err = proc_info(node, &info);
        if (err)
                return err;
        seq_printf(seq, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
        for (unsigned r = 0; r < RLIMIT_COUNT; r++) {
                seq_printf(seq, "%-25s ", limit_names[r].name);
                show_limit(seq, info.rlimits[r].cur);
                show_limit(seq, info.rlimits[r].max);
                if (limit_names[r].unit)
                        seq_printf(seq, "%-10s", limit_names[r].unit);
                seq_put(seq, "\n", 1);
        }
        return 1;
}
