/* SPDX-License-Identifier: MIT */
/* The parts of the transcript of userfaultfd's calls, in the order in which they run. */
#ifndef TESTS_UFFD_API_PARTS_H
#define TESTS_UFFD_API_PARTS_H

void api_handshake(void);
void api_register(void);
void api_fill(void);
void api_misuse(void);

#endif
