/* SPDX-License-Identifier: MIT */
/* Prints what the two kernels do not have in common: their names. */
#include <stdio.h>
#include <sys/utsname.h>

int main(void)
{
        struct utsname name;

        uname(&name);
        printf("before\n%s\nafter\n", name.release);
        return 0;
}
