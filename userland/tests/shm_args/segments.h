/* SPDX-License-Identifier: MIT */
/*
 * The segments that the tries find, and what the tries have made of them.
 *
 *      A  1 byte        attached at page 0
 *      B  one page      with the key KEY_B, not attached
 *      C  a page + 1    attached at pages 2 and 3
 *      D  6 pages       attached at pages 8 to 13, the first four written to, and, for reading
 *                       only, at pages 16 to 21
 *      E  2^46          not attached, as F is not: both are charged as their pages come
 *      F  2^63 - 1
 *
 * They always have the slots 2 to 7, so that no small number is one of theirs.
 */
#ifndef TESTS_SHM_ARGS_SEGMENTS_H
#define TESTS_SHM_ARGS_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

/* The kernel's structure, whatever the headers say that a program is compiled with. */
struct shm_stat {
        int32_t key;
        uint32_t uid, gid, cuid, cgid, mode;
        uint16_t seq, pad[3];
        uint64_t unused[2];
        uint64_t size;
        int64_t atime, dtime, ctime;
        int32_t cpid, lpid;
        uint64_t nattch, more_unused[2];
};

enum { IPC_CREATE = 01000, IPC_EXCLUSIVE = 02000 };
enum { IPC_REMOVE, IPC_SETS, IPC_STATS, SHM_LOCKS = 11, SHM_UNLOCKS, SHM_STATS, SHM_INFOS };
enum { KEY_B = 0x7e44a00b, KEY_NEW = 0x7e44a00e };
enum { SEG_A, SEG_B, SEG_C, SEG_D, SEG_E, SEG_F, SEGMENTS, ANOTHER_SEQ = SEGMENTS, NO_SLOT };

/* Stands for the number of a segment: SEG(SEG_A), or one that no segment has. */
#define SEG(which) (0x5e600000000UL + (which))

/* Attaches the segments in the arena, making those that are not there. */
void segments_lay_out(void);

/* From here on the calls are made by a user who may do nothing with the segments. */
void segments_as_nobody(void);

/* Hooks of args_try.h. */
void segments_translate(long nr, unsigned long args[6]);
const char *segments_result_name(long nr, long result);
void segments_look(char *text, size_t size);
void segments_restore(void);

#endif
