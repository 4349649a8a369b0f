/* SPDX-License-Identifier: MIT */
/* Canonical states, and a set of them: canonical.h. */
#include "tests/model/canonical.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void canonical_names(struct ref *r)
{
        uint8_t anon[REF_PAGES + 1] = { 0 }, object[REF_PAGES + 1] = { 0 };
        struct ref old = *r;
        uint8_t anons = 0, objects = 0;

        r->inherited = 0;
        memset(r->object_size, 0, sizeof(r->object_size));
        memset(r->object_has, 0, sizeof(r->object_has));
        for (unsigned p = 0; p < r->pages; p++) {
                struct ref_page *page = &r->page[p];

                if (page->anon && !anon[page->anon]) {
                        anon[page->anon] = ++anons;
                        if (old.inherited >> (page->anon - 1) & 1)
                                r->inherited |= (uint8_t)(1u << (anons - 1));
                }
                if (page->object && !object[page->object]) {
                        object[page->object] = ++objects;
                        r->object_size[objects] = old.object_size[page->object];
                        r->object_has[objects] = old.object_has[page->object];
                }
                page->anon = anon[page->anon];
                page->object = object[page->object];
        }
}

/* The first page at which the object is mapped. */
static unsigned first_page(const struct ref *r, unsigned object)
{
        unsigned p = 0;

        while (p < r->pages && r->page[p].object != object)
                p++;
        return p;
}

/*
 * How far a page's number is from where it would be looked for: in private memory that is the
 * page's place; in an object any, as long as all its pages agree.
 */
static int distance_of(const struct ref *r, unsigned p, bool contents)
{
        const struct ref_page *page = &r->page[p];
        unsigned first;

        if (!page->object || contents)
                return page->pgoff - (int)p;
        first = first_page(r, page->object);
        return page->pgoff - r->page[first].pgoff - (int)(p - first);
}

/* What counts of an object besides where it is mapped: if it ends behind its lowest page that is
 * mapped, how far. No call maps a lower one. */
static uint32_t object_word(const struct ref *r, unsigned object, const struct bounds *b)
{
        int rest = 0;

        if (b->contents)
                return (uint32_t)r->object_size[object] << 8 | r->object_has[object];
        for (unsigned p = 0; p < r->pages && b->lengths; p++)
                if (r->page[p].object == object && r->object_size[object] - r->page[p].pgoff > rest)
                        rest = r->object_size[object] - r->page[p].pgoff;
        return (uint32_t)rest;
}

static bool is_inside(const struct ref *r, unsigned p, int distance, const struct bounds *b)
{
        const struct ref_page *page = &r->page[p];

        if (page->anon > b->anons || page->object > b->objects)
                return false;
        if (!page->object && page->pgoff >= r->pages)
                return false;
        return distance <= b->distance && -distance <= b->distance;
}

bool canonical_form(const struct ref *r, const struct bounds *b, struct canon *out)
{
        struct ref n = *r;
        uint32_t objects = 0;

        canonical_names(&n);
        memset(out, 0, sizeof(*out));
        for (unsigned p = 0; p < n.pages; p++) {
                const struct ref_page *page = &n.page[p];
                int distance = distance_of(&n, p, b->contents);
                uint32_t inherited = page->anon && (n.inherited >> (page->anon - 1) & 1);

                if (!page->mapped)
                        continue;
                if (!is_inside(&n, p, distance, b))
                        return false;
                out->word[p] = 1u | (uint32_t)page->starts << 1 | (uint32_t)page->flags << 2 |
                               (uint32_t)page->anon << 10 | (uint32_t)page->object << 14 |
                               inherited << 18 | (uint32_t)(distance + 16) << 20;
                if (b->contents)
                        out->word[p] |= (uint32_t)page->content << 26;
        }
        for (unsigned i = 1; i <= b->objects && i <= REF_PAGES; i++)
                objects = objects * 4096 + object_word(&n, i, b);
        out->word[n.pages] = objects;
        return true;
}

/* ------------------------------------------------------------------ set */

static uint32_t hash(const struct canon_set *set, const struct canon *canon)
{
        uint64_t h = 0x9e3779b97f4a7c15ULL;

        for (unsigned i = 0; i < set->words; i++) {
                h = (h ^ canon->word[i]) * 0xff51afd7ed558ccdULL;
                h ^= h >> 29;
        }
        return (uint32_t)(h >> 16);
}

static void *must(void *memory)
{
        if (!memory) {
                fprintf(stderr, "model: no memory for the states\n");
                exit(2);
        }
        return memory;
}

/* Where the form is, or would be. */
static uint32_t *find_slot(const struct canon_set *set, const struct canon *canon)
{
        size_t size = set->words * sizeof(uint32_t);
        uint32_t at = hash(set, canon) & set->mask;

        while (set->slot[at] && memcmp(&set->canon[set->slot[at] - 1], canon, size) != 0)
                at = (at + 1) & set->mask;
        return &set->slot[at];
}

void canon_set_init(struct canon_set *set, unsigned pages)
{
        *set = (struct canon_set){ .room = 1024, .mask = 4095, .words = pages + 1 };
        set->canon = must(calloc(set->room, sizeof(*set->canon)));
        set->slot = must(calloc(set->mask + 1ul, sizeof(*set->slot)));
}

static void make_room(struct canon_set *set)
{
        set->room *= 2;
        set->canon = must(realloc(set->canon, set->room * sizeof(*set->canon)));
        free(set->slot);
        set->mask = set->room * 4 - 1;
        set->slot = must(calloc(set->mask + 1ul, sizeof(*set->slot)));
        for (uint32_t i = 0; i < set->nr; i++)
                *find_slot(set, &set->canon[i]) = i + 1;
}

uint32_t canon_set_find(const struct canon_set *set, const struct canon *canon)
{
        return *find_slot(set, canon) - 1;
}

uint32_t canon_set_add(struct canon_set *set, const struct canon *canon, bool *is_new)
{
        uint32_t *slot = find_slot(set, canon);

        *is_new = !*slot;
        if (*slot)
                return *slot - 1;
        if (set->nr == set->room) {
                make_room(set);
                slot = find_slot(set, canon);
        }
        set->canon[set->nr] = *canon;
        *slot = ++set->nr;
        return set->nr - 1;
}

void canon_set_free(struct canon_set *set)
{
        free(set->canon);
        free(set->slot);
}
