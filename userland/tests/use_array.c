/* SPDX-License-Identifier: MIT */
/*
 * Arrays that grow by mremap: a realloc that never copies. Where there is room behind an array it
 * grows in place, else its pages move; either way its contents stay what they are, and no memory is
 * needed for a second copy.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define ARRAYS 3

struct array {
        uint64_t *item;
        unsigned long used, room; /* items */
        unsigned long in_place, moved;
};

/* ---------------------------------------------------------------- the array */

static unsigned long bytes_for(unsigned long items)
{
        return (items * sizeof(uint64_t) + PAGE - 1) & -PAGE;
}

/* Gives the array room for so many items, more or fewer than now: 0, or a negative errno. */
static long array_resize(struct array *a, unsigned long items)
{
        long result;

        if (!a->item)
                result = raw_call(NR_mmap, 0, bytes_for(items), PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        else
                result = raw_call(NR_mremap, a->item, bytes_for(a->room), bytes_for(items),
                                  MREMAP_MAYMOVE);
        if (result < 0 && result > -4096)
                return result;
        if (a->item && (uint64_t *)result == a->item)
                a->in_place++;
        else if (a->item)
                a->moved++;
        a->item = (uint64_t *)result;
        a->room = bytes_for(items) / sizeof(uint64_t);
        return 0;
}

static long array_push(struct array *a, uint64_t value)
{
        if (a->used == a->room) {
                long result = array_resize(a, a->room ? 2 * a->room : 1);

                if (result < 0)
                        return result;
        }
        a->item[a->used++] = value;
        return 0;
}

static void array_free(struct array *a)
{
        raw_call(NR_munmap, a->item, bytes_for(a->room));
        memset(a, 0, sizeof(*a));
}

/* ---------------------------------------------------------------- what is in it */

static uint64_t value_of(unsigned which, unsigned long index)
{
        return (index + 1) * 0x9e3779b97f4a7c15UL ^ which;
}

static unsigned long wrong_items(const struct array *a, unsigned which)
{
        unsigned long wrong = 0;

        for (unsigned long i = 0; i < a->used; i++)
                wrong += a->item[i] != value_of(which, i);
        return wrong;
}

static void tell(const struct array *a, unsigned which)
{
        say("     array %u: %lu items, room for %lu, grown %lu times in place and %lu times by a move",
            which, a->used, a->room, a->in_place, a->moved);
        step((long)wrong_items(a, which), "items of it that are wrong");
}

/* ---------------------------------------------------------------- uses */

static void one_array(void)
{
        struct array a = { 0 };
        long before = status_value("VmSize");

        scene("one array, an item at a time");
        for (unsigned long i = 0; i < 3000000; i++)
                if (array_push(&a, value_of(0, i)) < 0)
                        break;
        tell(&a, 0);
        step((status_value("VmSize") - before) / 4, "pages more");
        step(array_resize(&a, a.used), "no more room than needed");
        tell(&a, 0);
        a.used = 1000;
        step(array_resize(&a, a.used), "most of it goes");
        tell(&a, 0);
        step((status_value("VmSize") - before) / 4, "pages more");
        array_free(&a);
        step((status_value("VmSize") - before) / 4, "pages more when it is gone");
}

/* Each is in the way of the others, so that now one moves and now the next. */
static void arrays_in_turns(void)
{
        struct array a[ARRAYS];
        unsigned long items[ARRAYS] = { 700000, 1300000, 90000 };
        long result = 0;

        scene("three arrays, in turns");
        memset(a, 0, sizeof(a));
        for (unsigned long i = 0; i < 1300000; i++)
                for (unsigned n = 0; n < ARRAYS; n++)
                        if (i < items[n] && result == 0)
                                result = array_push(&a[n], value_of(n, i));
        step(result, "pushed");
        for (unsigned n = 0; n < ARRAYS; n++)
                tell(&a[n], n);
        for (unsigned n = 0; n < ARRAYS; n++)
                array_free(&a[n]);
}

/* In the arena, where the neighbours are known. */
static void between_neighbours(void)
{
        struct array a = { 0 };

        scene_in_arena("an array with a neighbour behind it");
        map(0, 4, "rw-");
        map(8, 1, "r--");
        a.item = (uint64_t *)at(0);
        a.room = bytes_for(4 * PAGE / 8) / 8;
        for (unsigned long i = 0; i < a.room; i++)
                a.item[i] = value_of(7, i);
        a.used = a.room;
        step(array_resize(&a, 8 * PAGE / 8), "eight pages fit");
        show_maps();
        step(array_resize(&a, 9 * PAGE / 8), "nine do not");
        check((unsigned long)a.item < ARENA || (unsigned long)a.item >= ARENA_END,
              "it lies somewhere else");
        show_maps();
        tell(&a, 7);
        step(remap_raw((unsigned long)a.item, bytes_for(a.room), bytes_for(a.room), 3, at(20)) ==
                     (long)at(20),
             "it is brought to a place of ours");
        a.item = (uint64_t *)at(20);
        tell(&a, 7);
        show_maps();
        array_free(&a);
}

/* A row of arrays of one page each, of which every second grows. */
static void many_arrays(void)
{
        static struct array a[200];
        unsigned long wrong = 0, moved = 0, in_place = 0;

        scene("two hundred arrays");
        memset(a, 0, sizeof(a));
        for (unsigned n = 0; n < 200; n++)
                for (unsigned long i = 0; i < 512; i++)
                        array_push(&a[n], value_of(n, i));
        for (unsigned n = 0; n < 200; n += 2)
                for (unsigned long i = 512; i < 512 * (2 + n % 7); i++)
                        array_push(&a[n], value_of(n, i));
        for (unsigned n = 0; n < 200; n++) {
                wrong += wrong_items(&a[n], n);
                moved += a[n].moved;
                in_place += a[n].in_place;
        }
        say("     %lu moved, %lu grown in place", moved, in_place);
        step((long)wrong, "items that are wrong");
        for (unsigned n = 0; n < 200; n++)
                array_free(&a[n]);
}

static void refused(void)
{
        struct array a = { 0 };
        unsigned long limit[2] = { 0, ~0UL };

        scene("no room");
        for (unsigned long i = 0; i < 100000; i++)
                array_push(&a, value_of(9, i));
        step(array_resize(&a, 1UL << 45), "2^48 bytes");
        limit[0] = (status_value("VmSize") + 64) * 1024UL;
        step(raw_call(NR_setrlimit, 9, limit), "64 KiB more at most");
        step(array_resize(&a, a.room + 2 * PAGE), "64 KiB");
        step(array_resize(&a, a.room + 512), "a page");
        tell(&a, 9);
        array_free(&a);
}

int main(void)
{
        one_array();
        arrays_in_turns();
        between_neighbours();
        many_arrays();
        in_child(refused, "at a limit");
        return 0;
}
