/* SPDX-License-Identifier: MIT */
/*
 * The limit on the number of mappings, to the last one: which calls it stops, and when.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

/* Far from the arena: pages with permissions in turn, so that each is a mapping of its own. */
#define FILLING 0x200000000UL
#define MORE    0x300000000UL

static long limit;
static long count;
static long more;         /* single pages mapped at MORE */
static long has_vsyscall; /* the last line of maps may be [vsyscall], which is no mapping */

static long count_mappings(void)
{
        static char text[65536];
        long fd = raw_call(NR_open, "/proc/self/maps", 0, 0);
        long lines = 0, n;

        while ((n = raw_call(NR_read, fd, text, sizeof(text))) > 0)
                for (long i = 0; i < n; i++)
                        lines += text[i] == '\n';
        raw_call(NR_close, fd);
        return lines - has_vsyscall;
}

static void fill(long pages)
{
        raw_call(NR_mmap, FILLING, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                 -1, 0);
        for (long i = 1; i < pages; i += 2)
                raw_call(NR_mprotect, FILLING + i * PAGE, PAGE, PROT_NONE);
        count += pages;
}

static long add_page(void)
{
        long result = raw_call(NR_mmap, MORE + 2 * more * PAGE, PAGE, PROT_READ,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

        if (result < 0)
                return result;
        more++;
        count++;
        return 0;
}

static void take_page(void)
{
        more--;
        count--;
        raw_call(NR_munmap, MORE + 2 * more * PAGE, PAGE);
}

/* So many mappings below the limit. */
static void set_below(long below)
{
        while (count < limit - below)
                if (add_page() != 0)
                        break;
        while (count > limit - below)
                take_page();
}

/* What each call says at this count. Every try is undone. */
static void tries(long below)
{
        long result;

        set_below(below);
        say("     %ld below the limit", below);
        step_text(place_name(remap_raw(at(200), PAGE, PAGE, 3, at(300))), "FIXED of a hole");
        step_text(place_name(remap_raw(at(200), PAGE, PAGE, 3, at(300) + 1)),
                  "FIXED of a hole, target off by 1");
        step_text(place_name(remap_raw(at(200), PAGE, PAGE, 5, 0)), "DONTUNMAP of a hole");
        result = remap_raw(at(10), PAGE, PAGE, 3, at(20));
        step_text(place_name(result), "FIXED of a whole mapping");
        if (result > 0)
                remap_raw(at(20), PAGE, PAGE, 3, at(10));
        result = remap_raw(at(10), PAGE, 2 * PAGE, 1, 0);
        step_text(place_name(result), "growing by moving");
        if (result > 0 || result < -4096) {
                raw_call(NR_munmap, result, 2 * PAGE);
                raw_call(NR_mmap, at(10), PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        }
        result = remap_raw(at(30), PAGE, 2 * PAGE, 0, 0);
        step_text(place_name(result), "growing in place");
        if (result > 0)
                raw_call(NR_munmap, at(31), PAGE);
        result = raw_call(NR_mprotect, at(1), PAGE, PROT_NONE);
        step(result, "mprotect in the middle");
        raw_call(NR_mprotect, at(0), 3 * PAGE, PROT_READ | PROT_WRITE);
        result = raw_call(NR_munmap, at(1), PAGE);
        step(result, "munmap in the middle");
        raw_call(NR_mmap, at(0), 3 * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        result = add_page();
        step(result, "mmap");
        if (result == 0)
                take_page();
}

int main(void)
{
        static char maps[65536];
        char text[32];

        scene_in_arena("the limit on mappings");
        if (read_file("/proc/sys/vm/max_map_count", text, sizeof(text)) < 0)
                return 1;
        limit = strtol(text, NULL, 10);
        check(limit >= 1000 && limit < 1000000, "there is one");
        raw_call(NR_mmap, at(0), 3 * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        raw_call(NR_mmap, at(10), PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        raw_call(NR_mmap, at(11), PAGE, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        raw_call(NR_mmap, at(30), PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        has_vsyscall =
                read_file("/proc/self/maps", maps, sizeof(maps)) > 0 && strstr(maps, "[vsyscall]");
        count = count_mappings();
        fill(limit - count - 40);
        check(count_mappings() == count, "as many mappings as were made");
        for (long below = 8; below >= -1; below--)
                tries(below);
        check(count_mappings() == count, "and none is lost");
        return 0;
}
