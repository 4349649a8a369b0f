/* SPDX-License-Identifier: MIT */
/* fork, pipes, exec, wait and exit statuses. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void describe(const char *what, int status)
{
        if (WIFEXITED(status))
                printf("%s: exit %d\n", what, WEXITSTATUS(status));
        else if (WIFSIGNALED(status))
                printf("%s: signal %d\n", what, WTERMSIG(status));
        else
                printf("%s: status %x\n", what, (unsigned)status);
}

static void a_pipeline(void)
{
        int up[2], down[2], status;
        char text[64];
        ssize_t n;
        pid_t pid;

        if (pipe(up) != 0 || pipe(down) != 0)
                return;
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                close(up[1]);
                close(down[0]);
                while ((n = read(up[0], text, sizeof(text))) > 0) {
                        for (ssize_t i = 0; i < n; i++)
                                text[i] = (char)(text[i] + 1);
                        if (write(down[1], text, (size_t)n) != n)
                                _exit(1);
                }
                _exit(n == 0 ? 5 : 1);
        }
        close(up[0]);
        close(down[1]);
        for (int i = 0; i < 3; i++) {
                n = write(up[1], "HAL", 3);
                n = read(down[0], text, sizeof(text));
                printf("through the child: %.*s\n", (int)n, text);
        }
        close(up[1]);
        printf("then: %zd\n", read(down[0], text, sizeof(text)));
        close(down[0]);
        waitpid(pid, &status, 0);
        describe("the child", status);
}

static void copies(void)
{
        static int data = 1;
        int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        int *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        int *heap = malloc(sizeof(*heap)), local = 1, status;

        *shared = *private = *heap = 1;
        fflush(stdout);
        if (fork() == 0) {
                *shared = *private = *heap = data = local = 2;
                _exit(*private + *heap + data + local);
        }
        wait(&status);
        describe("child of copies", status);
        printf("shared %d, private %d, heap %d, data %d, local %d\n", *shared, *private, *heap,
               data, local);
        free(heap);
}

static void ends(void)
{
        static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV, SIGABRT };
        int status;
        pid_t pid;

        for (int i = 0; i < 4; i++) {
                fflush(stdout);
                pid = fork();
                if (pid == 0) {
                        kill(getpid(), signals[i]);
                        _exit(0);
                }
                waitpid(pid, &status, 0);
                describe("killed", status);
        }
        fflush(stdout);
        pid = fork();
        if (pid == 0)
                abort();
        waitpid(pid, &status, 0);
        describe("abort", status);
        pid = waitpid(-1, &status, WNOHANG);
        printf("no child: %d, errno %d\n", pid, errno);
}

static void many(void)
{
        int sum = 0, status;

        fflush(stdout);
        for (int i = 0; i < 20; i++)
                if (fork() == 0)
                        _exit(i);
        while (wait(&status) > 0)
                sum += WEXITSTATUS(status);
        printf("20 children: %d\n", sum);
}

static void again(char *self)
{
        char *argv[] = { self, "again", "two words", "", NULL }, *envp[] = { "VALUE=given", NULL };
        int status, keep = open("/dev/null", O_RDONLY),
                    lose = open("/dev/null", O_RDONLY | O_CLOEXEC);
        char text[16];
        pid_t pid;

        snprintf(text, sizeof(text), "%d %d", keep, lose);
        argv[3] = text;
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                execve(self, argv, envp);
                _exit(127);
        }
        waitpid(pid, &status, 0);
        describe("exec", status);
        execve("/nonexistent", argv, envp);
        printf("exec of nothing: errno %d\n", errno);
        execve("/", argv, envp);
        printf("exec of a directory: errno %d\n", errno);
        printf("system: %d\n", system(NULL) == 0 || system(NULL) == 1);
}

int main(int argc, char **argv)
{
        setvbuf(stdout, NULL, _IOLBF, 0);
        if (argc == 4) {
                int keep, lose;

                sscanf(argv[3], "%d %d", &keep, &lose);
                printf("again: %s, %s, VALUE %s\n", argv[1], argv[2], getenv("VALUE"));
                printf("descriptors kept %d, closed %d\n", fcntl(keep, F_GETFD),
                       fcntl(lose, F_GETFD));
                return 9;
        }
        a_pipeline();
        copies();
        ends();
        many();
        again("/proc/self/exe");
        return 0;
}
