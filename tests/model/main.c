/* SPDX-License-Identifier: MIT */
/* The search as a program; `--help` says how it is used. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/model/linux.h"
#include "tests/model/search.h"
#include "tests/model/validate.h"

static const char usage[] =
        "usage: model [OPTION]...\n"
        "\n"
        "Searches all states that memory calls can bring a few pages into, in a model of Linux's\n"
        "behaviour, and makes every call in every state on mm/: result, VMAs, page numbers, owners\n"
        "of private pages, populated pages and counters must be the model's. Prints KTAP.\n"
        "\n"
        "  --pages N          pages of the arena, 1 to 8 (4)\n"
        "  --calls NAME,...   what there is besides mmap, munmap and writes: protect remap\n"
        "                     dontunmap fork lock shared advise kinds noreserve none, or all\n"
        "  --anons N          owners of private pages that there may be at once (3)\n"
        "  --objects N        shared objects that there may be at once (1)\n"
        "  --distance N       how far a page number may be from its page's place (2)\n"
        "  --contents         states that differ in what pages contain are two\n"
        "  --transitions N    stop the search after so many (no limit)\n"
        "  --seconds N        stop the comparison with mm/ after so many (no limit)\n"
        "  --model            search only; mm/ is not asked\n"
        "  --check            the searches of `make check`, and some sequences on Linux\n"
        "  --large            the large searches, each to its end: minutes\n"
        "  --native           the model against the Linux that runs here (6.18, as root):\n"
        "    --pairs N        sequences of two calls; more than there are is all of them (15000)\n"
        "    --triples N      sequences of three, sampled (4000)\n"
        "    --seed N         of the sample (1)\n"
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

/* What the command line asks for. */
struct command {
        struct search_options search;
        struct validate_options validate;
        bool check, large, native;
};

static bool search_option(struct search_options *o, const char *name, const char *value)
{
        if (!strcmp(name, "--pages"))
                o->pages = (unsigned)number(value);
        else if (!strcmp(name, "--calls") && value)
                o->features = call_features(value);
        else if (!strcmp(name, "--anons"))
                o->bounds.anons = (unsigned)number(value);
        else if (!strcmp(name, "--objects"))
                o->bounds.objects = (unsigned)number(value);
        else if (!strcmp(name, "--distance"))
                o->bounds.distance = (int)number(value);
        else if (!strcmp(name, "--transitions"))
                o->transitions = number(value);
        else if (!strcmp(name, "--seconds"))
                o->seconds = (unsigned)number(value);
        else
                return false;
        return true;
}

static bool validate_option(struct validate_options *o, const char *name, const char *value)
{
        if (!strcmp(name, "--pairs"))
                o->pairs = number(value);
        else if (!strcmp(name, "--triples"))
                o->triples = number(value);
        else if (!strcmp(name, "--seed"))
                o->seed = number(value);
        else
                return false;
        return true;
}

static bool flag(struct command *c, const char *name)
{
        if (!strcmp(name, "--contents"))
                c->search.bounds.contents = true;
        else if (!strcmp(name, "--quiet"))
                c->search.progress = false;
        else if (!strcmp(name, "--model"))
                c->search.model_only = true;
        else if (!strcmp(name, "--check"))
                c->check = true;
        else if (!strcmp(name, "--large"))
                c->large = true;
        else if (!strcmp(name, "--native"))
                c->native = true;
        else
                return false;
        return true;
}

static unsigned test; /* number of the last line of KTAP */

/* One search, as one line of KTAP with what it found. */
static bool run_search(const struct search_options *options, const char *name)
{
        struct search s = { .options = *options };
        bool end = search_model(&s);
        bool good = s.options.model_only || search_compare(&s);

        printf("# %u pages, %u calls: %u states, %llu transitions, %s, at most %u calls away\n",
               s.options.pages, s.nr_calls, s.set.nr, (unsigned long long)s.transitions,
               end ? "which is all there are" : "and more", s.longest);
        printf("# of the transitions %llu lead out of bounds; the model took %.1f s\n",
               (unsigned long long)s.out, s.model_seconds);
        printf("# compared with mm: %llu, %.1f s, and %llu calls to get there\n",
               (unsigned long long)s.compared, s.machine_seconds, (unsigned long long)s.returned);
        printf("%s %u model.%s\n", good ? "ok" : "not ok", ++test, name);
        fflush(stdout);
        search_free(&s);
        return good;
}

static bool run_native(const struct validate_options *options)
{
        struct validate_counts n;
        bool good;

        if (linux_unfit()) {
                printf("ok %u model.native # SKIP this is %s\n", ++test, linux_unfit());
                return true;
        }
        good = validate(options, &n);
        printf("# %llu sequences of two calls, %llu of three, %.1f s\n",
               (unsigned long long)n.pairs, (unsigned long long)n.triples, n.seconds);
        printf("%s %u model.native\n", good ? "ok" : "not ok", ++test);
        return good;
}

/* Each ends where no call leads to a new state. */
struct named_search {
        const char *name, *calls;
        unsigned pages, distance;
        bool contents;
};

#define MOVES "protect,remap,dontunmap,fork,shared,kinds"

/* Two lists of about the same length, for two processors. */
static const struct named_search here[] = {
        { "moves", MOVES, 4, 0, false },
        { "moves_of_three", MOVES, 3, 2, false },
        { "shared", "shared,protect", 4, 3, false },
        { "protect_and_fork", "protect,fork", 4, 3, false },
        { "contents", "protect,remap,fork,shared,advise", 2, 1, true },
};
static const struct named_search there[] = {
        { "everything", "all", 2, 1, false },
        { "move", "remap", 4, 3, false },
        { "keep_and_fork", "remap,dontunmap,fork", 4, 1, false },
        { "shared_move", "shared,remap", 4, 1, false },
        { "lock", "lock,fork", 4, 3, false },
        { "advise", "advise,fork", 4, 3, false },
};
static const struct named_search large[] = {
        { "moves_of_four", MOVES, 4, 1, false },
        { "locks_of_three", MOVES ",lock,advise", 3, 0, false },
};
#define NR(array) (sizeof(array) / sizeof(*(array)))

static bool run_list(const struct command *c, const struct named_search *list, size_t nr)
{
        bool good = true;

        for (size_t i = 0; i < nr; i++) {
                struct search_options o = c->search;

                o.pages = list[i].pages;
                o.features = call_features(list[i].calls);
                o.bounds.distance = (int)list[i].distance;
                o.bounds.contents = list[i].contents;
                good &= run_search(&o, list[i].name);
        }
        return good;
}

/* A list in a process of its own, which writes to `out`. */
static pid_t start_list(const struct command *c, const struct named_search *list, size_t nr,
                        FILE *out)
{
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid != 0)
                return pid;
        if (dup2(fileno(out), 1) < 0)
                _exit(2);
        _exit(!run_list(c, list, nr));
}

/* What the process has written. True: it has found nothing. */
static bool end_list(pid_t pid, FILE *out)
{
        char part[4096];
        size_t n;
        int status;

        if (waitpid(pid, &status, 0) != pid)
                return false;
        rewind(out);
        while ((n = fread(part, 1, sizeof(part), out)) > 0)
                fwrite(part, 1, n, stdout);
        return status == 0;
}

static bool run_check(const struct command *c)
{
        FILE *out = tmpfile();
        pid_t pid = -1;
        bool good;

        printf("KTAP version 1\n1..%zu\n", NR(there) + NR(here) + 1);
        if (out)
                pid = start_list(c, there, NR(there), out);
        if (pid < 0) {
                printf("Bail out! no second process: %s\n", strerror(errno));
                return false;
        }
        test = NR(there);
        good = run_list(c, here, NR(here));
        good &= end_list(pid, out);
        fclose(out);
        return run_native(&c->validate) && good;
}

static bool run_large(const struct command *c)
{
        printf("KTAP version 1\n1..%zu\n", NR(large));
        return run_list(c, large, NR(large));
}

static bool run(struct command *c)
{
        c->validate.pages = c->search.pages;
        c->validate.progress = c->search.progress;
        c->validate.seconds = c->search.seconds;
        if (c->check)
                return run_check(c);
        if (c->large)
                return run_large(c);
        printf("KTAP version 1\n1..1\n");
        if (c->native)
                return run_native(&c->validate);
        return run_search(&c->search, "search");
}

static bool is_valid(const struct command *c)
{
        const struct search_options *o = &c->search;

        return o->pages >= 1 && o->pages <= REF_PAGES && o->features &&
               o->bounds.anons <= REF_PAGES && o->bounds.objects <= REF_PAGES &&
               o->bounds.distance >= 0 && o->bounds.distance <= 7 && (!c->native || o->pages >= 4);
}

int main(int argc, char **argv)
{
        struct command c = {
                .search = { .pages = 4,
                            .features = CALLS_REMAP | CALLS_PROTECT,
                            .bounds = { .anons = 3, .objects = 1, .distance = 2 },
                            .transitions = ~0ULL,
                            .progress = isatty(2) },
                .validate = { .pairs = 15000, .triples = 4000, .seed = 1 },
        };

        for (int i = 1; i < argc; i++) {
                if (!strcmp(argv[i], "--help")) {
                        fputs(usage, stdout);
                        return 0;
                }
                if (flag(&c, argv[i]))
                        continue;
                if (!search_option(&c.search, argv[i], argv[i + 1]) &&
                    !validate_option(&c.validate, argv[i], argv[i + 1])) {
                        fputs(usage, stderr);
                        return 2;
                }
                i++;
        }
        if (!is_valid(&c)) {
                fputs(usage, stderr);
                return 2;
        }
        return !run(&c);
}
