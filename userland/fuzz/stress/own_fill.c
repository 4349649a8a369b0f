/* SPDX-License-Identifier: MIT */
/* Filling a worker's own memory unasked. */
#include "userland/fuzz/stress/stress.h"

#define COPY_PAGES 8UL

static uint64_t addr_of(const struct window *window, uint64_t page)
{
        return window->base + page * PAGE;
}

static struct range few_pages(struct worker *w)
{
        struct range r = { 0, 1 + below(&w->random, COPY_PAGES) };

        r.first = below(&w->random, WINDOW_PAGES - r.pages + 1);
        return r;
}

void own_copy(struct worker *w)
{
        static uint64_t sources[WORKERS][COPY_PAGES][PAGE / 8] __attribute__((aligned(4096)));
        struct window *window = own_draw(w);
        struct range r = few_pages(w);
        struct uffd_copy call = { addr_of(window, r.first), (uintptr_t)sources[w->number],
                                  r.pages * PAGE, 0, 0 };

        for (uint64_t i = 0; i < r.pages; i++)
                sources[w->number][i][0] = sources[w->number][i][LAST_WORD / 8] =
                        word_make(w->origin, ++w->serial);
        if (one_in(&w->random, 4))
                call.mode = UFFD_COPY_WP;
        raw_call(NR_ioctl, handler_fd(w), UFFDIO_COPY, &call);
        for (uint64_t i = 0; call.done > 0 && i < (uint64_t)call.done / PAGE; i++) {
                own_set(window, r.first + i, sources[w->number][i][0]);
                window->state[r.first + i] = PAGE_PLAIN;
        }
}

/* Pages done. */
static uint64_t fill(struct worker *w, struct window *window, struct range r, unsigned request)
{
        struct uffd_fill call = { { addr_of(window, r.first), r.pages * PAGE }, 0, 0 };

        raw_call(NR_ioctl, handler_fd(w), request, &call);
        return call.done > 0 ? (uint64_t)call.done / PAGE : 0;
}

void own_zeropage(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = few_pages(w);
        uint64_t done = fill(w, window, r, UFFDIO_ZEROPAGE);

        for (uint64_t i = 0; i < done; i++) {
                own_set(window, r.first + i, 0);
                window->state[r.first + i] = PAGE_PLAIN;
        }
}

void own_poison(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = few_pages(w);
        uint64_t done = fill(w, window, r, UFFDIO_POISON);

        for (uint64_t i = 0; i < done; i++)
                window->state[r.first + i] = PAGE_POISON;
}

void own_continue(struct worker *w)
{
        struct window *window = &w->own[1];
        struct range r = few_pages(w);
        uint64_t done = fill(w, window, r, UFFDIO_CONTINUE);

        for (uint64_t i = 0; i < done; i++)
                window->state[r.first + i] = PAGE_PLAIN;
}
