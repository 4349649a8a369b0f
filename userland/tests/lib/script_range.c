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
 *   heap N                    brk to this length from "heap" on; what it is then
 *   peek P                    a byte read through /proc/self/mem
 *   poke P LETTER             one written through it
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

unsigned long heap_start(void)
{
        static unsigned long start;

        if (!start)
                start = (raw_call(NR_brk, 0) + PAGE - 1) & -PAGE;
        return start;
}

int is_in_heap(unsigned long addr)
{
        return addr >= heap_start() && addr < heap_start() + 1000 * PAGE;
}

static void do_heap(const struct command *c)
{
        unsigned long start = heap_start();

        put(" -> %ld", (raw_call(NR_brk, start + length_of(c->word[1])) - (long)start) / PAGE);
}

static void do_peek(const struct command *c)
{
        long fd = raw_call(NR_open, "/proc/self/mem", 0, 0);
        char byte = '?';
        long result = raw_call(NR_pread64, fd, &byte, 1, place_of(c->word[1]));

        raw_call(NR_close, fd);
        if (result == 1)
                put(" -> %c", byte ? byte : '0');
        else
                put_result(result);
}

static void do_poke(const struct command *c)
{
        long fd = raw_call(NR_open, "/proc/self/mem", 1, 0);

        put_result(raw_call(NR_pwrite64, fd, c->word[2], 1, place_of(c->word[1])));
        raw_call(NR_close, fd);
}

const struct command_row range_commands[] = {
        { "window", do_window }, { "punch", do_punch },   { "remote", do_remote },
        { "vector", do_vector }, { "sealed", do_sealed }, { "mlock2", do_mlock2 },
        { "heap", do_heap },     { "peek", do_peek },     { "poke", do_poke },
        { NULL, NULL },
};
