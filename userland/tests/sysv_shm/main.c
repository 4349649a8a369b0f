/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory: segments and who may use them, what is mapped, and what the memory calls
 * do to it.
 */
#include "userland/tests/sysv_shm/shm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[1 << 18];

int segment(unsigned long pages)
{
        long id = raw_call(NR_shmget, PRIVATE, pages * PAGE, CREAT | 0600);

        if (id < 0) {
                say("     no segment: %s", errno_name(id));
                exit(97);
        }
        return (int)id;
}

long attach(int id, long page, int flags)
{
        long result = raw_call(NR_shmat, id, page < 0 ? 0 : at(page), flags);

        step_text(place_name(result), "shmat(+%ld, %#o)", page, flags);
        return result;
}

long detach(long page)
{
        long result = raw_call(NR_shmdt, at(page));

        step(result, "shmdt(+%ld)", page);
        return result;
}

void show_attached(int id)
{
        struct shmid s;
        long result = raw_call(NR_shmctl, id, STAT, &s);

        if (result < 0)
                say("     IPC_STAT: %s", errno_name(result));
        else
                say("     nattch %lu mode %o", (unsigned long)s.nattch, s.perm.mode);
}

void show_mapping(long page)
{
        unsigned long start = at(page), found = 0;
        char *line = text;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
                unsigned long from, offset;

                *end = 0;
                if (sscanf(line, "%lx-%*x %*s %lx", &from, &offset) == 2)
                        found = from;
                if (found == start && strchr(line, '/'))
                        say("     offset %lx, name in column %zu: %s", offset,
                            strcspn(line, "/") + 1, line + strcspn(line, "/"));
                if (found == start && strncmp(line, "VmFlags:", 8) == 0) {
                        say("     [%s]", line);
                        return;
                }
        }
}

int main(void)
{
        long left = raw_call(NR_shmget, KEY, 0, 0);

        if (left >= 0) /* of a run that was killed */
                raw_call(NR_shmctl, left, RMID, 0);
        segments();
        attaching();
        moving();
        return 0;
}
