/* SPDX-License-Identifier: MIT */
/* Odds and ends of stdlib, stdio and unistd that newlib leaves to its port. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ipc.h>
#include <sys/lock.h>
#include <sys/stat.h>

/* The error is the result. */
int posix_memalign(void **out, size_t align, size_t size)
{
        void *p;

        if (align < sizeof(void *) || (align & (align - 1)) != 0)
                return EINVAL;
        p = memalign(align, size);
        if (!p)
                return ENOMEM;
        *out = p;
        return 0;
}

void flockfile(FILE *f)
{
        __lock_acquire_recursive(f->_lock);
}

/* 0 when the lock was taken. */
int ftrylockfile(FILE *f)
{
        return __lock_try_acquire_recursive(f->_lock) ? 0 : -1;
}

void funlockfile(FILE *f)
{
        __lock_release_recursive(f->_lock);
}

/* newlib has them with underscores only. */
ssize_t getline(char **line, size_t *len, FILE *f)
{
        return __getline(line, len, f);
}

ssize_t getdelim(char **line, size_t *len, int end, FILE *f)
{
        return __getdelim(line, len, end, f);
}

char *secure_getenv(const char *name)
{
        return issetugid() ? NULL : getenv(name);
}

/* There is no utmp: who one is, is what the user id says. */
int getlogin_r(char *name, size_t len)
{
        struct passwd *pw = getpwuid(getuid());

        if (!pw)
                return ENXIO;
        if (strlen(pw->pw_name) >= len)
                return ERANGE;
        strcpy(name, pw->pw_name);
        return 0;
}

char *getlogin(void)
{
        static char name[LOGIN_NAME_MAX];
        int error = getlogin_r(name, sizeof(name));

        if (error)
                errno = error;
        return error ? NULL : name;
}

int daemon(int keep_cwd, int keep_files)
{
        pid_t pid = fork();
        int fd;

        if (pid != 0) {
                if (pid > 0)
                        _exit(0);
                return -1;
        }
        if (setsid() < 0 || (!keep_cwd && chdir("/") != 0))
                return -1;
        if (keep_files)
                return 0;
        fd = open("/dev/null", O_RDWR);
        if (fd < 0)
                return -1;
        for (int i = 0; i < 3; i++)
                dup2(fd, i);
        if (fd > 2)
                close(fd);
        return 0;
}

key_t ftok(const char *path, int id)
{
        struct stat st;

        if (stat(path, &st) != 0)
                return -1;
        return (key_t)((st.st_ino & 0xffff) | ((st.st_dev & 0xff) << 16) |
                       ((unsigned long)(id & 0xff) << 24));
}

void psiginfo(const siginfo_t *info, const char *message)
{
        psignal(info->si_signo, message);
}
