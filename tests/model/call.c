/* SPDX-License-Identifier: MIT */
/* The calls that are made on the model: call.h. */
#include "tests/model/call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct list {
        struct ref_call *calls;
        unsigned nr, pages;
};

static void add(struct list *l, struct ref_call call)
{
        if (l->nr < CALLS_MAX)
                l->calls[l->nr++] = call;
}

/* The call on every range of the arena. */
static void add_ranges(struct list *l, enum ref_kind kind, unsigned flags)
{
        for (unsigned s = 0; s < l->pages; s++)
                for (unsigned e = s + 1; e <= l->pages; e++)
                        add(l, (struct ref_call){ .kind = (uint8_t)kind,
                                                  .page = (uint8_t)s,
                                                  .len = (uint8_t)(e - s),
                                                  .flags = (uint8_t)flags });
}

static void add_pages(struct list *l, enum ref_kind kind)
{
        for (unsigned s = 0; s < l->pages; s++)
                add(l, (struct ref_call){ .kind = (uint8_t)kind, .page = (uint8_t)s, .len = 1 });
}

/* mremap of a range to every length in place, and to every other place with every length. */
static void add_remaps(struct list *l, unsigned s, unsigned len, unsigned features)
{
        struct ref_call call = { .kind = REF_MREMAP, .page = (uint8_t)s, .len = (uint8_t)len };

        for (unsigned n = 1; n <= l->pages; n++) {
                call.new_len = (uint8_t)n;
                call.flags = 0;
                call.to = 0;
                if (len && n != len && s + n <= l->pages)
                        add(l, call);
                for (unsigned to = 0; to + n <= l->pages; to++) {
                        if (s + len > to && to + n > s)
                                continue; /* EINVAL */
                        call.to = (uint8_t)to;
                        call.flags = REF_FIXED;
                        if (len || (features & CALLS_SHARED))
                                add(l, call);
                        call.flags = REF_FIXED | REF_DONTUNMAP;
                        if (len == n && (features & CALLS_DONTUNMAP))
                                add(l, call);
                }
        }
}

static void add_kinds(struct list *l, unsigned features)
{
        const unsigned rw = REF_READ | REF_WRITE;

        if (features & CALLS_KINDS) {
                add_ranges(l, REF_MMAP, REF_READ);
                add_ranges(l, REF_MMAP, rw | REF_POPULATE);
        }
        if (features & CALLS_NORESERVE)
                add_ranges(l, REF_MMAP, rw | REF_NORESERVE);
        if (features & CALLS_LOCK) {
                add_ranges(l, REF_MMAP, rw | REF_LOCKED);
                add_ranges(l, REF_MLOCK, 0);
                add_ranges(l, REF_MUNLOCK, 0);
        }
        if (features & CALLS_SHARED)
                add_ranges(l, REF_MMAP, rw | REF_SHARED);
}

unsigned call_set(unsigned pages, unsigned features, struct ref_call *calls)
{
        struct list l = { .calls = calls, .pages = pages };
        const unsigned rw = REF_READ | REF_WRITE;

        add_ranges(&l, REF_MMAP, rw);
        add_ranges(&l, REF_MUNMAP, 0);
        add_pages(&l, REF_STORE);
        if (features & (CALLS_SHARED | CALLS_KINDS))
                add_pages(&l, REF_LOAD);
        add_kinds(&l, features);
        if (features & CALLS_PROTECT) {
                add_ranges(&l, REF_MPROTECT, REF_READ);
                add_ranges(&l, REF_MPROTECT, rw);
                if (features & CALLS_NONE)
                        add_ranges(&l, REF_MPROTECT, 0);
        }
        for (unsigned s = 0; s < pages && (features & CALLS_REMAP); s++)
                for (unsigned len = 0; s + len <= pages; len++)
                        add_remaps(&l, s, len, features);
        if (features & CALLS_ADVISE) {
                add_ranges(&l, REF_DONTNEED, 0);
                add_ranges(&l, REF_DONTFORK, 0);
                add_ranges(&l, REF_DOFORK, 0);
        }
        if (features & CALLS_FORK) {
                add(&l, (struct ref_call){ .kind = REF_CHILD });
                add(&l, (struct ref_call){ .kind = REF_PARENT });
        }
        return l.nr;
}

/* ------------------------------------------------------------------ text */

static const char *const kind_names[REF_KINDS] = {
        "mmap",  "munmap",  "mprotect", "mremap", "dontneed", "dontfork", "dofork",
        "mlock", "munlock", "load",     "store",  "child",    "parent",
};

static char *next_text(void)
{
        static char texts[4][96];
        static unsigned turn;

        return texts[turn++ % 4];
}

static const char *flags_text(const struct ref_call *c)
{
        static char text[64];

        snprintf(text, sizeof(text), " %s%s%s%s%s%s", c->flags & REF_READ ? "r" : "-",
                 c->flags & REF_WRITE ? "w" : "-", c->flags & REF_SHARED ? " shared" : "",
                 c->flags & REF_LOCKED ? " locked" : "",
                 c->flags & REF_NORESERVE ? " noreserve" : "",
                 c->flags & REF_POPULATE ? " populate" : "");
        return text;
}

const char *call_text(const struct ref_call *c)
{
        bool protection = c->kind == REF_MMAP || c->kind == REF_MPROTECT;
        char *text = next_text();
        size_t size = 96;

        if (c->kind == REF_CHILD || c->kind == REF_PARENT)
                snprintf(text, size, "fork, go on as the %s", kind_names[c->kind]);
        else if (c->kind != REF_MREMAP)
                snprintf(text, size, "%s %u-%u%s", kind_names[c->kind], c->page, c->page + c->len,
                         protection ? flags_text(c) : "");
        else if (!(c->flags & REF_FIXED))
                snprintf(text, size, "mremap %u-%u to %u pages", c->page, c->page + c->len,
                         c->new_len);
        else
                snprintf(text, size, "mremap %u-%u fixed to %u-%u%s", c->page, c->page + c->len,
                         c->to, c->to + c->new_len, c->flags & REF_DONTUNMAP ? " dontunmap" : "");
        return text;
}

const char *call_result_text(int result)
{
        char *text = next_text();

        if (result >= 1000)
                snprintf(text, 96, "signal %d code %d", (result - 1000) / 10, result % 10);
        else if (result >= 0)
                snprintf(text, 96, "%d", result);
        else
                snprintf(text, 96, "%s", strerror(-result));
        return text;
}

unsigned call_features(const char *names)
{
        static const char *const known[] = {
                "protect", "remap",  "dontunmap", "fork",      "lock",
                "shared",  "advise", "kinds",     "noreserve", "none"
        };
        const unsigned nr = sizeof(known) / sizeof(*known);
        unsigned features = 0;

        if (strcmp(names, "all") == 0)
                return CALLS_ALL;
        while (*names) {
                size_t len = strcspn(names, ",");
                unsigned i;

                for (i = 0; i < nr; i++)
                        if (strlen(known[i]) == len && strncmp(known[i], names, len) == 0)
                                break;
                if (i == nr)
                        return 0;
                features |= 1u << i;
                names += len + (names[len] == ',');
        }
        return features;
}
