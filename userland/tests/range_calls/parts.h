/* SPDX-License-Identifier: MIT */
/* The parts of the program, one a group of calls. */
#ifndef TESTS_RANGE_CALLS_PARTS_H
#define TESTS_RANGE_CALLS_PARTS_H

void calls_protecting(void);
void calls_advising(void);
void calls_faulting(void);

#endif
