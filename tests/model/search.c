/* SPDX-License-Identifier: MIT */
/* The search in the model: search.h. */
#include "tests/model/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void *grown(void *memory, size_t size)
{
        memory = realloc(memory, size);
        if (!memory) {
                fprintf(stderr, "model: no memory for %zu MiB of states\n", size >> 20);
                exit(2);
        }
        return memory;
}

/* The number of a state, which may be new. */
static uint32_t add_state(struct search *s, const struct ref *ref, const struct canon *canon,
                          uint32_t parent, unsigned call)
{
        bool is_new;
        uint32_t at = canon_set_add(&s->set, canon, &is_new);

        if (!is_new)
                return at;
        if (at == s->room) {
                s->room = s->room ? s->room * 2 : 1024;
                s->states = grown(s->states, s->room * sizeof(*s->states));
        }
        s->states[at] = (struct state){ .ref = *ref, .parent = parent, .call = (uint16_t)call };
        if (at != 0)
                s->states[at].length = (uint16_t)(s->states[parent].length + 1);
        s->longest = s->states[at].length;
        return at;
}

/* All calls in one state. */
static void expand(struct search *s, uint32_t from)
{
        for (unsigned c = 0; c < s->nr_calls; c++) {
                struct ref ref = s->states[from].ref;
                struct canon canon;
                uint32_t to = SEARCH_OUT;

                ref_do(&ref, &s->calls[c]);
                if (canonical_form(&ref, &s->options.bounds, &canon))
                        to = add_state(s, &ref, &canon, from, c);
                else
                        s->out++;
                if (s->to)
                        s->to[(size_t)from * s->nr_calls + c] = to;
        }
        s->transitions += s->nr_calls;
}

bool search_model(struct search *s)
{
        clock_t began = clock();
        struct canon canon;
        struct ref empty;
        size_t room = 0;

        s->nr_calls = call_set(s->options.pages, s->options.features, s->calls);
        s->options.bounds.lengths = s->options.features & CALLS_LOCK;
        canon_set_init(&s->set, s->options.pages);
        ref_init(&empty, s->options.pages);
        canonical_form(&empty, &s->options.bounds, &canon);
        add_state(s, &empty, &canon, 0, 0);
        while (s->expanded < s->set.nr && s->transitions < s->options.transitions) {
                if (s->expanded == room && !s->options.model_only) {
                        room = room ? room * 2 : 1024;
                        s->to = grown(s->to, room * s->nr_calls * sizeof(*s->to));
                }
                expand(s, s->expanded++);
        }
        s->model_seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
        return s->expanded == s->set.nr;
}

unsigned search_way(const struct search *s, uint32_t state, struct ref_call *way)
{
        unsigned length = s->states[state].length;

        for (unsigned i = length; i > 0; i--) {
                way[i - 1] = s->calls[s->states[state].call];
                state = s->states[state].parent;
        }
        return length;
}

void search_free(struct search *s)
{
        canon_set_free(&s->set);
        free(s->states);
        free(s->to);
}
