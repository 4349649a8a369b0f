/* SPDX-License-Identifier: MIT */
/* Chunks that are done: results.h. */
#include "tests/diff/results.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/diff/tell.h"

struct chunk {
        uint64_t first, end, calls;
};

struct results {
        FILE *file;
        struct chunk *chunks; /* by first seed */
        unsigned nr, room;
};

static int by_first(const void *a, const void *b)
{
        const struct chunk *x = a, *y = b;

        return (x->first > y->first) - (x->first < y->first);
}

static void keep(struct results *r, struct chunk chunk)
{
        if (r->nr == r->room) {
                r->room = r->room ? 2 * r->room : 1024;
                r->chunks = realloc(r->chunks, r->room * sizeof(chunk));
                if (!r->chunks)
                        err(3, "results");
        }
        r->chunks[r->nr++] = chunk;
}

struct results *results_open(const char *path)
{
        struct results *r;
        char line[256];
        unsigned long first, end, calls;

        if (!path)
                return NULL;
        r = calloc(1, sizeof(*r));
        if (!r)
                err(3, "results");
        r->file = fopen(path, "a+");
        if (!r->file)
                err(2, "%s", path);
        rewind(r->file);
        while (fgets(line, sizeof(line), r->file))
                if (sscanf(line, "%lu %lu %lu", &first, &end, &calls) == 3)
                        keep(r, (struct chunk){ first, end, calls });
        if (r->nr)
                qsort(r->chunks, r->nr, sizeof(*r->chunks), by_first);
        return r;
}

void results_close(struct results *r)
{
        if (!r)
                return;
        fclose(r->file);
        free(r->chunks);
        free(r);
}

bool results_has(const struct results *r, uint64_t first, uint64_t end, uint64_t *calls)
{
        struct chunk key = { .first = first }, *found;

        if (!r || !r->nr)
                return false;
        found = bsearch(&key, r->chunks, r->nr, sizeof(key), by_first);
        if (!found || found->end != end)
                return false;
        *calls = found->calls;
        return true;
}

void results_add(struct results *r, uint64_t first, uint64_t end, uint64_t calls, unsigned found)
{
        if (!r)
                return;
        fprintf(r->file, "%lu %lu %lu %u %s\n", (long)first, (long)end, (long)calls, found,
                tell_date_and_release());
        fflush(r->file);
}
