/* SPDX-License-Identifier: MIT */
/* syscall(): any call by its number. */
#include <stdarg.h>
#include <unistd.h>
#include "raw.h"

long vfork_failed(long r);

long syscall(long number, ...)
{
        va_list ap;
        long a[6];

        va_start(ap, number);
        for (int i = 0; i < 6; i++)
                a[i] = va_arg(ap, long);
        va_end(ap);
        return call6(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* The last step of vfork.S when the kernel refuses. */
long vfork_failed(long r)
{
        return system_result(r);
}
