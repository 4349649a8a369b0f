/* SPDX-License-Identifier: MIT */
/*
 * Accounting, rule by rule; the names of the cases are those of the rules. The commit charge of the
 * whole system is not printed, because others change it: which mappings are charged shows as "ac".
 */
#include "userland/tests/mm_accounting/parts.h"

int main(void)
{
        account_charge();
        account_totals();
        account_limits();
        return 0;
}
