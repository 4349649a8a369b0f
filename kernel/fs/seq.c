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

struct char_set {
        u64 bits[4];
};

static void set_add(struct char_set *set, u8 c)
{
        set->bits[c / 64] |= 1ULL << c % 64;
}

static bool set_has(const struct char_set *set, u8 c)
{
        return set->bits[c / 64] >> c % 64 & 1;
}

void seq_escape(struct seq *seq, const char *text, const char *bad)
{
        struct char_set ends = { 0 };

        set_add(&ends, '\0');
        for (; *bad; bad++)
                set_add(&ends, (u8)*bad);
        for (;;) {
                const char *end = text;

                while (!set_has(&ends, (u8)*end))
                        end++;
                seq_put(seq, text, (size_t)(end - text));
                if (!*end)
                        return;
                seq_printf(seq, "\\%03o", (unsigned)(u8)*end);
                text = end + 1;
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

/*
 * Append the next record, or several. 1, 0 at the end, an errno; -ENOSPC if the next one does not
 * fit behind others. What is not complete is cut off.
 */
static int seq_more(struct seq *seq)
{
        for (;;) {
                u64 cookie = seq->cookie;
                int n;

                seq->overflow = false;
                seq->whole = seq->len;
                n = seq->show(seq, seq->arg, &cookie);
                if (n > 0)
                        seq_end_record(seq, cookie);
                seq->len = seq->whole;
                if (!seq->overflow)
                        return n;
                if (seq->len)
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
                n = seq_more(seq);
        while (n > 0);
        return seq->len ? 1 : n;
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
