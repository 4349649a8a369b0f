/* SPDX-License-Identifier: MIT */
/* What the host machine has left: fuzz.h. */
#include "mm/page.h"
#include "mm/slab.h"
#include "tests/fuzz/fuzz.h"

uint64_t fuzz_free_pages(void)
{
        struct memory_stats stats;

        slab_shrink_all();
        memory_stats(&stats);
        return stats.free;
}
