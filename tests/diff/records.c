/* SPDX-License-Identifier: MIT */
/* Recorded streams: records.h. */
#include "tests/diff/records.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/diff/linux.h"
#include "tests/diff/tell.h"

#define TOGETHER 8 /* sequences */

static uint64_t hash;

static void fold_snapshot(const struct snapshot *s)
{
        const uint64_t *words = (const uint64_t *)s;

        for (uint32_t i = 0; i < s->size / 8; i++)
                hash = fold(hash, words[i]);
}

static void watch_linux(unsigned index, const struct op *op, struct snapshot *l, struct snapshot *m)
{
        (void)index, (void)op, (void)m;
        fold_snapshot(l);
}

static void watch_mm(unsigned index, const struct op *op, struct snapshot *l, struct snapshot *m)
{
        (void)index, (void)op, (void)l;
        fold_snapshot(m);
}

/* The sequences of TOGETHER seeds; calls compared, and `hash`. A call on the allow-list is the last
 * of its sequence, and not folded. */
static unsigned run_some(const struct engine_options *engine, uint64_t seed, enum outcome *outcome)
{
        static struct sequence sequence;
        unsigned calls = 0;

        hash = 0;
        *outcome = SAME;
        for (uint64_t i = 0; i < TOGETHER && *outcome == SAME; i++) {
                struct verdict v;

                sequence_make(&sequence, &stream_defaults, seed + i);
                v = engine_run(&sequence, engine);
                calls += v.compared;
                *outcome = v.outcome;
        }
        return calls;
}

int records_write(const struct options *o)
{
        struct engine_options engine = { .seconds = 20, .watch = watch_linux };
        FILE *file = fopen(o->record, "w");
        enum outcome outcome;

        if (!file)
                err(2, "%s", o->record);
        linux_start();
        fprintf(file, "# First seed of 8, calls, their snapshots folded. %s\n",
                tell_date_and_release());
        for (uint64_t seed = o->seed; seed < o->seed + o->sequences; seed += TOGETHER) {
                unsigned calls = run_some(&engine, seed, &outcome);

                if (outcome != SAME)
                        errx(1, "seeds %" PRIu64 " to %" PRIu64 ": mm/ differs from Linux", seed,
                             seed + TOGETHER - 1);
                fprintf(file, "%" PRIu64 "\t%u\t%016" PRIx64 "\n", seed, calls, hash);
        }
        fclose(file);
        return 0;
}

int records_check(const struct options *o)
{
        struct engine_options engine = { .alone = true, .watch = watch_mm };
        FILE *file = fopen(o->check_record, "r");
        unsigned bad = 0, recorded;
        uint64_t seed, expected, calls = 0, last = 0;
        char line[128];
        enum outcome outcome;

        if (!file)
                err(2, "%s", o->check_record);
        while (fgets(line, sizeof(line), file)) {
                if (sscanf(line, "%" SCNu64 "\t%u\t%" SCNx64, &seed, &recorded, &expected) != 3)
                        continue;
                alarm(120);
                last = seed + TOGETHER - 1;
                calls += recorded;
                if (run_some(&engine, seed, &outcome) == recorded && hash == expected)
                        continue;
                printf("# seeds %" PRIu64 " to %" PRIu64 " differ from the record\n", seed, last);
                bad++;
        }
        fclose(file);
        printf("%s%" PRIu64 " calls compared with the record, %u differences, seeds up to %" PRIu64
               "\n",
               !o->ktap ? ""
               : bad    ? "not ok 1 diff.random # "
                        : "ok 1 diff.random # ",
               calls, bad, last);
        return bad != 0;
}
