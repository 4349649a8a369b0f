/* SPDX-License-Identifier: MIT */
/*
 * Takes all memory in a child: by mmap until it fails and by touching every page. The child gets
 * ENOMEM or is killed; the parent then shows that the machine goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK (16ul << 20)

static void eat(void)
{
        for (;;) {
                char *p = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                               0);

                if (p == MAP_FAILED)
                        _exit(errno == ENOMEM ? 12 : 1);
                for (size_t i = 0; i < CHUNK; i += 4096)
                        p[i] = 1;
        }
}

int main(void)
{
        for (int round = 1; round <= 3; round++) {
                int status;
                pid_t pid = fork();

                if (pid < 0) {
                        perror("fork");
                        return 1;
                }
                if (pid == 0)
                        eat();
                if (waitpid(pid, &status, 0) != pid)
                        return 1;
                if (WIFSIGNALED(status) && WTERMSIG(status) == 9)
                        printf("round %d: the eater was killed\n", round);
                else if (WIFEXITED(status) && WEXITSTATUS(status) == 12)
                        printf("round %d: the eater got ENOMEM\n", round);
                else
                        printf("round %d: unexpected status %#x\n", round, status);
                fflush(stdout);
        }
        char *p = malloc(64 << 20);

        if (!p)
                return 1;
        memset(p, 1, 64 << 20);
        printf("the machine goes on\n");
        return 0;
}
