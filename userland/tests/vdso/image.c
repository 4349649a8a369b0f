/* SPDX-License-Identifier: MIT */
/* The ELF image: headers, symbols, versions. It is read as a program's C library reads it. */
#include "userland/tests/vdso/vdso.h"

#include <stdio.h>
#include <string.h>

struct header {
        unsigned char ident[16];
        uint16_t type, machine;
        uint32_t version;
        uint64_t entry, phoff, shoff;
        uint32_t flags;
        uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct segment {
        uint32_t type, flags;
        uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct symbol {
        uint32_t name;
        unsigned char info, other;
        uint16_t section;
        uint64_t value, size;
};

struct version {
        uint16_t version, flags, index, count;
        uint32_t hash, aux, next;
};

/* What PT_DYNAMIC points to. */
struct tables {
        const char *strings;
        const struct symbol *symbols;
        const uint32_t *hash; /* nbucket, nchain, ... */
        const uint16_t *versions;
        const struct version *definitions;
        const char *soname;
};

enum { DT_HASH = 4, DT_STRTAB, DT_SYMTAB, DT_SONAME = 14 };
#define DT_VERSYM 0x6ffffff0
#define DT_VERDEF 0x6ffffffc

unsigned long image_address(void)
{
        static char auxv[1024];
        long n = read_file("/proc/self/auxv", auxv, sizeof(auxv));

        for (const uint64_t *word = (const uint64_t *)auxv; (char *)word < auxv + n; word += 2)
                if (word[0] == 33)
                        return word[1];
        return 0;
}

static const struct segment *segment_of(unsigned long image, unsigned i)
{
        const struct header *h = (const struct header *)image;

        return (const struct segment *)(image + h->phoff) + i;
}

static void tables_find(unsigned long image, struct tables *t)
{
        const struct header *h = (const struct header *)image;
        const uint64_t *dynamic = NULL;
        uint64_t soname = 0;

        memset(t, 0, sizeof(*t));
        for (unsigned i = 0; i < h->phnum; i++)
                if (segment_of(image, i)->type == 2)
                        dynamic = (const uint64_t *)(image + segment_of(image, i)->vaddr);
        for (; dynamic && dynamic[0]; dynamic += 2) {
                unsigned long at = image + dynamic[1];

                switch (dynamic[0]) {
                case DT_HASH: t->hash = (const uint32_t *)at; break;
                case DT_STRTAB: t->strings = (const char *)at; break;
                case DT_SYMTAB: t->symbols = (const struct symbol *)at; break;
                case DT_VERSYM: t->versions = (const uint16_t *)at; break;
                case DT_VERDEF: t->definitions = (const struct version *)at; break;
                case DT_SONAME: soname = dynamic[1]; break;
                }
        }
        t->soname = t->strings ? t->strings + soname : "";
}

static const struct symbol *symbol_find(const struct tables *t, const char *name)
{
        for (uint32_t i = 1; i < t->hash[1]; i++)
                if (strcmp(t->strings + t->symbols[i].name, name) == 0)
                        return &t->symbols[i];
        return NULL;
}

/* By the hash table, as a dynamic linker does it. */
static const struct symbol *symbol_hashed(const struct tables *t, const char *name)
{
        const uint32_t *buckets = t->hash + 2, *chains = buckets + t->hash[0];
        uint32_t h = 0;

        for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
                h = (h << 4) + *c;
                h ^= h >> 24 & 0xf0;
        }
        h &= 0x0fffffff;
        for (uint32_t i = buckets[h % t->hash[0]]; i; i = chains[i])
                if (strcmp(t->strings + t->symbols[i].name, name) == 0)
                        return &t->symbols[i];
        return NULL;
}

void *image_find(unsigned long image, const char *name)
{
        const struct symbol *s;
        struct tables t;

        tables_find(image, &t);
        s = symbol_find(&t, name);
        return s ? (void *)(image + s->value) : NULL;
}

struct functions image_functions(unsigned long image)
{
        struct functions f;

        *(void **)&f.clock_gettime = image_find(image, "__vdso_clock_gettime");
        *(void **)&f.clock_getres = image_find(image, "__vdso_clock_getres");
        *(void **)&f.gettimeofday = image_find(image, "__vdso_gettimeofday");
        *(void **)&f.time = image_find(image, "__vdso_time");
        *(void **)&f.getcpu = image_find(image, "__vdso_getcpu");
        return f;
}

static const char *version_name(const struct tables *t, const struct symbol *s)
{
        uint16_t wanted = t->versions[s - t->symbols] & 0x7fff;
        const struct version *v = t->definitions;

        for (; v->index != wanted; v = (const struct version *)((const char *)v + v->next))
                if (!v->next)
                        return "none";
        return t->strings + *(const uint32_t *)((const char *)v + v->aux);
}

static void show_header(unsigned long image)
{
        const struct header *h = (const struct header *)image;

        scene("the image");
        check(memcmp(h->ident, "\177ELF\2\1\1", 7) == 0, "a 64-bit ELF file");
        say("     type %u machine %u entry %lu segments %u", h->type, h->machine, (long)h->entry,
            h->phnum);
        for (unsigned i = 0; i < h->phnum; i++) {
                const struct segment *s = segment_of(image, i);

                say("     segment type %x flags %u, at its offset: %s", s->type, s->flags,
                    s->vaddr == s->offset ? "yes" : "no");
        }
}

void image_scenes(void)
{
        static const char *const names[] = {
                "__vdso_clock_gettime",
                "__vdso_clock_getres",
                "__vdso_gettimeofday",
                "__vdso_time",
                "__vdso_getcpu",
                "clock_gettime",
                "clock_getres",
                "gettimeofday",
                "time",
                "getcpu",
                "__vdso_nothing",
        };
        unsigned long image = image_address();
        struct tables t;

        show_header(image);
        tables_find(image, &t);
        say("     %s", t.soname);
        scene("its symbols");
        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                const struct symbol *s = symbol_find(&t, names[i]);

                if (!s) {
                        say("     %s: none, by hash %s", names[i],
                            symbol_hashed(&t, names[i]) ? "found" : "none");
                        continue;
                }
                say("     %s type %u bind %u version %s, by hash %s", names[i], s->info & 15,
                    s->info >> 4, version_name(&t, s),
                    symbol_hashed(&t, names[i]) == s ? "the same" : "another");
        }
        check(image_find(image, "time") == image_find(image, "__vdso_time"),
              "two names of one function");
}
