/* SPDX-License-Identifier: MIT */
/*
 * The reference model: what Linux 6.18 does to an address space of a few pages.
 *
 * It is an array of pages and nothing else: no tree, no page tables, no counters, no reverse map.
 * Each page knows whether something is mapped there, with which flags, and whether a VMA begins at
 * it; so VMAs are read off the array. Where a VMA begins has to be part of the state: Linux merges
 * neighbours only where it tries to, and two that could be one may stay two for ever.
 *
 *      page        0     1     2     3
 *      mapped      yes   yes   no    yes
 *      starts      *                 *
 *      flags       rw    rw          rw
 *      anon        1     1           0         whose private pages: 0 is nobody's yet
 *      pgoff       0     1           3
 *      content     OWN   EMPTY       EMPTY
 *      VMAs        |---------|       |---|
 *
 * The model makes the calls that the machine makes, on the same arguments, with the result that a
 * program would see. It knows nothing of memory that runs out, of limits or of sealed memory.
 */
#ifndef TESTS_MODEL_REF_H
#define TESTS_MODEL_REF_H

#include <stdbool.h>
#include <stdint.h>

#define REF_PAGES 8

/* What is found at a page that is mapped. */
enum ref_content {
        REF_EMPTY,  /* no entry */
        REF_ZERO,   /* the page of zeros, for reading */
        REF_OWN,    /* a private page */
        REF_OBJECT, /* a page of the shared object */
};

enum ref_flags {
        REF_READ = 1,
        REF_WRITE = 2,
        REF_SHARED = 4,
        REF_LOCKED = 8,
        REF_NORESERVE = 16,
        REF_ACCOUNT = 32,  /* its pages are charged to the commit limit */
        REF_DONTCOPY = 64, /* a child does not get it */

        REF_ACCESS = REF_READ | REF_WRITE,
        REF_POPULATE = 128, /* of mmap only */
};

struct ref_page {
        bool mapped, starts;
        uint8_t flags;
        uint8_t anon;   /* 1 .. REF_PAGES, or 0: nothing was ever written in this VMA */
        uint8_t object; /* 1 .. REF_PAGES, or 0: private */
        uint8_t content;
        int16_t pgoff; /* its number among the pages of what it maps; a number of the arena's if
                         private */
};

struct ref {
        struct ref_page page[REF_PAGES];
        uint8_t pages;                      /* how many there are */
        uint8_t inherited;                  /* bit i: anon i came by fork, with ancestors' pages */
        uint8_t object_size[REF_PAGES + 1]; /* pages */
        uint8_t object_has[REF_PAGES + 1];  /* bit i: page i has been touched */
        uint16_t lost_locked;               /* pages that count as locked and are not any more */
};

enum ref_kind {
        REF_MMAP, /* MAP_FIXED | MAP_ANONYMOUS and `flags` */
        REF_MUNMAP,
        REF_MPROTECT, /* REF_ACCESS of `flags` */
        REF_MREMAP,   /* `page`, `len` to `new_len`; with FIXED `to` */
        REF_DONTNEED,
        REF_DONTFORK,
        REF_DOFORK,
        REF_MLOCK,
        REF_MUNLOCK,
        REF_LOAD,   /* a read of the page */
        REF_STORE,  /* a write */
        REF_CHILD,  /* fork, and go on as the child; the parent exits */
        REF_PARENT, /* fork, and go on as the parent; the child exits */
        REF_KINDS
};

/* Of mremap; both come with MREMAP_MAYMOVE. */
#define REF_FIXED     1
#define REF_DONTUNMAP 2

struct ref_call {
        uint8_t kind;        /* enum ref_kind */
        uint8_t page, len;   /* pages, all within the arena */
        uint8_t new_len, to; /* of mremap */
        uint8_t flags;
};

/* The result of an access that raises a signal. */
#define REF_SIGNAL(signo, code) (1000 + (signo)*10 + (code))

/* An arena of `pages` pages in which nothing is mapped. */
void ref_init(struct ref *r, unsigned pages);

/* 0, a page number, a negative errno, or REF_SIGNAL(). */
int ref_do(struct ref *r, const struct ref_call *call);

/* The VMA that contains page p, which is mapped: [start, end). */
unsigned ref_vma_start(const struct ref *r, unsigned p);
unsigned ref_vma_end(const struct ref *r, unsigned p);

/* What the kernel counts, in pages; REF_UNKNOWN where a side cannot tell. */
#define REF_UNKNOWN (-1)
struct ref_counts {
        int vmas, total, data, locked, rss_anon, rss_shmem, committed;
};
struct ref_counts ref_count(const struct ref *r);

#endif
