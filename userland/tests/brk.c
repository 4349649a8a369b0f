/* SPDX-License-Identifier: MIT */
/*
 * brk: growing, shrinking, what it refuses, and the mapping it makes. The heap that the library may
 * have made is left where it is: everything is relative to the break that is found.
 */
#include <sys/mman.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define TASK_SIZE 0x7ffffffff000UL

static unsigned long base;

/* A step: sets the break so many bytes above where it was found; prints where it is then. */
static unsigned long set(long offset)
{
        unsigned long now = raw_call(NR_brk, base + offset);

        step((long)(now - base), "brk(base + %#lx)", offset);
        return now;
}

static void growing(void)
{
        scene("growing");
        step((long)(raw_call(NR_brk, 0) - base), "brk(0)");
        set(PAGE);
        check(touch(base, ACCESS_READ).signo == 0, "there is memory");
        show_pages_at("there", base, 1);
        stamp_at(base, 1, 'A');
        set(4 * PAGE);
        show_pages_at("there", base, 4);
        stamp_at(base + PAGE, 3, 'B');
        set(4 * PAGE + 1); /* a byte is a page */
        show_pages_at("there", base, 5);
        set(4 * PAGE + 100);
        set(5 * PAGE);
        check(touch(base + 5 * PAGE, ACCESS_READ).code == 1, "nothing behind it");
}

static void shrinking(void)
{
        scene("shrinking");
        set(4 * PAGE + 1);
        show_pages_at("there", base, 5);
        set(4 * PAGE);
        check(touch(base + 4 * PAGE, ACCESS_READ).code == 1, "the page is gone");
        set(2 * PAGE - 1);
        show_pages_at("there", base, 2);
        check(touch(base + 2 * PAGE, ACCESS_READ).code == 1, "the pages are gone");
        set(3 * PAGE);
        show_pages_at("there", base, 3);
        set(0);
        check(touch(base, ACCESS_READ).signo != 0, "nothing is left");
        set(2 * PAGE);
        show_pages_at("there", base, 2);
}

static void refused(void)
{
        scene("refused");
        step((long)(raw_call(NR_brk, 1) - base), "brk(1)");
        step((long)(raw_call(NR_brk, PAGE) - base), "brk(4096)");
        step((long)(raw_call(NR_brk, TASK_SIZE) - base), "brk(end of user space)");
        step((long)(raw_call(NR_brk, ~0UL) - base), "brk(~0)");
        step((long)(raw_call(NR_brk, 0xffff800000000000UL) - base), "brk(kernel)");
        step(raw_call(NR_mmap, base + 10 * PAGE, PAGE, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (long)(base + 10 * PAGE),
             "a mapping in the way");
        set(11 * PAGE);
        set(10 * PAGE);
        set(9 * PAGE); /* one page must be free between */
        set(9 * PAGE + 1);
        step(raw_call(NR_munmap, base + 10 * PAGE, PAGE), "take it away");
        set(11 * PAGE);
}

static void in_the_middle(void)
{
        scene("holes in the heap");
        set(12 * PAGE);
        stamp_at(base, 12, 'A');
        step(raw_call(NR_munmap, base + 4 * PAGE, 2 * PAGE), "munmap pages 4 and 5");
        set(14 * PAGE);
        show_pages_at("there", base + 6 * PAGE, 8);
        set(3 * PAGE); /* over the hole */
        show_pages_at("there", base, 3);
        check(touch(base + 3 * PAGE, ACCESS_READ).code == 1, "gone");
        set(6 * PAGE);
        step(raw_call(NR_munmap, base + 4 * PAGE, 2 * PAGE), "munmap the top");
        set(5 * PAGE); /* nothing of what would go is there */
        set(8 * PAGE); /* growing begins at the old break */
        check(touch(base + 5 * PAGE, ACCESS_READ).code == 1, "the hole stays");
        check(touch(base + 7 * PAGE, ACCESS_WRITE).signo == 0, "behind it is memory");
        set(0);
}

static void limit_reached(void)
{
        unsigned long pair[2];

        raw_call(NR_getrlimit, 9, pair);
        pair[0] = status_value("VmSize") * 1024 + 4 * PAGE;
        step(raw_call(NR_setrlimit, 9, pair), "limit the address space to 4 pages more");
        set(5 * PAGE);
        set(4 * PAGE);
        set(5 * PAGE);
        set(0);
}

static void child_heap(void)
{
        show_pages_at("child", base, 2);
        stamp_at(base, 1, 'c');
        set(4 * PAGE);
        stamp_at(base + 2 * PAGE, 2, 'd');
        show_pages_at("child", base, 4);
}

int main(void)
{
        base = raw_call(NR_brk, 0);
        base = raw_call(NR_brk, (base + PAGE - 1) / PAGE * PAGE);
        growing();
        shrinking();
        refused();
        in_the_middle();
        scene("under a limit");
        in_child(limit_reached, "child");
        scene("after fork");
        set(2 * PAGE);
        stamp_at(base, 2, 'p');
        in_child(child_heap, "child");
        show_pages_at("here", base, 2);
        step((long)(raw_call(NR_brk, 0) - base), "brk(0)");
        return 0;
}
