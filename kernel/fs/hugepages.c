/* SPDX-License-Identifier: MIT */
/*
 * The pool of hugetlb pages (Linux: admin-guide/mm/hugetlbpage), as files: nr_hugepages in
 * /proc/sys/vm, and /sys/kernel/mm/hugepages/hugepages-2048kB, the only size that there is.
 *
 * Writing sets how many are to be set aside; how many could be is to be read afterwards. The file
 * of /proc shows those that are meant to stay, the one of /sys surplus ones as well.
 */
#include "kernel/base/string.h"
#include "kernel/fs/proc_number.h"
#include "mm/mm.h"

/* ---------------------------------------------------------------- /proc/sys/vm/nr_hugepages */

int proc_show_nr_hugepages(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm_hugetlb_stats s;

        (void)node;
        if (!proc_first(cookie))
                return 0;
        mm_hugetlb_stats(&s);
        seq_printf(seq, "%llu\n", (unsigned long long)(s.total - s.surplus));
        return 1;
}

ssize_t proc_write_nr_hugepages(const struct proc_node *node, char *text, size_t len)
{
        u64 pages;
        const struct proc_number number = { &pages, false, 0, ~0ULL };
        ssize_t n = proc_take_number(&number, text, len);

        (void)node;
        if (n > 0)
                mm_hugetlb_resize(pages);
        return n;
}

/* ---------------------------------------------------------------- /sys */

/* A decimal number and nothing else, but a newline. */
static ssize_t write_number(char *text, size_t len, u64 *value)
{
        size_t n = len - (len > 0 && text[len - 1] == '\n');

        *value = 0;
        for (size_t i = 0; i < n; i++)
                if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*value, 10, value) ||
                    __builtin_add_overflow(*value, (u64)(text[i] - '0'), value))
                        return -EINVAL;
        return n > 0 ? (ssize_t)len : -EINVAL;
}

static ssize_t write_nr(const struct proc_node *node, char *text, size_t len)
{
        u64 pages;
        ssize_t n = write_number(text, len, &pages);

        (void)node;
        if (n > 0)
                mm_hugetlb_resize(pages);
        return n;
}

static ssize_t write_overcommit(const struct proc_node *node, char *text, size_t len)
{
        u64 pages;
        ssize_t n = write_number(text, len, &pages);

        (void)node;
        if (n > 0)
                mm_sysctl.nr_overcommit_hugepages = pages;
        return n;
}

enum count { COUNT_TOTAL, COUNT_FREE, COUNT_RESERVED, COUNT_SURPLUS };

static const enum count counts[] = { COUNT_TOTAL, COUNT_FREE, COUNT_RESERVED, COUNT_SURPLUS };

static u64 count_of(const struct mm_hugetlb_stats *s, enum count count)
{
        switch (count) {
        case COUNT_TOTAL: return s->total;
        case COUNT_FREE: return s->free;
        case COUNT_RESERVED: return s->reserved;
        default: return s->surplus;
        }
}

static int show_count(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const enum count *count = node->entry->data;
        struct mm_hugetlb_stats s;

        if (!proc_first(cookie))
                return 0;
        mm_hugetlb_stats(&s);
        seq_printf(seq, "%llu\n", (unsigned long long)count_of(&s, *count));
        return 1;
}

static const struct proc_number overcommit = { &mm_sysctl.nr_overcommit_hugepages, false, 0,
                                               ~0ULL };

#define COUNT(name_, mode_, count_, write_)                                                    \
        {                                                                                      \
                .name = name_, .mode = S_IFREG | (mode_), .show = show_count, .write = write_, \
                .data = &counts[count_], .once = true                                          \
        }

static const struct proc_entry pool_entries[] = {
        COUNT("free_hugepages", 0444, COUNT_FREE, NULL),
        COUNT("nr_hugepages", 0644, COUNT_TOTAL, write_nr),
        PROC_NUMBER("nr_overcommit_hugepages", 0644, &overcommit, write_overcommit),
        COUNT("resv_hugepages", 0444, COUNT_RESERVED, NULL),
        COUNT("surplus_hugepages", 0444, COUNT_SURPLUS, NULL),
        { .name = NULL },
};

const struct proc_entry sysfs_hugepages_entries[] = {
        { .name = "hugepages-2048kB", .mode = S_IFDIR | 0755, .children = pool_entries },
        { .name = NULL },
};
