/* SPDX-License-Identifier: MIT */
/* Numbers as text, in and out: proc_number.h says what is taken. */
#include "kernel/fs/proc_number.h"

int proc_show_number(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        const struct proc_number *s = node->entry->data;

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

static bool is_within(const struct proc_number *s, u64 value, bool negative)
{
        if (negative)
                return value == 0 || (s->min < 0 && value <= (u64)-s->min);
        return value <= s->max && (s->min <= 0 || value >= (u64)s->min);
}

ssize_t proc_take_number(const struct proc_number *s, const char *text, size_t len)
{
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

ssize_t proc_write_number(const struct proc_node *node, char *text, size_t len)
{
        return proc_take_number(node->entry->data, text, len);
}
