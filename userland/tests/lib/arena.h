/* SPDX-License-Identifier: MIT */
/*
 * A stretch of address space that nothing else uses, in which the programs lay out mappings. Places
 * in it are named by page: page 3 is ARENA + 3 * PAGE. The transcript speaks of pages alone, so it
 * does not depend on where the arena lies.
 *
 *      maps  0-4 rw-p | 6-8 r--p          the arena's lines of /proc/self/maps
 *      pages AAAA..BB                     the contents, a letter a page
 *
 * A letter stands for a page that was stamped with it, whole; 0 for one that reads all zero, ? for
 * anything else. A page that cannot be read is not touched: . is unmapped, - has no read
 * permission.
 */
#ifndef TESTS_LIB_ARENA_H
#define TESTS_LIB_ARENA_H

#define PAGE        4096UL
#define ARENA       0x100000000UL
#define ARENA_PAGES 16384UL
#define ARENA_END   (ARENA + ARENA_PAGES * PAGE)

/* The address of a page of the arena. Pages below 0 lie before it. */
unsigned long at(long page);

/* Unmaps the whole arena and says what comes next. */
void scene_in_arena(const char *title);

/* Steps. Permissions are "rw-", "r--", "---" ...; lengths are in pages. */
long map(long page, unsigned long pages, const char *perms);
long map_with(long page, unsigned long pages, const char *perms, int flags);
long unmap(long page, unsigned long pages);
long protect(long page, unsigned long pages, const char *perms);

/* Fills pages with a letter each can be known by; no step. */
void stamp(long page, unsigned long pages, char letter);
void stamp_at(unsigned long addr, unsigned long pages, char letter);

/* Steps: mremap with flags as "MFD" (MAYMOVE, FIXED, DONTUNMAP). The result is printed as a page.
 */
long remap(long page, unsigned long pages, unsigned long new_pages, const char *flags, long target);

/* The same with addresses and lengths in bytes as they are. */
long remap_raw(unsigned long addr, unsigned long old_len, unsigned long new_len, unsigned flags,
               unsigned long target);

/* "+3" for page 3 of the arena, "+3.10" for 16 bytes into it, "elsewhere", or an errno's name. */
const char *place_name(long result);

/* PROT_* of "rwx" letters. */
int perms_value(const char *perms);

/* Print the lines of the picture above: both, or one. */
void show(void);
void show_maps(void);
void show_pages(void);

/* The contents of any range, a letter a page, as a line "what  ABC". Its pages are read. */
void show_pages_at(const char *what, unsigned long addr, unsigned long pages);

/* One letter for the contents of the page at the address, which must be readable. */
char page_letter(unsigned long addr);

#endif
