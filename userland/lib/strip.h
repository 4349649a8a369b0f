/* SPDX-License-Identifier: MIT */
/*
 * For the demonstrations: a stretch of address space that is drawn as one letter a page.
 */
#ifndef USERLAND_LIB_STRIP_H
#define USERLAND_LIB_STRIP_H

struct strip {
        const char *name;
        unsigned long base;
        int pages;
};

/* Finds room for so many pages that nothing else uses, with nothing mapped there. 0, or -1 with
 * errno. */
int strip_reserve(struct strip *strip, const char *name, int pages);
void *strip_at(const struct strip *strip, int page);
/* Maps private memory there; ends the program when that fails. */
void strip_map(const struct strip *strip, int page, int pages);
/* Fills a page with a letter. */
void strip_stamp(const struct strip *strip, int page, int letter);
/* "name  AB..00": a letter a page, 0 for zero, ? for mixed, - for no access, . for nothing. */
void strip_draw(const struct strip *strip);
/* Its lines of /proc/self/maps, as pages. */
void strip_draw_maps(const struct strip *strip);

#endif
