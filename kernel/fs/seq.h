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

struct seq;

/* One record at *cookie, which is advanced. 1: there was one; 0: the end; or an errno. */
typedef int seq_show_fn(struct seq *seq, void *arg, u64 *cookie);

struct seq {
        seq_show_fn *show;
        void *arg;
        char *buf;
        size_t size, len, from; /* of the buffer; of text in it; already read */
        bool overflow;          /* the record did not fit */
        u64 cookie;             /* of the next record */
        s64 pos;                /* offset in the file of buf[from] */
};

int seq_open(struct seq *seq, seq_show_fn *show, void *arg);
void seq_close(struct seq *seq);
ssize_t seq_read(struct seq *seq, struct uio *to, s64 *pos);

void seq_printf(struct seq *seq, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void seq_put(struct seq *seq, const char *text, size_t len);
/* A number and the character behind it; in hex at least `width` digits. Cheaper than seq_printf().
 */
void seq_hex(struct seq *seq, u64 value, unsigned width, char after);
void seq_decimal(struct seq *seq, u64 value, char after);
/* Text with each character of `bad` and each backslash among them as \ooo. */
void seq_escape(struct seq *seq, const char *text, const char *bad);

#endif
