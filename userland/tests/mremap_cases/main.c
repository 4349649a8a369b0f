/* SPDX-License-Identifier: MIT */
/* mremap, rule by rule; the names of the cases are those of the rules. */
#include "userland/tests/mremap_cases/parts.h"

int main(void)
{
        mremap_checks();
        mremap_at();
        mremap_to();
        mremap_several();
        mremap_duplicate();
        mremap_keep();
        mremap_travel();
        mremap_special();
        return 0;
}
