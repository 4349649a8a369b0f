/* SPDX-License-Identifier: MIT */
/*
 * A mark-compact collector in the style of managed runtimes: a heap of 256 MiB is moved aside with
 * one call, and the program goes on while a thread fills in the heap's pages as they are touched
 * (collect.h). Three rounds: the heap is filled, collected, walked about in by two threads while
 * that happens, and then every word of every object is checked.
 *
 * Instead of times there are counts of work: what the pause comes to, and what is done after it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/use/pager.h"
#include "userland/tests/use_collector/collect.h"
#include "userland/tests/use_collector/heap.h"

#define WALKERS 2
#define FRESH   200 /* objects that a walker makes while pages are filled in */

/* A counter of the kernel's; -1 where there are none. */
static long counter(const char *name)
{
        static char text[8192];
        char *at;

        if (read_file("/proc/self/mmstat", text, sizeof(text)) < 0)
                return -1;
        at = strstr(text, name);
        return at ? atol(at + strlen(name)) : -1;
}

/* ---------------------------------------------------------------- the program that goes on */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int stopped; /* walkers that wait for the pause to end */
static int running; /* it has */

static void safepoint(void)
{
        pthread_mutex_lock(&mutex);
        stopped++;
        pthread_cond_broadcast(&changed);
        while (!running)
                pthread_cond_wait(&changed, &mutex);
        pthread_mutex_unlock(&mutex);
}

struct walk {
        unsigned which;
        unsigned long visits, wrong, fresh;
};

/* The first objects of the list: each belongs to one list, so only one walker writes to it. */
static void walk_list(struct walk *walk, struct object *o)
{
        for (int n = 0; o && n < 12; n++, o = o->ref[0]) {
                walk->wrong += !object_is_right(o);
                if (o->ref[1])
                        walk->wrong += o->ref[1]->id == 0;
                o->visits++;
                walk->visits++;
        }
}

static void *walk_about(void *arg)
{
        struct walk *walk = arg;

        safepoint();
        for (unsigned long i = walk->which; i < ROOTS; i += 4 * WALKERS)
                walk_list(walk, root[i]);
        for (int i = 0; walk->which == 0 && i < FRESH; i++) {
                struct object *o = object_new();

                if (!o)
                        break;
                o->ref[0] = root[0];
                root[0] = o;
                walk->fresh++;
        }
        return NULL;
}

/* ---------------------------------------------------------------- a round */

static void tell_mark(const struct census *census)
{
        say("     alive: %lu objects, %lu KiB", census->objects, census->words * 8 / 1024);
        step((long)census->wrong, "objects that are wrong");
}

static void pause_and_move(void)
{
        long pte = counter("moved_pte ");
        long tables = counter("moved_pmd ") + counter("moved_pud ");

        pthread_mutex_lock(&mutex);
        while (stopped < WALKERS)
                pthread_cond_wait(&changed, &mutex);
        collect_begin();
        stopped = 0;
        running = 1;
        say("     pause: %lu roots changed, %lu pages moved by one mremap", ROOTS, HEAP_PAGES);
        check(pte < 0 || (counter("moved_pte ") == pte &&
                          counter("moved_pmd ") + counter("moved_pud ") > tables),
              "as whole tables");
}

static struct walk walk_while_pages_come(pthread_t *thread, struct walk *walk)
{
        struct walk sum = { 0 };
        pthread_t server;

        pthread_create(&server, NULL, collect_serve, NULL);
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
        for (int i = 0; i < WALKERS; i++) {
                pthread_join(thread[i], NULL);
                sum.visits += walk[i].visits;
                sum.wrong += walk[i].wrong;
                sum.fresh += walk[i].fresh;
        }
        running = 0;
        collect_end();
        pthread_join(server, NULL);
        return sum;
}

static void collect(void)
{
        struct walk walk[WALKERS] = { { 0 } }, sum;
        struct census before = heap_mark(1), after;
        pthread_t thread[WALKERS];

        tell_mark(&before);
        for (unsigned i = 0; i < WALKERS; i++) {
                walk[i].which = i;
                pthread_create(&thread[i], NULL, walk_about, &walk[i]);
        }
        pause_and_move();
        sum = walk_while_pages_come(thread, walk);
        collect_finish();
        say("     after it: %lu objects visited, %lu made; %lu pages filled in when touched, %lu of them "
            "fresh, %lu at the end",
            sum.visits, sum.fresh, pages_on_demand, pages_fresh, pages_at_end);
        step((long)sum.wrong, "objects that a walker found wrong");

        after = heap_mark(1);
        tell_mark(&after);
        check(after.objects == before.objects + sum.fresh, "none was lost, none is back");
        check(after.visits == before.visits + sum.visits, "nor what was written meanwhile");
        check(heap_used >= after.words, "they lie at the beginning");
}

int main(void)
{
        heap_make();
        for (int round = 0; round < 3; round++) {
                scene(round == 0 ? "a full heap" : "full again, a third of the roots dropped");
                for (unsigned long i = (unsigned long)round; round > 0 && i < ROOTS; i += 3)
                        root[i] = NULL;
                say("     %lu objects made", heap_fill());
                collect();
        }
        return 0;
}
