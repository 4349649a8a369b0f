/* SPDX-License-Identifier: MIT */
/* What the comparison is asked to do: the command line. */
#ifndef TESTS_DIFF_OPTIONS_H
#define TESTS_DIFF_OPTIONS_H

#include "tests/diff/engine.h"

struct options {
        struct stream_options stream;
        struct engine_options engine;

        uint64_t seed;       /* the first */
        uint64_t sequences;  /* as many, or: */
        uint64_t calls;      /* until so many are compared; 0: no such end */
        double seconds;      /* until then; 0: no such end */
        unsigned jobs;       /* processes at a time */
        unsigned stop_after; /* differences */

        const char *results; /* a file that keeps what is done */
        const char *json;
        const char *save; /* a folder for what was found */
        const char *record, *check_record;
        const char *const *replay; /* files or seeds, ended by NULL */
        bool ktap, quiet, verbose, alone, shrink;
};

/* Ends the process on --help and on what it does not understand. */
void options_read(struct options *options, int argc, char **argv);

#endif
