/* SPDX-License-Identifier: MIT */
/*
 * The comparison's own mapping on Linux: a memfd of OWN_SIZE bytes, shared by the process that
 * compares and by those that make the calls, which have nothing else of their own in their address
 * space. No C library is there, no stack besides these, and no break.
 *
 *      0        the program (native/), a flat image
 *      16 KiB   stacks: of the process that makes processes, of the one that makes calls, of its
 *               signal handler, and of each that waits
 *      104 KiB  struct own: calls, and what became of them
 *
 * It is small, because Linux goes through all of its pages for each look at smaps.
 */
#ifndef TESTS_DIFF_OWN_H
#define TESTS_DIFF_OWN_H

#include "tests/diff/snapshot.h"

#define OWN_IMAGE_MAX 0x4000UL
/* Ends of stacks, which grow down. */
#define OWN_MAKER_STACK  (OWN_BASE + 0x6000UL)
#define OWN_RUNNER_STACK (OWN_BASE + 0xa000UL)
#define OWN_SIGNAL_STACK (OWN_BASE + 0xe000UL)
#define OWN_SIGNAL_SIZE  0x4000UL
#define OWN_WAITERS      11 /* of a page each */
#define OWN_WAITER(n)    (OWN_SIGNAL_STACK + ((n) + 1) * OP_PAGE)
#define OWN_DATA         0x1a000UL

#define OWN_OPS     512
#define OWN_RECORDS (OWN_SIZE - OWN_DATA - 0x9000UL)

/* File descriptors of the processes that make calls: opened once, and in each process. */
enum own_fd {
        FD_COMMAND,
        FD_REPLY,
        FD_MAPS,
        FD_SMAPS,
        FD_STATUS,
        FD_PAGEMAP,
        FD_FILES,
        FD_UFFD = FD_FILES + FILES
};

/* Something that cannot be on a machine that has what the comparison needs. */
enum own_trouble {
        TROUBLE_NONE,
        TROUBLE_CRASH, /* a signal in the program itself */
        TROUBLE_SETUP, /* no file, no process */
        TROUBLE_PROC,  /* what /proc says cannot be read */
        TROUBLE_LAYOUT /* more is mapped than should be */
};

struct own {
        /* asked */
        uint32_t nr_ops;
        uint32_t root;
        uint32_t seconds; /* until the process is ended */
        struct op ops[OWN_OPS];

        /* answered */
        uint32_t done;    /* calls whose snapshot is there */
        uint32_t trouble; /* enum own_trouble */
        int64_t detail;
        uint32_t used; /* bytes of `records` */
        uint32_t went; /* between processes: the parent has unmapped its memory */
        uint32_t waiting;
        uint8_t records[] __attribute__((aligned(8)));
};

#endif
