/* SPDX-License-Identifier: MIT */
/*
 * /sys: what programs look for under /sys/kernel/mm, in tables like those of /proc.
 *
 * transparent_hugepage/ (Linux: admin-guide/mm/transhuge): a file that chooses among words shows
 * all of them, the chosen one in brackets, and takes one. `enabled` and `use_zero_page` are what
 * mm/ goes by. The others are kept for who asks: there is no compaction to be deferred, and shared
 * memory gets no huge pages.
 */
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "mm/mm.h"

/* ---------------------------------------------------------------- one of some words */

struct choice {
        const char *const *words; /* in the order in which they are shown */
        const u8 *values;         /* of each, NULL: its number */
        unsigned nr;
        u64 *chosen; /* a value */
};

static u64 value_at(const struct choice *c, unsigned i)
{
        return c->values ? c->values[i] : i;
}

static int show_choice(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const struct choice *c = node->entry->data;

        if (!proc_first(cookie))
                return 0;
        for (unsigned i = 0; i < c->nr; i++)
                seq_printf(seq, value_at(c, i) == *c->chosen ? "%s[%s]" : "%s%s", i ? " " : "",
                           c->words[i]);
        seq_printf(seq, "\n");
        return 1;
}

/* The word alone, or with a newline behind it. */
static ssize_t write_choice(const struct proc_node *node, char *text, size_t len)
{
        const struct choice *c = node->entry->data;

        text[len - (len > 0 && text[len - 1] == '\n')] = '\0';
        for (unsigned i = 0; i < c->nr; i++) {
                if (strcmp(text, c->words[i]) != 0)
                        continue;
                *c->chosen = value_at(c, i);
                return (ssize_t)len;
        }
        return -EINVAL;
}

#define CHOICE(name_, data_)                                                                       \
        {                                                                                          \
                .name = name_, .mode = S_IFREG | 0644, .show = show_choice, .write = write_choice, \
                .data = data_, .once = true                                                        \
        }

/* ---------------------------------------------------------------- huge pages */

static const char *const enabled_words[] = { "always", "madvise", "never" };
static const u8 enabled_values[] = { 2, 1, 0 }; /* enum thp_mode */
static const struct choice enabled = { enabled_words, enabled_values, 3, &mm_sysctl.thp_enabled };

static u64 defrag_chosen = 3, shmem_chosen = 3;
static const char *const defrag_words[] = { "always", "defer", "defer+madvise", "madvise",
                                            "never" };
static const struct choice defrag = { defrag_words, NULL, 5, &defrag_chosen };
static const char *const shmem_words[] = { "always", "within_size", "advise",
                                           "never",  "deny",        "force" };
static const struct choice shmem_enabled = { shmem_words, NULL, 6, &shmem_chosen };

static const char *const bit_words[] = { "0", "1" };
static const struct choice use_zero_page = { bit_words, NULL, 2, &mm_sysctl.thp_zero_page };

/* A number is shown by itself. */
static int show_bit(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const struct choice *c = node->entry->data;

        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "%s\n", c->words[*c->chosen]);
        return 1;
}

static int show_size(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "%lu\n", 2UL << 20);
        return 1;
}

static const struct proc_entry thp_entries[] = {
        CHOICE("defrag", &defrag),
        CHOICE("enabled", &enabled),
        { .name = "hpage_pmd_size", .mode = S_IFREG | 0444, .show = show_size },
        CHOICE("shmem_enabled", &shmem_enabled),
        { .name = "use_zero_page",
          .mode = S_IFREG | 0644,
          .show = show_bit,
          .write = write_choice,
          .data = &use_zero_page,
          .once = true },
        { .name = NULL },
};

/* ---------------------------------------------------------------- the tree */

static const struct proc_entry mm_entries[] = {
        { .name = "hugepages", .mode = S_IFDIR | 0755, .children = sysfs_hugepages_entries },
        { .name = "transparent_hugepage", .mode = S_IFDIR | 0755, .children = thp_entries },
        { .name = NULL },
};

static const struct proc_entry kernel_entries[] = {
        { .name = "mm", .mode = S_IFDIR | 0755, .children = mm_entries },
        { .name = NULL },
};

static const struct proc_entry root_entries[] = {
        { .name = "kernel", .mode = S_IFDIR | 0755, .children = kernel_entries },
        { .name = NULL },
};

const struct proc_entry sysfs_root_entry = {
        .name = "/",
        .mode = S_IFDIR | 0555,
        .children = root_entries,
};
