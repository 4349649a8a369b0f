/* SPDX-License-Identifier: MIT */
/*
 * Touching memory that may not be there, and saying what came of it.
 */
#ifndef TESTS_LIB_FAULT_H
#define TESTS_LIB_FAULT_H

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_EXEC };

/* What a touch did: no signal (signo 0), or the signal with its si_code and si_addr. */
struct touch {
        int signo;
        int code;
        unsigned long addr;
        unsigned key; /* of SEGV_PKUERR */
};

/* Reads a byte at the address, writes a 1 there, or calls it. */
struct touch touch(unsigned long addr, enum access access);

/* A step: "read +3.10 -> SIGSEGV SEGV_ACCERR at +3.10", or "-> ok". */
void touch_step(unsigned long addr, enum access access);

/* "SEGV_MAPERR" and its like; "code <number>" for one without a name here. */
const char *code_name(int signo, int code);

#endif
