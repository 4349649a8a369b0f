/* SPDX-License-Identifier: MIT */
/*
 * Eight threads that do to memory all that can be done to it at the same time, userfaultfd's part
 * of it included, until something is wrong: a thread that never comes back, contents that are not
 * what was written, memory that is not given back.
 *
 *      supervisor        measures free memory, starts a round, looks after it, measures again
 *        `-- round       a process with
 *              handler   the thread that reads every descriptor, fills, closes and opens them;
 *                        it touches no memory that is registered, so it is never held up
 *              workers   seven threads; each has windows of its own, of which it knows what is in
 *                        every page, and all share regions of which only so much is known that
 *                        whatever is read there must be a word that one of them has written
 *                `-- children   copies of the round with one thread, each for a few calls
 *
 * What is drawn follows from the seed; the order in which threads run does not.
 */
#ifndef FUZZ_STRESS_H
#define FUZZ_STRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/uffd/uffd.h"

#define PAGE    4096UL
#define HUGE    512UL /* pages of a huge page */
#define WORKERS 7
#define HANDLER WORKERS /* the handler's number */
#define THREADS (WORKERS + 1)

/* Not in every libc. */
#define MOVE_MAY        1UL
#define MOVE_FIXED      2UL
#define MOVE_KEEP       4UL
#define GUARD_INSTALL   102
#define GUARD_REMOVE    103
#define ADVISE_COLLAPSE 25

/* ------------------------------------------------------------------ what the supervisor sees */

/* What a thread is doing. The names are constants of the program, which is the same in both. */
struct status {
        const char *volatile what;
        volatile uint64_t calls;
        volatile uint64_t ended; /* the thread has */
};

/* In memory that all processes share. */
struct board {
        struct status threads[THREADS];
        struct status children[WORKERS];
        volatile uint64_t faults, events, fills, descriptors, forks, signals, touches;
        volatile uint64_t wrong;
        char complaint[512]; /* the first */
};

extern struct board *board;

static inline void count(volatile uint64_t *what)
{
        __atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
}

uint64_t seconds_now(void);

/* Something is wrong: noted for the supervisor, which ends the round. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ------------------------------------------------------------------ words.c */

struct random {
        uint64_t state;
};

uint64_t random_next(struct random *r);
/* 0 to n - 1. */
static inline uint64_t below(struct random *r, uint64_t n)
{
        return random_next(r) % n;
}
static inline bool one_in(struct random *r, unsigned n)
{
        return below(r, n) == 0;
}

/*
 * What is written into memory: words that say who wrote them and prove it. Origins: the threads'
 * numbers, ORIGIN_HANDLER for what the handler fills, from ORIGIN_CHILD on children.
 */
enum { ORIGIN_HANDLER = 15, ORIGIN_CHILD = 16 };
uint64_t word_make(unsigned origin, uint32_t serial);
bool word_is_good(uint64_t word); /* 0 is */
static inline unsigned word_origin(uint64_t word)
{
        return word >> 32 & 0xff;
}

/* The two places of a page that are written and read. */
#define FIRST_WORD 0
#define LAST_WORD  (PAGE - 8)

/* What an access came to. */
enum outcome { DONE, SEGV, BUS };
enum outcome word_read(uint64_t addr, uint64_t *word);
enum outcome word_write(uint64_t addr, uint64_t word);
void catch_signals(void);

/* ------------------------------------------------------------------ threads */

enum page_state {
        PAGE_NONE,   /* not mapped */
        PAGE_PLAIN,  /* mapped */
        PAGE_GUARD,  /* SIGSEGV */
        PAGE_POISON, /* SIGBUS */
};

#define WINDOW_PAGES 1536UL
#define OBJECT_PAGES 512UL
#define EMPTY_WORD   (~0ULL) /* contents nobody has written: 0, or the handler's */

/*
 * Memory that one thread alone maps, moves and writes, private or shared. What is at page p is
 * content[index[p]]; in private memory index[p] is p.
 */
struct window {
        uint64_t base;
        bool shared;
        int fd; /* of the shared object */
        uint8_t state[WINDOW_PAGES];
        uint16_t index[WINDOW_PAGES];
        uint64_t content[WINDOW_PAGES];
};

struct worker {
        unsigned number, origin;
        struct random random;
        uint32_t serial;
        int pipe[2];
        struct status *status;
        struct window own[2];
};

extern struct worker workers[WORKERS];

/* A call at random, and how often in comparison with others. */
struct call {
        const char *name;
        unsigned weight;
        void (*make)(struct worker *w);
};
extern const struct call own_calls[], region_calls[]; /* ended by one without a name */
void call_at_random(struct worker *w, const struct call *calls);

/* A range of a window or a region, in pages. */
struct range {
        uint64_t first, pages;
};
struct range range_draw(struct worker *w, uint64_t of);

/* own.c, own_move.c, own_fill.c */
void own_begin(struct worker *w);
void own_map(struct worker *w, struct window *window, struct range r);
void own_check(struct worker *w, struct window *window, uint64_t page);
void own_write(struct worker *w, struct window *window, uint64_t page);
void own_check_all(struct worker *w);
struct window *own_draw(struct worker *w);
uint64_t own_content(const struct window *window, uint64_t page);
void own_set(struct window *window, uint64_t page, uint64_t word);
void own_move(struct worker *w);
void own_resize(struct worker *w);
void own_copy(struct worker *w);
void own_zeropage(struct worker *w);
void own_poison(struct worker *w);
void own_continue(struct worker *w);
void own_uffd_move(struct worker *w);

/* region.c */
void regions_begin(void);

/* child.c */
void fork_child(struct worker *w);

/* ------------------------------------------------------------------ handler.c */

void *handler_main(void *arg);
extern volatile int handler_stop;
/* The descriptor that is to be used now; it may be closed at any time. */
int handler_fd(struct worker *w);
/* A fork must not begin while a descriptor is being closed: the child would keep the only one. */
void fork_enter(void);
void fork_leave(void);
uint64_t register_mode(struct worker *w, bool shared);

/* round.c: the process of a round; does not return. Every other one is quiet: no signal and no
 * closed descriptor wakes a thread whose wake-up was lost. */
extern bool round_is_quiet;
void round_run(uint64_t seed, unsigned seconds) __attribute__((noreturn));

#endif
