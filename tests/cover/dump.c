/* SPDX-License-Identifier: MIT */
/*
 * Tests end in _exit() or in a panic's abort(), which write no counts. The linker puts these in
 * their place (--wrap).
 */
#include <gcov.h>

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
_Noreturn void __real_abort(void);
_Noreturn void __wrap_abort(void);

void __wrap__exit(int status)
{
        __gcov_dump();
        __real__exit(status);
}

void __wrap_abort(void)
{
        __gcov_dump();
        __real_abort();
}
