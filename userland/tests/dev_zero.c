/* SPDX-License-Identifier: MIT */
/*
 * /dev/zero mapped private and shared, and memfds: offsets as /proc/self/maps shows them, what
 * moves, what is copied, and where mappings of 2 MiB go.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define MIB2 (2UL << 20)

static long zero, memfd;

static void map_fd(long page, unsigned long pages, const char *perms, int type, long fd,
                   unsigned long offset)
{
        long result = raw_call(NR_mmap, at(page), pages * PAGE, perms_value(perms),
                               type | MAP_FIXED, fd, offset * PAGE);

        step_text(place_name(result), "mmap(+%ld, %lu, %s, %s %s, page %lu)", page, pages, perms,
                  type == MAP_SHARED ? "shared" : "private", fd == zero ? "/dev/zero" : "memfd",
                  offset);
}

/* Offset, device and flags; whether there is an inode number, which differs from run to run. */
static void show_smaps(void)
{
        static char text[1 << 16];
        char *line = text;
        int on = 0;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
                unsigned long start, stop, offset, ino;
                char perms[8], dev[16];

                *end = 0;
                if (sscanf(line, "%lx-%lx %7s %lx %15s %lu", &start, &stop, perms, &offset, dev,
                           &ino) == 6) {
                        on = start >= ARENA && start < ARENA_END;
                        if (on)
                                say("     %s %s offset %lx %s", place_name((long)start), perms,
                                    offset, strchr(line, '/') ? strchr(line, '/') : "");
                }
                if (on && strncmp(line, "VmFlags:", 8) == 0)
                        say("       %s", line);
        }
}

static void private_zero(void)
{
        scene_in_arena("private /dev/zero, never written");
        map_fd(0, 4, "rw-", MAP_PRIVATE, zero, 0);
        map_fd(4, 2, "rw-", MAP_PRIVATE, zero, 4); /* runs on */
        map_fd(6, 2, "rw-", MAP_PRIVATE, zero, 9); /* does not */
        show_smaps();
        remap(1, 2, 2, "MF", 20);
        show_smaps(); /* numbered by its new place */
        remap(20, 2, 2, "MF", 1);
        show_smaps(); /* and so it does not come home */
        show_pages();

        scene_in_arena("private /dev/zero, written");
        map_fd(0, 4, "rw-", MAP_PRIVATE, zero, 3);
        stamp(0, 4, 'z');
        remap(1, 2, 2, "MF", 20);
        show_smaps();
        remap(20, 2, 2, "MF", 1);
        show_smaps();
        remap(0, 4, 4, "MFD", 30);
        show();
        show_smaps();
        stamp(0, 1, 'y');
        remap(0, 4, 5, "", 0);
        show();
        check(page_letter(at(30)) == 'z', "apart");
}

static void shared_zero(void)
{
        scene_in_arena("shared /dev/zero");
        map_fd(0, 4, "rw-", MAP_SHARED, zero, 7); /* of an object of 4 pages of its own */
        show_smaps();
        touch_step(at(0), ACCESS_READ);
        map_fd(0, 4, "rw-", MAP_SHARED, zero, 0);
        map_fd(4, 2, "rw-", MAP_SHARED, zero, 4);
        touch_step(at(3), ACCESS_WRITE);
        touch_step(at(4), ACCESS_WRITE);
        map_fd(4, 2, "rw-", MAP_SHARED, zero, 1);
        touch_step(at(4), ACCESS_WRITE);
        touch_step(at(5), ACCESS_WRITE);
        map_fd(4, 2, "rw-", MAP_SHARED, zero, 0);
        show_smaps();
        stamp(0, 4, 's');
        remap(0, 0, 4, "MF", 20);
        stamp(0, 1, 't');
        show();
        remap(0, 4, 4, "MFD", 40);
        show();
        remap(0, 6, 6, "MF", 60); /* several at once */
        show();
        touch_step(at(60), ACCESS_READ);
}

static void several(void)
{
        scene_in_arena("several at once");
        map(0, 1, "rw-");
        map_fd(1, 1, "rw-", MAP_PRIVATE, zero, 0);
        map_fd(2, 1, "rw-", MAP_SHARED, memfd, 0);
        map_fd(3, 1, "rw-", MAP_PRIVATE, memfd, 1);
        remap(0, 4, 4, "MF", 20);
        show_maps();
        remap(1, 1, 1, "MF", 21);
        remap(2, 2, 2, "MF", 22);
        show_maps();
}

static void memfds(void)
{
        scene_in_arena("memfd");
        map_fd(0, 4, "rw-", MAP_PRIVATE, memfd, 2);
        map_fd(8, 4, "rw-", MAP_SHARED, memfd, 2);
        stamp(8, 4, 'm');
        stamp(1, 1, 'p');
        show();
        show_smaps();
        remap(0, 4, 4, "MFD", 20);
        show();
        remap(20, 4, 2, "MF", 30);
        show();
        stamp(8, 1, 'n');
        show_pages();
        remap(9, 0, 4, "MF", 40);
        show();
        touch_step(at(43), ACCESS_READ); /* pages 3 to 6 of 8 */
        remap(8, 4, 8, "M", 0);
        touch_step(at(14), ACCESS_READ); /* page 8 */
}

/* Where the kernel puts it: as a remainder of 2 MiB. */
static void placed(const char *what, int type, long fd, unsigned long offset)
{
        long result = raw_call(NR_mmap, 0, MIB2, 3, type, fd, offset * PAGE);
        long moved;

        check(result > 0, "%s", what);
        say("     aligned: %s", result % MIB2 == 0 ? "yes" : "no");
        moved = raw_call(NR_mremap, result, MIB2, MIB2, 5, 0);
        if (moved < 0)
                say("     DONTUNMAP: %s", errno_name(moved));
        else
                say("     DONTUNMAP aligned: %s", moved % MIB2 == 0 ? "yes" : "no");
        raw_call(NR_munmap, result, MIB2);
        if (moved > 0)
                raw_call(NR_munmap, moved, MIB2);
}

static void places(void)
{
        scene("places for 2 MiB");
        raw_call(NR_mmap, 0, PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* spoils the top */
        placed("private /dev/zero", MAP_PRIVATE, zero, 0);
        placed("private /dev/zero from page 1", MAP_PRIVATE, zero, 1);
        placed("shared /dev/zero", MAP_SHARED, zero, 0);
        placed("private memfd", MAP_PRIVATE, memfd, 0);
        placed("shared memfd", MAP_SHARED, memfd, 0);
}

int main(void)
{
        zero = raw_call(NR_open, "/dev/zero", O_RDWR, 0);
        memfd = raw_call(NR_memfd_create, "file", 0);
        raw_call(NR_ftruncate, memfd, 8 * PAGE);
        private_zero();
        shared_zero();
        several();
        memfds();
        places();
        return 0;
}
