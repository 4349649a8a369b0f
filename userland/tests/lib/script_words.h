/* SPDX-License-Identifier: MIT */
/* What the commands of a script are made of; see script.h. For script*.c alone. */
#ifndef TESTS_LIB_SCRIPT_WORDS_H
#define TESTS_LIB_SCRIPT_WORDS_H

/* One command: its words, "" for those that are not there. */
struct command {
        const char *word[16];
        int words;
};

/* A command of the table: does it and tells its result with one of the functions below, or none. */
struct command_row {
        const char *name;
        void (*fn)(const struct command *c);
};

/* Writes a piece of a line. */
void put(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* When this is not NULL, the pieces of this thread go to the end of the PUT_ASIDE bytes there. */
#define PUT_ASIDE 1024
extern __thread char *put_aside;

/* Tables of commands of the program's own, and what is called at the end of each case for them. */
void script_extend(const struct command_row *const *tables, void (*end)(void));

/* Whether a line of commands was begun that the next line has to end. */
extern int line_is_open;

/* The address or the length that a word stands for. */
unsigned long place_of(const char *word);
unsigned long length_of(const char *word);
int has_word(const struct command *c, const char *word);

/* Write a result: of a call that gives 0 or an errno, and of one that gives a place. */
void put_result(long result);
void put_place(long result);

/* A line for what the arena looks like, and one for any range, kept apart from the line before. */
void put_arena(void);
void put_range(unsigned long start, unsigned long end);

/* The VmFlags of the mapping at the address, all of them. */
const char *vm_flags_at(unsigned long addr);

/* Where the mapping of this name begins, or 0. */
unsigned long mapping_named(const char *name);

/* The first whole page of the heap that the program has not used. */
unsigned long heap_start(void);
/* Where that is differs from program to program, so places here are told from it. */
int is_in_heap(unsigned long addr);

/* Sizes, limits, locks, identity: the rest of the commands (script_counts.c). */
extern const struct command_row count_commands[];

/* Several processes, and what they share (script_family.c). */
extern const struct command_row family_commands[];
/* All of them but the case's own process exit. */
void end_family(void);

/* Calls on ranges and objects that few cases need (script_range.c). */
extern const struct command_row range_commands[];

/* The descriptor of the object that one of the words names; or NULL. */
int *object_of(const struct command *c);

/* Does a command of any table. */
void run_command(const struct command *c);

#endif
