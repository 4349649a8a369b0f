/* SPDX-License-Identifier: MIT */
/*
 * Commands of scripts (script.h) on ranges and objects that few cases need:
 *
 *   window P N N [FLAGS]      remap_file_pages to the page of the object that the second N says
 *   punch WORD N N            fallocate: a hole in the object from the first page on
 *   remote P N ADVICE         process_madvise of the process itself, by a descriptor of it
 *   vector P N P              mincore with its vector at the second place
 *   sealed P N FLAGS          mseal with flags
 *   mlock2 P N FLAGS          mlock2
 */
#include <stdlib.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/script_words.h"
#include "userland/tests/lib/transcript.h"

static unsigned long number(const char *word)
{
        return strtoul(word, NULL, 0);
}

static void do_window(const struct command *c)
{
        put_result(raw_call(NR_remap_file_pages, place_of(c->word[1]), length_of(c->word[2]), 0,
                            number(c->word[3]), number(c->word[4])));
}

static void do_punch(const struct command *c)
{
        put_result(raw_call(NR_fallocate, *object_of(c), 3 /* PUNCH_HOLE | KEEP_SIZE */,
                            length_of(c->word[2]), length_of(c->word[3])));
}

static void do_remote(const struct command *c)
{
        unsigned long range[2] = { place_of(c->word[1]), length_of(c->word[2]) };
        long self = raw_call(NR_pidfd_open, getpid(), 0);

        put_result(raw_call(NR_process_madvise, self, range, 1, number(c->word[3]), 0));
        raw_call(NR_close, self);
}

static void do_vector(const struct command *c)
{
        put_result(raw_call(NR_mincore, place_of(c->word[1]), length_of(c->word[2]),
                            place_of(c->word[3])));
}

static void do_sealed(const struct command *c)
{
        put_result(raw_call(NR_mseal, place_of(c->word[1]), length_of(c->word[2]),
                            number(c->word[3])));
}

static void do_mlock2(const struct command *c)
{
        put_result(raw_call(NR_mlock2, place_of(c->word[1]), length_of(c->word[2]),
                            number(c->word[3])));
}

const struct command_row range_commands[] = {
        { "window", do_window }, { "punch", do_punch },   { "remote", do_remote },
        { "vector", do_vector }, { "sealed", do_sealed }, { "mlock2", do_mlock2 },
        { NULL, NULL },
};
