/* SPDX-License-Identifier: MIT */
/*
 * What is charged to the whole system, call by call, in each mode of overcommitting; what is
 * refused; and the files.
 *
 * Linux counts in batches, and sums them up when mode 2 is set: so the mode is set again before the
 * sum is read, and what mode 2 refuses is asked for with megabytes to spare.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/system_limits/parts.h"

#define MIB     (1024UL * 1024)
#define ROOM    (32 * MIB)
#define BIG     (64 * MIB)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
#define SHARED  (MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED)
#define RW      (PROT_READ | PROT_WRITE)

/* Pages committed by the whole system. */
static long committed(void)
{
        long mode = get_number("overcommit_memory"), pages;

        set_number("overcommit_memory", 2);
        pages = meminfo("Committed_AS:") / 4;
        set_number("overcommit_memory", mode);
        return pages;
}

static long before;

static void charge_step(const char *result, const char *what)
{
        long now = committed();

        say("     %-44s %-10s %+ld", what, result, now - before);
        before = now;
}

static void charged(long result, const char *what)
{
        charge_step(place_name(result), what);
}

static long memory(long page, long pages, int prot, int flags)
{
        return raw_call(NR_mmap, at(page), pages * PAGE, prot, flags, -1, 0);
}

static long move(long page, long pages, long new_pages, int flags, long target)
{
        return raw_call(NR_mremap, at(page), pages * PAGE, new_pages * PAGE, flags, at(target));
}

static void charge_of_mappings(void)
{
        charged(memory(0, 8, RW, PRIVATE), "8 pages, writable");
        charged(memory(20, 8, PROT_READ, PRIVATE), "8 pages, read only");
        charged(memory(30, 8, RW, PRIVATE | MAP_NORESERVE), "8 pages, not reserved");
        charged(memory(40, 8, RW, SHARED), "8 pages, shared");
        charged(memory(50, 8, PROT_READ, SHARED), "8 pages, shared, read only");
        charged(memory(60, 8, RW, SHARED | MAP_NORESERVE), "8 pages, shared, not reserved");
        charged(touch(at(60), ACCESS_WRITE).signo, "one of which is written");
        charged(memory(2, 2, PROT_READ, PRIVATE), "2 of the first 8 read only");
        charged(memory(2, 2, RW, PRIVATE), "and writable again");
        charged(memory(0, 8, RW, PRIVATE), "all 8 anew");
        charged(raw_call(NR_munmap, at(40), 4 * PAGE), "munmap of 4 that are shared");
        charged(raw_call(NR_munmap, at(44), 4 * PAGE), "and of the others");
        charged(raw_call(NR_munmap, at(6), 2 * PAGE), "munmap of 2");
        charged(raw_call(NR_munmap, at(0), 100 * PAGE), "munmap of all");
}

static void charge_of_changes(void)
{
        memory(0, 8, PROT_READ, PRIVATE);
        memory(20, 8, RW, PRIVATE);
        memory(40, 8, RW, PRIVATE | MAP_GROWSDOWN);
        stamp(20, 2, 'A');
        before = committed();
        charged(raw_call(NR_mprotect, at(2), 4 * PAGE, RW), "mprotect of 4 to writable");
        charged(raw_call(NR_mprotect, at(2), 4 * PAGE, PROT_READ), "and back");
        charged(raw_call(NR_mprotect, at(20), 8 * PAGE, PROT_READ), "written ones to read only");
        charged(raw_call(NR_mprotect, at(20), 8 * PAGE, RW), "and back");
        charged(move(20, 8, 12, 0, 0), "growth by 4");
        charged(move(20, 12, 6, 0, 0), "shrunk by 6");
        charged(move(20, 6, 6, 3, 60), "moved");
        charged(move(60, 6, 6, 7, 80), "moved, and left behind");
        charged(move(80, 6, 8, 3, 100), "grown to a place");
        charged(move(100, 2, 2, 3, 60), "moved over what was left behind");
        charged(touch(at(39), ACCESS_WRITE).signo, "a stack grows");
        charged(raw_call(NR_madvise, at(40), 4 * PAGE, MADV_DONTNEED), "MADV_DONTNEED");
        charged(raw_call(NR_mlock, at(40), 4 * PAGE), "mlock");
        charged(raw_call(NR_munmap, at(0), 200 * PAGE), "munmap of all");
}

static void charge_of_the_rest(void)
{
        long heap = raw_call(NR_brk, 0), fd, pid;
        int status;

        charged(raw_call(NR_brk, heap + 16 * (long)PAGE) - heap - 16 * (long)PAGE,
                "brk, up by 16 pages");
        charged(raw_call(NR_brk, heap) - heap, "and down");
        fd = raw_call(NR_memfd_create, "charged", 0);
        charged(raw_call(NR_ftruncate, fd, 16 * PAGE), "a memfd of 16 pages");
        charged(raw_call(NR_pwrite64, fd, "x", 1, 3 * PAGE), "written in one");
        charged(raw_call(NR_fallocate, fd, 0, 0, 8 * PAGE), "8 set aside");
        charged(raw_call(NR_mmap, at(0), 16 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0),
                "mapped, shared");
        charged(raw_call(NR_mmap, at(20), 16 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0),
                "mapped, private");
        charged(touch(at(15), ACCESS_WRITE).signo, "one more written");
        charged(raw_call(NR_ftruncate, fd, 2 * PAGE), "cut to 2");
        raw_call(NR_close, fd);
        charged(raw_call(NR_munmap, at(0), 100 * PAGE), "closed and unmapped");
        memory(0, 64, RW, PRIVATE);
        pid = raw_call(NR_fork);
        if (pid == 0) {
                before = committed();
                charged(raw_call(NR_munmap, at(0), 64 * PAGE), "munmap in a child");
                raw_call(NR_exit_group, 0);
        }
        raw_call(NR_wait4, pid, &status, 0, 0);
        before = committed();
        charged(raw_call(NR_munmap, at(0), 64 * PAGE), "and in its parent");
}

void limits_charge(void)
{
        static const char *const titles[] = { "mode 0: what is charged", "mode 1: what is charged",
                                              "mode 2: what is charged" };

        set_number("overcommit_ratio", 90);
        for (int mode = 0; mode < 3; mode++) {
                scene_in_arena(titles[mode]);
                set_number("overcommit_memory", mode);
                before = committed();
                charge_of_mappings();
                charge_of_changes();
                charge_of_the_rest();
        }
        set_number("overcommit_memory", 0);
        set_number("overcommit_ratio", 50);
}

/* ------------------------------------------------------------------ refusals */

static unsigned long place; /* far from all else */

static long big(unsigned long len, int prot, int flags)
{
        return raw_call(NR_mmap, place, len, prot, flags, -1, 0);
}

static void refused(long result, const char *what)
{
        step_text(result < 0 && result > -4096 ? errno_name(result) : "done", "%s", what);
}

/* With mode 0 one request may be for all memory and swap, and for no page more. */
static void refusal_of_mode_0(void)
{
        unsigned long all = (unsigned long)(meminfo("MemTotal:") + meminfo("SwapTotal:")) * 1024;

        scene_in_arena("mode 0: what is refused");
        refused(big(all, RW, PRIVATE), "all memory");
        refused(big(all + PAGE, RW, PRIVATE), "a page more");
        refused(big(all + PAGE, PROT_READ, PRIVATE), "that is read only");
        refused(raw_call(NR_mprotect, place, all + PAGE, RW), "and made writable");
        refused(raw_call(NR_mprotect, place, all, RW), "all but a page made writable");
        refused(raw_call(NR_munmap, place, all + PAGE), "munmap");
        refused(big(all + PAGE, RW, PRIVATE | MAP_NORESERVE), "not reserved");
        refused(big(all + PAGE, RW, SHARED), "shared");
        raw_call(NR_munmap, place, 2 * all); /* which 6.12 has done, although it refused */
        refused(big(all, RW, PRIVATE), "all memory");
        refused(raw_call(NR_mremap, place, all, 2 * all, 0), "grown to twice that");
        refused(raw_call(NR_mremap, place, all, 2 * all + PAGE, 0), "and a page");
        refused(raw_call(NR_munmap, place, 3 * all), "munmap");
}

static void refusal_of_mode_1(void)
{
        unsigned long all = (unsigned long)meminfo("MemTotal:") * 1024;

        scene_in_arena("mode 1: what is refused");
        set_number("overcommit_memory", 1);
        refused(big(16 * all, RW, PRIVATE), "16 times all memory");
        refused(raw_call(NR_mremap, place, 16 * all, 32 * all, 0), "grown to twice that");
        refused(raw_call(NR_munmap, place, 32 * all), "munmap");
        refused(big(16 * all, RW, SHARED), "shared");
        refused(raw_call(NR_munmap, place, 16 * all), "munmap");
        set_number("overcommit_memory", 0);
}

static void leave_room(unsigned long room)
{
        set_number("overcommit_kbytes", committed() * 4 + (long)(room / 1024));
}

static void fork_step(const char *what)
{
        long pid = raw_call(NR_fork);

        if (pid == 0)
                raw_call(NR_exit_group, 0);
        if (pid > 0)
                raw_call(NR_wait4, pid, 0, 0, 0);
        refused(pid, what);
}

static void refusal_of_mode_2(void)
{
        long heap;

        scene_in_arena("mode 2: what is refused");
        set_number("admin_reserve_kbytes", 0);
        set_number("user_reserve_kbytes", 0);
        set_number("overcommit_memory", 2);
        leave_room(ROOM);
        refused(big(BIG, RW, PRIVATE), "writable");
        refused(big(BIG, RW, PRIVATE | MAP_NORESERVE), "not reserved");
        refused(big(BIG, RW, SHARED), "shared");
        refused(big(BIG, PROT_READ, PRIVATE), "read only");
        refused(raw_call(NR_mprotect, place, BIG, RW), "and made writable");
        refused(raw_call(NR_mprotect, place, ROOM / 4, RW), "some of it");
        refused(raw_call(NR_mremap, place, ROOM / 4, BIG, 1), "moved to grow");
        refused(raw_call(NR_munmap, place, BIG), "munmap");
        leave_room(BIG + ROOM);
        refused(big(BIG, RW, PRIVATE), "with room for it");
        refused(big(BIG, RW, PRIVATE), "the same in its place");
        refused(raw_call(NR_mremap, place, BIG, 2 * BIG, 0), "growth in place");
        refused(raw_call(NR_mremap, place, BIG, BIG, 5, 0), "left behind");
        fork_step("fork");
        raw_call(NR_madvise, place, BIG, MADV_DONTFORK);
        fork_step("fork without it");
        heap = raw_call(NR_brk, 0);
        refused(raw_call(NR_brk, heap + (long)BIG) == heap ? -12 : 0, "brk");
        refused(raw_call(NR_munmap, place, 2 * BIG), "munmap");
        set_number("overcommit_memory", 0);
        set_number("overcommit_ratio", 50);
}

/* Reserves are kept from programs: one for all but the administrator, one for each program. */
static void without_rights(void)
{
        raw_call(NR_setresuid, 1000, 1000, 1000);
        refused(big(BIG, RW, PRIVATE), "another user, with a reserve for the administrator");
}

static void reserves(void)
{
        scene_in_arena("mode 2: reserves");
        set_number("overcommit_memory", 2);
        set_number("admin_reserve_kbytes", (long)(2 * BIG / 1024));
        leave_room(BIG + ROOM);
        refused(big(BIG, RW, PRIVATE), "root");
        raw_call(NR_munmap, place, BIG);
        in_child(without_rights, "child");
        set_number("admin_reserve_kbytes", 0);
        in_child(without_rights, "child");
        set_number("overcommit_memory", 0);
        set_number("overcommit_ratio", 50);
}

void limits_refusal(void)
{
        place = 0x200000000UL;
        refusal_of_mode_0();
        refusal_of_mode_1();
        refusal_of_mode_2();
        reserves();
}

/* ------------------------------------------------------------------ files */

static void number(const char *name, const char *text)
{
        long was = get_number(name), result = set_text(name, text);

        say("     %-22s <- %-22s %-8s %ld", name, text, result < 0 ? errno_name(result) : "done",
            get_number(name));
        set_number(name, was);
}

/* What a ratio and a size make of the limit, to the page. */
static void commit_limit(void)
{
        static const long ratios[] = { 0, 1, 33, 50, 100, 101, 250 };
        static const long sizes[] = { 1, 3, 4, 5, 1023, 1025, 1048577 };
        long all = meminfo("MemTotal:") / 4, swap = meminfo("SwapTotal:") / 4;

        scene("the limit");
        for (unsigned i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
                set_number("overcommit_ratio", ratios[i]);
                step(get_number("overcommit_kbytes"), "ratio %ld: size", ratios[i]);
                check(meminfo("CommitLimit:") / 4 == all * ratios[i] / 100 + swap, "the limit");
        }
        for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
                set_number("overcommit_kbytes", sizes[i]);
                step(get_number("overcommit_ratio"), "size %ld: ratio", sizes[i]);
                step(meminfo("CommitLimit:") - swap * 4, "the limit");
        }
        set_number("overcommit_ratio", 50);
}

void limits_settings(void)
{
        static const char *const texts[] = { "0",          "1",          "2",           "3",
                                             "-1",         "100",        "0x10",        "010",
                                             "2147483647", "2147483648", "-2147483648", "70000" };
        static const char *const names[] = {
                "overcommit_memory", "overcommit_ratio",     "overcommit_kbytes",
                "max_map_count",     "admin_reserve_kbytes", "user_reserve_kbytes",
                "legacy_va_layout",  "mmap_min_addr",        "swappiness"
        };

        scene("settings");
        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                for (unsigned j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
                        number(names[i], texts[j]);
        set_number("overcommit_ratio", 50);
        commit_limit();
}
