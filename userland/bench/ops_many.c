/* SPDX-License-Identifier: MIT */
/*
 * One operation in an address space of many mappings: how the cost grows with their number. The
 * mappings are stripes at PLACE_A, made longer from one size to the next and never made anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/bench/bench.h"

static unsigned long have; /* stripes at PLACE_A */

static void stripes(const struct op *op)
{
        bench_raise_map_count(op->n + 1000);
        if (have > op->n) {
                bench_unmap(PLACE_A, have * PAGE);
                have = 0;
        }
        if (have < op->n)
                bench_stripes(PLACE_A + have * PAGE, op->n - have, 0);
        have = op->n;
}

/* The middle writable stripe. */
static char *middle(const struct op *op)
{
        return (char *)PLACE_A + (op->n / 2 & ~1UL) * PAGE;
}

static int fault(const struct op *op)
{
        *(volatile char *)middle(op) = 1;
        return 0;
}

static void unfault(const struct op *op)
{
        madvise(middle(op), PAGE, MADV_DONTNEED);
}

static int protect(const struct op *op)
{
        if (mprotect(middle(op), PAGE, PROT_NONE) != 0 ||
            mprotect(middle(op), PAGE, PROT_READ | PROT_WRITE) != 0)
                return errno;
        return 0;
}

static int search_gap(const struct op *op)
{
        void *p = mmap(NULL, 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        (void)op;
        return p == MAP_FAILED || munmap(p, 2 * PAGE) ? errno : 0;
}

static int move_to(char *from, char *to)
{
        return mremap(from, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED ? errno
                                                                                         : 0;
}

static int move(const struct op *op)
{
        return move_to(middle(op), (char *)PLACE_B);
}

static void move_back(const struct op *op)
{
        if (move_to((char *)PLACE_B, middle(op)) != 0)
                bench_failed("mremap back");
}

static int read_maps(const struct op *op)
{
        static char buffer[64 * KIB];
        int fd = open("/proc/self/maps", O_RDONLY);
        ssize_t got;

        (void)op;
        if (fd < 0)
                bench_failed("/proc/self/maps");
        while ((got = read(fd, buffer, sizeof(buffer))) > 0)
                ;
        close(fd);
        return got < 0 ? errno : 0;
}

#define AMONG(size, count)                                                                       \
        { .name = "fault-among-" size,                                                           \
          .what = "first write to a page among so many mappings",                                \
          .family = "fault among",                                                               \
          .n = (count),                                                                          \
          .units = 1,                                                                            \
          .begin = stripes,                                                                      \
          .run = fault,                                                                          \
          .undo = unfault },                                                                     \
                { .name = "mprotect-among-" size,                                                \
                  .what = "two mprotects of one mapping among so many",                          \
                  .family = "mprotect among",                                                    \
                  .n = (count),                                                                  \
                  .units = 1,                                                                    \
                  .begin = stripes,                                                              \
                  .run = protect },                                                              \
                { .name = "mmap-among-" size,                                                    \
                  .what = "mmap where there is room, and munmap",                                \
                  .family = "mmap among",                                                        \
                  .n = (count),                                                                  \
                  .units = 1,                                                                    \
                  .begin = stripes,                                                              \
                  .run = search_gap },                                                           \
        {                                                                                        \
                .name = "move-among-" size, .what = "mremap of one mapping among so many",       \
                .family = "move among", .n = (count), .units = 1, .begin = stripes, .run = move, \
                .undo = move_back                                                                \
        }
#define MAPS(size, count)                                                                      \
        {                                                                                      \
                .name = "maps-" size, .what = "reading /proc/self/maps with so many mappings", \
                .family = "maps", .n = (count), .units = 1, .begin = stripes, .run = read_maps \
        }

static const struct op ops[] = {
        AMONG("10", 10),      AMONG("1000", 1000),   MAPS("1000", 1000),
        MAPS("10000", 10000), AMONG("60000", 60000), AMONG("1000000", 1000000),
};
const struct op_table many_ops = bench_table(ops);
