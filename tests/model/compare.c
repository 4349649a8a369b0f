/* SPDX-License-Identifier: MIT */
/* Every transition of the search on mm/: search.h. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
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

/* How long to look for a shorter way to a difference. */
#define NEAREST_SECONDS 20

/* The machine, and the calls that brought it where it is. Shared with the process that reports if
 * mm/ ends this one. */
struct walk {
        struct ref ref;
        uint32_t state;
        unsigned nr;
        struct ref_call calls[WALK_MAX];
        uint64_t compared, returned;
        bool differs;
        bool crashed;           /* mm/ has not come back from the last call */
        struct outcome machine; /* after the last call, if mm/ came back from it */
};

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Processor time of the processes that have ended. */
static double children_seconds(void)
{
        struct rusage used;

        if (getrusage(RUSAGE_CHILDREN, &used) != 0)
                return 0;
        return (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6 +
               (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6;
}

/* One call on both sides. */
static bool step(struct walk *w, const struct ref_call *call)
{
        struct outcome model;
        int result;

        w->calls[w->nr++] = *call;
        result = ref_do(&w->ref, call);
        w->crashed = true;
        w->machine.result = machine_do(call);
        machine_look(&w->machine.seen, &w->machine.counts);
        w->crashed = false;
        model = outcome_of(&w->ref, result);
        return outcome_equal(&model, &w->machine);
}

/* A call that was made in this state before: only its result is compared. */
static bool repeat(struct walk *w, const struct ref_call *call)
{
        w->calls[w->nr++] = *call;
        return ref_do(&w->ref, call) == machine_do(call);
}

/* The empty arena again. */
static void start_over(const struct search *s, struct walk *w)
{
        machine_clear();
        ref_init(&w->ref, s->options.pages);
        w->nr = 0;
        w->state = 0;
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

        if (call == 0)
                machine_validate();
        if (state->tried == s->nr_calls)
                state->away = 1;
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

/* Calls are left to try in this state. */
static bool is_open(const struct search *s, uint32_t state)
{
        return state < s->expanded && s->states[state].tried < s->nr_calls;
}

/* From a state in which all was tried: the call that leads to where `away` is least. This state is
 * one call farther away. */
static bool go_on(struct search *s, struct walk *w)
{
        const uint32_t *to = &s->to[(size_t)w->state * s->nr_calls];
        unsigned best = 0, least = AWAY_MAX;

        for (unsigned c = 0; c < s->nr_calls && least > 0; c++) {
                if (to[c] < s->expanded && s->states[to[c]].away < least) {
                        best = c;
                        least = s->states[to[c]].away;
                }
        }
        s->states[w->state].away = (uint8_t)(least < AWAY_MAX ? least + 1 : AWAY_MAX);
        w->returned++;
        w->state = to[best];
        return repeat(w, &s->calls[best]);
}

/* Out of bounds: what is too much is unmapped, which leads to a state that is known. */
static bool come_back(struct search *s, struct walk *w)
{
        unsigned best = 0, least = AWAY_MAX + 1;

        for (unsigned c = 0; c < s->nr_calls && least > 0; c++) {
                struct ref ref = w->ref;
                struct canon canon;
                uint32_t to;

                if (s->calls[c].kind != REF_MUNMAP)
                        continue;
                ref_do(&ref, &s->calls[c]);
                if (!canonical_form(&ref, &s->options.bounds, &canon))
                        continue;
                to = canon_set_find(&s->set, &canon);
                if (to < s->expanded && s->states[to].away < least) {
                        best = c;
                        least = s->states[to].away;
                        w->state = to;
                }
        }
        w->returned++;
        return repeat(w, &s->calls[best]);
}

/* One call more, whichever it is. False: a difference. */
static bool walk_on(struct search *s, struct walk *w)
{
        if (w->nr == 0 || w->nr == WALK_MAX)
                start_over(s, w);
        if (w->state >= s->expanded)
                return come_back(s, w);
        return is_open(s, w->state) ? try_next(s, w) : go_on(s, w);
}

/* Everything, in the process of mm/. */
static bool walk_all(struct search *s, struct walk *w)
{
        uint64_t all = (uint64_t)s->expanded * s->nr_calls;
        double began = now(), told = began;

        while (w->compared < all) {
                if (!walk_on(s, w))
                        return false;
                if (w->nr % 256)
                        continue;
                if (s->options.progress && now() - told > 1) {
                        told = now();
                        fprintf(stderr, "\r%llu of %llu transitions, %.0f/s ",
                                (unsigned long long)w->compared, (unsigned long long)all,
                                (double)w->compared / (told - began));
                }
                if (s->options.seconds && now() - began > s->options.seconds)
                        return true;
        }
        return true;
}

/* ------------------------------------------------------------------ report */

/* From the empty arena on, in a process of its own. False: a difference, or the end of it. */
static bool begin(struct walk *w, const struct ref_call *calls, unsigned nr, unsigned pages)
{
        machine_clear();
        ref_init(&w->ref, pages);
        w->nr = 0;
        for (unsigned i = 0; i < nr; i++) {
                if (!step(w, &calls[i]))
                        return false;
                machine_validate();
        }
        return true;
}

/* A process for something that may end it; 0 in the child, which prints nothing. */
static pid_t fork_quietly(unsigned pages)
{
        pid_t pid = fork();

        if (pid == 0) {
                if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
                        _exit(2);
                machine_start(pages);
        }
        return pid;
}

static bool ended_well(pid_t pid)
{
        int status = 1;

        return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* These calls lead to no difference; else the walk is at it. */
static bool holds(struct walk *w, const struct ref_call *calls, unsigned nr, unsigned pages)
{
        pid_t pid = fork_quietly(pages);

        if (pid == 0)
                _exit(!begin(w, calls, nr, pages));
        return ended_well(pid);
}

/* The same of every call in a state. */
static bool state_holds(struct search *s, struct walk *w, uint32_t state)
{
        struct ref_call way[256];
        unsigned length = search_way(s, state, way);
        pid_t pid = fork_quietly(s->options.pages);

        if (pid != 0)
                return ended_well(pid);
        for (unsigned c = 0; c < s->nr_calls; c++) {
                way[length] = s->calls[c];
                if (!begin(w, way, length + 1, s->options.pages))
                        _exit(1);
        }
        _exit(0);
}

/*
 * The walks lead all over the place, so what they have come upon may be nearer: look from the empty
 * arena on, by the shortest ways.
 */
static void find_nearest(struct search *s, struct walk *w)
{
        static struct walk found;
        double until = now() + NEAREST_SECONDS;

        found = *w;
        for (uint32_t state = 0; state < s->expanded && now() < until; state++)
                if (!state_holds(s, w, state))
                        return;
        *w = found;
}

/* Leave out every call without which there is a difference still. */
static void shorten(struct walk *w, unsigned pages)
{
        static struct ref_call calls[WALK_MAX], fewer[WALK_MAX];
        unsigned nr = w->nr;

        memcpy(calls, w->calls, nr * sizeof(*calls));
        for (unsigned i = nr; i-- > 0;) {
                memcpy(fewer, calls, i * sizeof(*calls));
                memcpy(fewer + i, calls + i + 1, (nr - i - 1) * sizeof(*calls));
                if (holds(w, fewer, nr - 1, pages))
                        continue;
                nr = w->nr; /* it may come earlier now */
                memcpy(calls, w->calls, nr * sizeof(*calls));
                if (i > nr)
                        i = nr;
        }
        holds(w, calls, nr, pages);
}

/* Linux is asked, too. */
static void print_verdict(struct walk *w, const struct ref *ref, int result)
{
        struct outcome model = linux_view(ref, result, true), real = { 0 };

        if (linux_unfit()) {
                printf("# who is right cannot be said: this is %s\n", linux_unfit());
                return;
        }
        if (!linux_replay(w->calls, w->nr, ref->pages, &real)) {
                printf("# Linux did not come to the end of it\n");
                return;
        }
        report_outcome(stdout, "Linux", &real);
        w->machine.counts.locked += ref->lost_locked;
        linux_mask(&w->machine, true);
        printf("# as far as Linux can be seen, the model %s, mm %s\n",
               outcome_equal(&model, &real) ? "is right" : "is wrong",
               !w->crashed && outcome_equal(&w->machine, &real) ? "is right" : "is wrong");
}

static void print_difference(struct walk *w, unsigned pages)
{
        struct outcome model, before = { 0 };
        struct ref ref;
        int result = 0;

        ref_init(&ref, pages);
        for (unsigned i = 0; i < w->nr; i++) {
                before = outcome_of(&ref, result);
                result = ref_do(&ref, &w->calls[i]);
                printf("# %3u  %s -> %s\n", i + 1, call_text(&w->calls[i]),
                       call_result_text(result));
        }
        model = outcome_of(&ref, result);
        report_outcome(stdout, "before", &before);
        report_outcome(stdout, "model", &model);
        if (w->crashed)
                printf("# mm     has ended the process\n");
        else
                report_outcome(stdout, "mm", &w->machine);
        print_verdict(w, &ref, result);
}

static void run(struct search *s, struct walk *w)
{
        machine_start(s->options.pages);
        w->differs = !walk_all(s, w);
        fflush(stdout);
        _exit(0);
}

bool search_compare(struct search *s)
{
        struct walk *w =
                mmap(NULL, sizeof(*w), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        double began = children_seconds();
        bool good;
        pid_t pid;

        if (w == MAP_FAILED)
                return false;
        fflush(stdout);
        pid = fork();
        if (pid == 0)
                run(s, w);
        good = ended_well(pid) && !w->differs;
        s->compared = w->compared;
        s->returned = w->returned;
        s->machine_seconds = children_seconds() - began;
        if (!good) {
                find_nearest(s, w);
                shorten(w, s->options.pages);
                printf("# model and mm differ after\n");
                print_difference(w, s->options.pages);
        }
        munmap(w, sizeof(*w));
        return good;
}
