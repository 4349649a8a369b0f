/* SPDX-License-Identifier: MIT */
/*
 * Where a program's mappings begin follows from the stack limit and the personality at the time it
 * is executed. Each layout is asked for in a child, which executes the program anew.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "userland/tests/addresses/addresses.h"
#include "userland/tests/lib/transcript.h"

#define SELF          "/proc/self/exe"
#define NO_RANDOMIZE  0x0040000UL
#define COMPAT_LAYOUT 0x0200000UL

/* What the next child is to have. */
static unsigned long stack_limit, personality;

static void execute(void)
{
        struct rlimit limit = { stack_limit, RLIM_INFINITY };
        char *argv[] = { "addresses", "layout", NULL }, *envp[] = { NULL };

        if (raw_call(NR_prlimit64, 0, RLIMIT_STACK, &limit, 0) < 0)
                _exit(96);
        raw_call(NR_personality, NO_RANDOMIZE | personality);
        execve(SELF, argv, envp);
        _exit(95);
}

/* In the program executed anew: some first mappings, whatever else is mapped. */
int layout_child(const char *what)
{
        long a;

        (void)what;
        clean();
        a = map_at("a page", 0, PAGE, ANON);
        map_at("2 MiB", 0, MIB2, ANON);
        map_at("2 MiB again", 0, MIB2, ANON);
        map_at("a GiB and a page", 0, GIB + PAGE, ANON | MAP_NORESERVE);
        map_at("a page", 0, PAGE, MAP_SHARED | MAP_ANONYMOUS);
        map_at("what grows", 0, PAGE, ANON | GROWS);
        map_at("a page", 0, PAGE, ANON);
        map_at("below 2 GiB", 0, PAGE, ANON | LOW_2GIB);
        map_at("a hint", 0x300000000000UL, PAGE, ANON);
        unmap_step((unsigned long)a, PAGE);
        map_at("a page in the hole", 0, PAGE, ANON);
        map_at("half of user space", 0, 1UL << 46, ANON | MAP_NORESERVE);
        map_at("a page", 0, PAGE, MAP_SHARED | MAP_ANONYMOUS);
        return 0;
}

static void layout(const char *title, unsigned long limit, unsigned long bits)
{
        scene(title);
        stack_limit = limit;
        personality = bits;
        in_child(execute, "executed anew");
}

void layout_scenes(void)
{
        layout("stack limit of 1 MiB", 1UL << 20, 0);
        layout("stack limit of 64 MiB", 64UL << 20, 0);
        layout("stack limit of 127 MiB, with the guard gap 128", 127UL << 20, 0);
        layout("stack limit of 127 MiB and a page", (127UL << 20) + PAGE, 0);
        layout("stack limit of 1 GiB", GIB, 0);
        layout("stack limit of 1 GiB and a byte", GIB + 1, 0);
        layout("stack limit of 64 TiB", 1UL << 46, 0);
        layout("stack limit of five sixths less 2 MiB", TASK_SIZE / 6 * 5 - MIB2, 0);
        layout("stack limit of five sixths", TASK_SIZE / 6 * 5, 0);
        layout("stack limit of all user space", TASK_SIZE, 0);
        layout("no stack limit", RLIM_INFINITY, 0);
        layout("legacy layout", 8UL << 20, COMPAT_LAYOUT);
        layout("legacy layout, no stack limit", RLIM_INFINITY, COMPAT_LAYOUT);
        layout("legacy layout, stack limit of 1 GiB", GIB, COMPAT_LAYOUT);
}
