/* SPDX-License-Identifier: MIT */
/* The process of a round: its threads, and what they draw. */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "userland/fuzz/stress/stress.h"

#define OWN_BASE   0x300000000UL
#define OWN_STRIDE 0x4000000UL

struct worker workers[WORKERS];
bool round_is_quiet;
static volatile int workers_stop;

void complain(const char *format, ...)
{
        va_list args;

        if (__atomic_fetch_add(&board->wrong, 1, __ATOMIC_SEQ_CST) > 0)
                return;
        va_start(args, format);
        vsnprintf(board->complaint, sizeof(board->complaint), format, args);
        va_end(args);
}

void call_at_random(struct worker *w, const struct call *calls)
{
        uint64_t sum = 0, draw;

        for (const struct call *c = calls; c->name; c++)
                sum += c->weight;
        draw = below(&w->random, sum);
        while (draw >= calls->weight) {
                draw -= calls->weight;
                calls++;
        }
        w->status->what = calls->name;
        w->status->calls++;
        calls->make(w);
}

void own_begin(struct worker *w)
{
        for (unsigned i = 0; i < 2; i++) {
                struct window *window = &w->own[i];

                window->base = OWN_BASE + (2 * w->number + i) * OWN_STRIDE;
                window->shared = i == 1;
                window->fd = -1;
                for (uint64_t p = 0; p < WINDOW_PAGES; p++) {
                        window->index[p] = 0;
                        window->content[p] = EMPTY_WORD;
                }
                if (window->shared) {
                        window->fd = (int)raw_call(NR_memfd_create, "own", 0);
                        raw_call(NR_ftruncate, window->fd, OBJECT_PAGES * PAGE);
                }
                own_map(w, window, (struct range){ 0, WINDOW_PAGES });
        }
}

static void *worker_main(void *arg)
{
        struct worker *w = arg;

        own_begin(w);
        while (!workers_stop)
                call_at_random(w, one_in(&w->random, 2) ? own_calls : region_calls);
        w->status->what = "looks at all of its memory";
        own_check_all(w);
        w->status->ended = 1;
        return NULL;
}

/* Calls and waiting threads are interrupted now and then. */
static void interrupt(pthread_t threads[WORKERS], unsigned seconds, struct random *r)
{
        uint64_t end = seconds_now() + seconds;

        while (seconds_now() < end && !board->wrong) {
                usleep(50000);
                if (!round_is_quiet && one_in(r, 3)) {
                        pthread_kill(threads[below(r, WORKERS)], SIGUSR1);
                        count(&board->signals);
                }
        }
}

void round_run(uint64_t seed, unsigned seconds)
{
        static pthread_t threads[THREADS];
        struct random r = { seed };

        round_is_quiet = seed % 2;
        catch_signals();
        regions_begin();
        pthread_create(&threads[HANDLER], NULL, handler_main, (void *)random_next(&r));
        for (unsigned i = 0; i < WORKERS; i++) {
                struct worker *w = &workers[i];

                w->number = w->origin = i;
                w->random.state = random_next(&r);
                w->status = &board->threads[i];
                w->status->what = "begins";
                if (raw_call(NR_pipe2, w->pipe, 0) < 0 ||
                    pthread_create(&threads[i], NULL, worker_main, w))
                        complain("thread %u cannot begin", i);
        }
        interrupt(threads, seconds, &r);
        workers_stop = 1;
        for (unsigned i = 0; i < WORKERS; i++)
                pthread_join(threads[i], NULL);
        handler_stop = 1;
        pthread_join(threads[HANDLER], NULL);
        raw_call(NR_exit_group, 0);
        for (;;)
                ;
}
