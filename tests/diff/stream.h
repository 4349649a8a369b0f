/* SPDX-License-Identifier: MIT */
/*
 * Sequences of memory calls, made from a seed: the same everywhere, whatever became of the calls
 * before. The generator remembers where it has put things, so that most calls meet something.
 *
 *      struct stream stream;
 *      struct op op;
 *
 *      stream_start(&stream, &stream_defaults, seed);
 *      while (stream_next(&stream, &op))
 *              ... stream.root says with which rights ...
 *
 * What would hurt the machine it runs on is never made: no more than some 100 MiB are ever filled,
 * and no shrinking move with MREMAP_FIXED (unless `leaks`), which Linux 6.18 charges twice.
 *
 * A stream may be made from bytes instead (stream_start_bytes): every decision takes the next byte
 * or two, and the stream ends with them.
 */
#ifndef TESTS_DIFF_STREAM_H
#define TESTS_DIFF_STREAM_H

#include <stddef.h>

#include "tests/diff/op.h"

enum stream_shape {
        SHAPE_SMALL, /* a few pages in the main window */
        SHAPE_WIDE,  /* all windows, lengths about 2 MiB among others */
        SHAPE_GIANT, /* lengths about 1 GiB, too */
        SHAPES,
        SHAPE_ANY = SHAPES
};

struct stream_options {
        unsigned length;           /* calls of a sequence */
        unsigned weight[OP_KINDS]; /* of each call: any numbers */
        unsigned pages;            /* the longest usual length, in pages */
        unsigned spread;           /* pages of the main window that are used, up to 64 */
        unsigned vmas;             /* mappings that a sequence begins with, at most */
        unsigned forks;            /* in a sequence, at most */
        enum stream_shape shape;
        int root;            /* 1: with all rights; 0: with none; -1: as the seed says */
        bool seals;          /* mseal() in one of four sequences */
        bool leaks;          /* shrinking moves */
        unsigned huge, uffd; /* one of so many sequences has huge pages, a userfaultfd; 0: none */
};
extern const struct stream_options stream_defaults;

#define STREAM_RECENT 16

struct stream {
        struct stream_options options;
        /* what the seed says of the whole sequence */
        bool root; /* CAP_IPC_LOCK, CAP_SYS_ADMIN, CAP_SYS_RAWIO, or none of them */
        enum stream_shape shape;
        bool seals, limits, locks, copies; /* has mseal(), setrlimit(), mlock(), DONTUNMAP */
        bool huge, uffd;                   /* has huge pages, a userfaultfd */
        bool protects;                     /* registers for write protection */
        bool plain;                        /* maps private anonymous memory only */

        unsigned made, forks, to_lay;
        unsigned total_weight;
        struct {
                uint64_t addr, len;
        } recent[STREAM_RECENT];
        unsigned nr_recent;

        uint64_t state; /* of the generator of numbers */
        const unsigned char *bytes;
        size_t left;
        bool from_bytes;
};

void stream_start(struct stream *stream, const struct stream_options *options, uint64_t seed);
void stream_start_bytes(struct stream *stream, const struct stream_options *options,
                        const void *bytes, size_t len);
bool stream_next(struct stream *stream, struct op *op);

#endif
