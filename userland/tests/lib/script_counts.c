/* SPDX-License-Identifier: MIT */
/*
 * Commands of scripts about what is counted and limited:
 *
 *   mark               remembers the counters of /proc/self/status
 *   counts             those that changed since, in pages: size data stack lib lock anon file shmem
 *   peak               by how much VmPeak is above VmSize now, in pages
 *   hwm                by how much VmHWM is above VmRSS, in whole 4 MiB; Linux does not keep it to
 *                      the page
 *   limit WORD N       as, data, stack: what is used now and N pages more; locked: N pages
 *   limit WORD N all   N pages in all
 *   nobody             gives up all privileges
 */
#include <string.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/script_words.h"
#include "userland/tests/lib/transcript.h"

static const struct {
        const char *shown, *field;
} fields[] = {
        { "size", "VmSize" }, { "data", "VmData" },  { "stack", "VmStk" },  { "lib", "VmLib" },
        { "lock", "VmLck" },  { "anon", "RssAnon" }, { "file", "RssFile" }, { "shmem", "RssShmem" },
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static long marked[FIELDS];

/* Makes the program's own variables and stack resident, so that using them changes no counter. */
static void touch_own_memory(void)
{
        extern char __bss_start[], end[];
        volatile char stack[4 * PAGE];

        for (unsigned long p = (unsigned long)__bss_start; p < (unsigned long)end; p += PAGE)
                *(volatile char *)p = *(volatile char *)p;
        for (unsigned i = 0; i < sizeof(stack); i += PAGE)
                stack[i] = 0;
}

static void do_mark(const struct command *c)
{
        (void)c;
        touch_own_memory();
        /* Twice: what the first reading touches is counted by the second. */
        for (int round = 0; round < 2; round++)
                for (unsigned i = 0; i < FIELDS; i++)
                        marked[i] = status_value(fields[i].field);
}

static void do_counts(const struct command *c)
{
        int changed = 0;

        (void)c;
        put(" ->");
        for (unsigned i = 0; i < FIELDS; i++) {
                long more = (status_value(fields[i].field) - marked[i]) / 4;

                if (more) {
                        put(" %s %+ld", fields[i].shown, more);
                        changed++;
                }
        }
        put("%s", changed ? "" : " as before");
}

static void do_peak(const struct command *c)
{
        (void)c;
        put_result((status_value("VmPeak") - status_value("VmSize")) / 4);
}

static void do_hwm(const struct command *c)
{
        (void)c;
        put_result((status_value("VmHWM") - status_value("VmRSS")) / 1024);
}

static void do_limit(const struct command *c)
{
        static const struct {
                const char *word, *field;
                int number;
        } limits[] = {
                { "data", "VmData", 2 },
                { "stack", "VmStk", 3 },
                { "locked", NULL, 8 },
                { "as", "VmSize", 9 },
        };

        for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
                unsigned long pair[2];

                if (strcmp(c->word[1], limits[i].word) != 0)
                        continue;
                raw_call(NR_getrlimit, limits[i].number, pair);
                pair[0] = length_of(c->word[2]);
                if (limits[i].field && !has_word(c, "all"))
                        pair[0] += status_value(limits[i].field) * 1024;
                put_result(raw_call(NR_setrlimit, limits[i].number, pair));
        }
}

static void do_nobody(const struct command *c)
{
        (void)c;
        put_result(raw_call(NR_setresuid, 65534, 65534, 65534));
}

const struct command_row count_commands[] = {
        { "mark", do_mark },   { "counts", do_counts }, { "peak", do_peak }, { "hwm", do_hwm },
        { "limit", do_limit }, { "nobody", do_nobody }, { NULL, NULL },
};
