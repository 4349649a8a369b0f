/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys/vm and /proc/sys/kernel. A number is a line; writing takes one decimal number with
 * blanks around it, within bounds, from offset 0.
 */
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/fs/sysv_shm.h"
#include "kernel/sched/cred.h"
#include "kernel/sched/process.h"
#include "kernel/sched/uts.h"
#include "mm/mm.h"

struct sysctl {
        u64 *value;
        u64 min, max;
};

/* ---------------------------------------------------------------- numbers */

static int show_number(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const struct sysctl *s = node->entry->data;

        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "%llu\n", (unsigned long long)*s->value);
        return 1;
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n';
}

static ssize_t write_number(const struct proc_node *node, char *text, size_t len)
{
        const struct sysctl *s = node->entry->data;
        const char *p = text;
        u64 v = 0;

        while (is_blank(*p))
                p++;
        if (!*p)
                return (ssize_t)len;
        if (*p < '0' || *p > '9')
                return -EINVAL;
        for (; *p >= '0' && *p <= '9'; p++)
                if (__builtin_mul_overflow(v, 10, &v) ||
                    __builtin_add_overflow(v, (u64)(*p - '0'), &v))
                        return -EINVAL;
        if (*p && !is_blank(*p))
                return -EINVAL;
        if (v < s->min || v > s->max)
                return -EINVAL;
        *s->value = v;
        return (ssize_t)len;
}

/* The two ways to set the ratio exclude each other: the last one written counts. */
static ssize_t write_ratio(const struct proc_node *node, char *text, size_t len)
{
        ssize_t n = write_number(node, text, len);

        if (n > 0)
                mm_sysctl.overcommit_kbytes = 0;
        return n;
}

static ssize_t write_kbytes(const struct proc_node *node, char *text, size_t len)
{
        ssize_t n = write_number(node, text, len);

        if (n > 0)
                mm_sysctl.overcommit_ratio = 0;
        return n;
}

/* Below the root user's reach: CAP_SYS_RAWIO as well as the permission bits. */
static ssize_t write_min_addr(const struct proc_node *node, char *text, size_t len)
{
        if (!capable(CAP_SYS_RAWIO))
                return -EPERM;
        return write_number(node, text, len);
}

/* ---------------------------------------------------------------- move_level */

/* By level: how far up mremap may move page tables whole. */
static const char *const level_names[] = { "pte", "pmd", "pud" };

static int show_move_level(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "%s\n", level_names[mm_sysctl.move_level]);
        return 1;
}

static ssize_t write_move_level(const struct proc_node *node, char *text, size_t len)
{
        size_t n = len;

        (void)node;
        while (n > 0 && is_blank(text[n - 1]))
                n--;
        text[n] = '\0';
        for (unsigned level = 0; level < ARRAY_SIZE(level_names); level++) {
                if (strcmp(text, level_names[level]) != 0)
                        continue;
                mm_sysctl.move_level = level;
                return (ssize_t)len;
        }
        return -EINVAL;
}

/* ---------------------------------------------------------------- vm */

#define INT_LIMIT 0x7fffffffULL

static const struct sysctl max_map_count = { &mm_sysctl.max_map_count, 0, INT_LIMIT };
static const struct sysctl mmap_min_addr = { &mm_sysctl.mmap_min_addr, 0, ~0ULL };
static const struct sysctl overcommit_memory = { &mm_sysctl.overcommit_memory, 0, 2 };
static const struct sysctl overcommit_ratio = { &mm_sysctl.overcommit_ratio, 0, INT_LIMIT };
static const struct sysctl overcommit_kbytes = { &mm_sysctl.overcommit_kbytes, 0, ~0ULL };
static const struct sysctl admin_reserve = { &mm_sysctl.admin_reserve_kbytes, 0, ~0ULL };
static const struct sysctl user_reserve = { &mm_sysctl.user_reserve_kbytes, 0, ~0ULL };
static const struct sysctl legacy_layout = { &mm_sysctl.legacy_va_layout, 0, INT_LIMIT };

#define NUMBER(name_, data_, write_)                                                         \
        {                                                                                    \
                .name = name_, .mode = S_IFREG | 0644, .show = show_number, .write = write_, \
                .data = data_                                                                \
        }

static const struct proc_entry vm_entries[] = {
        NUMBER("admin_reserve_kbytes", &admin_reserve, write_number),
        NUMBER("legacy_va_layout", &legacy_layout, write_number),
        NUMBER("max_map_count", &max_map_count, write_number),
        NUMBER("mmap_min_addr", &mmap_min_addr, write_min_addr),
        { .name = "move_level",
          .mode = S_IFREG | 0644,
          .show = show_move_level,
          .write = write_move_level },
        NUMBER("overcommit_kbytes", &overcommit_kbytes, write_kbytes),
        NUMBER("overcommit_memory", &overcommit_memory, write_number),
        NUMBER("overcommit_ratio", &overcommit_ratio, write_ratio),
        NUMBER("user_reserve_kbytes", &user_reserve, write_number),
        { .name = NULL },
};

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

static const struct sysctl shmall = { &shm_sysctl.shmall, 0, ~0ULL };
static const struct sysctl shmmax = { &shm_sysctl.shmmax, 0, ~0ULL };
static const struct sysctl shmmni = { &shm_sysctl.shmmni, 0, SHMMNI_MAX };

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
        NUMBER("shmall", &shmall, write_number),
        NUMBER("shmmax", &shmmax, write_number),
        NUMBER("shmmni", &shmmni, write_number),
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
        { .name = "vm", .mode = S_IFDIR | 0555, .children = vm_entries },
        { .name = NULL },
};
