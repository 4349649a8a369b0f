/* SPDX-License-Identifier: MIT */
/* The pause, and the pages that are made after it. See collect.h. */
#include "userland/tests/use_collector/collect.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/use/pager.h"
#include "userland/tests/use_collector/mark.h"

#define MOVE_KEEPING (MREMAP_MAYMOVE | MREMAP_FIXED | 4 /* DONTUNMAP */)
#define CHUNK        512UL /* pages of the old heap that are given back at once */

unsigned long pages_on_demand, pages_fresh, pages_at_end;

static int uffd = -1, stop_pipe[2];
static unsigned char is_made[HEAP_PAGES];
static unsigned long live_pages; /* that will hold objects */

/* ---------------------------------------------------------------- a page */

static struct object *new_place(const struct object *o)
{
        if (!o)
                return NULL;
        return (struct object *)(HEAP + new_word(((unsigned long)o - HEAP) / 8) * 8);
}

/* Writes what of the old object falls on the new words [first, first + PAGE_WORDS). */
static void put_object(uint64_t *page, unsigned long first, unsigned long old, unsigned long to)
{
        const struct object *o = (const struct object *)(ASIDE + old * 8);
        const uint64_t *words = (const uint64_t *)o;

        for (uint32_t i = to < first ? (uint32_t)(first - to) : 0;
             i < o->words && to + i < first + PAGE_WORDS; i++) {
                uint64_t word = words[i];

                if (i == 2 || i == 3) /* the references */
                        word = (uint64_t)new_place(o->ref[i - 2]);
                page[to + i - first] = word;
        }
}

/* Makes the page that begins with this new word. */
static void make_page(uint64_t *page, unsigned long first)
{
        unsigned long end = live_before[HEAP_PAGES];
        unsigned long old = object_at_or_before(old_word(first));
        unsigned long to = new_word(old);

        memset(page, 0, PAGE);
        while (to < first + PAGE_WORDS && to < end) {
                uint32_t words = ((const struct object *)(ASIDE + old * 8))->words;

                put_object(page, first, old, to);
                to += words;
                old = object_from(old + words);
        }
}

static void fill(unsigned long number)
{
        static uint64_t page[PAGE_WORDS] __attribute__((aligned(4096)));
        unsigned long addr = HEAP + number * PAGE;
        long result;

        if (number < live_pages) {
                make_page(page, number * PAGE_WORDS);
                result = pager_copy(uffd, addr, page, PAGE);
        } else {
                result = pager_zero(uffd, addr, PAGE);
        }
        if (result < 0)
                pager_failed("filling a page", result);
        is_made[number] = 1;
}

/* ---------------------------------------------------------------- the pause */

void collect_begin(void)
{
        long result;

        count_live();
        live_pages = (live_before[HEAP_PAGES] + PAGE_WORDS - 1) / PAGE_WORDS;
        memset(is_made, 0, sizeof(is_made));
        pages_on_demand = pages_fresh = pages_at_end = 0;
        for (unsigned long i = 0; i < ROOTS; i++)
                root[i] = new_place(root[i]);
        result = raw_call(NR_mremap, HEAP, HEAP_BYTES, HEAP_BYTES, MOVE_KEEPING, ASIDE);
        if (result != (long)ASIDE)
                pager_failed("moving the heap", result);
        heap_used = live_before[HEAP_PAGES];
        uffd = pager_open(0, 1);
        pager_register(uffd, HEAP, HEAP_BYTES, UFFD_MISSING);
        if (pipe(stop_pipe) != 0)
                pager_failed("a pipe", -errno);
}

/* ---------------------------------------------------------------- after it */

/*
 * Gives back what of the old heap no new page from `next` on needs: sliding moves objects down, so
 * that is all before the object with the first word of that page.
 */
static void give_back(unsigned long next, unsigned long *given)
{
        unsigned long needed = object_at_or_before(old_word(next * PAGE_WORDS)) / PAGE_WORDS;

        if (needed < *given + CHUNK)
                return;
        raw_call(NR_madvise, ASIDE + *given * PAGE, (needed - *given) * PAGE, 4 /* DONTNEED */);
        *given = needed;
}

static void make_the_rest(void)
{
        unsigned long given = 0;

        for (unsigned long number = 0; number < live_pages; number++) {
                give_back(number, &given);
                if (is_made[number])
                        continue;
                fill(number);
                pages_at_end++;
        }
}

void *collect_serve(void *arg)
{
        unsigned long addr;

        while (pager_wait(uffd, stop_pipe[0], &addr)) {
                unsigned long number = (addr - HEAP) / PAGE;
                struct uffd_range range = { addr, PAGE };

                if (is_made[number]) { /* two have touched it */
                        raw_call(NR_ioctl, uffd, UFFDIO_WAKE, &range);
                        continue;
                }
                fill(number);
                pages_on_demand++;
                pages_fresh += number >= live_pages;
        }
        make_the_rest();
        return arg;
}

void collect_end(void)
{
        close(stop_pipe[1]);
}

void collect_finish(void)
{
        close(stop_pipe[0]);
        pager_unregister(uffd, HEAP, HEAP_BYTES);
        close(uffd);
        raw_call(NR_munmap, ASIDE, HEAP_BYTES);
}
