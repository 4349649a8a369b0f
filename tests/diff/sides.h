/* SPDX-License-Identifier: MIT */
/*
 * Two sides that do the same memory calls: this machine's Linux, and mm/ on the host machine. Both
 * keep to an arena of pages at the same addresses. Results are what a system call returns: a value
 * or a negative errno. A text describes the arena afterwards.
 */
#ifndef TESTS_DIFF_SIDES_H
#define TESTS_DIFF_SIDES_H

#include <stdbool.h>
#include <stdint.h>

#define ARENA       0x10000000UL
#define ARENA_PAGES 64
#define PAGE        4096UL

#define ROUND_SECONDS 20

enum op_kind {
        OP_MMAP,
        OP_MUNMAP,
        OP_MPROTECT,
        OP_MREMAP,
        OP_MADVISE,
        OP_MLOCK,
        OP_MUNLOCK,
        OP_MSEAL,
        OP_MSYNC,
        OP_MINCORE,
        OP_READ,
        OP_WRITE,
        OP_FORK, /* a[0] is one of fork_kind */
        OP_KINDS
};

/* What a fork leads to; operations go on in one process, and the others keep what they have. */
enum fork_kind {
        FORK_SIBLING,  /* go on as the parent */
        FORK_CHILD,    /* go on as the child */
        FORK_INHERITOR /* go on as the child, when the parent has unmapped the arena */
};

struct op {
        enum op_kind kind;
        uint64_t a[6]; /* arguments in the order of the system call; of an access: address, value */
};

/* What became of an operation. */
struct outcome {
        int64_t result;                 /* of an access: the byte read, or 0 */
        int signo, code;                /* of an access that failed */
        uint64_t addr;                  /* si_addr */
        unsigned char vec[ARENA_PAGES]; /* of mincore */
};

/* An operation's outcome; mappings it made outside the arena are gone again. */
void native_do(const struct op *op, struct outcome *out);
void model_do(const struct op *op, struct outcome *out);

/* VMAs with bounds, offset and flags, then one word for each page: both write the same. */
void native_describe(char *text, unsigned size);
void model_describe(char *text, unsigned size);

void native_start(void);
void model_start(void);
/* As many capabilities as root, or none: of both sides. */
extern bool side_is_root;

static inline bool in_arena(uint64_t addr)
{
        return addr >= ARENA && addr < ARENA + ARENA_PAGES * PAGE;
}

#endif
