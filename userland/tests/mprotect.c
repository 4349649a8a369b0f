/* SPDX-License-Identifier: MIT */
/*
 * mprotect: what it splits and joins, what may be done to the pages afterwards, what is refused.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define TASK_SIZE 0x7ffffffff000UL

static void splitting(void)
{
        scene_in_arena("splitting and joining");
        map(0, 8, "rw-");
        stamp(0, 8, 'A');
        protect(3, 2, "r--");
        show();
        protect(0, 1, "r--");
        protect(7, 1, "---");
        show();
        protect(1, 2, "r--");
        show();
        protect(0, 8, "---");
        show();
        protect(2, 4, "r-x");
        protect(3, 1, "rwx");
        show();
        protect(3, 1, "r-x");
        show();
        protect(0, 8, "rw-");
        show();

        scene_in_arena("the same again changes nothing");
        map(0, 4, "rw-");
        protect(0, 4, "rw-");
        protect(1, 2, "rw-");
        show_maps();

        scene_in_arena("moving a border");
        map(0, 4, "rw-");
        map(4, 4, "r--");
        protect(2, 2, "r--");
        show_maps();
        protect(2, 4, "rw-");
        show_maps();
        protect(5, 2, "r--");
        show_maps();
        protect(0, 7, "r--");
        show_maps();
}

static void joining_written(void)
{
        scene_in_arena("joining: the middle was written first");
        map(0, 3, "rw-");
        protect(0, 1, "r--");
        protect(2, 1, "r--");
        stamp(1, 1, 'B');
        protect(0, 3, "rw-");
        show();

        scene_in_arena("joining: read-only that was never written");
        map(0, 2, "rw-");
        map(2, 2, "r--");
        protect(0, 2, "r--");
        show_maps();

        scene_in_arena("joining: read-only that was written");
        map(0, 2, "rw-");
        stamp(0, 2, 'A');
        map(2, 2, "r--");
        protect(0, 2, "r--");
        show();
        protect(0, 4, "rw-");
        show();

        scene_in_arena("joining: pieces written one after the other");
        map(0, 6, "rw-");
        protect(2, 2, "r--");
        stamp(0, 1, 'A');
        stamp(5, 1, 'B');
        protect(2, 2, "rw-");
        show();
        protect(2, 2, "r--");
        protect(2, 2, "rw-");
        show();
}

static void accesses(void)
{
        static const char *const perms[] = { "---", "r--", "-w-", "rw-", "r-x", "rwx" };

        scene_in_arena("what may be done");
        map(0, 2, "rwx");
        for (unsigned i = 0; i < 2; i++)
                *(volatile unsigned char *)at(i) = 0xc3;
        for (unsigned i = 0; i < sizeof(perms) / sizeof(perms[0]); i++) {
                protect(0, 1, perms[i]);
                touch_step(at(0) + 8, ACCESS_READ);
                touch_step(at(0) + 9, ACCESS_WRITE);
                touch_step(at(0), ACCESS_EXEC);
        }
        show();

        scene_in_arena("what may be done to pages that were never touched");
        for (unsigned i = 0; i < sizeof(perms) / sizeof(perms[0]); i++) {
                map(i, 1, "rw-");
                protect(i, 1, perms[i]);
                touch_step(at(i) + 8, ACCESS_READ);
                touch_step(at(i) + 9, ACCESS_WRITE);
        }
        show_maps();

        scene_in_arena("contents stay");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        protect(0, 4, "---");
        protect(1, 2, "r--");
        show();
        protect(0, 4, "rw-");
        show();
        protect(0, 2, "r--");
        touch_step(at(1) + PAGE - 1, ACCESS_WRITE);
        touch_step(at(2), ACCESS_WRITE);
}

static void try(const char *what, unsigned long addr, unsigned long length, unsigned prot)
{
        step(raw_call(NR_mprotect, addr, length, prot), "%s", what);
}

static void refused(void)
{
        const unsigned rw = PROT_READ | PROT_WRITE;

        scene_in_arena("refused");
        map(0, 4, "rw-");
        map(6, 2, "rw-");
        try("not aligned", at(0) + 1, PAGE, rw);
        try("not aligned, length 0", at(0) + 1, 0, rw);
        try("length 0", at(0), 0, PROT_NONE);
        try("length 0 in a hole", at(20), 0, PROT_NONE);
        try("length 0, bad bits", at(0), 0, 0x10);
        try("bad bits", at(0), PAGE, 0x10);
        try("bad bits in a hole", at(20), PAGE, 0x1000);
        try("all bits", at(0), PAGE, ~0u);
        try("PROT_SEM", at(0), PAGE, rw | 8);
        try("GROWSDOWN on what does not grow", at(0), PAGE, rw | 0x01000000);
        try("GROWSUP", at(0), PAGE, rw | 0x02000000);
        try("both", at(0), PAGE, rw | 0x03000000);
        try("both, not aligned", at(0) + 1, PAGE, rw | 0x03000000);
        try("length ~0", at(0), ~0UL, rw);
        try("length that wraps, bad bits", at(0), 0UL - PAGE, 0x10);
        try("hole", at(4), PAGE, rw);
        try("at the end of user space", TASK_SIZE, PAGE, rw);
        try("in the kernel", 0xffffffff80000000UL, PAGE, rw);
        try("at 0", 0, PAGE, rw);
        show_maps();
        try("into a hole: what comes before is changed", at(2), 4 * PAGE, PROT_READ);
        show_maps();
        try("over a hole", at(0), 8 * PAGE, PROT_NONE);
        show_maps();
        try("from a hole: nothing is changed", at(5), 3 * PAGE, PROT_NONE);
        show_maps();
        try("1 byte", at(6), 1, PROT_READ);
        show_maps();
        try("a page and a byte", at(6), PAGE + 1, PROT_NONE);
        show_maps();
}

static void under_limit(void)
{
        unsigned long pair[2];

        map(0, 4, "r--");
        map(8, 4, "rw-");
        raw_call(NR_getrlimit, 2, pair);
        pair[0] = status_value("VmData") * 1024 + 2 * PAGE;
        step(raw_call(NR_setrlimit, 2, pair), "limit data to what is there and two pages");
        protect(0, 3, "rw-");
        protect(0, 2, "rw-");
        protect(2, 1, "rw-");
        protect(8, 1, "r--");
        protect(2, 1, "rw-");
        show_maps();
}

static void sizes(void)
{
        long data, lib, all;

        scene_in_arena("how it is counted");
        data = status_value("VmData");
        lib = status_value("VmLib");
        all = status_value("VmSize");
        map(0, 8, "rw-");
        step(status_value("VmData") - data, "VmData");
        protect(0, 2, "r--");
        step(status_value("VmData") - data, "VmData");
        protect(0, 4, "r-x");
        step(status_value("VmData") - data, "VmData");
        step(status_value("VmLib") - lib, "VmLib");
        protect(0, 4, "rwx");
        step(status_value("VmData") - data, "VmData");
        step(status_value("VmLib") - lib, "VmLib");
        step(status_value("VmSize") - all, "VmSize");
        unmap(0, 8);
        step(status_value("VmData") - data, "VmData");
        step(status_value("VmSize") - all, "VmSize");
}

int main(void)
{
        splitting();
        joining_written();
        accesses();
        refused();
        sizes();
        scene_in_arena("under a limit");
        in_child(under_limit, "child");
        return 0;
}
