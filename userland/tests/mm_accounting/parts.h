/* SPDX-License-Identifier: MIT */
/* The parts of the transcript about what memory is counted, charged and limited. */
#ifndef TESTS_MM_ACCOUNTING_PARTS_H
#define TESTS_MM_ACCOUNTING_PARTS_H

void account_charge(void);
void account_totals(void);
void account_limits(void);

#endif
