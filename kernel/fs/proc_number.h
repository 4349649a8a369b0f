/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc/sys that are a number.
 *
 * Such a file is a line. What is written begins with a number as in C (0x for hexadecimal, 0 for
 * octal), blanks around it; the rest is not taken. Everything happens at offset 0: reading behind
 * it gives nothing, and what is written there is ignored. A bad number, or one out of bounds, is
 * -EINVAL.
 */
#ifndef KERNEL_FS_PROC_NUMBER_H
#define KERNEL_FS_PROC_NUMBER_H

#include "kernel/fs/proc.h"

struct proc_number {
        u64 *value;
        bool is_int; /* 32 bits with a sign, as on Linux; else 64 without */
        s64 min;
        u64 max;
};

#define PROC_INT_MOST  0x7fffffff
#define PROC_INT_LEAST (-PROC_INT_MOST - 1)

int proc_show_number(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* Take one number from the start of `text`: the bytes it takes with the blanks behind it. */
ssize_t proc_take_number(const struct proc_number *number, const char *text, size_t len);
ssize_t proc_write_number(const struct proc_node *node, char *text, size_t len);

/* An entry of a table; `data_` is a struct proc_number. */
#define PROC_NUMBER(name_, mode_, data_, write_)                                    \
        {                                                                           \
                .name = name_, .mode = S_IFREG | (mode_), .show = proc_show_number, \
                .write = write_, .data = data_, .once = true                        \
        }

#endif
