/* SPDX-License-Identifier: MIT */
/* What the generator's parts share: drawing numbers, and arguments for each kind of call. */
#ifndef TESTS_DIFF_STREAM_DRAW_H
#define TESTS_DIFF_STREAM_DRAW_H

#include "tests/diff/stream.h"

/* Less than n; in a stream made from bytes, of less than 65536. */
uint64_t stream_below(struct stream *s, uint64_t n);
bool stream_one_in(struct stream *s, uint64_t n);
uint64_t stream_pick(struct stream *s, const uint64_t *values, unsigned n);

#define STREAM_PICK(s, ...)                                 \
        stream_pick((s), (const uint64_t[]){ __VA_ARGS__ }, \
                    sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

/* The arguments of op->kind. */
void stream_args(struct stream *s, struct op *op);
/* One of the mappings that a sequence begins with. */
void stream_lay(struct stream *s, struct op *op);
void stream_open(struct stream *s, struct op *op, unsigned slot);
void stream_enlist(struct stream *s, struct op *op);

#endif
