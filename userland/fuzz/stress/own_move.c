/* SPDX-License-Identifier: MIT */
/* mremap() of a worker's own memory, and of pages by UFFDIO_MOVE. */
#include <errno.h>

#include "userland/fuzz/stress/stress.h"

static uint64_t addr_of(const struct window *window, uint64_t page)
{
        return window->base + page * PAGE;
}

/* A place for `pages` beside the range; half of the time as far from the next huge page. */
static bool place_draw(struct worker *w, struct range from, uint64_t pages, uint64_t *to)
{
        if (pages > WINDOW_PAGES)
                return false;
        *to = below(&w->random, WINDOW_PAGES - pages + 1);
        if (one_in(&w->random, 2) && (*to & -HUGE) + from.first % HUGE + pages <= WINDOW_PAGES)
                *to = (*to & -HUGE) + from.first % HUGE;
        return *to + pages <= from.first || *to >= from.first + from.pages;
}

static void page_moved(struct window *window, uint64_t from, uint64_t to, bool keep)
{
        if (window->state[from] == PAGE_NONE)
                return; /* holes keep what is at their target */
        window->state[to] = window->state[from];
        window->index[to] = window->index[from];
        window->state[from] = keep ? PAGE_PLAIN : PAGE_NONE;
        if (!window->shared) {
                window->content[to] = window->content[from];
                window->content[from] = EMPTY_WORD;
        }
}

void own_move(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);
        bool keep = one_in(&w->random, 3);
        uint64_t to;
        long result;

        if (!place_draw(w, r, r.pages, &to))
                return;
        result = raw_call(NR_mremap, addr_of(window, r.first), r.pages * PAGE, r.pages * PAGE,
                          MOVE_MAY | MOVE_FIXED | (keep ? MOVE_KEEP : 0), addr_of(window, to));
        if (result == -EFAULT && window->state[r.first] == PAGE_NONE)
                return;
        if (result < 0) { /* a part of it may have moved */
                own_map(w, window, r);
                own_map(w, window, (struct range){ to, r.pages });
                return;
        }
        for (uint64_t i = 0; i < r.pages; i++)
                page_moved(window, r.first + i, to + i, keep);
}

/* ------------------------------------------------------------------ other sizes */

static void set_new(struct window *window, uint64_t first, uint64_t pages, uint16_t index)
{
        for (uint64_t i = 0; i < pages; i++) {
                window->state[first + i] = PAGE_PLAIN;
                window->index[first + i] = (uint16_t)(index + i);
                if (!window->shared)
                        window->content[first + i] = EMPTY_WORD;
        }
}

static void shrink(struct worker *w, struct window *window, struct range r)
{
        uint64_t left = 1 + below(&w->random, r.pages);
        long result = raw_call(NR_mremap, addr_of(window, r.first), r.pages * PAGE, left * PAGE, 0);

        if (result < 0) {
                if (window->state[r.first] != PAGE_NONE)
                        own_map(w, window, r);
                return;
        }
        for (uint64_t p = r.first + left; p < r.first + r.pages; p++) {
                window->state[p] = PAGE_NONE;
                if (!window->shared)
                        window->content[p] = EMPTY_WORD;
        }
}

/* In place: where it fails, nothing has changed. */
static void grow_here(struct window *window, struct range r, uint64_t more)
{
        uint16_t next = (uint16_t)(window->index[r.first] + r.pages);

        if (r.first + r.pages + more > WINDOW_PAGES ||
            raw_call(NR_mremap, addr_of(window, r.first), r.pages * PAGE, (r.pages + more) * PAGE,
                     0) < 0)
                return;
        set_new(window, r.first + r.pages, more, next);
}

static void grow_there(struct worker *w, struct window *window, struct range r, uint64_t more)
{
        uint16_t next = (uint16_t)(window->index[r.first] + r.pages);
        uint64_t to;
        long result;

        if (!place_draw(w, r, r.pages + more, &to))
                return;
        result = raw_call(NR_mremap, addr_of(window, r.first), r.pages * PAGE,
                          (r.pages + more) * PAGE, MOVE_MAY | MOVE_FIXED, addr_of(window, to));
        if (result < 0) {
                own_map(w, window, r);
                own_map(w, window, (struct range){ to, r.pages + more });
                return;
        }
        for (uint64_t i = 0; i < r.pages; i++)
                page_moved(window, r.first + i, to + i, false);
        set_new(window, to + r.pages, more, next);
}

void own_resize(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);
        uint64_t more = 1 + below(&w->random, 100);

        if (one_in(&w->random, 3))
                return shrink(w, window, r);
        if (window->shared && window->index[r.first] + r.pages + more > OBJECT_PAGES)
                return; /* it would go on past the object's end */
        if (one_in(&w->random, 2))
                grow_here(window, r, more);
        else
                grow_there(w, window, r, more);
}

/* ------------------------------------------------------------------ UFFDIO_MOVE */

static void page_taken(struct window *window, uint64_t from, uint64_t to)
{
        if (window->content[from] == EMPTY_WORD) {
                /* None there: what the target has, if anything, stays. */
                return;
        }
        window->content[to] = window->content[from];
        window->state[to] = PAGE_PLAIN;
        window->content[from] = EMPTY_WORD;
}

void own_uffd_move(struct worker *w)
{
        struct window *window = &w->own[0];
        struct range r = range_draw(w, WINDOW_PAGES);
        struct uffd_copy call = { 0, addr_of(window, r.first), r.pages * PAGE,
                                  one_in(&w->random, 2) ? UFFD_MOVE_HOLES : 0, 0 };
        uint64_t to;

        if (!place_draw(w, r, r.pages, &to))
                return;
        call.dst = addr_of(window, to);
        raw_call(NR_ioctl, handler_fd(w), UFFDIO_MOVE, &call);
        for (uint64_t i = 0; call.done > 0 && i < (uint64_t)call.done / PAGE; i++)
                page_taken(window, r.first + i, to + i);
}
