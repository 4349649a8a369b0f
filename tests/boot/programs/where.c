/* SPDX-License-Identifier: MIT */
/* Executes itself with address randomisation allowed, and says where it finds itself. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <unistd.h>

int main(int argc, char **argv)
{
        char *again[] = { argv[0], "again", NULL };
        unsigned long page = 4096;

        if (argc == 1) {
                personality(0);
                execv("/proc/self/exe", again);
                perror("exec");
                return 1;
        }
        printf("stack %lx\n", (unsigned long)&argc / page);
        printf("mapping %lx\n",
               (unsigned long)mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) /
                       page);
        return 0;
}
