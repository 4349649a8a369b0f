/* SPDX-License-Identifier: MIT */
/*
 * One sequence of calls on both sides, compared after each. Linux makes all of them first; then
 * mm/ makes them one by one, and each snapshot is held against Linux's.
 */
#ifndef TESTS_DIFF_ENGINE_H
#define TESTS_DIFF_ENGINE_H

#include "tests/diff/snapshot.h"
#include "tests/diff/stream.h"

struct sequence {
        struct op ops[512];
        unsigned nr;
        bool root;
};

enum outcome {
        SAME,
        DIFFERENT, /* at call `index` */
        HUNG       /* Linux did not come to an end */
};

struct verdict {
        enum outcome outcome;
        unsigned index;
        unsigned compared; /* calls whose snapshots were the same */
        bool allowed;      /* it ended at a call on the allow-list */
};

union snapshot_room {
        struct snapshot s;
        char bytes[SNAPSHOT_MAX + 256];
};

struct engine_options {
        bool alone;              /* only mm/ */
        unsigned validate_every; /* calls; 0: never */
        unsigned seconds;        /* for a sequence on Linux */
        /* Called after each call that is compared: Linux's snapshot (NULL if alone) and mm/'s. May
         * be NULL. */
        void (*watch)(unsigned index, const struct op *op, struct snapshot *linux_side,
                      struct snapshot *mm_side);
        /* The call about to be made, for whoever looks after a crash. May be NULL. */
        volatile unsigned *at;
};

/* The sequence that a seed stands for. */
void sequence_make(struct sequence *sequence, const struct stream_options *options, uint64_t seed);

struct verdict engine_run(const struct sequence *sequence, const struct engine_options *options);

#endif
