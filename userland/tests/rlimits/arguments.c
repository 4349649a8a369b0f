/* SPDX-License-Identifier: MIT */
/*
 * A quarter of RLIMIT_STACK, but 128 KiB at least and 6 MiB at most, is there for a new program's
 * strings and for the pointers to them: to the byte. The file holds no program, so that the old one
 * goes on: ENOEXEC says that the arguments were taken.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/rlimits/parts.h"

#define NO_PROGRAM "/tmp/rlimits.none"
#define KIB        1024UL
#define MIB        (1024UL * 1024)
#define PIECE      (100 * KIB) /* of one string */
#define PIECES     130

static char text[PIECE];
static const char *strings[PIECES + 2], *none[1];

/* execve() with strings of so many bytes in all, their ends and the file's name among them. */
static long try(unsigned long bytes, unsigned long pointers, int as_environment)
{
        unsigned long left = bytes - sizeof(NO_PROGRAM), n = pointers;

        memset(strings, 0, sizeof(strings));
        while (n-- > 0) {
                unsigned long most = PIECE - 1, length = left - n - 1 < most ? left - n - 1 : most;

                strings[n] = text + most - length;
                left -= length + 1;
        }
        if (left)
                return -1;
        return raw_call(NR_execve, NO_PROGRAM, as_environment ? none : strings,
                        as_environment ? strings : none);
}

static unsigned long room_of(unsigned long limit)
{
        unsigned long room = limit / 4 < 6 * MIB ? limit / 4 : 6 * MIB;

        return room < 128 * KIB ? 128 * KIB : room;
}

static void each_limit(void)
{
        static const unsigned long limits[] = { 0,           4 * KIB,        512 * KIB - 4,
                                                512 * KIB,   512 * KIB + 4,  1 * MIB,
                                                8 * MIB - 1, 24 * MIB - 4,   24 * MIB,
                                                64 * MIB,    NO_LIMIT - 1234 };

        for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
                unsigned long room = room_of(limits[i]), pointers = room / (PIECE / 2);

                say("     limit %#lx", limits[i]);
                limit_set(LIMIT_STACK, limits[i], NO_LIMIT);
                for (int past = -1; past <= 1; past++) {
                        unsigned long bytes = room - 8 * pointers + (unsigned long)past;

                        step(try(bytes, pointers, 0), "%d bytes past the room for arguments", past);
                        /* Without any argument there is one, which is empty. */
                        step(try(bytes - 8 - 1, pointers, 1), "for the environment");
                }
                limit_set(LIMIT_STACK, 8 * MIB, NO_LIMIT);
        }
}

/* The strings lie on the new stack, which keeps to two limits page by page; one page is free. */
static void on_the_stack(void)
{
        static const unsigned long limits[] = { 0, 1, 4 * KIB, 8 * KIB - 1, 8 * KIB, 64 * KIB };

        for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
                unsigned long room = (limits[i] < 4 * KIB ? 4 * KIB : limits[i]) & ~(4 * KIB - 1);

                say("     limit %#lx", limits[i]);
                for (int past = -1; past <= 1; past++) {
                        unsigned long bytes = room - 8 + (unsigned long)past;
                        long result;

                        limit_set(LIMIT_STACK, limits[i], NO_LIMIT);
                        result = try(bytes, 1, 0);
                        limit_set(LIMIT_STACK, 8 * MIB, NO_LIMIT);
                        step(result, "%d bytes past, RLIMIT_STACK", past);
                        limit_set(LIMIT_AS, limits[i], NO_LIMIT);
                        result = try(bytes, 1, 0);
                        limit_set(LIMIT_AS, NO_LIMIT, NO_LIMIT);
                        step(result, "RLIMIT_AS");
                }
        }
}

/* A program under a limit. */
static const struct {
        int resource;
        unsigned long limit;
        const char *what;
} rows[] = {
        { LIMIT_STACK, 0, "RLIMIT_STACK 0" },     { LIMIT_STACK, 4 * KIB, "a page" },
        { LIMIT_STACK, 64 * KIB, "64 KiB" },      { LIMIT_AS, 0, "RLIMIT_AS 0" },
        { LIMIT_AS, 64 * KIB, "64 KiB" },         { LIMIT_AS, 256 * KIB, "256 KiB" },
        { LIMIT_DATA, 0, "RLIMIT_DATA 0" },       { LIMIT_DATA, 4 * KIB, "a page" },
        { LIMIT_MEMLOCK, 0, "RLIMIT_MEMLOCK 0" }, { LIMIT_CORE, 0, "RLIMIT_CORE 0" },
        { LIMIT_SIGPENDING, 0, "no signals" },    { LIMIT_NPROC, 0, "no processes" },
};

static unsigned trying;

static void start(void)
{
        limit_set(rows[trying].resource, rows[trying].limit, 64 * MIB);
        step(exec_self("it runs"), "refused");
}

/* Pointers to empty strings. */
static void pointers(void)
{
        static const char *many[32 * KIB];

        limit_set(LIMIT_STACK, 512 * KIB, NO_LIMIT);
        for (unsigned long n = 128 * KIB / 9 - 4; n <= 128 * KIB / 9; n++) {
                for (unsigned long i = 0; i < n; i++)
                        many[i] = "";
                many[n] = NULL;
                step(raw_call(NR_execve, NO_PROGRAM, many, none), "%lu empty arguments", n);
        }
        for (unsigned long i = 0; i < 16 * KIB; i++)
                many[i] = "";
        many[16 * KIB] = NULL;
        step(raw_call(NR_execve, NO_PROGRAM, many, none), "pointers alone fill the room");
}

void rlimits_arguments(void)
{
        long fd = raw_call(NR_creat, NO_PROGRAM, 0700);

        memset(text, 'a', PIECE - 1);
        raw_call(NR_write, fd, "nothing", 7);
        raw_call(NR_close, fd);
        scene("arguments");
        in_child(each_limit, "to the byte");
        in_child(on_the_stack, "on the stack");
        in_child(pointers, "many");
        for (trying = 0; trying < sizeof(rows) / sizeof(rows[0]); trying++)
                in_child(start, rows[trying].what);
        raw_call(NR_unlink, NO_PROGRAM);
}
