/* SPDX-License-Identifier: MIT */
/* Mounts, ports, files, and the end of the machine: see guest.h. */
#include "userland/init/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RB_MAGIC1    0xfee1dead
#define RB_MAGIC2    672274793
#define RB_POWER_OFF 0x4321fedc

void say(const char *text)
{
        (void)!write(2, text, strlen(text));
}

void say_error(const char *what, int error)
{
        char line[160];

        snprintf(line, sizeof(line), "init: %s: %s\n", what, strerror(error));
        say(line);
}

void guest_mount(void)
{
        static const struct {
                const char *type, *path, *options;
                const char *sign; /* is there once this is mounted */
        } mounts[] = {
                { "proc", "/proc", "", "/proc/self" },
                { "sysfs", "/sys", "", "/sys/kernel" },
                { "devtmpfs", "/dev", "", "/dev/null" },
                { "tmpfs", "/dev/shm", "mode=1777", "/dev/shm" },
        };

        for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
                if (access(mounts[i].sign, F_OK) == 0)
                        continue;
                mkdir(mounts[i].path, 0755);
                /* Fails where the kernel has no such thing, which is fine. */
                syscall(SYS_mount, mounts[i].type, mounts[i].path, mounts[i].type, 0,
                        mounts[i].options);
        }
        /* The root is a tmpfs on both kernels, so /tmp needs no mount, which would hide its files.
         */
        mkdir("/tmp", 0755);
        chmod("/tmp", 01777);
}

char *guest_read_file(const char *path, size_t *len)
{
        size_t room = 4096;
        char *text = NULL, *more;
        int fd = open(path, O_RDONLY);
        ssize_t got = 1;

        *len = 0;
        while (fd >= 0 && got > 0) {
                if (!text || *len + 1 >= room) {
                        room *= 2;
                        more = realloc(text, room);
                        if (!more)
                                break;
                        text = more;
                }
                got = read(fd, text + *len, room - *len - 1);
                if (got > 0)
                        *len += (size_t)got;
        }
        if (fd >= 0)
                close(fd);
        if (text)
                text[*len] = '\0';
        return text;
}

int guest_ports_open(void)
{
        return syscall(SYS_iopl, 3) < 0 ? errno : 0;
}

void guest_port_write(enum guest_port port, const char *data, size_t len)
{
        __asm__ volatile("cld; rep outsb" : "+S"(data), "+c"(len) : "d"((short)port) : "memory");
}

_Noreturn void guest_end(int code)
{
        char byte = (char)(code & 0x7f);

        if (guest_ports_open() == 0)
                guest_port_write(PORT_EXIT, &byte, 1);
        sync();
        syscall(SYS_reboot, RB_MAGIC1, RB_MAGIC2, RB_POWER_OFF, NULL);
        for (;;)
                pause();
}
