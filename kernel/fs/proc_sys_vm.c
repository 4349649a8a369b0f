/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys/vm: numbers that mm/ goes by (proc_sys_vm(5)), and three that are this kernel's own:
 * move_level, and fail_alloc and fail_copy, which make the n-th allocation or user copy from their
 * writing fail.
 *
 * A number is a line. What is written begins with a number as in C (0x for hexadecimal, 0 for
 * octal), blanks around it; the rest is not taken. Everything happens at offset 0: reading behind
 * it gives nothing, and what is written there is ignored.
 */
#include "arch/usercopy.h"
#include "kernel/base/string.h"
#include "kernel/fs/proc_number.h"
#include "kernel/fs/userfaultfd.h"
#include "kernel/sched/cred.h"
#include "mm/fail_alloc.h"
#include "mm/mm.h"

/* The two ways to set the limit exclude each other: the last one written counts. */
static ssize_t write_ratio(const struct proc_node *node, char *text, size_t len)
{
        ssize_t n = proc_write_number(node, text, len);

        if (n > 0)
                mm_sysctl.overcommit_kbytes = 0;
        return n;
}

static ssize_t write_kbytes(const struct proc_node *node, char *text, size_t len)
{
        ssize_t n = proc_write_number(node, text, len);

        if (n > 0)
                mm_sysctl.overcommit_ratio = 0;
        return n;
}

/* Below the root user's reach: CAP_SYS_RAWIO as well as the permission bits. */
static ssize_t write_min_addr(const struct proc_node *node, char *text, size_t len)
{
        if (!capable(CAP_SYS_RAWIO))
                return -EPERM;
        return proc_write_number(node, text, len);
}

/* ---------------------------------------------------------------- fail_alloc, fail_copy */

/*
 * Written "N TIMES", or N alone for once: from the end of this write on, the writing thread's N-th
 * allocation, or copy, fails, and TIMES of them in all. 0 turns it off. Read: how many have failed
 * since. Who says more than once must be ready to be refused when he turns it off: that, too,
 * allocates and copies.
 */
struct fail_file {
        void (*arm)(u64 first, u64 times);
        u64 (*failed)(void);
};

static int show_fail(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const struct fail_file *file = node->entry->data;

        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "%llu\n", (unsigned long long)file->failed());
        return 1;
}

static ssize_t write_fail(const struct proc_node *node, char *text, size_t len)
{
        const struct fail_file *file = node->entry->data;
        u64 first, times = 1;
        const struct proc_number numbers[] = { { &first, false, 0, ~0ULL },
                                               { &times, false, 0, ~0ULL } };
        ssize_t n, more = 0;

        file->arm(0, 0);
        n = proc_take_number(&numbers[0], text, len);
        if (n > 0 && (size_t)n < len)
                more = proc_take_number(&numbers[1], text + n, len - (size_t)n);
        if (n <= 0 || more < 0)
                return n <= 0 ? n : more;
        file->arm(first, times);
        return n + more;
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
        if (n > 0 && text[n - 1] == '\n')
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

/* ---------------------------------------------------------------- the table */

static u64 swappiness = 60; /* kept for who asks: there is no swap */

static const struct proc_number max_map_count = { &mm_sysctl.max_map_count, true, 0,
                                                  PROC_INT_MOST };
static const struct proc_number mmap_min_addr = { &mm_sysctl.mmap_min_addr, false, 0, ~0ULL };
static const struct proc_number overcommit_memory = { &mm_sysctl.overcommit_memory, true, 0, 2 };
static const struct proc_number overcommit_ratio = { &mm_sysctl.overcommit_ratio, true,
                                                     PROC_INT_LEAST, PROC_INT_MOST };
static const struct proc_number overcommit_kbytes = { &mm_sysctl.overcommit_kbytes, false, 0,
                                                      ~0ULL };
static const struct proc_number admin_reserve = { &mm_sysctl.admin_reserve_kbytes, false, 0,
                                                  ~0ULL };
static const struct proc_number user_reserve = { &mm_sysctl.user_reserve_kbytes, false, 0, ~0ULL };
static const struct proc_number legacy_layout = { &mm_sysctl.legacy_va_layout, true, 0,
                                                  PROC_INT_MOST };
static const struct proc_number rnd_bits = { &mm_sysctl.mmap_rnd_bits, true, 28, 32 };
static const struct fail_file fail_alloc = { fail_alloc_mine, fail_alloc_failed };
static const struct fail_file fail_copy = { user_copy_fail, user_copy_failed };
static const struct proc_number overcommit_huge = { &mm_sysctl.nr_overcommit_hugepages, false, 0,
                                                    ~0ULL };
static const struct proc_number for_all = { &userfaultfd_for_all, true, 0, 1 };
static const struct proc_number swappy = { &swappiness, true, 0, 200 };

#define FAIL_FILE(name_, data_)                                                                \
        {                                                                                      \
                .name = name_, .mode = S_IFREG | 0600, .show = show_fail, .write = write_fail, \
                .data = data_, .once = true                                                    \
        }

const struct proc_entry proc_sys_vm_entries[] = {
        PROC_NUMBER("admin_reserve_kbytes", 0644, &admin_reserve, proc_write_number),
        FAIL_FILE("fail_alloc", &fail_alloc),
        FAIL_FILE("fail_copy", &fail_copy),
        PROC_NUMBER("legacy_va_layout", 0644, &legacy_layout, proc_write_number),
        PROC_NUMBER("max_map_count", 0644, &max_map_count, proc_write_number),
        PROC_NUMBER("mmap_min_addr", 0644, &mmap_min_addr, write_min_addr),
        PROC_NUMBER("mmap_rnd_bits", 0600, &rnd_bits, proc_write_number),
        { .name = "move_level",
          .mode = S_IFREG | 0644,
          .show = show_move_level,
          .write = write_move_level,
          .once = true },
        { .name = "nr_hugepages",
          .mode = S_IFREG | 0644,
          .show = proc_show_nr_hugepages,
          .write = proc_write_nr_hugepages,
          .once = true },
        PROC_NUMBER("nr_overcommit_hugepages", 0644, &overcommit_huge, proc_write_number),
        PROC_NUMBER("overcommit_kbytes", 0644, &overcommit_kbytes, write_kbytes),
        PROC_NUMBER("overcommit_memory", 0644, &overcommit_memory, proc_write_number),
        PROC_NUMBER("overcommit_ratio", 0644, &overcommit_ratio, write_ratio),
        PROC_NUMBER("swappiness", 0644, &swappy, proc_write_number),
        PROC_NUMBER("unprivileged_userfaultfd", 0644, &for_all, proc_write_number),
        PROC_NUMBER("user_reserve_kbytes", 0644, &user_reserve, proc_write_number),
        { .name = NULL },
};
