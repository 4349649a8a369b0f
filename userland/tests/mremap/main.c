/* SPDX-License-Identifier: MIT */
/*
 * mremap of private anonymous memory, call by call: every argument error, growth in place and by
 * moving, shrinking, FIXED, DONTUNMAP, merging, limits, locks, and fork in between.
 */
#include "userland/tests/mremap/parts.h"

#include "userland/tests/lib/transcript.h"

/* So that the stack does not grow while a limit on the address space is in force. */
static void grow_stack(void)
{
        volatile char room[65536];

        for (unsigned i = 0; i < sizeof(room); i += 4096)
                room[i] = 1;
}

int main(void)
{
        grow_stack();
        mremap_arguments();
        mremap_mapping_errors();
        mremap_in_place();
        mremap_moving();
        mremap_fixed();
        mremap_dontunmap();
        mremap_merging();
        mremap_locked();
        mremap_limits();
        mremap_forked();
        mremap_bulk();
        return 0;
}
