/* SPDX-License-Identifier: MIT */
/*
 * The constants of the interface as the kernel's own headers have them, one a line. check-abi makes
 * both headers and compares with what abi.c prints.
 */
#include "kernel.h"

int printf(const char *format, ...);

#define C(name) printf("%s %ld\n", #name, (long)(name));

int main(void)
{
#include "list.h"
        return 0;
}
