/* SPDX-License-Identifier: MIT */
/* The vdso of this process: where it is, what is in it, and its functions. */
#ifndef TESTS_VDSO_H
#define TESTS_VDSO_H

#include <stdint.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

struct timespec64 {
        int64_t sec, nsec;
};

struct timeval64 {
        int64_t sec, usec;
};

/* The image's functions, found by name; NULL where there is none. */
struct functions {
        long (*clock_gettime)(int id, struct timespec64 *out);
        long (*clock_getres)(int id, struct timespec64 *out);
        long (*gettimeofday)(struct timeval64 *tv, void *tz);
        int64_t (*time)(int64_t *out);
        long (*getcpu)(unsigned *cpu, unsigned *node, void *unused);
};

/* AT_SYSINFO_EHDR, 0 if the kernel gave none. */
unsigned long image_address(void);
/* The function of that name in the image at this address, or NULL. */
void *image_find(unsigned long image, const char *name);
struct functions image_functions(unsigned long image);
/* Scenes on the ELF image itself. */
void image_scenes(void);

/* The three mappings of this process: pages before the image, and lengths in pages. */
enum { VVAR, VCLOCK, VDSO, PARTS };
struct part {
        const char *name;
        unsigned long start, pages;
};
extern struct part parts[PARTS];

void clock_scenes(void);
void memory_scenes(void);

#endif
