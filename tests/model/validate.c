/* SPDX-License-Identifier: MIT */
/* The model against the Linux that runs here: validate.h. */
#define _GNU_SOURCE
#include "tests/model/validate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/model/linux.h"

/* Flags and counters take long to read: after one sequence in so many. */
#define THOROUGH_EVERY 16

#define SEQUENCE_MAX 64

struct sequence {
        struct ref_call calls[SEQUENCE_MAX];
        unsigned nr;
};

/* Shared with the process that makes the calls. */
struct work {
        struct sequence now;
        struct validate_counts counts;
        bool differs, ended;
};

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t random_below(uint64_t *state, uint64_t n)
{
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        return (*state * 2685821657736338717ULL >> 16) % n;
}

/* ------------------------------------------------------------------ one sequence */

static bool forks(const struct sequence *q)
{
        for (unsigned i = 0; i < q->nr; i++)
                if (q->calls[i].kind == REF_CHILD)
                        return true;
        return false;
}

/* In this process, which may be another one afterwards. */
static bool make_calls(const struct sequence *q, unsigned pages, bool all)
{
        struct outcome want, have;
        struct ref model;

        ref_init(&model, pages);
        linux_clear(all);
        for (unsigned i = 0; i < q->nr; i++) {
                want.result = ref_do(&model, &q->calls[i]);
                have.result = linux_do(&q->calls[i]);
                if (want.result != have.result)
                        return false;
        }
        want = linux_view(&model, want.result, all);
        linux_look(&have.seen, &have.counts, all);
        return outcome_equal(&want, &have);
}

static bool try_sequence(struct work *w, unsigned pages)
{
        bool all = ++w->counts.calls % THOROUGH_EVERY == 0;
        int status = 1;
        pid_t pid;

        if (!forks(&w->now))
                return make_calls(&w->now, pages, all);
        pid = fork();
        if (pid == 0) {
                linux_start(pages);
                _exit(!make_calls(&w->now, pages, all));
        }
        return waitpid(pid, &status, 0) == pid && status == 0;
}

/* ------------------------------------------------------------------ sequences of two */

#define RW (REF_READ | REF_WRITE)

/* Where sequences of two begin. */
static const struct {
        unsigned nr;
        struct ref_call calls[4];
} beginnings[] = {
        { 0, { { 0 } } },
        { 1, { { .kind = REF_MMAP, .page = 0, .len = 4, .flags = RW } } },
        { 1, { { .kind = REF_MMAP, .page = 0, .len = 4, .flags = RW | REF_POPULATE } } },
        { 1, { { .kind = REF_MMAP, .page = 1, .len = 2, .flags = RW | REF_LOCKED } } },
        { 1, { { .kind = REF_MMAP, .page = 0, .len = 3, .flags = RW | REF_SHARED } } },
        { 2,
          { { .kind = REF_MMAP, .page = 0, .len = 4, .flags = RW | REF_POPULATE },
            { .kind = REF_CHILD } } },
        { 3,
          { { .kind = REF_MMAP, .page = 0, .len = 2, .flags = RW | REF_POPULATE },
            { .kind = REF_MMAP, .page = 3, .len = 1, .flags = RW | REF_POPULATE },
            { .kind = REF_MPROTECT, .page = 1, .len = 1, .flags = REF_READ } } },
        { 3,
          { { .kind = REF_MMAP, .page = 0, .len = 2, .flags = RW },
            { .kind = REF_STORE, .page = 1, .len = 1 },
            { .kind = REF_MREMAP,
              .page = 0,
              .len = 2,
              .new_len = 2,
              .to = 2,
              .flags = REF_FIXED | REF_DONTUNMAP } } },
        { 3,
          { { .kind = REF_MMAP, .page = 0, .len = 2, .flags = RW | REF_POPULATE },
            { .kind = REF_CHILD },
            { .kind = REF_MMAP, .page = 3, .len = 1, .flags = RW } } },
};
#define BEGINNINGS (sizeof(beginnings) / sizeof(*beginnings))

/* The beginning, one call, and another unless there is none. */
static bool try_from(struct work *w, unsigned pages, unsigned beginning,
                     const struct ref_call *first, const struct ref_call *second)
{
        w->now.nr = beginnings[beginning].nr;
        memcpy(w->now.calls, beginnings[beginning].calls, sizeof(beginnings[0].calls));
        w->now.calls[w->now.nr++] = *first;
        if (second)
                w->now.calls[w->now.nr++] = *second;
        return try_sequence(w, pages);
}

/* All single calls, then pairs. */
static bool try_pairs(struct work *w, const struct validate_options *o, double stop)
{
        static struct ref_call calls[CALLS_MAX];
        uint64_t nr = call_set(o->pages, CALLS_ALL, calls), all = BEGINNINGS * nr * nr;
        /* An odd step, so that no call is left out: nr calls, a step that shares no factor. */
        uint64_t step = o->pairs && o->pairs < all ? (all / o->pairs) | 1 : 1;

        for (uint64_t i = 0; i < BEGINNINGS * nr && o->pairs; i++)
                if (!try_from(w, o->pages, (unsigned)(i / nr), &calls[i % nr], NULL))
                        return false;
        for (uint64_t i = 0; i < all && o->pairs && now() < stop; i += step) {
                if (!try_from(w, o->pages, (unsigned)(i / nr / nr), &calls[i / nr % nr],
                              &calls[i % nr]))
                        return false;
                w->counts.pairs++;
        }
        return true;
}

/* ------------------------------------------------------------------ sequences of three */

/* One in so many begins at a state that forks may have led to: each fork is a process on Linux. */
#define FORKS_EVERY 32

/* States to begin at, and calls; the first search does not fork. */
static void find_states(struct search found[2], const struct validate_options *o)
{
        for (unsigned i = 0; i < 2; i++) {
                found[i].options = (struct search_options){
                        .pages = o->pages,
                        .features = i ? CALLS_ALL : CALLS_ALL & ~CALLS_FORK,
                        .bounds = { .anons = 3, .objects = 2, .distance = 7 },
                        .transitions = o->triples ? 2000000 : 1,
                };
                search_model(&found[i]);
        }
}

/* Processes that forks make need not have a copy of this: forking gets ten times faster. */
static void keep_from_children(const void *memory, size_t size)
{
        uintptr_t start = ((uintptr_t)memory + 4095) & ~4095UL;
        uintptr_t end = ((uintptr_t)memory + size) & ~4095UL;

        if (memory && start < end)
                madvise((void *)start, end - start, MADV_DONTFORK);
}

static void keep_search(const struct search *s)
{
        keep_from_children(s->states, s->room * sizeof(*s->states));
        keep_from_children(s->to, s->expanded * s->nr_calls * sizeof(*s->to));
        keep_from_children(s->set.canon, s->set.room * sizeof(*s->set.canon));
        keep_from_children(s->set.slot, (s->set.mask + 1UL) * sizeof(*s->set.slot));
}

static bool try_triples(struct work *w, const struct validate_options *o,
                        const struct search found[2], double stop)
{
        uint64_t random = o->seed * 0x9e3779b97f4a7c15ULL + 1;

        while (w->counts.triples < o->triples && now() < stop) {
                const struct search *s = &found[random_below(&random, FORKS_EVERY) == 0];
                uint32_t state = (uint32_t)random_below(&random, s->set.nr);

                w->now.nr = search_way(s, state, w->now.calls);
                for (unsigned i = 0; i < 3; i++)
                        w->now.calls[w->now.nr++] =
                                found[1].calls[random_below(&random, found[1].nr_calls)];
                if (!try_sequence(w, o->pages))
                        return false;
                w->counts.triples++;
        }
        return true;
}

/* ------------------------------------------------------------------ report */

static void print_difference(const struct sequence *q, unsigned pages)
{
        struct outcome want, have = { 0 };
        struct ref model;
        int result = 0;
        unsigned nr = 0;

        ref_init(&model, pages);
        do { /* the shortest part that differs */
                if (nr < q->nr)
                        printf("# %3u  %s\n", nr + 1, call_text(&q->calls[nr]));
                result = ref_do(&model, &q->calls[nr++]);
                want = linux_view(&model, result, true);
                if (!linux_replay(q->calls, nr, pages, &have)) {
                        printf("# Linux did not come to the end of it\n");
                        return;
                }
        } while (outcome_equal(&want, &have) && nr < q->nr);
        report_outcome(stdout, "model", &want);
        report_outcome(stdout, "Linux", &have);
}

static void run(const struct validate_options *o, const struct search *found, struct work *w)
{
        double stop = o->seconds ? now() + o->seconds : 1e18;

        keep_search(&found[0]);
        keep_search(&found[1]);
        linux_start(o->pages);
        w->differs = !try_pairs(w, o, stop) || !try_triples(w, o, found, stop);
        w->ended = true;
        _exit(0);
}

/* Waits for the process that makes the calls, and tells how far it is. */
static void wait_for(pid_t pid, const struct work *w, bool progress)
{
        while (waitpid(pid, NULL, progress ? WNOHANG : 0) == 0) {
                fprintf(stderr, "\r%llu pairs, %llu triples ", (unsigned long long)w->counts.pairs,
                        (unsigned long long)w->counts.triples);
                usleep(200000);
        }
        if (progress)
                fputc('\n', stderr);
}

bool validate(const struct validate_options *o, struct validate_counts *counts)
{
        struct search found[2] = { 0 };
        struct work *w =
                mmap(NULL, sizeof(*w), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        double began = now();
        bool good;
        pid_t pid;

        if (w == MAP_FAILED)
                return false;
        find_states(found, o);
        fflush(stdout);
        pid = fork();
        if (pid == 0)
                run(o, found, w);
        wait_for(pid, w, o->progress);
        good = w->ended && !w->differs;
        if (!good) {
                printf("# the model and Linux differ after\n");
                print_difference(&w->now, o->pages);
        }
        *counts = w->counts;
        counts->seconds = now() - began;
        search_free(&found[0]);
        search_free(&found[1]);
        munmap(w, sizeof(*w));
        return good;
}
