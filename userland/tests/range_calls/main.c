/* SPDX-License-Identifier: MIT */
/*
 * The calls on ranges, and what an access to them comes to: mprotect, the mlock family, msync,
 * mincore, mseal, remap_file_pages, process_madvise, madvise, faults, truncation. The names of the
 * cases are those of the rules.
 */
#include "userland/tests/range_calls/parts.h"

int main(void)
{
        calls_protecting();
        calls_advising();
        calls_faulting();
        return 0;
}
