/* SPDX-License-Identifier: MIT */
/* Memory that is mapped, grown, moved and left to a child; the child ends by a fault. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
        char *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        char *b = mremap(a, 8192, 65536, MREMAP_MAYMOVE);
        int status;

        b[0] = 'x';
        printf("%d moved, %c\n", a != b, b[0]);
        fflush(stdout);
        mprotect(b, 4096, PROT_READ);
        if (fork() == 0) {
                *(volatile char *)b = 'y';
                _exit(0);
        }
        wait(&status);
        printf("child: signal %d\n", WTERMSIG(status));
        return 7;
}
