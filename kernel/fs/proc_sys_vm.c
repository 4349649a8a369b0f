/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys/vm: numbers that mm/ goes by (proc_sys_vm(5)), and move_level, which is this kernel's
 * own.
 *
 * A number is a line. What is written begins with a number as in C (0x for hexadecimal, 0 for
 * octal), blanks around it; the rest is not taken. Everything happens at offset 0: reading behind
 * it gives nothing, and what is written there is ignored.
 */
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/sched/cred.h"
#include "mm/mm.h"

struct sysctl {
        u64 *value;
        bool is_int; /* 32 bits with a sign, as on Linux */
        s64 min;
        u64 max;
};

/* ---------------------------------------------------------------- numbers */

static int show_number(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const struct sysctl *s = node->entry->data;

        if (!proc_first(cookie))
                return 0;
        if (s->is_int)
                seq_printf(seq, "%lld\n", (long long)*s->value);
        else
                seq_printf(seq, "%llu\n", (unsigned long long)*s->value);
        return 1;
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n';
}

static const char *skip_blanks(const char *p)
{
        while (is_blank(*p))
                p++;
        return p;
}

/* The value of a digit; 99 for what is none. */
static unsigned digit_of(char c)
{
        if (c >= '0' && c <= '9')
                return (unsigned)(c - '0');
        c |= 'a' ^ 'A';
        return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
}

/* Digits of the base that their start tells; where they end, or NULL if that is no number. */
static const char *parse_digits(const char *p, u64 *value)
{
        unsigned base = 10;

        if (digit_of(p[0]) > 9)
                return NULL;
        if (p[0] == '0')
                base = (p[1] | ('a' ^ 'A')) == 'x' && digit_of(p[2]) < 16 ? 16 : 8;
        if (base == 16)
                p += 2;
        for (*value = 0; digit_of(*p) < base; p++)
                if (__builtin_mul_overflow(*value, base, value) ||
                    __builtin_add_overflow(*value, digit_of(*p), value))
                        return NULL;
        return *p && !is_blank(*p) ? NULL : p;
}

static bool is_within(const struct sysctl *s, u64 value, bool negative)
{
        if (negative)
                return value == 0 || (s->min < 0 && value <= (u64)-s->min);
        return value <= s->max && (s->min <= 0 || value >= (u64)s->min);
}

static ssize_t write_number(const struct proc_node *node, char *text, size_t len)
{
        const struct sysctl *s = node->entry->data;
        const char *p = skip_blanks(text);
        bool negative = *p == '-';
        u64 value;

        if (len == 0)
                return 0;
        p = parse_digits(p + negative, &value);
        if (!p || (negative && !s->is_int) || !is_within(s, value, negative))
                return -EINVAL;
        *s->value = negative ? -value : value;
        return skip_blanks(p) - text;
}

/* The two ways to set the limit exclude each other: the last one written counts. */
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

/* A number that is taken within its bounds and always reads 0: there is nothing of the kind. */
static ssize_t write_nothing(const struct proc_node *node, char *text, size_t len)
{
        const struct sysctl *s = node->entry->data;
        ssize_t n = write_number(node, text, len);

        *s->value = 0;
        return n;
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

/* ---------------------------------------------------------------- the table */

#define INT_MOST  0x7fffffff
#define INT_LEAST (-INT_MOST - 1)

static u64 nothing;         /* what write_nothing() is about */
static u64 swappiness = 60; /* kept for who asks: there is no swap */

static const struct sysctl max_map_count = { &mm_sysctl.max_map_count, true, 0, INT_MOST };
static const struct sysctl mmap_min_addr = { &mm_sysctl.mmap_min_addr, false, 0, ~0ULL };
static const struct sysctl overcommit_memory = { &mm_sysctl.overcommit_memory, true, 0, 2 };
static const struct sysctl overcommit_ratio = { &mm_sysctl.overcommit_ratio, true, INT_LEAST,
                                                INT_MOST };
static const struct sysctl overcommit_kbytes = { &mm_sysctl.overcommit_kbytes, false, 0, ~0ULL };
static const struct sysctl admin_reserve = { &mm_sysctl.admin_reserve_kbytes, false, 0, ~0ULL };
static const struct sysctl user_reserve = { &mm_sysctl.user_reserve_kbytes, false, 0, ~0ULL };
static const struct sysctl legacy_layout = { &mm_sysctl.legacy_va_layout, true, 0, INT_MOST };
static const struct sysctl rnd_bits = { &mm_sysctl.mmap_rnd_bits, true, 28, 32 };
static const struct sysctl nr_hugepages = { &nothing, false, 0, ~0ULL };
static const struct sysctl swappy = { &swappiness, true, 0, 200 };

#define NUMBER(name_, mode_, data_, write_)                                                     \
        {                                                                                       \
                .name = name_, .mode = S_IFREG | (mode_), .show = show_number, .write = write_, \
                .data = data_, .once = true                                                     \
        }

const struct proc_entry proc_sys_vm_entries[] = {
        NUMBER("admin_reserve_kbytes", 0644, &admin_reserve, write_number),
        NUMBER("legacy_va_layout", 0644, &legacy_layout, write_number),
        NUMBER("max_map_count", 0644, &max_map_count, write_number),
        NUMBER("mmap_min_addr", 0644, &mmap_min_addr, write_min_addr),
        NUMBER("mmap_rnd_bits", 0600, &rnd_bits, write_number),
        { .name = "move_level",
          .mode = S_IFREG | 0644,
          .show = show_move_level,
          .write = write_move_level,
          .once = true },
        NUMBER("nr_hugepages", 0644, &nr_hugepages, write_nothing),
        NUMBER("overcommit_kbytes", 0644, &overcommit_kbytes, write_kbytes),
        NUMBER("overcommit_memory", 0644, &overcommit_memory, write_number),
        NUMBER("overcommit_ratio", 0644, &overcommit_ratio, write_ratio),
        NUMBER("swappiness", 0644, &swappy, write_number),
        NUMBER("user_reserve_kbytes", 0644, &user_reserve, write_number),
        { .name = NULL },
};
