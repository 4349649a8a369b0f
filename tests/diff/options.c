/* SPDX-License-Identifier: MIT */
/* The command line: options.h. */
#include "tests/diff/options.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
        "usage: diff [OPTION...]\n"
        "\n"
        "Makes the same memory calls on this machine's Linux and on mm/, compiled for the host, and\n"
        "compares result, errno, signal, mappings, counters and populated pages after each call;\n"
        "VmFlags after calls that can change them and every 16th. Calls come in sequences, each made\n"
        "from a seed, in an address space of its own. A difference, a crash or a hang is shrunk to\n"
        "few calls, drawn, and kept with --save.\n"
        "\n"
        "How much:\n"
        "  --seed N           the first seed (default 1)\n"
        "  --rounds N         as many sequences (default: no end but --calls' or --time's; 100)\n"
        "  --calls N          until so many calls are compared\n"
        "  --time SECONDS     until then\n"
        "  --jobs N           processes at a time (default 1)\n"
        "  --stop-after N     differences (default 5)\n"
        "Which calls:\n"
        "  --length N         calls in a sequence (default 200, at most 500)\n"
        "  --weight CALL=N    how often a call is made; all weights: --weights\n"
        "  --pages N          longest usual length, in pages (default 6)\n"
        "  --spread N         pages of the main window that are used (default 40)\n"
        "  --vmas N           mappings to begin with, at most (default 6)\n"
        "  --forks N          forks in a sequence, at most (default 2, at most 8)\n"
        "  --shape SHAPE      small, wide (lengths about 2 MiB), giant (1 GiB) or any\n"
        "  --root, --nobody   always with, or without, CAP_IPC_LOCK, SYS_ADMIN and SYS_RAWIO\n"
        "  --no-seals         no mseal()\n"
        "  --huge N           huge pages in one of N sequences, 0: in none (default 10)\n"
        "  --uffd N           userfaultfd in one of N sequences (default 5)\n"
        "  --leaks            shrinking moves, too, which leak commit charge of the whole host\n"
        "Otherwise:\n"
        "  --replay WHAT...   sequences of files, or of seeds, call by call (last option)\n"
        "  --verbose          every call and the address space behind it\n"
        "  --no-shrink        leave differences as long as they are\n"
        "  --save DIR         keep what was found: NAME.calls for --replay, NAME.c, NAME.txt\n"
        "  --alone            mm/ by itself, on any machine: what it checks of itself\n"
        "  --validate N       every N calls, every invariant of mm/ (default 0: never)\n"
        "  --record FILE      write what Linux answers (hashes, a line for each 8 sequences)\n"
        "  --check-record FILE   compare mm/ with such a file instead of with Linux\n"
        "  --results FILE     append a line for each 200 sequences done; those there are not repeated\n"
        "  --json FILE        the summary\n"
        "  --ktap             as a test suite of one test\n"
        "  --quiet            no progress line\n"
        "\n"
        "The reference is Linux 6.18, as root. Elsewhere the program says what is missing and uses\n"
        "the record (tests/golden/6.18/diff-streams.tsv, or --check-record). Exit status: 0 equal,\n"
        "1 differences, 2 usage, 3 the comparison itself failed.\n";

static void set_weight(struct options *o, const char *text)
{
        const char *equals = strchr(text, '=');

        for (unsigned kind = 0; equals && kind < OP_KINDS; kind++) {
                size_t len = (size_t)(equals - text);

                if (strlen(op_name(kind)) == len && !strncmp(op_name(kind), text, len)) {
                        o->stream.weight[kind] = (unsigned)strtoul(equals + 1, NULL, 0);
                        return;
                }
        }
        errx(2, "--weight %s: expected CALL=N with a call of --weights", text);
}

static void print_weights(const struct options *o)
{
        for (unsigned kind = 0; kind < OP_KINDS; kind++)
                printf("%s=%u\n", op_name(kind), o->stream.weight[kind]);
        exit(0);
}

static enum stream_shape shape_named(const char *name)
{
        static const char *const names[] = { "small", "wide", "giant", "any" };

        for (unsigned i = 0; i < 4; i++)
                if (!strcmp(name, names[i]))
                        return (enum stream_shape)i;
        errx(2, "--shape %s: small, wide, giant or any", name);
}

static uint64_t number(const char *option, const char *text)
{
        char *end;
        uint64_t value = strtoull(text, &end, 0);

        if (!*text || *end)
                errx(2, "%s %s: not a number", option, text);
        return value;
}

/* Options with a number. */
static bool read_number(struct options *o, const char *name, const char *value)
{
        const struct {
                const char *name;
                unsigned *small;
                uint64_t *large;
        } all[] = {
                { "--seed", NULL, &o->seed },
                { "--rounds", NULL, &o->sequences },
                { "--calls", NULL, &o->calls },
                { "--jobs", &o->jobs, NULL },
                { "--stop-after", &o->stop_after, NULL },
                { "--length", &o->stream.length, NULL },
                { "--pages", &o->stream.pages, NULL },
                { "--spread", &o->stream.spread, NULL },
                { "--vmas", &o->stream.vmas, NULL },
                { "--forks", &o->stream.forks, NULL },
                { "--huge", &o->stream.huge, NULL },
                { "--uffd", &o->stream.uffd, NULL },
                { "--validate", &o->engine.validate_every, NULL },
        };

        for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
                if (strcmp(name, all[i].name))
                        continue;
                if (!value)
                        errx(2, "%s: a number is missing", name);
                if (all[i].small)
                        *all[i].small = (unsigned)number(name, value);
                else
                        *all[i].large = number(name, value);
                return true;
        }
        return false;
}

/* Options with a text. */
static bool read_text(struct options *o, const char *name, const char *value)
{
        const struct {
                const char *name;
                const char **text;
        } all[] = {
                { "--results", &o->results },
                { "--json", &o->json },
                { "--save", &o->save },
                { "--record", &o->record },
                { "--check-record", &o->check_record },
        };

        if (!strcmp(name, "--weight") && value) {
                set_weight(o, value);
                return true;
        }
        if (!strcmp(name, "--shape") && value) {
                o->stream.shape = shape_named(value);
                return true;
        }
        if (!strcmp(name, "--time") && value) {
                o->seconds = atof(value);
                return true;
        }
        for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
                if (!strcmp(name, all[i].name) && value) {
                        *all[i].text = value;
                        return true;
                }
        }
        return false;
}

/* Options by themselves. */
static bool read_switch(struct options *o, const char *name)
{
        if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
                fputs(help, stdout);
                exit(0);
        }
        if (!strcmp(name, "--weights"))
                print_weights(o);
        if (!strcmp(name, "--root"))
                o->stream.root = 1;
        else if (!strcmp(name, "--nobody"))
                o->stream.root = 0;
        else if (!strcmp(name, "--no-seals"))
                o->stream.seals = false;
        else if (!strcmp(name, "--leaks"))
                o->stream.leaks = true;
        else if (!strcmp(name, "--verbose"))
                o->verbose = true;
        else if (!strcmp(name, "--no-shrink"))
                o->shrink = false;
        else if (!strcmp(name, "--alone"))
                o->alone = o->engine.alone = true;
        else if (!strcmp(name, "--ktap"))
                o->ktap = true;
        else if (!strcmp(name, "--quiet"))
                o->quiet = true;
        else
                return false;
        return true;
}

static void check(const struct options *o)
{
        if (o->stream.length < 1 || o->stream.length > 500)
                errx(2, "--length: 1 to 500");
        if (o->stream.spread < 1 || o->stream.spread > 64)
                errx(2, "--spread: 1 to 64");
        if (o->stream.pages < 1 || o->stream.pages > 512)
                errx(2, "--pages: 1 to 512");
        if (o->stream.forks > 8)
                errx(2, "--forks: at most 8");
        if (o->jobs < 1 || o->jobs > 64)
                errx(2, "--jobs: 1 to 64");
}

void options_read(struct options *o, int argc, char **argv)
{
        *o = (struct options){ .stream = stream_defaults,
                               .engine = { .seconds = 20 },
                               .seed = 1,
                               .jobs = 1,
                               .stop_after = 5,
                               .shrink = true };
        for (int i = 1; i < argc; i++) {
                const char *value = i + 1 < argc ? argv[i + 1] : NULL;

                if (!strcmp(argv[i], "--replay")) {
                        o->replay = (const char *const *)argv + i + 1;
                        if (!value)
                                errx(2, "--replay: files or seeds are missing");
                        break;
                }
                if (read_switch(o, argv[i]))
                        continue;
                if (!read_number(o, argv[i], value) && !read_text(o, argv[i], value))
                        errx(2, "%s: unknown, or something is missing behind it; --help tells",
                             argv[i]);
                i++;
        }
        if (!o->sequences)
                o->sequences = o->calls || o->seconds > 0 ? ~0ULL >> 1 : 100;
        check(o);
}
