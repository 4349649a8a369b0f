/* SPDX-License-Identifier: MIT */
/* /proc/sys/kernel and /proc/sys/fs. What is under /proc/sys/vm stands in proc_sys_vm.c. */
#include "kernel/base/string.h"
#include "kernel/fs/proc_number.h"
#include "kernel/fs/sysv_shm.h"
#include "kernel/sched/cred.h"
#include "kernel/sched/process.h"
#include "kernel/sched/uts.h"

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n';
}

/* ---------------------------------------------------------------- texts */

static int show_line(struct seq *seq, u64 *cookie, const char *text)
{
        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "%s\n", text);
        return 1;
}

static int show_hostname(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        return show_line(seq, cookie, uts_name()->nodename);
}

static ssize_t write_hostname(const struct proc_node *node, char *text, size_t len)
{
        size_t n = len;

        (void)node;
        if (!capable(CAP_SYS_ADMIN))
                return -EPERM;
        while (n > 0 && is_blank(text[n - 1]))
                n--;
        uts_set_nodename(text, min_u64(n, UTS_LEN - 1));
        return (ssize_t)len;
}

static int show_domainname(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        return show_line(seq, cookie, uts_name()->domainname);
}

static int show_ostype(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        return show_line(seq, cookie, uts_name()->sysname);
}

static int show_osrelease(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        return show_line(seq, cookie, uts_name()->release);
}

static int show_version(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        return show_line(seq, cookie, uts_name()->version);
}

/* A file whose line never changes: `data` is the text. */
static int show_constant(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        return show_line(seq, cookie, node->entry->data);
}

static const struct proc_number shmall = { &shm_sysctl.shmall, false, 0, ~0ULL };
static const struct proc_number shmmax = { &shm_sysctl.shmmax, false, 0, ~0ULL };
static const struct proc_number shmmni = { &shm_sysctl.shmmni, true, 0, SHMMNI_MAX };

#define LINE(name_, show_)                                           \
        {                                                            \
                .name = name_, .mode = S_IFREG | 0444, .show = show_ \
        }
#define CONSTANT(name_, text_)                                                              \
        {                                                                                   \
                .name = name_, .mode = S_IFREG | 0444, .show = show_constant, .data = text_ \
        }

static const struct proc_entry kernel_entries[] = {
        CONSTANT("cap_last_cap", "40"),
        LINE("domainname", show_domainname),
        { .name = "hostname",
          .mode = S_IFREG | 0644,
          .show = show_hostname,
          .write = write_hostname },
        CONSTANT("ngroups_max", "32"),
        LINE("osrelease", show_osrelease),
        LINE("ostype", show_ostype),
        CONSTANT("overflowgid", "65534"),
        CONSTANT("overflowuid", "65534"),
        CONSTANT("pid_max", "32768"),
        CONSTANT("randomize_va_space", "0"),
        PROC_NUMBER("shmall", 0644, &shmall, proc_write_number),
        PROC_NUMBER("shmmax", 0644, &shmmax, proc_write_number),
        PROC_NUMBER("shmmni", 0644, &shmmni, proc_write_number),
        LINE("version", show_version),
        { .name = NULL },
};

static const struct proc_entry fs_entries[] = {
        CONSTANT("nr_open", "131072"),
        CONSTANT("pipe-max-size", "1048576"),
        { .name = NULL },
};

const struct proc_entry proc_sys_entries[] = {
        { .name = "fs", .mode = S_IFDIR | 0555, .children = fs_entries },
        { .name = "kernel", .mode = S_IFDIR | 0555, .children = kernel_entries },
        { .name = "vm", .mode = S_IFDIR | 0555, .children = proc_sys_vm_entries },
        { .name = NULL },
};
