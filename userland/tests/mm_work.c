/* SPDX-License-Identifier: MIT */
/*
 * Work instead of time: how many page-table entries a move of a GiB moves, how often it flushes the
 * TLB, how many nodes of the tree of mappings a lookup and a move come to. The counts are those of
 * /proc/self/mmstat; a kernel without it is only asked whether the memory arrives.
 *
 * With the argument "full" there have to be counters, and the GiB that is written is written whole,
 * which takes as much memory; else it has a page in every page table.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "userland/tests/lib/transcript.h"

#define PAGE  4096UL
#define MIB2  (2UL << 20)
#define GIB   (1UL << 30)
#define FROM  0x100000000000UL
#define TO    0x200000000000UL
#define MANY  0x300000000000UL
#define RW    (PROT_READ | PROT_WRITE)
#define PLACE (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE)

#define MOVE          (MREMAP_MAYMOVE | MREMAP_FIXED)
#define POPULATE_READ 22

#define MAPPINGS 60000UL
#define PITCH    (4 * PAGE) /* from one mapping to the next */

static char text[8192];

/* A counter; -1 where there are none. */
static long counter(const char *name)
{
        char *at;

        if (read_file("/proc/self/mmstat", text, sizeof(text)) < 0)
                return -1;
        at = strstr(text, name);
        return at ? atol(at + strlen(name)) : -1;
}

static int has_counters(void)
{
        return counter("moved_pte ") >= 0;
}

static void set_level(const char *name)
{
        long fd = raw_call(NR_open, "/proc/sys/vm/move_level", O_WRONLY, 0);

        if (fd < 0)
                return;
        raw_call(NR_write, fd, name, strlen(name));
        raw_call(NR_close, fd);
}

/* ------------------------------------------------------------------ a GiB */

static void move_gib(unsigned long from, unsigned long to, long pmd, long pud)
{
        long was[] = { counter("moved_pte "), counter("moved_pmd "), counter("moved_pud "),
                       counter("tlb_flushes ") };
        long is[4];

        step_text(raw_call(NR_mremap, from, GIB, GIB, MOVE, to) == (long)to ? "done" : "refused",
                  "move it");
        is[0] = counter("moved_pte ") - was[0];
        is[1] = counter("moved_pmd ") - was[1];
        is[2] = counter("moved_pud ") - was[2];
        is[3] = counter("tlb_flushes ") - was[3];
        check(!has_counters() || (is[1] == pmd && is[2] == pud),
              "as many entries as the level says");
        check(is[0] == 0, "and no page");
        check(is[3] <= 2, "two flushes at most: of the range, and of tables that go");
}

static int is_filled(unsigned long addr, unsigned long pitch)
{
        for (unsigned long at = 0; at < GIB; at += pitch) {
                if (*(volatile unsigned long *)(addr + at) != at + 1)
                        return 0;
        }
        return 1;
}

static void move_at_each_level(unsigned long pitch)
{
        move_gib(FROM, TO, 0, 1);
        set_level("pmd");
        move_gib(TO, FROM, 512, 0);
        set_level("pud");
        if (pitch)
                check(is_filled(FROM, pitch), "all is there");
        step(raw_call(NR_munmap, FROM, GIB), "unmap it");
}

static void read_gib(void)
{
        scene("a GiB that was read");
        raw_call(NR_mmap, FROM, GIB, RW, PLACE, -1, 0);
        step(raw_call(NR_madvise, FROM, GIB, POPULATE_READ), "read every page");
        move_at_each_level(0);
}

static void written_gib(unsigned long pitch)
{
        long flushes;

        scene("a GiB that was written");
        raw_call(NR_mmap, FROM, GIB, RW, PLACE, -1, 0);
        for (unsigned long at = 0; at < GIB; at += pitch)
                *(volatile unsigned long *)(FROM + at) = at + 1;
        move_at_each_level(pitch);

        scene("memory that was written, and goes");
        raw_call(NR_mmap, FROM, 16 * MIB2, RW, PLACE, -1, 0);
        for (unsigned long at = 0; at < 16 * MIB2; at += PAGE)
                *(volatile unsigned long *)(FROM + at) = 1;
        flushes = counter("tlb_flushes ");
        step(raw_call(NR_munmap, FROM, 16 * MIB2), "unmap 32 MiB");
        check(counter("tlb_flushes ") - flushes <= 2, "two flushes at most");
}

/* ------------------------------------------------------------------ 60,000 mappings */

static unsigned long state = 1;

static unsigned long below(unsigned long n)
{
        state = state * 6364136223846793005UL + 1442695040888963407UL;
        return (state >> 33) % n;
}

/* What a lookup or a move may come to: four heights and eight nodes. */
static long bound(void)
{
        return 4 * counter("tree_height ") + 8;
}

static void lookups(void)
{
        long most = 0;

        for (int i = 0; i < 300; i++) {
                unsigned long addr = MANY + below(MAPPINGS) * PITCH;
                long nodes = counter("tree_nodes_visited ");

                *(volatile char *)addr = 1;
                nodes = counter("tree_nodes_visited ") - nodes;
                most = nodes > most ? nodes : most;
        }
        check(!has_counters() || most <= bound(), "a fault comes to few nodes");
}

static void moves(void)
{
        long most = 0, moved = 0;

        for (unsigned long i = 0; i < 300; i++) {
                unsigned long from = MANY + (i * 199 + 1) * PITCH;
                unsigned long to = MANY + below(MAPPINGS) * PITCH + (1 + below(2)) * PAGE;
                long nodes = counter("tree_nodes_visited ");

                moved += raw_call(NR_mremap, from, PAGE, PAGE, MOVE, to) == (long)to;
                nodes = counter("tree_nodes_visited ") - nodes;
                most = nodes > most ? nodes : most;
        }
        step(moved, "moves of one");
        check(!has_counters() || most <= bound(), "a move comes to few nodes");
}

static void move_of_many(unsigned long k)
{
        unsigned long to = MANY + (MAPPINGS + 16) * PITCH;
        long nodes = counter("tree_nodes_visited ");

        step(raw_call(NR_mremap, MANY, k * PITCH, k * PITCH, MOVE, to) == (long)to,
             "move the first %lu", k);
        nodes = counter("tree_nodes_visited ") - nodes;
        check(!has_counters() || nodes <= (long)k * bound(),
              "as much work as so many moves of one");
        raw_call(NR_mremap, to, k * PITCH, k * PITCH, MOVE, MANY);
}

static void many(void)
{
        unsigned long mapped = 0;

        scene("60,000 mappings");
        for (unsigned long i = 0; i < MAPPINGS; i++) {
                unsigned long addr = MANY + i * PITCH;

                mapped += raw_call(NR_mmap, addr, PAGE, RW, PLACE, -1, 0) == (long)addr;
        }
        step((long)mapped, "mappings of a page");
        lookups();
        move_of_many(10);
        move_of_many(1000);
        moves();
        step(raw_call(NR_munmap, MANY, (MAPPINGS + 2000) * PITCH), "unmap them");
}

int main(int argc, char **argv)
{
        int full = argc > 1 && strcmp(argv[1], "full") == 0;

        if (full)
                check(has_counters(), "this kernel counts");
        read_gib();
        written_gib(full ? PAGE : MIB2);
        many();
        return 0;
}
