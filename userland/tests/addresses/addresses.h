/* SPDX-License-Identifier: MIT */
/*
 * Addresses that the kernel chooses, compared as they are: the program runs without address
 * randomisation. What the kernel maps by itself differs (vdso, vvar), so everything between the
 * heap and the stack is unmapped before each scene.
 */
#ifndef TESTS_ADDRESSES_H
#define TESTS_ADDRESSES_H

#include <sys/mman.h>

#define PAGE      4096UL
#define MIB2      (2UL << 20)
#define GIB       (1UL << 30)
#define TASK_SIZE 0x7ffffffff000UL

#define RW        (PROT_READ | PROT_WRITE)
#define ANON      (MAP_PRIVATE | MAP_ANONYMOUS)
#define GROWS     0x100
#define NOREPLACE 0x100000
#define LOW_2GIB  0x40
#define DROP      8 /* MAP_DROPPABLE with MAP_ANONYMOUS */

/* A scene with nothing mapped but the program, its heap and its stack. */
void clean_scene(const char *title);
void clean(void);

/* Steps whose result is the address, in hexadecimal, or an errno. They return it. */
long map_at(const char *what, unsigned long hint, unsigned long length, int flags);
long map_file(const char *what, int fd, unsigned long length, int flags, unsigned long offset);
long remap_to(const char *what, unsigned long addr, unsigned long old_length,
              unsigned long new_length, int flags, unsigned long new_addr);
void unmap_step(unsigned long addr, unsigned long length);
void address_step(long result, const char *what);

/* The scenes of the other files. */
void place_scenes(void);
void stack_scenes(void);
void random_scenes(int verbose);
/* Layouts that a program gets when it is started: executes the program anew for each. */
void layout_scenes(void);
int layout_child(const char *what);

#endif
