/* SPDX-License-Identifier: MIT */
/* The search as a program; `--help` says how it is used. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/model/search.h"

static const char usage[] =
        "usage: model [OPTION]...\n"
        "\n"
        "Searches all states that memory calls can bring a few pages into, in a model of Linux's\n"
        "behaviour, and makes every call in every state on mm/: result, VMAs, page numbers, owners\n"
        "of private pages, populated pages and counters must be the model's. Prints KTAP.\n"
        "\n"
        "  --pages N          pages of the arena, 1 to 8 (4)\n"
        "  --calls NAME,...   what there is besides mmap, munmap and writes: protect remap\n"
        "                     dontunmap fork lock shared advise kinds, or all\n"
        "  --anons N          owners of private pages that there may be at once (3)\n"
        "  --objects N        shared objects that there may be at once (1)\n"
        "  --distance N       how far a page number may be from its page's place (2)\n"
        "  --contents         states that differ in what pages contain are two\n"
        "  --transitions N    stop the search after so many (no limit)\n"
        "  --seconds N        stop the comparison with mm/ after so many (no limit)\n"
        "  --model            search only; mm/ is not asked\n"
        "  --quiet            no progress on standard error\n";

static uint64_t number(const char *text)
{
        char *end;
        uint64_t n = strtoull(text ? text : "", &end, 0);

        if (!text || end == text || *end) {
                fputs(usage, stderr);
                exit(2);
        }
        return n;
}

static bool option(struct search_options *o, bool *model_only, char ***arg)
{
        const char *name = *(*arg)++;

        if (!strcmp(name, "--contents"))
                o->bounds.contents = true;
        else if (!strcmp(name, "--quiet"))
                o->progress = false;
        else if (!strcmp(name, "--model"))
                *model_only = true;
        else if (!strcmp(name, "--pages"))
                o->pages = (unsigned)number(*(*arg)++);
        else if (!strcmp(name, "--calls") && **arg)
                o->features = call_features(*(*arg)++);
        else if (!strcmp(name, "--anons"))
                o->bounds.anons = (unsigned)number(*(*arg)++);
        else if (!strcmp(name, "--objects"))
                o->bounds.objects = (unsigned)number(*(*arg)++);
        else if (!strcmp(name, "--distance"))
                o->bounds.distance = (int)number(*(*arg)++);
        else if (!strcmp(name, "--transitions"))
                o->transitions = number(*(*arg)++);
        else if (!strcmp(name, "--seconds"))
                o->seconds = (unsigned)number(*(*arg)++);
        else
                return false;
        return true;
}

/* One search, as one line of KTAP with what it found. */
static bool run(const struct search_options *options, bool model_only)
{
        struct search s = { .options = *options };
        bool end = search_model(&s);
        bool good = model_only || search_compare(&s);

        printf("# %u pages, %u calls: %u states, %llu transitions, %s, at most %u calls away\n",
               s.options.pages, s.nr_calls, s.set.nr, (unsigned long long)s.transitions,
               end ? "which is all there are" : "and more", s.longest);
        printf("# of the transitions %llu lead out of bounds; the model took %.1f s\n",
               (unsigned long long)s.out, s.model_seconds);
        printf("# compared with mm: %llu, %.1f s, and %llu calls to get there\n",
               (unsigned long long)s.compared, s.machine_seconds, (unsigned long long)s.returned);
        printf("%s 1 model.search\n", good ? "ok" : "not ok");
        search_free(&s);
        return good;
}

int main(int argc, char **argv)
{
        struct search_options o = {
                .pages = 4,
                .features = CALLS_REMAP | CALLS_PROTECT,
                .bounds = { .anons = 3, .objects = 1, .distance = 2 },
                .transitions = ~0ULL,
                .progress = isatty(2),
        };
        bool model_only = false;

        (void)argc;
        for (char **arg = argv + 1; *arg;) {
                if (!strcmp(*arg, "--help")) {
                        fputs(usage, stdout);
                        return 0;
                }
                if (!option(&o, &model_only, &arg)) {
                        fputs(usage, stderr);
                        return 2;
                }
        }
        if (o.pages < 1 || o.pages > REF_PAGES || o.bounds.anons > REF_PAGES ||
            o.bounds.objects > REF_PAGES || o.bounds.distance > 7) {
                fputs(usage, stderr);
                return 2;
        }
        printf("KTAP version 1\n1..1\n");
        return !run(&o, model_only);
}
