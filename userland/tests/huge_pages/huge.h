/* SPDX-License-Identifier: MIT */
/*
 * Cases about huge pages, written as scripts. Places and lengths are pages from ARENA on, "2h" is
 * two huge pages (of 512), "1h+3" and "2h-1" what one would think. Each case runs in a process of
 * its own and prints commands with their results; a line of how the arena looks ends it:
 *
 *      HH0s.-   rss 3072 huge 2 hg 1 pte 12
 *
 * A character for each 2 MiB that some mapping meets: H a huge page, 0 the huge page of zeroes, s
 * small pages, - mapped and nothing there, . not mapped; what is there first counts. Then resident
 * pages and huge ones of all mappings, whether huge pages may come to the first mapping
 * (THPeligible), and by how many kB page tables have grown since the case began.
 *
 *      map A N PERMS [KIND]     at a fixed place        unmap A N
 *      adv A N ADVICE           madvise(): main.c       disable N FLAGS: prctl(PR_SET_THP_DISABLE)
 *      write A [N]              a letter to each page   read A [N]
 *      find A N B               those of B are at A     zeroes A N
 *      prot A N PERMS           remap A N M FLAGS [B]   lock A N, unlock A N
 *      touch A w|r              the signal it gives     incore A, mark A, scan A N
 *      fork                     a child does what follows, up to parent, and is waited for
 *      look, lazy               the line in between, and lazily freed pages
 *      file NAME [WORD]         what is in the file of /sys, after WORD was written to it
 */
#ifndef TESTS_HUGE_PAGES_H
#define TESTS_HUGE_PAGES_H

#define PAGE  4096UL
#define HUGE  (512 * PAGE)
#define ARENA 0x4000000000UL
#define SPACE (64 * HUGE) /* that the cases use */

struct huge_case {
        const char *name, *script;
};

void run_case(const struct huge_case *c);

/* The line of how it looks, and its parts (look.c). look_begin() is when a case begins. */
void look_begin(void);
void look(void);
/* Pages that are freed lazily: for huge ones; of others Linux tells late. */
void look_lazy(void);
/* The categories of pages as PAGEMAP_SCAN tells them: "2 pages WPH, 3 pages W". */
void scan(unsigned long start, unsigned long end);
/* The flags of one page's word of pagemap, the frame aside. */
void mark(unsigned long addr);

extern const struct huge_case fault_cases[], split_cases[], move_cases[], family_cases[],
        collapse_cases[], file_cases[];

#endif
