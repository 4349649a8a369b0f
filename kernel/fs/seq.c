/* SPDX-License-Identifier: MIT */
/* The reader of seq.h. A seq belongs to one open file, whose offset lock guards it. */
#include "kernel/fs/seq.h"

#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "mm/page.h"
#include "mm/slab.h"

#define SEQ_MAX (4UL << 20) /* a record that is longer is cut */

int seq_open(struct seq *seq, seq_show_fn *show, void *arg)
{
        *seq = (struct seq){ .show = show, .arg = arg, .size = PAGE_SIZE };
        seq->buf = kmalloc(PAGE_SIZE);
        return seq->buf ? 0 : -ENOMEM;
}

void seq_close(struct seq *seq)
{
        kfree(seq->buf);
        seq->buf = NULL;
}

/* Where the next `len` bytes go, which are in the record from now on; NULL if it is too long. */
static char *seq_extend(struct seq *seq, size_t len)
{
        char *at = seq->buf + seq->len;

        if (len > seq->size - seq->len) {
                seq->overflow = true;
                return NULL;
        }
        seq->len += len;
        return at;
}

void seq_put(struct seq *seq, const char *text, size_t len)
{
        char *at = seq_extend(seq, len);

        if (at)
                memcpy(at, text, len);
}

void seq_hex(struct seq *seq, u64 value, unsigned width, char after)
{
        unsigned used = (67 - (unsigned)__builtin_clzl(value | 1)) / 4;
        unsigned digits = used > width ? used : width;
        char *at = seq_extend(seq, digits + 1);

        if (!at)
                return;
        at[digits] = after;
        for (; digits > 0; value >>= 4)
                at[--digits] = "0123456789abcdef"[value & 0xf];
}

void seq_decimal(struct seq *seq, u64 value, char after)
{
        char text[21];
        unsigned at = sizeof(text);

        text[--at] = after;
        do
                text[--at] = (char)('0' + value % 10);
        while (value /= 10);
        seq_put(seq, text + at, sizeof(text) - at);
}

void seq_printf(struct seq *seq, const char *fmt, ...)
{
        size_t room = seq->size - seq->len;
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(seq->buf + seq->len, room, fmt, ap);
        va_end(ap);
        if ((size_t)n >= room)
                seq->overflow = true;
        else
                seq->len += (size_t)n;
}

void seq_escape(struct seq *seq, const char *text, const char *bad)
{
        for (; *text; text++) {
                if (strchr(bad, *text))
                        seq_printf(seq, "\\%03o", (unsigned)(u8)*text);
                else
                        seq_put(seq, text, 1);
        }
}

static int seq_grow(struct seq *seq)
{
        char *buf = seq->size < SEQ_MAX ? kmalloc(seq->size * 2) : NULL;

        if (!buf)
                return -ENOMEM;
        memcpy(buf, seq->buf, seq->len);
        kfree(seq->buf);
        seq->buf = buf;
        seq->size *= 2;
        return 0;
}

/* Append the next record. 1, 0 at the end, an errno; -ENOSPC if it does not fit behind others. */
static int seq_one(struct seq *seq)
{
        for (;;) {
                size_t len = seq->len;
                u64 cookie = seq->cookie;
                int n;

                seq->overflow = false;
                n = seq->show(seq, seq->arg, &cookie);
                if (!seq->overflow) {
                        if (n > 0)
                                seq->cookie = cookie;
                        return n;
                }
                seq->len = len;
                if (len)
                        return -ENOSPC;
                n = seq_grow(seq);
                if (n)
                        return n;
        }
}

/* The buffer is empty: fill it. 1, or 0 at the end, or an errno. */
static int seq_fill(struct seq *seq)
{
        int n;

        seq->len = seq->from = 0;
        do
                n = seq_one(seq);
        while (n > 0 && seq->len == 0);
        if (n <= 0)
                return n;
        while (seq_one(seq) > 0)
                ;
        return 1;
}

/* Start over and throw away what lies before `pos`. */
static int seq_traverse(struct seq *seq, s64 pos)
{
        seq->cookie = 0;
        seq->len = seq->from = 0;
        seq->pos = 0;
        while (seq->pos < pos) {
                int n = seq_fill(seq);
                s64 skip;

                if (n <= 0)
                        return n;
                skip = (s64)min_u64(seq->len, (u64)(pos - seq->pos));
                seq->from = (size_t)skip;
                seq->pos += skip;
        }
        return 0;
}

/* From the buffer; bytes moved. */
static size_t seq_flush(struct seq *seq, struct uio *to)
{
        size_t n = min_u64(seq->len - seq->from, to->left);

        n = uio_put(to, seq->buf + seq->from, n);
        seq->from += n;
        seq->pos += (s64)n;
        return n;
}

ssize_t seq_read(struct seq *seq, struct uio *to, s64 *pos)
{
        size_t done, want;
        int n = 0;

        if (to->left == 0)
                return 0;
        if (*pos != seq->pos || *pos == 0)
                n = seq_traverse(seq, *pos);
        if (n < 0)
                return n;
        want = min_u64(seq->len - seq->from, to->left);
        done = seq_flush(seq, to);
        if (done < want) {
                *pos += (s64)done;
                return done ? (ssize_t)done : -EFAULT;
        }
        if (to->left) {
                n = seq_fill(seq);
                if (n < 0 && !done)
                        return n;
                if (n > 0) {
                        size_t more = seq_flush(seq, to);

                        if (more == 0 && done == 0)
                                return -EFAULT;
                        done += more;
                }
        }
        *pos += (s64)done;
        return (ssize_t)done;
}
