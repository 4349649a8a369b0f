/* SPDX-License-Identifier: MIT */
/* The top of /proc: what is not about one process. Formats as in proc(5). */
#include "arch/boot.h"
#include "arch/cpu.h"
#include "kernel/base/log.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/sched/process.h"
#include "kernel/sched/uts.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/slab.h"

typedef unsigned long long ull;

#define NS_PER_SEC 1000000000ULL

/* ---------------------------------------------------------------- memory */

static int show_slabinfo(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct slab_stats s;

        (void)node;
        if (*cookie == 0)
                seq_printf(seq, "slabinfo - version: 2.1\n# name            <active_objs> "
                                "<num_objs> <objsize> <objperslab> <pagesperslab> : tunables "
                                "<limit> <batchcount> <sharedfactor> : slabdata <active_slabs> "
                                "<num_slabs> <sharedavail>\n");
        if (!slab_stats((unsigned)*cookie, &s))
                return 0;
        seq_printf(seq,
                   "%-17s %6llu %6llu %6zu %4llu %4u : tunables %4u %4u %4u : slabdata %6llu "
                   "%6llu %6u\n",
                   s.name, (ull)s.objects, (ull)s.objects, s.size,
                   (ull)(s.size ? PAGE_SIZE / s.size : 0), 1u, 0u, 0u, 0u, (ull)s.pages,
                   (ull)s.pages, 0u);
        (*cookie)++;
        return 1;
}

/* ---------------------------------------------------------------- time and load */

static u64 idle_ns(void)
{
        u64 busy = 0, now = clock_ns();
        struct process_info info;
        struct process *p;

        for (int pid = 1; (p = process_next(pid)); pid = info.tgid + 1) {
                process_info(p, &info);
                busy += info.utime_ns + info.stime_ns;
                process_put(p);
        }
        return busy < now ? now - busy : 0;
}

static void count_processes(unsigned *running, unsigned *threads, int *last)
{
        struct process_info info;
        struct process *p;

        *running = *threads = 0;
        *last = 0;
        for (int pid = 1; (p = process_next(pid)); pid = info.tgid + 1) {
                process_info(p, &info);
                *running += info.state == 'R';
                *threads += (unsigned)info.nr_threads;
                *last = info.tgid;
                process_put(p);
        }
}

static int show_uptime(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        u64 up = clock_ns() / (NS_PER_SEC / 100), idle;

        (void)node;
        if (!proc_first(cookie))
                return 0;
        idle = idle_ns() / (NS_PER_SEC / 100);
        seq_printf(seq, "%llu.%02llu %llu.%02llu\n", (ull)up / 100, (ull)up % 100, (ull)idle / 100,
                   (ull)idle % 100);
        return 1;
}

/* The number of runnable threads now stands for its averages. */
static int show_loadavg(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        unsigned running, threads;
        int last;

        (void)node;
        if (!proc_first(cookie))
                return 0;
        count_processes(&running, &threads, &last);
        seq_printf(seq, "%u.00 %u.00 %u.00 %u/%u %d\n", running, running, running, running, threads,
                   last);
        return 1;
}

static int show_stat(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        u64 user = 0, system = 0, idle, tick = NS_PER_SEC / 100;
        struct process_info info;
        unsigned running, threads;
        struct process *p;
        char times[96];
        int last;

        (void)node;
        if (!proc_first(cookie))
                return 0;
        for (int pid = 1; (p = process_next(pid)); pid = info.tgid + 1) {
                process_info(p, &info);
                user += info.utime_ns;
                system += info.stime_ns;
                process_put(p);
        }
        idle = idle_ns();
        count_processes(&running, &threads, &last);
        scnprintf(times, sizeof(times), "%llu 0 %llu %llu 0 0 0 0 0 0", (ull)(user / tick),
                  (ull)(system / tick), (ull)(idle / tick));
        seq_printf(seq, "cpu  %s\ncpu0 %s\nintr 0\nctxt 0\nbtime %llu\nprocesses %d\n", times,
                   times, (ull)(clock_boot_unix_ns() / NS_PER_SEC), last);
        seq_printf(seq, "procs_running %u\nprocs_blocked 0\n", running);
        return 1;
}

/* ---------------------------------------------------------------- the system */

static int show_version(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const struct utsname *name = uts_name();

        (void)node;
        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "%s version %s (%s) (%s) %s\n", name->sysname, name->release, "terrane",
                   "gcc " __VERSION__, name->version);
        return 1;
}

static int show_cmdline(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "%s\n", boot_cmdline());
        return 1;
}

static int show_filesystems(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        if (!proc_first(cookie))
                return 0;
        for (const struct fs_type *t = fs_type_next(NULL); t; t = fs_type_next(t))
                seq_printf(seq, "%s\t%s\n", t->nodev ? "nodev" : "", t->name);
        return 1;
}

/* ---------------------------------------------------------------- kmsg */

/* The kept log from the offset on; it does not wait for more. */
static ssize_t kmsg_read(struct file *file, struct uio *to, s64 *pos)
{
        size_t size = min_u64(to->left, PAGE_SIZE), n;
        u64 at = (u64)*pos;
        char *buf = kmalloc(size + 1);

        (void)file;
        if (!buf)
                return -ENOMEM;
        n = log_read(&at, buf, size);
        if (uio_put(to, buf, n) < n) {
                kfree(buf);
                return -EFAULT;
        }
        kfree(buf);
        *pos = (s64)at;
        return (ssize_t)n;
}

static s64 kmsg_seek(struct file *file, s64 offset, int whence)
{
        return seek_sized(file, offset, whence, 0);
}

static const struct file_ops kmsg_ops = { .read = kmsg_read,
                                          .seek = kmsg_seek,
                                          .release = proc_release };

/* ---------------------------------------------------------------- links */

static ssize_t self_text(const struct proc_node *node, char *buf, size_t size)
{
        struct process *p = current_process();

        (void)node;
        return p ? scnprintf(buf, size, "%d", p->pid) : -ENOENT;
}

static ssize_t thread_self_text(const struct proc_node *node, char *buf, size_t size)
{
        struct process *p = current_process();

        (void)node;
        return p ? scnprintf(buf, size, "%d/task/%d", p->pid, current_task()->tid) : -ENOENT;
}

static ssize_t mounts_text(const struct proc_node *node, char *buf, size_t size)
{
        (void)node;
        return scnprintf(buf, size, "self/mounts");
}

/* ---------------------------------------------------------------- the table */

static const struct proc_entry sysvipc_entries[] = {
        { .name = "shm", .mode = S_IFREG | 0444, .show = proc_show_sysvipc_shm },
        { .name = NULL },
};

static const struct proc_entry root_entries[] = {
        { .name = "cmdline", .mode = S_IFREG | 0444, .show = show_cmdline },
        { .name = "cpuinfo", .mode = S_IFREG | 0444, .show = proc_show_cpuinfo },
        { .name = "filesystems", .mode = S_IFREG | 0444, .show = show_filesystems },
        { .name = "kmsg", .mode = S_IFREG | 0400, .ops = &kmsg_ops },
        { .name = "loadavg", .mode = S_IFREG | 0444, .show = show_loadavg },
        { .name = "meminfo", .mode = S_IFREG | 0444, .show = proc_show_meminfo },
        { .name = "mounts", .mode = S_IFLNK | 0777, .text = mounts_text },
        { .name = "self", .mode = S_IFLNK | 0777, .text = self_text },
        { .name = "slabinfo", .mode = S_IFREG | 0400, .show = show_slabinfo },
        { .name = "stat", .mode = S_IFREG | 0444, .show = show_stat },
        { .name = "sys", .mode = S_IFDIR | 0555, .children = proc_sys_entries },
        { .name = "sysvipc", .mode = S_IFDIR | 0555, .children = sysvipc_entries },
        { .name = "thread-self", .mode = S_IFLNK | 0777, .text = thread_self_text },
        { .name = "uptime", .mode = S_IFREG | 0444, .show = show_uptime },
        { .name = "version", .mode = S_IFREG | 0444, .show = show_version },
        { .name = "vmstat", .mode = S_IFREG | 0444, .show = proc_show_vmstat },
        { .name = NULL },
};

static const struct proc_entry pid_dir = {
        .name = "",
        .mode = S_IFDIR | 0555,
        .children = proc_pid_entries,
};

static int pid_find(const struct proc_node *dir, int pid, struct proc_node *out)
{
        struct process *p = process_find(pid);

        (void)dir;
        if (!p)
                return -ENOENT;
        *out = (struct proc_node){ .entry = &pid_dir, .process = p, .pid = pid };
        return 0;
}

static int pid_next(const struct proc_node *dir, int pid)
{
        struct process *p = process_next(pid);
        int found = p ? p->pid : -1;

        (void)dir;
        if (p)
                process_put(p);
        return found;
}

const struct proc_entry proc_root_entry = {
        .name = "/",
        .mode = S_IFDIR | 0555,
        .children = root_entries,
        .find = pid_find,
        .next = pid_next,
        .numbered = &pid_dir,
};
