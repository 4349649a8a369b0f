/* SPDX-License-Identifier: MIT */
/*
 * execve: what the new program finds on its stack, what is kept and what is not. The program
 * executes itself, with its first argument saying what it is to do then.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

extern char **environ;

#define SELF "/proc/self/exe"

/* Runs this program anew in a child with these arguments and this environment. */
static void again(char **argv, char **envp)
{
        int status = 0;
        pid_t pid = fork();

        if (pid == 0) {
                execve(SELF, argv, envp);
                _exit(100 + errno);
        }
        waitpid(pid, &status, 0);
        step(status, "its status");
}

static void print_strings(const char *what, char **strings)
{
        int i;

        for (i = 0; strings[i] && i < 20; i++)
                say("     %s %d: [%.60s] of %zu", what, i, strings[i], strlen(strings[i]));
        while (strings[i])
                i++;
        say("     %s: %d", what, i);
}

/* The auxiliary vector lies behind the environment. */
static void print_auxiliary(char **envp)
{
        unsigned long *aux;

        while (*envp)
                envp++;
        for (aux = (unsigned long *)(envp + 1); aux[0] != 0; aux += 2) {
                switch (aux[0]) {
                case 3:
                        check(*(unsigned *)aux[1] == 1 || *(unsigned *)aux[1] == 6, "AT_PHDR");
                        break;
                case 4: step((long)aux[1], "AT_PHENT"); break;
                case 5: check(aux[1] > 1 && aux[1] < 20, "AT_PHNUM"); break;
                case 6: step((long)aux[1], "AT_PAGESZ"); break;
                case 7: step((long)aux[1], "AT_BASE"); break;
                case 8: step((long)aux[1], "AT_FLAGS"); break;
                case 9: check(aux[1] != 0, "AT_ENTRY"); break;
                case 11: step((long)aux[1], "AT_UID"); break;
                case 12: step((long)aux[1], "AT_EUID"); break;
                case 13: step((long)aux[1], "AT_GID"); break;
                case 14: step((long)aux[1], "AT_EGID"); break;
                case 15: say("     AT_PLATFORM [%s]", (char *)aux[1]); break;
                case 17: step((long)aux[1], "AT_CLKTCK"); break;
                case 23: step((long)aux[1], "AT_SECURE"); break;
                case 25: check(aux[1] != 0, "AT_RANDOM"); break;
                case 31: say("     AT_EXECFN [%s]", (char *)aux[1]); break;
                }
        }
}

static void print_state(void)
{
        struct sigaction action;
        char name[16];
        sigset_t set;

        sigaction(SIGUSR1, NULL, &action);
        check(action.sa_handler == SIG_DFL, "a handler is gone");
        sigaction(SIGUSR2, NULL, &action);
        check(action.sa_handler == SIG_IGN, "what was ignored still is");
        sigprocmask(SIG_BLOCK, NULL, &set);
        check(sigismember(&set, SIGALRM) == 1, "the mask is kept");
        step(raw_call(NR_fcntl, 60, F_GETFD, 0), "a descriptor is kept");
        step(raw_call(NR_fcntl, 61, F_GETFD, 0), "one with CLOEXEC is closed");
        step(raw_call(NR_umask, 022), "the umask");
        check(raw_call(NR_mincore, at(0), PAGE, name) == -ENOMEM, "memory is gone");
        raw_call(NR_prctl, 16 /* PR_GET_NAME */, name);
        check(strcmp(name, "other") != 0, "the name is a new one");
        raw_call(NR_getcwd, name, sizeof(name));
        say("     cwd %s", name);
}

static void handler(int signo)
{
        (void)signo;
}

static void keep_state(void)
{
        char *argv[] = { (char[]){ "exec" }, (char[]){ "state" }, NULL };
        char *envp[] = { NULL };
        sigset_t set;

        scene_in_arena("what is kept");
        map(0, 1, "rw-");
        signal(SIGUSR1, handler);
        signal(SIGUSR2, SIG_IGN);
        sigemptyset(&set);
        sigaddset(&set, SIGALRM);
        sigprocmask(SIG_BLOCK, &set, NULL);
        raw_call(NR_dup2, 0, 60);
        raw_call(NR_dup3, 0, 61, O_CLOEXEC);
        raw_call(NR_umask, 027);
        raw_call(NR_prctl, 15 /* PR_SET_NAME */, "other");
        again(argv, envp);
        raw_call(NR_umask, 022);
}

static void strings(void)
{
        static char big[5000];
        char *argv[8] = { (char[]){ "name" }, (char[]){ "strings" },  (char[]){ "" },
                          (char[]){ "a b" },  (char[]){ "\xff\x01" }, big };
        char *envp[] = { (char[]){ "A=1" }, (char[]){ "" }, (char[]){ "no equals" },
                         (char[]){ "A=2" }, NULL };
        char *many[4000];
        char *few[] = { NULL };

        memset(big, 'b', sizeof(big) - 1);
        scene("arguments and environment");
        again(argv, envp);
        scene("no environment");
        argv[2] = NULL;
        again(argv, few);
        scene("many arguments");
        many[0] = argv[0];
        many[1] = argv[1];
        for (int i = 2; i < 3999; i++)
                many[i] = big + 4900;
        many[3999] = NULL;
        again(many, few);
}

static void refuse(const char *what, const char *path, char **argv)
{
        int status = 0;
        pid_t pid = fork();

        if (pid == 0) {
                char *envp[] = { NULL };

                execve(path, argv, envp);
                _exit(errno);
        }
        waitpid(pid, &status, 0);
        step(-WEXITSTATUS(status), "%s", what);
}

static void refused(void)
{
        char *argv[] = { (char[]){ "x" }, NULL };
        static char *huge[3] = { NULL };
        int fd;

        scene("refused");
        refuse("no such file", "/tmp/terrane_none", argv);
        refuse("a directory", "/tmp", argv);
        refuse("below a file", SELF "/x", argv);
        refuse("an empty path", "", argv);
        refuse("a device", "/dev/null", argv);
        fd = open("/tmp/terrane_exec", O_CREAT | O_RDWR | O_TRUNC, 0600);
        check(write(fd, "\177ELF", 4) == 4, "a damaged file");
        refuse("not executable", "/tmp/terrane_exec", argv);
        fchmod(fd, 0700);
        refuse("busy", "/tmp/terrane_exec", argv);
        close(fd);
        refuse("damaged", "/tmp/terrane_exec", argv);
        unlink("/tmp/terrane_exec");
        huge[0] = malloc(200000);
        memset(huge[0], 'h', 199999);
        huge[0][199999] = 0;
        refuse("an argument that is too long", SELF, huge);
}

int main(int argc, char **argv)
{
        if (argc > 1 && strcmp(argv[1], "strings") == 0) {
                print_strings("argument", argv);
                print_strings("variable", environ);
                print_auxiliary(environ);
                return 7;
        }
        if (argc > 1 && strcmp(argv[1], "state") == 0) {
                print_state();
                return 8;
        }
        strings();
        keep_state();
        refused();
        return 0;
}
