/* SPDX-License-Identifier: MIT */
/* Writes the same on both kernels, and maps another size on each. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

int main(void)
{
        struct utsname name;

        uname(&name);
        mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mmap(NULL, strstr(name.version, "Terrane") ? 8192 : 4096, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        puts("the same");
        return 0;
}
