/* SPDX-License-Identifier: MIT */
/*
 * seq: text made record by record, read in pieces of any size from any offset.
 *
 * A record is whatever one call of `show` writes. A cookie says which comes next; it is 0 for the
 * first and means what the file wants it to (an address, an index). A read hands out what is left
 * of the last records, then makes new ones, as many as fit into the buffer; so records that come
 * and go between two reads neither tear nor repeat those that were there all along. Reading at
 * another offset makes all of it again from the start.
 */
#ifndef KERNEL_FS_SEQ_H
#define KERNEL_FS_SEQ_H

#include "kernel/fs/open_file.h"

#define SEQ_PIECE 96

struct seq;

/*
 * One record at *cookie, which is advanced. 1: there was one; 0: the end; or an errno. It may write
 * several, as long as it says seq_end_record() behind each.
 */
typedef int seq_show_fn(struct seq *seq, void *arg, u64 *cookie);

struct seq {
        seq_show_fn *show;
        void *arg;
        char *buf;
        size_t size, len, from; /* of the buffer; of text in it; already read */
        size_t whole;           /* of text whose records are complete */
        bool overflow;          /* the record did not fit */
        u64 cookie;             /* of the next record */
        s64 pos;                /* offset in the file of buf[from] */
        char piece[SEQ_PIECE];  /* of seq_begin() */
};

int seq_open(struct seq *seq, seq_show_fn *show, void *arg);
void seq_close(struct seq *seq);
ssize_t seq_read(struct seq *seq, struct uio *to, s64 *pos);

/* The next record is that at `cookie`; or false: this one did not fit, so none may follow. */
static inline bool seq_end_record(struct seq *seq, u64 cookie)
{
        if (seq->overflow)
                return false;
        seq->whole = seq->len;
        seq->cookie = cookie;
        return true;
}

void seq_printf(struct seq *seq, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void seq_put(struct seq *seq, const char *text, size_t len);

/*
 * Text that is cheap to make (kernel/base/digits.h) is written in place, at most SEQ_PIECE bytes
 * from seq_begin() to where seq_end() is told that they end. If the buffer might be too small, they
 * are copied into it when it is known how many they are.
 */
static inline char *seq_begin(struct seq *seq)
{
        return seq->size - seq->len >= SEQ_PIECE ? seq->buf + seq->len : seq->piece;
}

static inline void seq_end(struct seq *seq, const char *begin, const char *end)
{
        if (begin != seq->piece)
                seq->len += (size_t)(end - begin);
        else
                seq_put(seq, begin, (size_t)(end - begin));
}

/* Text with each character of `bad` and each backslash among them as \ooo. */
void seq_escape(struct seq *seq, const char *text, const char *bad);

#endif
