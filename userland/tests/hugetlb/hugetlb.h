/* SPDX-License-Identifier: MIT */
/*
 * Cases about hugetlb memory, written as scripts. Places and lengths are pages from ARENA on; "2h"
 * is two huge pages (of 512), "1h+3" and "2h-1" what one would think. Each case runs in a process
 * of its own, begins with a pool of POOL huge pages and nothing beyond, and prints commands with
 * their results; a line of how it looks ends it:
 *
 *      HH-.   total 6 free 4 rsvd 1 surp 0   mine 2 private 2 shared 0   maps 1 rss 0 pte 4
 *
 * A character for each 2 MiB of the arena: H a huge page, s small pages, - mapped and nothing
 * there, . not mapped. Then the pool as /proc/meminfo has it; HugetlbPages of the process, its
 * private and shared ones in smaps; mappings and resident pages of the arena; and by how many kB
 * page tables have grown. When the process has gone the pool is as before, or there is a line more.
 *
 *      pool N, over N           nr_hugepages, nr_overcommit_hugepages
 *      map A N PERMS [KIND]     at a fixed place        unmap A N
 *      mmap A BYTES FLAGS       as it stands: main.c    mremap A BYTES BYTES FLAGS B: the same
 *      write A [N]              a letter to each page   read A [N]: a byte of each page
 *      find A N B               those of B are at A     zeroes A N
 *      prot A N PERMS           remap A N M FLAGS [B]   lock A N, unlock A N, sync A N
 *      adv A N ADVICE           touch A w|r|x           incore A, mark A, scan A N
 *      uffd A N                 registers it with userfaultfd, for a moment
 *      peek A, poke A           /proc/self/mem          limit NAME MIB: RLIMIT_*
 *      fork                     a child does what follows, up to parent, and is waited for
 *      twin                     a child that lives on and does what stands behind a c:
 *      exec                     the process becomes another program, which looks at the pool
 *      maps, flags              the arena's lines of maps; VmFlags, page sizes and Rss
 *      look                     the line in between
 */
#ifndef TESTS_HUGETLB_H
#define TESTS_HUGETLB_H

#define PAGE  4096UL
#define HUGE  (512 * PAGE)
#define ARENA 0x4000000000UL
#define SPACE (64 * HUGE) /* that the cases use */
#define POOL  6

struct hugetlb_case {
        const char *name, *script;
};

/* 0 or an errno. */
long pool_write(const char *name, const char *value);
/* "total 6 free 6 rsvd 0 surp 0". */
const char *pool_state(void);

/* The line of how it looks, and others (look.c). look_begin() is when a case begins. */
void look_begin(void);
void look(void);
void look_maps(void);
void look_flags(void);
/* The categories of pages as PAGEMAP_SCAN tells them: "2 pages WPH, 3 pages W". */
void scan(unsigned long start, unsigned long end);
/* The flags of one page's word of pagemap, the frame aside. */
void mark(unsigned long addr);

extern const struct hugetlb_case basic_cases[], reserve_cases[], change_cases[], family_cases[],
        pool_cases[];

#endif
