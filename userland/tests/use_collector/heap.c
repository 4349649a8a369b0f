/* SPDX-License-Identifier: MIT */
/* Objects: how they are made, and how one is checked. */
#include "userland/tests/use_collector/heap.h"

#include <stddef.h>
#include <sys/mman.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/use/pager.h"

struct object *root[ROOTS];
unsigned long heap_used;

static uint64_t objects_made;

void heap_make(void)
{
        long result = raw_call(NR_mmap, HEAP, HEAP_BYTES, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

        if (result != (long)HEAP)
                pager_failed("the heap", result);
}

unsigned long random_below(unsigned long n)
{
        static uint64_t state = 2026;

        state = state * 6364136223846793005UL + 1442695040888963407UL;
        return (state >> 33) % n;
}

/* Mostly half a kibibyte; some are longer than a page, and lie on three. */
static uint32_t words_of(uint64_t id)
{
        uint64_t mixed = (id * 0x9e3779b97f4a7c15UL) >> 20;

        if (mixed % 64 == 0)
                return (uint32_t)(600 + mixed / 64 % 1000);
        return (uint32_t)(HEAD_WORDS + 2 + mixed / 64 % 120);
}

static uint64_t content_of(uint64_t id, uint32_t index)
{
        return id * 0xd1342543de82ef95UL + index;
}

struct object *object_new(void)
{
        uint64_t id = objects_made + 1;
        uint32_t words = words_of(id);
        struct object *o = (struct object *)(HEAP + heap_used * 8);

        if (heap_used + words > HEAP_WORDS)
                return NULL;
        heap_used += words;
        objects_made++;
        o->words = words;
        o->visits = 0;
        o->id = id;
        o->ref[0] = o->ref[1] = NULL;
        for (uint32_t i = 0; i < words - HEAD_WORDS; i++)
                o->contents[i] = content_of(id, i);
        return o;
}

unsigned long heap_fill(void)
{
        uint64_t before = objects_made;
        struct object *o;

        while ((o = object_new())) {
                unsigned long to = random_below(4 * ROOTS);
                unsigned long other = random_below(ROOTS);

                if (to >= ROOTS)
                        continue;
                o->ref[0] = root[to];
                o->ref[1] = root[other];
                root[to] = o;
        }
        return objects_made - before;
}

static int is_place(const struct object *o)
{
        unsigned long addr = (unsigned long)o;

        return !o || (addr % 8 == 0 && addr >= HEAP && addr < HEAP + HEAP_BYTES);
}

int object_is_right(const struct object *o)
{
        if (!is_place(o) || o->id == 0 || o->id > objects_made || o->words != words_of(o->id) ||
            !is_place(o->ref[0]) || !is_place(o->ref[1]))
                return 0;
        for (uint32_t i = 0; i < o->words - HEAD_WORDS; i++)
                if (o->contents[i] != content_of(o->id, i))
                        return 0;
        return 1;
}
