/* SPDX-License-Identifier: MIT */
/* Steps on System V shared memory. Numbers of segments differ from run to run: none is printed. */
#ifndef TESTS_SYSV_SHM_H
#define TESTS_SYSV_SHM_H

#include <stdint.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define KEY 0x7e44a001

/* The kernel's structures, whatever the headers say that a program is compiled with. */
struct perm {
        int32_t key;
        uint32_t uid, gid, cuid, cgid, mode;
        uint16_t seq, pad[3];
        uint64_t unused[2];
};

struct shmid {
        struct perm perm;
        uint64_t size;
        int64_t atime, dtime, ctime;
        int32_t cpid, lpid;
        uint64_t nattch, unused[2];
};

enum { PRIVATE = 0, CREAT = 01000, EXCL = 02000 };
enum { RMID, SET, STAT, INFO, LOCK = 11, UNLOCK, SHM_STAT_, SHM_INFO_, STAT_ANY };
enum { RDONLY = 010000, RND = 020000, REMAP = 040000, EXEC = 0100000 };

/* A new private segment of so many pages, mode 0600; or the end of the program. */
int segment(unsigned long pages);

/* A step: attach at a page of the arena, -1 for anywhere. */
long attach(int id, long page, int flags);
long detach(long page);

/* "     nattch 2": what IPC_STAT says, or an errno. */
void show_attached(int id);
/* The line of smaps "VmFlags" of the mapping at the page, with its name and offset. */
void show_mapping(long page);

void segments(void);
void attaching(void);
void moving(void);

#endif
