/* SPDX-License-Identifier: MIT */
/*
 * Does the kernel give back what processes and threads took? Runs N rounds of fork+exec+exit+wait
 * and M thread creations, and compares free memory before and after, to the page. A first, short
 * series fills every cache that is meant to stay filled.
 *
 *   churn [ROUNDS [THREADS]]      default 10000 1000; exit status 1 if memory is missing
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* MemFree of /proc/meminfo in pages of 4 KiB. Read with a buffer of our own: stdio allocates. */
static long free_pages(void)
{
        static char text[4096];
        int fd = open("/proc/meminfo", O_RDONLY);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        char *line;

        if (n <= 0) {
                perror("/proc/meminfo");
                exit(2);
        }
        close(fd);
        text[n] = 0;
        line = strstr(text, "MemFree:");
        if (!line) {
                fprintf(stderr, "/proc/meminfo has no MemFree\n");
                exit(2);
        }
        return strtol(line + 8, NULL, 10) / 4;
}

static void process_rounds(int n)
{
        char *argv[] = { "churn", "exit", NULL }, *envp[] = { NULL };

        for (int i = 0; i < n; i++) {
                int status;
                pid_t pid = fork();

                if (pid < 0) {
                        perror("fork");
                        exit(2);
                }
                if (pid == 0) {
                        execve("/proc/self/exe", argv, envp);
                        _exit(126);
                }
                if (waitpid(pid, &status, 0) != pid || status != 7 << 8) {
                        fprintf(stderr, "round %d: status %#x\n", i, status);
                        exit(2);
                }
        }
}

static void *thread_main(void *arg)
{
        volatile char stack[20000];

        memset((char *)stack, 1, sizeof(stack));
        return arg;
}

static void thread_rounds(int n)
{
        for (int i = 0; i < n; i++) {
                pthread_t t;
                int token;
                void *result;

                if (pthread_create(&t, NULL, thread_main, &token) || pthread_join(t, &result) ||
                    result != &token) {
                        fprintf(stderr, "thread %d failed\n", i);
                        exit(2);
                }
        }
}

static int report(const char *what, int n, long before, long after)
{
        if (before == after)
                printf("%d %s: free memory equal\n", n, what);
        else
                printf("%d %s: %ld pages missing\n", n, what, before - after);
        fflush(stdout);
        return before != after;
}

int main(int argc, char **argv)
{
        int rounds = argc > 1 ? atoi(argv[1]) : 10000, threads = argc > 2 ? atoi(argv[2]) : 1000;
        long start, middle, end;
        int bad;

        if (argc == 2 && strcmp(argv[1], "exit") == 0)
                return 7;
        printf("warm-up\n");
        fflush(stdout);
        process_rounds(100);
        thread_rounds(100);

        /* Nothing is printed in between: what a pipe holds until it is read takes a page. */
        free_pages();
        start = free_pages();
        process_rounds(rounds);
        middle = free_pages();
        thread_rounds(threads);
        end = free_pages();
        bad = report("processes", rounds, start, middle);
        bad |= report("threads", threads, middle, end);
        return bad;
}
