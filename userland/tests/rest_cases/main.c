/* SPDX-License-Identifier: MIT */
/*
 * Rules that no other program shows: the heap among its neighbours, what mmap refuses and in which
 * order, splits at the limit of mappings, where a program of its own begins. The names of the cases
 * are those of the rules.
 */
#include "userland/tests/rest_cases/parts.h"

int main(void)
{
        cases_of_scripts();
        cases_refused_by_mmap();
        cases_of_a_program();
        cases_at_the_limit();
        return 0;
}
