/* SPDX-License-Identifier: MIT */
/* mmap, munmap, mprotect, madvise, and mremap that does not move. */
#include <errno.h>
#include <sys/mman.h>

#include "userland/bench/bench.h"

static char *const place = (char *)PLACE_A;

static int map_unmap(const struct op *op)
{
        for (unsigned i = 0; i < op->units; i++) {
                char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                               0);

                if (p == MAP_FAILED || munmap(p, PAGE) != 0)
                        return errno;
        }
        return 0;
}

static int map_touch_unmap(const struct op *op)
{
        for (unsigned i = 0; i < op->units; i++) {
                char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                               0);

                if (p == MAP_FAILED)
                        return errno;
                *(volatile char *)p = 1;
                if (munmap(p, PAGE) != 0)
                        return errno;
        }
        return 0;
}

static void resident(const struct op *op)
{
        bench_map(PLACE_A, op->n, 1);
}

static void gone(const struct op *op)
{
        bench_unmap(PLACE_A, op->n);
}

static int protect_flip(const struct op *op)
{
        for (unsigned i = 0; i < op->units; i++)
                if (mprotect(place, op->n, i & 1 ? PROT_READ | PROT_WRITE : PROT_READ) != 0)
                        return errno;
        return 0;
}

static int dontneed(const struct op *op)
{
        return madvise(place, op->n, MADV_DONTNEED) ? errno : 0;
}

static int unmap(const struct op *op)
{
        return munmap(place, op->n) ? errno : 0;
}

static void small(const struct op *op)
{
        (void)op;
        bench_map(PLACE_A, PAGE, 1);
}

static int grow(const struct op *op)
{
        return mremap(place, PAGE, op->n, 0) == MAP_FAILED ? errno : 0;
}

static int shrink(const struct op *op)
{
        return mremap(place, op->n, PAGE, 0) == MAP_FAILED ? errno : 0;
}

#define OVER_RESIDENT(name_, family_, what_, run_, bytes)                                  \
        {                                                                                  \
                .name = name_, .what = what_, .family = family_, .n = (bytes), .units = 1, \
                .setup = resident, .run = run_, .undo = gone                               \
        }

#define CHANGE_LENGTH(name_, family_, what_, setup_, run_, bytes)                          \
        {                                                                                  \
                .name = name_, .what = what_, .family = family_, .n = (bytes), .units = 1, \
                .setup = setup_, .run = run_, .undo = gone                                 \
        }

static const struct op ops[] = {
        { .name = "mmap",
          .what = "mmap and munmap of a page that is not touched",
          .units = 100,
          .run = map_unmap },
        { .name = "mmap-touch",
          .what = "mmap, a write, munmap of a page",
          .units = 100,
          .run = map_touch_unmap },
        { .name = "mprotect",
          .what = "mprotect of a resident page",
          .family = "mprotect",
          .n = PAGE,
          .units = 100,
          .setup = resident,
          .run = protect_flip,
          .undo = gone },
        { .name = "mprotect-1M",
          .what = "mprotect of a resident MiB",
          .family = "mprotect",
          .n = MIB,
          .units = 2,
          .setup = resident,
          .run = protect_flip,
          .undo = gone },
        { .name = "mprotect-16M",
          .what = "mprotect of 16 resident MiB",
          .family = "mprotect",
          .n = 16 * MIB,
          .units = 2,
          .setup = resident,
          .run = protect_flip,
          .undo = gone },
        OVER_RESIDENT("dontneed-4M", "dontneed", "MADV_DONTNEED, resident", dontneed, 4 * MIB),
        OVER_RESIDENT("dontneed-16M", "dontneed", "MADV_DONTNEED, resident", dontneed, 16 * MIB),
        OVER_RESIDENT("dontneed-64M", "dontneed", "MADV_DONTNEED, resident", dontneed, 64 * MIB),
        OVER_RESIDENT("munmap-4M", "munmap", "munmap, resident", unmap, 4 * MIB),
        OVER_RESIDENT("munmap-16M", "munmap", "munmap, resident", unmap, 16 * MIB),
        OVER_RESIDENT("munmap-64M", "munmap", "munmap, resident", unmap, 64 * MIB),
        CHANGE_LENGTH("grow", "grow", "mremap of a page to 64 KiB in place", small, grow, 64 * KIB),
        CHANGE_LENGTH("grow-4M", "grow", "mremap of a page to 4 MiB in place", small, grow,
                      4 * MIB),
        CHANGE_LENGTH("shrink", "shrink", "mremap of resident 64 KiB to a page", resident, shrink,
                      64 * KIB),
        CHANGE_LENGTH("shrink-4M", "shrink", "mremap of resident 4 MiB to a page", resident, shrink,
                      4 * MIB),
        CHANGE_LENGTH("shrink-16M", "shrink", "mremap of resident 16 MiB to a page", resident,
                      shrink, 16 * MIB),
};
const struct op_table map_ops = bench_table(ops);
