/* SPDX-License-Identifier: MIT */
/* Addresses that the kernel chooses: addresses.h. */
#include "userland/tests/addresses/addresses.h"

#include <stdio.h>
#include <string.h>

#include "userland/tests/lib/transcript.h"

/* The stack of a test is small: all below its last MiB is free to go. */
void clean(void)
{
        unsigned long here = ((unsigned long)&here & ~(PAGE - 1)) - 64 * PAGE;
        const unsigned long from = 0x40000000;

        raw_call(NR_munmap, from, here - from);
}

void clean_scene(const char *title)
{
        scene(title);
        clean();
}

void address_step(long result, const char *what)
{
        char text[32];

        if (result < 0 && result > -4096)
                snprintf(text, sizeof(text), "%s", errno_name(result));
        else
                snprintf(text, sizeof(text), "%lx", result);
        step_text(text, "%s", what);
}

long map_at(const char *what, unsigned long hint, unsigned long length, int flags)
{
        long got = raw_call(NR_mmap, hint, length, RW, flags, -1, 0);

        address_step(got, what);
        return got;
}

long map_file(const char *what, int fd, unsigned long length, int flags, unsigned long offset)
{
        long got = raw_call(NR_mmap, 0, length, PROT_READ, flags, fd, offset);

        address_step(got, what);
        return got;
}

long remap_to(const char *what, unsigned long addr, unsigned long old_length,
              unsigned long new_length, int flags, unsigned long new_addr)
{
        long got = raw_call(NR_mremap, addr, old_length, new_length, flags, new_addr);

        address_step(got, what);
        return got;
}

void unmap_step(unsigned long addr, unsigned long length)
{
        step(raw_call(NR_munmap, addr, length), "munmap %lx, %lu pages", addr, length / PAGE);
}

int main(int argc, char **argv)
{
        if (argc > 1 && strncmp(argv[1], "layout", 6) == 0)
                return layout_child(argv[1]);
        place_scenes();
        stack_scenes();
        random_scenes(argc > 1);
        layout_scenes();
        return 0;
}
