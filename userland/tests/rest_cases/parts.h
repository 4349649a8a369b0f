/* SPDX-License-Identifier: MIT */
/* The parts of the program, one a subject. */
#ifndef TESTS_REST_CASES_PARTS_H
#define TESTS_REST_CASES_PARTS_H

void cases_of_scripts(void);
void cases_refused_by_mmap(void);
void cases_at_the_limit(void);
void cases_of_a_program(void);

#endif
