/* SPDX-License-Identifier: MIT */
/*
 * The comparison of mm/ with this machine's Linux: what it does is in the text of --help
 * (options.c), how it is made of parts in engine.h, linux.h and terrane.h.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "tests/diff/campaign.h"
#include "tests/diff/linux.h"
#include "tests/diff/records.h"
#include "tests/diff/replay.h"
#include "tests/diff/tell.h"
#include "tests/diff/terrane.h"

#define RECORD "tests/golden/6.18/diff-streams.tsv"

#ifndef __SANITIZE_ADDRESS__
/* arch/host asks the address sanitizer for it. */
void __sanitizer_print_stack_trace(void);
void __sanitizer_print_stack_trace(void)
{
}
#endif

/*
 * Where mmap() begins to place is settled when a program starts: without randomness, with the usual
 * limit on the stack. The C library must not register what the kernel writes to (rseq), because
 * that memory goes away.
 */
static void start_again(char **argv)
{
        static const char tunable[] = "glibc.pthread.rseq=0";
        const char *set = getenv("GLIBC_TUNABLES");
        struct rlimit stack;
        int now = personality(0xffffffff);

        getrlimit(RLIMIT_STACK, &stack);
        if ((now & ADDR_NO_RANDOMIZE) && stack.rlim_cur == STACK_LIMIT && set &&
            !strcmp(set, tunable))
                return;
        stack.rlim_cur = STACK_LIMIT;
        if (personality((unsigned long)now | ADDR_NO_RANDOMIZE) < 0 ||
            setrlimit(RLIMIT_STACK, &stack) || setenv("GLIBC_TUNABLES", tunable, 1))
                err(3, "starting again without randomness");
        execv("/proc/self/exe", argv);
        err(3, "starting again without randomness");
}

/* ------------------------------------------------------------------ --replay */

/* A file, or a seed. */
static bool load(const char *what, const struct options *o, struct sequence *sequence)
{
        char *end;
        uint64_t seed = strtoull(what, &end, 0);

        if (*end)
                return replay_read(what, sequence);
        sequence_make(sequence, &o->stream, seed);
        return true;
}

static int replay_all(const struct options *o)
{
        static struct sequence sequence;
        unsigned good = 0, bad = 0;

        for (const char *const *what = o->replay; *what; what++) {
                struct trial trial;

                if (!load(*what, o, &sequence))
                        return 2;
                if (o->ktap) {
                        trial = trial_run(&sequence, o);
                } else {
                        printf("%s, %s\n", *what, sequence.root ? "root" : "without rights");
                        trial = trial_tell(&sequence, o, stdout, o->verbose);
                }
                if (trial.finding == FOUND_NOTHING) {
                        good++;
                        continue;
                }
                bad++;
                printf("%s: %s in call %u: %s\n", *what, finding_name(trial.finding), trial.index,
                       trial.kind);
        }
        if (o->ktap)
                printf("%s 1 diff.found # %u sequences, %u of them differ\n", bad ? "not ok" : "ok",
                       good + bad, bad);
        return bad != 0;
}

/* ------------------------------------------------------------------ the usual */

static void write_json(const char *path, const struct summary *s)
{
        FILE *file = fopen(path, "w");

        if (!file)
                err(2, "%s", path);
        fprintf(file,
                "{\"calls\": %lu, \"sequences\": %lu, \"allowed\": %lu, \"differences\": %u,\n"
                " \"first_seed\": %lu, \"last_seed\": %lu, \"seconds\": %.1f, \"interrupted\": %s,\n"
                " \"when\": \"%s\"}\n",
                (long)s->calls, (long)s->sequences, (long)s->allowed, s->found, (long)s->first,
                (long)s->last, s->seconds, s->interrupted ? "true" : "false",
                tell_date_and_release());
        fclose(file);
}

static int run(const struct options *o)
{
        struct summary s = campaign_run(o);

        printf("%s%lu calls compared, %u differences, seeds %lu..%lu, %s\n",
               o->ktap ? (s.found ? "not ok 1 diff.random # " : "ok 1 diff.random # ") : "",
               (long)s.calls, s.found, (long)s.first, (long)s.last, tell_date_and_release());
        if (!o->ktap)
                printf("%lu sequences in %.1f s (%.1f s of a processor), %lu of them ended at a call "
                       "on the allow-list\n",
                       (long)s.sequences, s.seconds, s.cpu_seconds, (long)s.allowed);
        if (s.interrupted)
                printf("# interrupted; go on with --seed %lu\n", (long)s.last + 1);
        if (o->json)
                write_json(o->json, &s);
        return s.found != 0;
}

/*
 * Bytes of RAM for mm/: no mapping may be larger (overcommit_memory 0), so as many as this machine
 * has, swap included, if its Linux answers, too. What is recorded comes from one that had plenty.
 */
static uint64_t ram_size(bool beside_linux)
{
        struct sysinfo machine;

        if (!beside_linux || sysinfo(&machine))
                return ~0UL;
        return (machine.totalram + machine.totalswap) * machine.mem_unit;
}

int main(int argc, char **argv)
{
        struct options options;
        const char *missing;

        options_read(&options, argc, argv);
        if (!options.alone)
                start_again(argv);
        if (options.ktap)
                printf("KTAP version 1\n1..1\n");
        missing = options.alone ? NULL : linux_missing();
        if (missing && !options.check_record)
                options.check_record = RECORD;
        if (missing && options.ktap && options.replay)
                return printf("ok 1 diff.found # SKIP %s\n", missing) < 0;
        if (missing && (options.record || options.replay))
                errx(3, "%s", missing);
        if (missing)
                printf("# %s: mm/ is compared with what was recorded, %s\n", missing,
                       options.check_record);
        terrane_boot(ram_size(!options.alone && !options.check_record));
        if (options.record)
                return records_write(&options);
        if (options.check_record)
                return records_check(&options);
        return options.replay ? replay_all(&options) : run(&options);
}
