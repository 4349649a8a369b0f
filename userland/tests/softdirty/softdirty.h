/* SPDX-License-Identifier: MIT */
/*
 * Cases about soft-dirty pages, written as scripts, for kernels that keep them: Debian's Linux, or
 * Terrane with `softdirty` on its command line. Places and lengths are pages from ARENA on, "2h" is
 * two huge pages (of 512), "1h+3" and "2h-1" what one would think. Each case runs in a process of
 * its own and prints commands with their results; a line of how the arena looks ends it:
 *
 *      0-4 sd 1111 | 6-8 01 | 1h-2h 0x511 1x1
 *
 * Mappings, with their flag (VmFlags) and bit 55 of pagemap for each page, of many pages as how
 * often which stands.
 *
 *      map A N PERMS [KIND]     at a fixed place        unmap A N
 *      clear [N]                N (4) to /proc/self/clear_refs
 *      prot A N PERMS           lock A N, unlock A N    adv A N ADVICE
 *      write A [N], read A [N]  a byte of each page     remap A N M FLAGS [B]
 *      fork                     a child does what follows, up to parent, and is waited for
 *      heap N                   brk() by so many pages  remote A, mem A: writes another way
 *      scan A N [MASK]          PAGEMAP_SCAN            swap A: bits 61 to 63 and 55 of pagemap
 *      look                     the line in between     bits A N: of any pages
 */
#ifndef TESTS_SOFTDIRTY_H
#define TESTS_SOFTDIRTY_H

struct dirty_case {
        const char *name, *script;
};
extern const struct dirty_case dirty_cases[];

#endif
