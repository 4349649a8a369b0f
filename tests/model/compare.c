/* SPDX-License-Identifier: MIT */
/* Every transition of the search on mm/: search.h. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/model/linux.h"
#include "tests/model/machine.h"
#include "tests/model/report.h"
#include "tests/model/search.h"

/* Calls in a row until the arena is emptied, so that the way to a difference is of a bearable
 * length. */
#define WALK_MAX 1000

/* The machine, and the calls that brought it where it is. Shared with the process that reports if
 * mm/ ends this one. */
struct walk {
        struct ref ref;
        uint32_t state;
        unsigned nr;
        struct ref_call calls[WALK_MAX];
        uint64_t compared, returned;
        bool differs, ended;
        int result; /* of the model's last call */
};

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One call on both sides. */
static bool step(struct walk *w, const struct ref_call *call)
{
        struct outcome model, machine;

        w->calls[w->nr++] = *call;
        model = outcome_of(&w->ref, 0);
        model.result = ref_do(&w->ref, call);
        machine.result = machine_do(call);
        machine_look(&machine.seen, &machine.counts);
        model = outcome_of(&w->ref, model.result);
        return outcome_equal(&model, &machine);
}

/* A call that was made in this state before: only its result is compared. */
static bool repeat(struct walk *w, const struct ref_call *call)
{
        w->calls[w->nr++] = *call;
        return ref_do(&w->ref, call) == machine_do(call);
}

/* From the empty arena, by the shortest way. */
static bool go_to(struct search *s, struct walk *w, uint32_t state)
{
        bool first = s->states[state].tried == 0;
        struct ref_call way[256];
        unsigned length = search_way(s, state, way);

        machine_clear();
        ref_init(&w->ref, s->options.pages);
        w->nr = 0;
        w->state = state;
        w->returned += length;
        for (unsigned i = 0; i < length; i++)
                if (!repeat(w, &way[i]))
                        return false;
        if (first)
                machine_validate();
        return true;
}

/* The model has come to the state that the search had found for this transition. */
static bool is_expected(const struct search *s, const struct walk *w, uint32_t to)
{
        struct canon canon;
        bool inside = canonical_form(&w->ref, &s->options.bounds, &canon);

        if (to == SEARCH_OUT || !inside)
                return to == SEARCH_OUT && !inside;
        return canon_set_find(&s->set, &canon) == to;
}

/* The next call that was not made in the walk's state. False: a difference. */
static bool try_next(struct search *s, struct walk *w)
{
        struct state *state = &s->states[w->state];
        unsigned call = state->tried++;
        uint32_t to = s->to[(size_t)w->state * s->nr_calls + call];

        if (!step(w, &s->calls[call]))
                return false;
        if (!is_expected(s, w, to)) {
                printf("# equal states part: the canonical form has lost something\n");
                return false;
        }
        w->compared++;
        w->state = to;
        return true;
}

static bool is_open(const struct search *s, uint32_t state)
{
        return state < s->expanded && s->states[state].tried < s->nr_calls;
}

/* Where the walk has got stuck: one call, made before, that leads to a state with calls left. */
static bool hop(struct search *s, struct walk *w)
{
        const uint32_t *to = &s->to[(size_t)w->state * s->nr_calls];

        for (unsigned c = 0; c < s->nr_calls; c++) {
                if (!is_open(s, to[c]))
                        continue;
                w->returned++;
                w->state = to[c];
                return repeat(w, &s->calls[c]);
        }
        return true;
}

/* From a state that has calls left, as far as one can get. */
static bool walk_on(struct search *s, struct walk *w)
{
        while (w->nr < WALK_MAX - 1 && is_open(s, w->state)) {
                if (!try_next(s, w))
                        return false;
                if (w->state < s->expanded && !is_open(s, w->state) && !hop(s, w))
                        return false;
        }
        return true;
}

/* Everything, in the process of mm/. */
static bool walk_all(struct search *s, struct walk *w)
{
        double began = now(), told = began;

        /* From the farthest: the walks pass by the near ones again and again. */
        for (uint32_t head = s->expanded; head-- > 0;) {
                while (s->states[head].tried < s->nr_calls) {
                        if (!go_to(s, w, head))
                                return false;
                        if (!walk_on(s, w))
                                return false;
                        if (s->options.progress && now() - told > 1) {
                                told = now();
                                fprintf(stderr, "\r%llu of %llu transitions, %.0f/s ",
                                        (unsigned long long)w->compared,
                                        (unsigned long long)s->transitions,
                                        (double)w->compared / (told - began));
                        }
                        if (s->options.seconds && now() - began > s->options.seconds)
                                return true;
                }
        }
        return true;
}

/* ------------------------------------------------------------------ report */

/* The same calls from the empty arena; true if they end in a difference. */
static bool differs_after(struct walk *w, const struct ref_call *calls, unsigned nr, unsigned pages)
{
        machine_clear();
        ref_init(&w->ref, pages);
        w->nr = 0;
        for (unsigned i = 0; i < nr; i++)
                if (!step(w, &calls[i]))
                        return true;
        return false;
}

/* Leave out every call without which there is a difference still. */
static void shorten(struct walk *w, unsigned pages)
{
        struct ref_call calls[WALK_MAX], fewer[WALK_MAX];
        unsigned nr = w->nr;

        memcpy(calls, w->calls, nr * sizeof(*calls));
        for (unsigned i = nr; i-- > 0;) {
                memcpy(fewer, calls, i * sizeof(*calls));
                memcpy(fewer + i, calls + i + 1, (nr - i - 1) * sizeof(*calls));
                if (!differs_after(w, fewer, nr - 1, pages))
                        continue;
                nr = w->nr; /* it may come earlier now */
                memcpy(calls, w->calls, nr * sizeof(*calls));
                if (i > nr)
                        i = nr;
        }
        differs_after(w, calls, nr, pages);
}

/* Linux is asked, too, and so one of the two is wrong. */
static void print_verdict(const struct walk *w, const struct ref *ref, struct outcome *machine)
{
        struct outcome model = linux_view(ref, w->result, true), real = { 0 };

        if (linux_unfit()) {
                printf("# who is right cannot be said: this is %s\n", linux_unfit());
                return;
        }
        if (!linux_replay(w->calls, w->nr, ref->pages, &real)) {
                printf("# Linux did not come to the end of it\n");
                return;
        }
        report_outcome(stdout, "Linux", &real);
        machine->counts.locked += ref->lost_locked;
        linux_mask(machine, true);
        printf("# as far as Linux can be seen, the model %s, mm %s\n",
               outcome_equal(&model, &real) ? "is right" : "is wrong",
               outcome_equal(machine, &real) ? "is right" : "is wrong");
}

static void print_difference(struct walk *w, unsigned pages)
{
        struct outcome model = { 0 }, machine = { 0 };
        struct ref ref;

        ref_init(&ref, pages);
        for (unsigned i = 0; i < w->nr; i++) {
                if (i + 1 == w->nr) {
                        model = outcome_of(&ref, w->result);
                        report_outcome(stdout, "before", &model);
                }
                w->result = ref_do(&ref, &w->calls[i]);
                printf("# %3u  %s -> %s\n", i + 1, call_text(&w->calls[i]),
                       call_result_text(w->result));
        }
        model = outcome_of(&ref, w->result);
        report_outcome(stdout, "model", &model);
        if (w->differs) {
                machine_clear();
                for (unsigned i = 0; i < w->nr; i++)
                        machine.result = machine_do(&w->calls[i]);
                machine_look(&machine.seen, &machine.counts);
                report_outcome(stdout, "mm", &machine);
        }
        print_verdict(w, &ref, &machine);
}

static void run(struct search *s, struct walk *w)
{
        machine_start(s->options.pages);
        if (!walk_all(s, w)) {
                w->differs = true;
                shorten(w, s->options.pages);
                printf("# model and mm differ after\n");
                print_difference(w, s->options.pages);
        }
        w->ended = true;
        fflush(stdout);
        _exit(0);
}

bool search_compare(struct search *s)
{
        struct walk *w =
                mmap(NULL, sizeof(*w), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        double began = now();
        bool good;
        pid_t pid;

        if (w == MAP_FAILED)
                return false;
        fflush(stdout);
        pid = fork();
        if (pid == 0)
                run(s, w);
        waitpid(pid, NULL, 0);
        if (!w->ended) {
                printf("# mm ended the process in the last of these calls\n");
                print_difference(w, s->options.pages);
        }
        good = w->ended && !w->differs;
        s->compared = w->compared;
        s->returned = w->returned;
        s->machine_seconds = now() - began;
        munmap(w, sizeof(*w));
        return good;
}
