/* SPDX-License-Identifier: MIT */
/* The segments: made, looked at, made as they were. See segments.h. */
#include "userland/tests/shm_args/segments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/args_try.h"
#include "userland/tests/lib/transcript.h"

#define FIRST_SLOT 2
#define SLOTS      32768
#define RDONLY     010000
#define NORESERVE  010000

static const struct {
        int key;
        unsigned long size;
        int flags;
} wanted[SEGMENTS] = {
        { 0, 1, 0 },        { KEY_B, PAGE, 0 },          { 0, PAGE + 1, 0 },
        { 0, 6 * PAGE, 0 }, { 0, 1UL << 46, NORESERVE }, { 0, 0x7fffffffffffffffUL, NORESERVE },
};

static const struct {
        int segment;
        long page;
        int flags;
} places[] = { { SEG_A, 0, 0 }, { SEG_C, 2, 0 }, { SEG_D, 8, 0 }, { SEG_D, 16, RDONLY } };
#define PLACES (int)(sizeof(places) / sizeof(places[0]))

static int ids[SEGMENTS];
static long last_nr, last_result;
static int as_nobody;

/* ---------------------------------------------------------------- making them */

/* Numbers are given out in turn: those with another slot are made for nothing. */
static int make(int which)
{
        for (int tries = 0; tries < 1000; tries++) {
                long id = raw_call(NR_shmget, wanted[which].key, wanted[which].size,
                                   IPC_CREATE | 0600 | wanted[which].flags);

                if (id < 0)
                        break;
                if (id % SLOTS == FIRST_SLOT + which)
                        return (int)id;
                raw_call(NR_shmctl, id, IPC_REMOVE, 0);
        }
        say("no segment %c", 'A' + which);
        exit(94);
}

/* What a call that uses a buffer finds in it: a new owner and new permissions. */
static void fill_buffer(struct shm_stat *s)
{
        memset(s, 0xa5, sizeof(*s));
        s->uid = 5;
        s->gid = 6;
        s->mode = 0640;
}

void segments_lay_out(void)
{
        for (int i = 0; i < SEGMENTS; i++)
                ids[i] = make(i);
        for (int i = 0; i < PLACES; i++)
                if (raw_call(NR_shmat, ids[places[i].segment], at(places[i].page),
                             places[i].flags) < 0)
                        exit(93);
        memset((void *)at(8), 1, 4 * PAGE);
        fill_buffer((struct shm_stat *)BUFFER);
}

/* ---------------------------------------------------------------- names */

void segments_as_nobody(void)
{
        as_nobody = 1;
}

void segments_translate(long nr, unsigned long args[6])
{
        unsigned long which = args[0] - SEG(0);

        if (as_nobody &&
            (raw_call(NR_setgroups, 0, 0) || raw_call(NR_setgid, 77) || raw_call(NR_setuid, 78)))
                raw_call(NR_exit_group, 1);
        if (nr != NR_shmat && nr != NR_shmctl)
                return;
        if (which < SEGMENTS)
                args[0] = ids[which];
        else if (which == ANOTHER_SEQ)
                args[0] = ids[SEG_D] + SLOTS;
        else if (which == NO_SLOT)
                args[0] = SLOTS - 1;
}

const char *segments_result_name(long nr, long result)
{
        static const char *const names[SEGMENTS] = { "A", "B", "C", "D", "E", "F" };

        last_nr = nr;
        last_result = result;
        for (int i = 0; i < SEGMENTS; i++)
                if ((nr == NR_shmget || nr == NR_shmctl) && result == ids[i])
                        return names[i];
        return nr == NR_shmget && result >= 0 ? "new" : NULL;
}

/* ---------------------------------------------------------------- what has become of them */

/* The parent and the process that makes the call have each attachment. */
static unsigned long expected_attachments(int which)
{
        unsigned long count = 0;

        for (int i = 0; i < PLACES; i++)
                count += places[i].segment == which ? 2 : 0;
        return count;
}

static int look_at(int which, char *text, size_t size)
{
        struct shm_stat s;
        long nattch;

        if (raw_call(NR_shmctl, ids[which], IPC_STATS, &s) < 0)
                return snprintf(text, size, " %c gone", 'A' + which);
        nattch = (long)(s.nattch - expected_attachments(which));
        if (s.mode != 0600 || s.uid || s.gid || s.size != wanted[which].size)
                return snprintf(text, size, " %c mode %o of %u:%u nattch %+ld", 'A' + which, s.mode,
                                s.uid, s.gid, nattch);
        return nattch ? snprintf(text, size, " %c nattch %+ld", 'A' + which, nattch) : 0;
}

static int look_at_buffer(char *text, size_t size)
{
        const unsigned char *buffer = (unsigned char *)BUFFER;
        unsigned char original[512];
        int end = sizeof(original);

        memset(original, 0, sizeof(original));
        fill_buffer((struct shm_stat *)original);
        while (end > 0 && buffer[end - 1] == original[end - 1])
                end--;
        return end ? snprintf(text, size, " %d bytes written", end) : 0;
}

void segments_look(char *text, size_t size)
{
        int length = look_at_buffer(text, size);
        struct shm_stat s;

        for (int i = 0; i < SEGMENTS; i++)
                length += look_at(i, text + length, size - length);
        if (last_nr == NR_shmget && last_result >= 0 &&
            raw_call(NR_shmctl, last_result, IPC_STATS, &s) == 0 && s.ctime && s.cpid)
                for (int i = 0; i <= SEGMENTS; i++) {
                        if (i < SEGMENTS && last_result == ids[i])
                                break;
                        if (i == SEGMENTS)
                                snprintf(text + length, size - length, " size 0x%lx mode %o",
                                         (unsigned long)s.size, s.mode);
                }
}

/* ---------------------------------------------------------------- as they were */

static int is_changed(int which)
{
        struct shm_stat s;

        return raw_call(NR_shmctl, ids[which], IPC_STATS, &s) < 0 || s.mode != 0600 || s.uid ||
               s.gid;
}

static void remove_all(void)
{
        struct shm_stat s;
        long highest = raw_call(NR_shmctl, 0, SHM_INFOS, &s);

        for (int i = 0; i < PLACES; i++)
                raw_call(NR_shmdt, at(places[i].page));
        for (long slot = 0; slot <= highest; slot++) {
                long id = raw_call(NR_shmctl, slot, SHM_STATS, &s);

                if (id >= 0)
                        raw_call(NR_shmctl, id, IPC_REMOVE, 0);
        }
}

void segments_restore(void)
{
        int changed = 0;

        memset((void *)BUFFER, 0, 512);
        fill_buffer((struct shm_stat *)BUFFER);
        if (last_nr == NR_shmget && last_result >= 0) {
                for (int i = 0; i < SEGMENTS; i++)
                        if (last_result == ids[i])
                                return;
                raw_call(NR_shmctl, last_result, IPC_REMOVE, 0);
                return;
        }
        for (int i = 0; i < SEGMENTS; i++)
                changed |= is_changed(i);
        if (!changed)
                return;
        remove_all();
        segments_lay_out();
}
