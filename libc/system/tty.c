/* SPDX-License-Identifier: MIT */
/* Terminals: attributes through the kernel's smaller struct, names through /proc. */
#include <stdio.h>
#include <string.h>
#include <limits.h>
#include <termios.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "raw.h"

#define KERNEL_NCCS 19
#define BAUD_MASK   0010017U

/* What TCGETS and TCSETS carry. */
struct kernel_termios {
        tcflag_t c_iflag;
        tcflag_t c_oflag;
        tcflag_t c_cflag;
        tcflag_t c_lflag;
        cc_t c_line;
        cc_t c_cc[KERNEL_NCCS];
};

int tcgetattr(int fd, struct termios *t)
{
        struct kernel_termios k;

        if (call3(SYS_ioctl, fd, TCGETS, &k) != 0)
                return -1;
        memset(t, 0, sizeof(*t));
        t->c_iflag = k.c_iflag;
        t->c_oflag = k.c_oflag;
        t->c_cflag = k.c_cflag;
        t->c_lflag = k.c_lflag;
        t->c_line = k.c_line;
        memcpy(t->c_cc, k.c_cc, KERNEL_NCCS);
        t->c_ispeed = k.c_cflag & BAUD_MASK;
        t->c_ospeed = k.c_cflag & BAUD_MASK;
        return 0;
}

int tcsetattr(int fd, int when, const struct termios *t)
{
        struct kernel_termios k = {
                t->c_iflag, t->c_oflag, t->c_cflag, t->c_lflag, t->c_line, { 0 }
        };

        if (when < TCSANOW || when > TCSAFLUSH) {
                errno = EINVAL;
                return -1;
        }
        memcpy(k.c_cc, t->c_cc, KERNEL_NCCS);
        return (int)call3(SYS_ioctl, fd, TCSETS + when, &k);
}

speed_t cfgetospeed(const struct termios *t)
{
        return t->c_cflag & BAUD_MASK;
}

speed_t cfgetispeed(const struct termios *t)
{
        return cfgetospeed(t);
}

int cfsetospeed(struct termios *t, speed_t speed)
{
        if (speed & ~BAUD_MASK) {
                errno = EINVAL;
                return -1;
        }
        t->c_cflag = (t->c_cflag & ~BAUD_MASK) | speed;
        return 0;
}

/* Speed 0 means "as the output's", which it is anyway. */
int cfsetispeed(struct termios *t, speed_t speed)
{
        return speed ? cfsetospeed(t, speed) : 0;
}

void cfmakeraw(struct termios *t)
{
        t->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
        t->c_oflag &= ~(tcflag_t)OPOST;
        t->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
        t->c_cflag = (t->c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
        t->c_cc[VMIN] = 1;
        t->c_cc[VTIME] = 0;
}

int tcsendbreak(int fd, int duration)
{
        (void)duration;
        return ioctl(fd, TCSBRK, 0);
}

int tcdrain(int fd)
{
        return ioctl(fd, TCSBRK, 1);
}

int tcflush(int fd, int queue)
{
        return ioctl(fd, TCFLSH, (long)queue);
}

int tcflow(int fd, int action)
{
        return ioctl(fd, TCXONC, (long)action);
}

pid_t tcgetpgrp(int fd)
{
        pid_t group;

        return ioctl(fd, TIOCGPGRP, &group) != 0 ? -1 : group;
}

int tcsetpgrp(int fd, pid_t group)
{
        return ioctl(fd, TIOCSPGRP, &group);
}

pid_t tcgetsid(int fd)
{
        pid_t sid;

        return ioctl(fd, TIOCGSID, &sid) != 0 ? -1 : sid;
}

int isatty(int fd)
{
        struct kernel_termios k;

        return call3(SYS_ioctl, fd, TCGETS, &k) == 0;
}

/* The error is the result. */
int ttyname_r(int fd, char *name, size_t len)
{
        char link[32], path[PATH_MAX];
        ssize_t n;

        if (!isatty(fd))
                return errno;
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path));
        if (n < 0)
                return errno;
        if ((size_t)n >= len)
                return ERANGE;
        memcpy(name, path, (size_t)n);
        name[n] = '\0';
        return 0;
}

char *ttyname(int fd)
{
        static char name[PATH_MAX];
        int error = ttyname_r(fd, name, sizeof(name));

        if (error) {
                errno = error;
                return NULL;
        }
        return name;
}

char *ctermid(char *name)
{
        static char buf[] = "/dev/tty";

        return name ? strcpy(name, buf) : buf;
}
