/* SPDX-License-Identifier: MIT */
/*
 * What the small tools have in common: options, messages, and reading what /proc says.
 */
#ifndef USERLAND_LIB_TOOL_H
#define USERLAND_LIB_TOOL_H

#include <stddef.h>

/*
 * Takes the options off the arguments: single letters out of `allowed`, given as -a -b or -ab, up
 * to the first word that is none, or --. Returns a bit for each: bit i for allowed[i]. --help
 * prints the text and ends the program; any other option prints it on stderr and ends it with 2.
 */
unsigned tool_options(int *argc, char ***argv, const char *allowed, const char *help);

/* "NAME: what: reason" on stderr; 1, for `status |= tool_error(...)`. */
int tool_error(const char *what);
/* The same with a reason of one's own. */
int tool_complain(const char *what, const char *reason);
/* Prints the help on stderr and ends the program with 2. */
void tool_misused(const char *help) __attribute__((noreturn));

/* Copies all of one descriptor to another: 0, or -1 with errno. */
int tool_copy(int from, int to);

/* A whole file, malloc'ed and NUL-terminated; NULL with errno. */
char *tool_read_file(const char *path);
/* The number behind "Name:" in a text of such lines, or -1. */
long tool_field(const char *text, const char *name);
/* Where the value behind "Name:" begins, or NULL. */
const char *tool_text_field(const char *text, const char *name);

/* One line of /proc/PID/maps. */
struct tool_mapping {
        unsigned long start, end, offset;
        char perms[5];
        char name[128];
};
/* Takes the next line of the text; 0 at the end. [vsyscall] is passed over. */
int tool_next_mapping(const char **text, struct tool_mapping *mapping);

/* "12 KiB", "3.4 MiB": in one of a few static buffers. */
const char *tool_size(unsigned long bytes);

#endif
