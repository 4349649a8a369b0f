/* SPDX-License-Identifier: MIT */
/*
 * The collector: finds what is alive, and slides it together.
 *
 * Marking notes in two bitmaps, a bit for each word of the heap, where live objects begin and which
 * words are theirs. The new place of a word is then the number of live words before it, which is
 * known from a table with the number before each page, and the bits of that page.
 *
 * The pause: the roots get their new values, and the whole heap is moved aside with one
 * MREMAP_DONTUNMAP. The heap's place is empty now, but mapped, and registered with userfaultfd:
 * from here on the program runs, with new addresses only, and whenever it touches a page that is
 * not there yet, the page is made from the old objects aside, references changed on the way. What
 * was never touched is made at the end.
 */
#ifndef TESTS_USE_COLLECTOR_COLLECT_H
#define TESTS_USE_COLLECTOR_COLLECT_H

#define ASIDE 0x20000000000UL /* as far into a table of tables as the heap */

/* What marking has found. */
struct census {
        unsigned long objects, words, wrong;
        unsigned long visits; /* of all objects */
};

/* Marks from the roots; with `check`, looks at every word of every object. */
struct census heap_mark(int check);

/* The pause. The program must not run. */
void collect_begin(void);

/* Makes pages on demand, in a thread, until collect_end() is called, and then the rest. */
void *collect_serve(void *arg);
void collect_end(void);

/* Takes down what the collection needed, when collect_serve() has returned. */
void collect_finish(void);

/* Pages made because they were touched, and of these, those behind the last object. */
extern unsigned long pages_on_demand, pages_fresh;
/* Pages made though nobody asked. */
extern unsigned long pages_at_end;

#endif
