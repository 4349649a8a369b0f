/* SPDX-License-Identifier: MIT */
/* Running programs found through PATH, and command lines through the shell. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#define DEFAULT_PATH "/usr/local/bin:/bin:/usr/bin"

int _system(const char *command); /* newlib's name for the port's system() */

/* A file that is executable but no program the kernel knows is a script for the shell. */
static void exec_script(const char *file, char *const argv[], char *const envp[])
{
        size_t n = 0;

        while (argv[n])
                n++;
        {
                char **args = calloc(n + 3, sizeof(*args));

                if (!args)
                        return;
                args[0] = "sh";
                args[1] = (char *)file;
                if (n > 0)
                        memcpy(args + 2, argv + 1, n * sizeof(*args));
                execve("/bin/sh", args, envp);
                free(args);
                errno = ENOEXEC;
        }
}

static void try_exec(const char *file, char *const argv[], char *const envp[])
{
        execve(file, argv, envp);
        if (errno == ENOEXEC)
                exec_script(file, argv, envp);
}

/* errno EACCES is remembered: a later directory may have the file, but if none has, it is told. */
int execvpe(const char *file, char *const argv[], char *const envp[])
{
        const char *path = getenv("PATH");
        size_t file_len = strlen(file);
        int denied = 0;
        char full[PATH_MAX];

        if (!*file) {
                errno = ENOENT;
                return -1;
        }
        if (strchr(file, '/')) {
                try_exec(file, argv, envp);
                return -1;
        }
        for (const char *at = path ? path : DEFAULT_PATH;;) {
                size_t len = strcspn(at, ":");

                if (len + file_len + 2 <= sizeof(full)) {
                        memcpy(full, at, len);
                        full[len] = '/';
                        memcpy(full + len + (len > 0), file, file_len + 1);
                        try_exec(full, argv, envp);
                        if (errno == EACCES)
                                denied = 1;
                        else if (errno != ENOENT && errno != ENOTDIR)
                                return -1;
                }
                if (!at[len])
                        break;
                at += len + 1;
        }
        errno = denied ? EACCES : ENOENT;
        return -1;
}

int execvp(const char *file, char *const argv[])
{
        return execvpe(file, argv, environ);
}

/* The signals that the shell's user may send are ignored or blocked here while it runs. */
int _system(const char *command)
{
        struct sigaction ignore = { .sa_handler = SIG_IGN }, old_int, old_quit;
        sigset_t child = 1UL << (SIGCHLD - 1), old_mask;
        int status = -1;
        pid_t pid;

        if (!command)
                return access("/bin/sh", X_OK) == 0;
        sigaction(SIGINT, &ignore, &old_int);
        sigaction(SIGQUIT, &ignore, &old_quit);
        sigprocmask(SIG_BLOCK, &child, &old_mask);
        pid = fork();
        if (pid == 0) {
                sigaction(SIGINT, &old_int, NULL);
                sigaction(SIGQUIT, &old_quit, NULL);
                sigprocmask(SIG_SETMASK, &old_mask, NULL);
                execl("/bin/sh", "sh", "-c", command, (char *)NULL);
                _exit(127);
        }
        if (pid > 0)
                while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                        ;
        sigaction(SIGINT, &old_int, NULL);
        sigaction(SIGQUIT, &old_quit, NULL);
        sigprocmask(SIG_SETMASK, &old_mask, NULL);
        return status;
}
