/* SPDX-License-Identifier: MIT */
/* mremap that moves: pages and whole tables, aligned and not, one mapping and many. */
#include <errno.h>
#include <sys/mman.h>

#include "userland/bench/bench.h"

#define MISALIGNED (PLACE_B + PAGE)

static void resident(const struct op *op)
{
        bench_map(PLACE_A, op->n, 1);
}

/* One page in every two MiB. */
static void sparse(const struct op *op)
{
        bench_map(PLACE_A, op->n, 0);
        for (unsigned long at = 0; at < op->n; at += 2 * MIB)
                *(volatile char *)(PLACE_A + at) = 1;
}

static int move_to(unsigned long to, unsigned long bytes, int flags)
{
        void *moved = mremap((void *)PLACE_A, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED | flags,
                             (void *)to);

        return moved == MAP_FAILED ? errno : 0;
}

static int move(const struct op *op)
{
        return move_to(PLACE_B, op->n, 0);
}

static int move_misaligned(const struct op *op)
{
        return move_to(MISALIGNED, op->n, 0);
}

static int move_contents(const struct op *op)
{
        return move_to(PLACE_B, op->n, MREMAP_DONTUNMAP);
}

static void moved_away(const struct op *op)
{
        bench_unmap(PLACE_A, op->n);
        bench_unmap(PLACE_B, op->n + PAGE);
}

/* ------------------------------------------------------------------ many mappings */

static void many_begin(const struct op *op)
{
        bench_raise_map_count(op->n + 1000);
}

static void many(const struct op *op)
{
        bench_stripes(PLACE_A, op->n, 1);
}

static int move_at_once(const struct op *op)
{
        return move_to(PLACE_B, op->n * PAGE, 0);
}

static int move_each(const struct op *op)
{
        for (unsigned long at = 0; at < op->n * PAGE; at += PAGE)
                if (mremap((void *)(PLACE_A + at), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                           (void *)(PLACE_B + at)) == MAP_FAILED)
                        return errno;
        return 0;
}

static void many_moved(const struct op *op)
{
        bench_unmap(PLACE_A, op->n * PAGE);
        bench_unmap(PLACE_B, op->n * PAGE);
}

#define MOVE(name_, family_, what_, setup_, run_, bytes)                                   \
        {                                                                                  \
                .name = name_, .what = what_, .family = family_, .n = (bytes), .units = 1, \
                .setup = setup_, .run = run_, .undo = moved_away                           \
        }
#define MOVE_MANY(name_, family_, what_, run_, count)                                      \
        {                                                                                  \
                .name = name_, .what = what_, .family = family_, .n = (count), .units = 1, \
                .begin = many_begin, .setup = many, .run = run_, .undo = many_moved        \
        }

static const char aligned[] = "mremap to an aligned place, resident";
static const char misaligned[] = "mremap to a place one page off: page by page";
static const char holes[] = "mremap to an aligned place, a page in every 2 MiB resident";
static const char kept[] = "mremap with MREMAP_DONTUNMAP, aligned, resident";
static const char at_once[] = "mremap of so many mappings of a page in one call";
static const char one_by_one[] = "mremap of so many mappings of a page, a call for each";

static const struct op ops[] = {
        MOVE("move-4K", "move", aligned, resident, move, 4 * KIB),
        MOVE("move-64K", "move", aligned, resident, move, 64 * KIB),
        MOVE("move-2M", "move", aligned, resident, move, 2 * MIB),
        MOVE("move-16M", "move", aligned, resident, move, 16 * MIB),
        MOVE("move-64M", "move", aligned, resident, move, 64 * MIB),
        MOVE("move-1G-sparse", NULL, holes, sparse, move, GIB),
        MOVE("move-2M-misaligned", "move misaligned", misaligned, resident, move_misaligned,
             2 * MIB),
        MOVE("move-16M-misaligned", "move misaligned", misaligned, resident, move_misaligned,
             16 * MIB),
        MOVE("move-64M-misaligned", "move misaligned", misaligned, resident, move_misaligned,
             64 * MIB),
        MOVE("dontunmap-2M", "dontunmap", kept, resident, move_contents, 2 * MIB),
        MOVE("dontunmap-16M", "dontunmap", kept, resident, move_contents, 16 * MIB),
        MOVE("dontunmap-64M", "dontunmap", kept, resident, move_contents, 64 * MIB),
        MOVE_MANY("move-10-vmas", "move many", at_once, move_at_once, 10),
        MOVE_MANY("move-100-vmas", "move many", at_once, move_at_once, 100),
        MOVE_MANY("move-1000-vmas", "move many", at_once, move_at_once, 1000),
        MOVE_MANY("move-10000-vmas", "move many", at_once, move_at_once, 10000),
        MOVE_MANY("move-each-10", "move each", one_by_one, move_each, 10),
        MOVE_MANY("move-each-100", "move each", one_by_one, move_each, 100),
        MOVE_MANY("move-each-1000", "move each", one_by_one, move_each, 1000),
        MOVE_MANY("move-each-10000", "move each", one_by_one, move_each, 10000),
};
const struct op_table move_ops = bench_table(ops);
