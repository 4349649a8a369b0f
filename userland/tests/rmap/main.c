/* SPDX-License-Identifier: MIT */
/*
 * Pages that several processes map, or that one maps at another place than before: how often each
 * is mapped, as pagemap and smaps say, and what may merge with what among descendants.
 */
#include "userland/tests/rmap/parts.h"

int main(void)
{
        rmap_counts();
        rmap_chains();
        rmap_shapes();
        return 0;
}
