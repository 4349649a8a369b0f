/* SPDX-License-Identifier: MIT */
/* One sequence of calls on both sides: engine.h. */
#include "tests/diff/engine.h"

#include <string.h>

#include "tests/diff/linux.h"
#include "tests/diff/terrane.h"

void sequence_make(struct sequence *sequence, const struct stream_options *options, uint64_t seed)
{
        const unsigned max = sizeof(sequence->ops) / sizeof(sequence->ops[0]);
        struct stream stream;

        stream_start(&stream, options, seed);
        sequence->root = stream.root;
        sequence->nr = 0;
        while (sequence->nr < max && stream_next(&stream, &sequence->ops[sequence->nr]))
                sequence->nr++;
}

/* Of a call that Linux answers wrongly only the result is compared; nothing of one that mm/ does
 * not do (MADV_COLLAPSE of objects). */
static bool is_same(const struct op *op, const struct snapshot *linux_side,
                    const struct snapshot *mm_side, bool allowed)
{
        if (allowed)
                return op->kind == OP_MADVISE || linux_side->result == mm_side->result;
        return linux_side->size == mm_side->size &&
               memcmp(linux_side, mm_side, linux_side->size) == 0;
}

static void make_call(const struct sequence *sequence, unsigned index,
                      const struct engine_options *options, struct snapshot *s)
{
        const struct op *op = &sequence->ops[index];

        if (options->at)
                *options->at = index;
        terrane_do(op, s);
        terrane_look(s, snapshot_has_flags(op, index, sequence->nr, s->result));
        if (options->validate_every && index % options->validate_every == 0)
                terrane_validate();
}

struct verdict engine_run(const struct sequence *sequence, const struct engine_options *options)
{
        static union snapshot_room room;
        struct verdict v = { .outcome = SAME };
        const uint8_t *record = NULL;
        unsigned nr = sequence->nr;

        if (!options->alone) {
                if (!linux_run(sequence->ops, nr, sequence->root, options->seconds))
                        return (struct verdict){ .outcome = HUNG, .index = linux_own()->done };
                record = linux_own()->records;
                nr = linux_own()->done;
        }
        terrane_start(sequence->root);
        for (unsigned i = 0; i < nr && v.outcome == SAME && !v.allowed; i++) {
                const struct op *op = &sequence->ops[i];
                struct snapshot *linux_side = (struct snapshot *)record;

                v.allowed = terrane_is_allowed(op);
                make_call(sequence, i, options, &room.s);
                v.allowed |= terrane_was_allowed(op, &room.s);
                if (options->watch && !v.allowed)
                        options->watch(i, op, linux_side, &room.s);
                if (options->alone || is_same(op, linux_side, &room.s, v.allowed)) {
                        v.compared++;
                } else {
                        v.outcome = DIFFERENT;
                        v.index = i;
                }
                record += linux_side ? linux_side->size : 0;
        }
        terrane_end();
        return v;
}
