/* SPDX-License-Identifier: MIT */
/*
 * One operation in an address space of many mappings: how the cost grows with their number.
 *
 * The mappings are of one page each, with a page of nothing above each, and lie where mmap looks
 * for room first: a search for two pages comes past all these holes. They are added from one size
 * to the next, downwards, and never made anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/bench/bench.h"

#define MOST (1000000 * 2 * PAGE)

static char *top;          /* the end of all, or NULL */
static unsigned long have; /* mappings there are */

static char *mapping(unsigned long i)
{
        return top - (i + 1) * 2 * PAGE;
}

static char *map_nothing(unsigned long bytes)
{
        void *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (p == MAP_FAILED)
                bench_failed("mmap");
        return p;
}

/* Where all of them have room, and nothing above does for two pages. */
static void find_top(void)
{
        char *bottom = map_nothing(MOST), *hole;

        while ((hole = map_nothing(2 * PAGE)) > bottom)
                ;
        bench_unmap((unsigned long)hole, 2 * PAGE);
        bench_unmap((unsigned long)bottom, MOST);
        top = bottom + MOST;
}

static void mappings(const struct op *op)
{
        bench_raise_map_count(op->n + 1000);
        if (!top)
                find_top();
        while (have > op->n)
                bench_unmap((unsigned long)mapping(--have), PAGE);
        for (; have < op->n; have++)
                bench_map((unsigned long)mapping(have), PAGE, 0);
}

static char *middle(const struct op *op)
{
        return mapping(op->n / 2);
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

/* msync does nothing here but find the mapping. */
static int look_up(const struct op *op)
{
        return msync(middle(op), PAGE, MS_ASYNC) ? errno : 0;
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

#define ROW(what_, family_, size, count, run_, undo_)                                   \
        {                                                                               \
                .name = family_ "-among-" size, .what = what_, .n = (count),            \
                .family = family_ " among", .units = 1, .begin = mappings, .run = run_, \
                .undo = undo_                                                           \
        }
#define AMONG(size, count)                                                                        \
        ROW("first write to a page (its table is there)", "fault", size, count, fault, unfault),  \
                ROW("finding a mapping (msync)", "lookup", size, count, look_up, NULL),           \
                ROW("mprotect of a mapping, to and fro", "mprotect", size, count, protect, NULL), \
                ROW("mmap, behind all holes too small, and munmap", "mmap", size, count,          \
                    search_gap, NULL),                                                            \
                ROW("mremap of one mapping", "move", size, count, move, move_back)
#define MAPS(size, count)                                                                       \
        {                                                                                       \
                .name = "maps-" size, .what = "reading /proc/self/maps with so many mappings",  \
                .family = "maps", .n = (count), .units = 1, .begin = mappings, .run = read_maps \
        }

static const struct op ops[] = {
        AMONG("10", 10),      MAPS("100", 100),      AMONG("1000", 1000),       MAPS("1000", 1000),
        MAPS("10000", 10000), AMONG("60000", 60000), AMONG("1000000", 1000000),
};
const struct op_table many_ops = bench_table(ops);
