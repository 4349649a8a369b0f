/* SPDX-License-Identifier: MIT */
/* The machine as a whole: names, memory, randomness, mounts, power. */
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/sendfile.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/userfaultfd.h>
#include <linux/capability.h>
#include "raw.h"

int uname(struct utsname *name)
{
        return (int)call1(SYS_uname, name);
}

int gethostname(char *name, size_t len)
{
        struct utsname u;

        if (uname(&u) != 0)
                return -1;
        if (strlen(u.nodename) >= len) {
                errno = ENAMETOOLONG;
                return -1;
        }
        strcpy(name, u.nodename);
        return 0;
}

int sethostname(const char *name, size_t len)
{
        return (int)call2(SYS_sethostname, name, len);
}

int sysinfo(struct sysinfo *info)
{
        return (int)call1(SYS_sysinfo, info);
}

int reboot(int how)
{
        return (int)call3(SYS_reboot, 0xfee1dead, 672274793, how);
}

int mount(const char *source, const char *target, const char *type, unsigned long flags,
          const void *data)
{
        return (int)call5(SYS_mount, source, target, type, flags, data);
}

int umount2(const char *target, int flags)
{
        return (int)call2(SYS_umount2, target, flags);
}

int umount(const char *target)
{
        return umount2(target, 0);
}

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
        return call3(SYS_getrandom, buf, len, flags);
}

int getentropy(void *buf, size_t len)
{
        if (len > 256) {
                errno = EIO;
                return -1;
        }
        while (len > 0) {
                ssize_t n = getrandom(buf, len, 0);

                if (n < 0 && errno != EINTR)
                        return -1;
                if (n > 0) {
                        buf = (char *)buf + n;
                        len -= (size_t)n;
                }
        }
        return 0;
}

int eventfd(unsigned value, int flags)
{
        return (int)call2(SYS_eventfd2, value, flags);
}

int eventfd_read(int fd, eventfd_t *value)
{
        return read(fd, value, sizeof(*value)) == sizeof(*value) ? 0 : -1;
}

int eventfd_write(int fd, eventfd_t value)
{
        return write(fd, &value, sizeof(value)) == sizeof(value) ? 0 : -1;
}

ssize_t sendfile(int out, int in, off_t *offset, size_t len)
{
        return call4(SYS_sendfile, out, in, offset, len);
}

int userfaultfd(int flags)
{
        return (int)call1(SYS_userfaultfd, flags);
}

int capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *data)
{
        return (int)call2(SYS_capget, header, data);
}

int capset(struct __user_cap_header_struct *header, const struct __user_cap_data_struct *data)
{
        return (int)call2(SYS_capset, header, data);
}

int getpagesize(void)
{
        return 4096;
}
