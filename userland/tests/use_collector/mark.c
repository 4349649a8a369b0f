/* SPDX-License-Identifier: MIT */
/* Marking: which objects are alive, and where. See collect.h. */
#include "userland/tests/use_collector/mark.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/use/pager.h"

uint64_t begins[HEAP_WORDS / 64];
uint64_t live[HEAP_WORDS / 64];
uint32_t live_before[HEAP_PAGES + 1];

/* Objects that are marked, and whose references have not been followed: their words. */
static uint32_t waiting[1 << 20];
static unsigned long waiting_count;

static unsigned long word_of(const struct object *o)
{
        return ((unsigned long)o - HEAP) / 8;
}

static void set_bits(uint64_t *map, unsigned long first, unsigned long count)
{
        while (count > 0) {
                unsigned long bit = first % 64;
                unsigned long here = 64 - bit < count ? 64 - bit : count;
                uint64_t mask = here == 64 ? ~0UL : ((1UL << here) - 1) << bit;

                map[first / 64] |= mask;
                first += here;
                count -= here;
        }
}

static void meet(struct object *o)
{
        unsigned long word = word_of(o);

        if (!o || (begins[word / 64] >> word % 64 & 1))
                return;
        begins[word / 64] |= 1UL << word % 64;
        if (waiting_count == sizeof(waiting) / sizeof(waiting[0]))
                pager_failed("too many objects", -12);
        waiting[waiting_count++] = (uint32_t)word;
}

struct census heap_mark(int check)
{
        struct census census = { 0 };

        memset(begins, 0, sizeof(begins));
        memset(live, 0, sizeof(live));
        for (unsigned long i = 0; i < ROOTS; i++)
                meet(root[i]);
        while (waiting_count > 0) {
                struct object *o = (struct object *)(HEAP + waiting[--waiting_count] * 8UL);

                if (check && !object_is_right(o)) {
                        census.wrong++;
                        continue;
                }
                set_bits(live, word_of(o), o->words);
                census.objects++;
                census.words += o->words;
                census.visits += o->visits;
                meet(o->ref[0]);
                meet(o->ref[1]);
        }
        return census;
}

void count_live(void)
{
        uint32_t count = 0;

        for (unsigned long page = 0; page < HEAP_PAGES; page++) {
                live_before[page] = count;
                for (unsigned long i = 0; i < PAGE_WORDS / 64; i++)
                        count += (uint32_t)__builtin_popcountl(live[page * PAGE_WORDS / 64 + i]);
        }
        live_before[HEAP_PAGES] = count;
}

unsigned long new_word(unsigned long word)
{
        unsigned long page = word / PAGE_WORDS;
        unsigned long at = page * PAGE_WORDS;
        unsigned long count = live_before[page];

        for (; at + 64 <= word; at += 64)
                count += (unsigned long)__builtin_popcountl(live[at / 64]);
        if (word > at)
                count += (unsigned long)__builtin_popcountl(live[at / 64] &
                                                            ((1UL << (word - at)) - 1));
        return count;
}

unsigned long old_word(unsigned long number)
{
        unsigned long low = 0, high = HEAP_PAGES;
        unsigned long word;

        while (high - low > 1) { /* live_before[low] <= number < live_before[high] */
                unsigned long middle = (low + high) / 2;

                if (live_before[middle] <= number)
                        low = middle;
                else
                        high = middle;
        }
        number -= live_before[low];
        for (word = low * PAGE_WORDS;; word++)
                if ((live[word / 64] >> word % 64 & 1) && number-- == 0)
                        return word;
}

unsigned long object_at_or_before(unsigned long word)
{
        while (!(begins[word / 64] >> word % 64 & 1))
                word--;
        return word;
}

unsigned long object_from(unsigned long word)
{
        for (; word < HEAP_WORDS; word++) {
                uint64_t rest = begins[word / 64] >> word % 64;

                if (rest)
                        return word + (unsigned long)__builtin_ctzl(rest);
                word |= 63;
        }
        return HEAP_WORDS;
}
