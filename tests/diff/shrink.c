/* SPDX-License-Identifier: MIT */
/* Making a sequence short: trial.h. Calls are left out as delta debugging does it. */
#include "tests/diff/trial.h"

#include <time.h>

#include "kernel/base/abi/mman.h"

struct shrinking {
        struct sequence *best;
        struct trial *trial;
        const struct options *options;
        time_t deadline;
};

/* Keep the candidate if it ends as the best one does. */
static bool try_sequence(struct shrinking *s, const struct sequence *candidate)
{
        struct trial trial;

        if (time(NULL) >= s->deadline)
                return false;
        trial = trial_run(candidate, s->options);
        if (trial.finding != s->trial->finding)
                return false;
        *s->best = *candidate;
        *s->trial = trial;
        if (trial.finding == FOUND_DIFFERENCE && trial.index + 1 < candidate->nr)
                s->best->nr = trial.index + 1;
        return true;
}

/* Without `n` calls from `first` on. */
static bool try_without(struct shrinking *s, unsigned first, unsigned n)
{
        static struct sequence candidate;
        unsigned kept = 0;

        candidate.root = s->best->root;
        for (unsigned i = 0; i < s->best->nr; i++)
                if (i < first || i >= first + n)
                        candidate.ops[kept++] = s->best->ops[i];
        candidate.nr = kept;
        return try_sequence(s, &candidate);
}

/* From the end, because what comes late is what the last call meets. */
static bool leave_out(struct shrinking *s)
{
        bool any = false;

        for (unsigned n = s->best->nr / 2; n >= 1; n /= 2) {
                for (unsigned end = s->best->nr; end >= n && end > 0;) {
                        if (try_without(s, end - n, n)) {
                                any = true;
                                end = end - n < s->best->nr ? end - n : s->best->nr;
                        } else {
                                end = end > n ? end - n : 0;
                        }
                }
        }
        return any;
}

static bool try_value(struct shrinking *s, unsigned op, unsigned arg, uint64_t value)
{
        static struct sequence candidate;

        candidate = *s->best;
        if (candidate.ops[op].a[arg] == value)
                return false;
        candidate.ops[op].a[arg] = value;
        return try_sequence(s, &candidate);
}

/* Lengths of a page, no flags but those it takes, addresses of pages. */
static bool simplify_op(struct shrinking *s, unsigned i)
{
        struct op *op = &s->best->ops[i];
        bool any = false;

        for (unsigned arg = 0; arg < op_args(op->kind); arg++) {
                uint64_t value = op->a[arg];

                if (value > OP_PAGE && value < (1UL << 32) && value % OP_PAGE)
                        any |= try_value(s, i, arg, value & ~(OP_PAGE - 1));
                if (arg == 1 && value > OP_PAGE && value < (1UL << 32)) {
                        if (!try_value(s, i, arg, OP_PAGE))
                                any |= try_value(s, i, arg,
                                                 (value / 2 + OP_PAGE - 1) & ~(OP_PAGE - 1));
                        else
                                any = true;
                }
        }
        if (op->kind != OP_MMAP)
                return any;
        any |= try_value(s, i, 2, PROT_READ | PROT_WRITE);
        for (uint64_t flag = MAP_GROWSDOWN; flag <= MAP_STACK; flag <<= 1)
                if (s->best->ops[i].a[3] & flag)
                        any |= try_value(s, i, 3, s->best->ops[i].a[3] & ~flag);
        return any;
}

static bool simplify(struct shrinking *s)
{
        bool any = false;

        for (unsigned i = 0; i < s->best->nr; i++)
                any |= simplify_op(s, i);
        return any;
}

void trial_shrink(struct sequence *sequence, const struct options *options, struct trial *trial,
                  unsigned seconds)
{
        struct shrinking s = { sequence, trial, options, time(NULL) + seconds };

        if (trial->finding != FOUND_HANG && trial->index + 1 < sequence->nr)
                sequence->nr = trial->index + 1;
        while (leave_out(&s) || simplify(&s))
                if (time(NULL) >= s.deadline)
                        break;
}
