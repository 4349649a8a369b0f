/* SPDX-License-Identifier: MIT */
/*
 * A heap of objects, for the collector beside: 256 MiB in which objects lie one behind the other.
 * An object is some words: its head, two references, and contents that follow from its number, so
 * that every word of every object can be checked.
 */
#ifndef TESTS_USE_COLLECTOR_HEAP_H
#define TESTS_USE_COLLECTOR_HEAP_H

#include <stdint.h>

#define PAGE       4096UL
#define PAGE_WORDS 512UL
#define HEAP       0x10000000000UL
#define HEAP_BYTES (256UL << 20)
#define HEAP_WORDS (HEAP_BYTES / 8)
#define HEAP_PAGES (HEAP_BYTES / PAGE)
#define ROOTS      1024UL

struct object {
        uint32_t words;  /* all of it */
        uint32_t visits; /* by the threads that walk about */
        uint64_t id;
        struct object *ref[2];
        uint64_t contents[];
};

#define HEAD_WORDS 4

/* All that is not reachable from here is garbage. */
extern struct object *root[ROOTS];

/* Where the next object goes, in words. */
extern unsigned long heap_used;

void heap_make(void);

/* A number that is the same on every run. */
unsigned long random_below(unsigned long n);

/* A new object of a length that its number gives, without references; NULL when the heap is full.
 */
struct object *object_new(void);

/* Allocates till the heap is full, and keeps a quarter: each a new head of the list at some root,
 * which refers to the list's old head and to the head of another. Returns how many were made. */
unsigned long heap_fill(void);

/* Whether the object is one, and what it holds is what it was made with. */
int object_is_right(const struct object *o);

#endif
