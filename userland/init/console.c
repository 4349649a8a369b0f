/* SPDX-License-Identifier: MIT */
/*
 * The console: a shell for a person, or one command from the kernel's command line.
 *
 * The shell is a session leader with the console as its controlling terminal, so that Ctrl-C
 * reaches what runs in it. When it exits there is a new one. Orphans are reaped here.
 */
#include "userland/init/guest.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TTY_TIOCSCTTY 0x540e

static char *const environment[] = { "PATH=/bin", "HOME=/", "TERM=linux", NULL };

/* Become `argv` with the console as terminal. Linux's /dev/console cannot control a session. */
static _Noreturn void become(char *const argv[])
{
        sigset_t none;
        int fd;

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setsid();
        fd = open("/dev/ttyS0", O_RDWR);
        if (fd < 0)
                fd = open("/dev/console", O_RDWR);
        if (fd >= 0) {
                /* 1: take it from a session that is gone or going. */
                syscall(SYS_ioctl, fd, TTY_TIOCSCTTY, 1);
                for (int i = 0; i < 3; i++)
                        dup2(fd, i);
                if (fd > 2)
                        close(fd);
        }
        (void)!chdir("/");
        execve(argv[0], argv, environment);
        say("init: cannot execute ");
        say(argv[0]);
        say("\n");
        _exit(127);
}

/* Start it and wait until it has ended, reaping everything else meanwhile. A wait4 status, or -1.
 */
static int run(char *const argv[])
{
        pid_t pid = fork(), ended;
        int status = -1;

        if (pid == 0)
                become(argv);
        while (pid > 0) {
                ended = wait4(-1, &status, 0, NULL);
                if (ended == pid)
                        return status;
                if (ended < 0)
                        break;
        }
        return -1;
}

/*
 * What follows `run=` up to the end of the line, so that it may hold blanks; quotes around all of
 * it are taken off. NULL if there is none.
 */
static char *run_command(char *line)
{
        char *at = line, *end;

        while ((at = strstr(at, "run=")) && at != line && at[-1] != ' ')
                at++;
        if (!at)
                return NULL;
        at += strlen("run=");
        end = at + strcspn(at, "\n");
        while (end > at && end[-1] == ' ')
                end--;
        *end = '\0';
        if (end - at >= 2 && (*at == '"' || *at == '\'') && end[-1] == *at) {
                end[-1] = '\0';
                at++;
        }
        return at;
}

static void end_on_signal(int sig)
{
        (void)sig;
        guest_end(0);
}

/* busybox's halt, poweroff and reboot ask process 1 with a signal each. */
static void obey_signals(void)
{
        static const int asked[] = { SIGUSR1, SIGUSR2, SIGTERM };
        struct sigaction action;

        memset(&action, 0, sizeof(action));
        action.sa_handler = end_on_signal;
        for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
                sigaction(asked[i], &action, NULL);
}

_Noreturn void console_shell(void)
{
        size_t len;
        char *line = guest_read_file("/proc/cmdline", &len);
        char *command = line ? run_command(line) : NULL;

        obey_signals();
        if (command) {
                char *const argv[] = { "/bin/sh", "-c", command, NULL };
                int status = run(argv);

                guest_end(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
        }
        say("\nA shell. `poweroff` ends the machine, and so does Ctrl-A x, typed to QEMU.\n\n");
        while (access("/bin/sh", X_OK) == 0) {
                char *const argv[] = { "/bin/sh", NULL };
                int status = run(argv);

                /* Not a busy loop where the shell cannot live. */
                if (status == -1 || WIFSIGNALED(status))
                        sleep(1);
        }
        say("init: there is no /bin/sh\n");
        guest_end(127);
}
