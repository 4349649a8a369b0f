/* SPDX-License-Identifier: MIT */
/*
 * The vdso: an image with a symbol table, functions that tell the time as the system calls do, and
 * three special mappings.
 */
#include "userland/tests/vdso/vdso.h"

int main(void)
{
        if (!image_address()) {
                say("     no AT_SYSINFO_EHDR");
                return 1;
        }
        image_scenes();
        clock_scenes();
        memory_scenes();
        return 0;
}
