/* SPDX-License-Identifier: MIT */
/*
 * Another process' memory as files: mem, pagemap, and the parts of its stack that exec filled in
 * (cmdline, environ, auxv).
 */
#include "kernel/base/abi/elf.h"
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/sched/task.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/slab.h"

/* ---------------------------------------------------------------- mem */

/* One page at most, through a buffer; bytes, or an errno. */
static ssize_t mem_piece(struct mm *mm, struct uio *u, u64 addr, char *buf, bool write)
{
        size_t n = min_u64(u->left, PAGE_SIZE - (addr & ~PAGE_MASK));
        struct mm_caller who = current_mm_caller();
        ssize_t moved;

        if (write && uio_take(u, buf, n) < n)
                return -EFAULT;
        moved = mm_access(mm, &who, addr, buf, n,
                          MM_ACCESS_FORCE | MM_ACCESS_NOWAIT | (write ? MM_ACCESS_WRITE : 0));
        if (moved <= 0)
                return -EIO;
        if (!write && uio_put(u, buf, (size_t)moved) < (size_t)moved)
                return -EFAULT;
        return moved;
}

static ssize_t mem_transfer(struct file *file, struct uio *u, s64 *pos, bool write)
{
        struct mm *mm = proc_mm(proc_node_of(file));
        char *buf = kmalloc(PAGE_SIZE);
        ssize_t done = 0, n = 0;

        if (mm && buf) {
                while (u->left) {
                        n = mem_piece(mm, u, (u64)*pos, buf, write);
                        if (n < 0)
                                break;
                        *pos += n;
                        done += n;
                        if ((u64)*pos & ~PAGE_MASK)
                                break;
                }
        } else if (mm) {
                n = -ENOMEM;
        }
        kfree(buf);
        if (mm)
                mm_put(mm);
        return done ? done : n;
}

static ssize_t mem_read(struct file *file, struct uio *to, s64 *pos)
{
        return mem_transfer(file, to, pos, false);
}

static ssize_t mem_write(struct file *file, struct uio *from, s64 *pos)
{
        return mem_transfer(file, from, pos, true);
}

/* Any 64-bit number is an address. */
static s64 mem_seek(struct file *file, s64 offset, int whence)
{
        if (whence == SEEK_CUR)
                file->pos = (s64)((u64)file->pos + (u64)offset);
        else if (whence == SEEK_SET)
                file->pos = offset;
        else
                return -EINVAL;
        return file->pos;
}

const struct file_ops proc_mem_ops = {
        .read = mem_read,
        .write = mem_write,
        .seek = mem_seek,
        .release = proc_release,
};

/* ---------------------------------------------------------------- pagemap */

#define WORDS_AT_ONCE 256u

static ssize_t pagemap_read(struct file *file, struct uio *to, s64 *pos)
{
        struct mm *mm = proc_mm(proc_node_of(file));
        bool show_pfn = caller_has(CAP_SYS_ADMIN);
        ssize_t done = 0;
        u64 *words;

        if (!mm)
                return 0;
        words = kmalloc(WORDS_AT_ONCE * sizeof(u64));
        if (!words || ((*pos | (s64)to->left) & 7)) {
                kfree(words);
                mm_put(mm);
                return words ? -EINVAL : -ENOMEM;
        }
        while (to->left) {
                u64 page = (u64)*pos / sizeof(u64);
                u64 n = min_u64(to->left / sizeof(u64), WORDS_AT_ONCE);
                size_t moved;

                if (page >= TASK_SIZE >> PAGE_SHIFT)
                        break;
                n = min_u64(n, (TASK_SIZE >> PAGE_SHIFT) - page);
                mm_pagemap(mm, page << PAGE_SHIFT, n, words, show_pfn);
                moved = uio_put(to, words, n * sizeof(u64));
                if (moved < n * sizeof(u64)) {
                        done = done ? done : -EFAULT;
                        break;
                }
                *pos += (s64)moved;
                done += (ssize_t)moved;
        }
        kfree(words);
        mm_put(mm);
        return done;
}

const struct file_ops proc_pagemap_ops = {
        .read = pagemap_read,
        .seek = mem_seek,
        .ioctl = proc_pagemap_ioctl,
        .release = proc_release,
};

/* ---------------------------------------------------------------- what exec left on the stack */

/* The bytes [start, end) of a process, a page a record; the cookie counts them. */
static int show_bytes(struct seq *seq, struct mm *mm, u64 start, u64 end, u64 *cookie)
{
        struct mm_caller who = current_mm_caller();
        char buf[256];
        ssize_t n;

        if (start + *cookie >= end)
                return 0;
        n = mm_access(mm, &who, start + *cookie, buf, min_u64(sizeof(buf), end - start - *cookie),
                      MM_ACCESS_FORCE | MM_ACCESS_NOWAIT);
        if (n <= 0)
                return 0;
        seq_put(seq, buf, (size_t)n);
        *cookie += (u64)n;
        return 1;
}

static int show_image(struct seq *seq, const struct proc_node *node, u64 *cookie, bool env)
{
        struct mm *mm = proc_mm(node);
        struct mm_image image;
        int n;

        if (!mm)
                return 0;
        mm_get_image(mm, &image);
        n = env ? show_bytes(seq, mm, image.env_start, image.env_end, cookie)
                : show_bytes(seq, mm, image.arg_start, image.arg_end, cookie);
        mm_put(mm);
        return n;
}

int proc_show_cmdline(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        return show_image(seq, node, cookie, false);
}

int proc_show_environ(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        return show_image(seq, node, cookie, true);
}

#define STACK_WORDS_MAX (1u << 20) /* argv and envp of a sane process have fewer */

static bool read_word(struct mm *mm, u64 addr, u64 *word)
{
        struct mm_caller who = current_mm_caller();

        return mm_access(mm, &who, addr, word, sizeof(*word), MM_ACCESS_FORCE | MM_ACCESS_NOWAIT) ==
               sizeof(*word);
}

/* The vector lies on the stack behind argc, argv and envp; 0 if it is not found. */
static u64 find_auxv(struct mm *mm)
{
        struct mm_image image;
        u64 at, word;
        unsigned nulls = 0;

        mm_get_image(mm, &image);
        at = image.start_stack + sizeof(u64);
        for (unsigned i = 0; i < STACK_WORDS_MAX && nulls < 2; i++, at += sizeof(u64)) {
                if (!read_word(mm, at, &word))
                        return 0;
                nulls += word == 0;
        }
        return nulls == 2 ? at : 0;
}

int proc_show_auxv(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct mm *mm;
        u64 at, pair[2];

        if (!proc_first(cookie))
                return 0;
        mm = proc_mm(node);
        if (!mm)
                return 0;
        at = find_auxv(mm);
        while (at && read_word(mm, at, &pair[0]) && read_word(mm, at + 8, &pair[1])) {
                seq_put(seq, (const char *)pair, sizeof(pair));
                if (pair[0] == AT_NULL)
                        break;
                at += sizeof(pair);
        }
        mm_put(mm);
        return 1;
}
