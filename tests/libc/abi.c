/* SPDX-License-Identifier: MIT */
/*
 * Every number and layout that a program shares with the kernel, one a line. Compiled with the
 * host's C library and with Terrane's, it must print the same. check-abi makes list.h out of
 * abi.list and of what the host's headers define.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <utime.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>

#define C(name)         printf("%s %ld\n", #name, (long)(name));
#define S(type)         printf("sizeof(%s) %zu align %zu\n", #type, sizeof(type), _Alignof(type));
#define O(type, member) printf("%s.%s %zu\n", #type, #member, offsetof(type, member));
#define T(type) \
        printf("%s %zu %s\n", #type, sizeof(type), (type)-1 < (type)0 ? "signed" : "unsigned");

int main(void)
{
#include "list.h"
#ifdef CONSTANTS_ONLY
        return 0;
#endif
        for (int s = 0; s < 0x10000; s += 0x7f)
                printf("status %x: %d %d %d %d %d %d %d %d\n", s, WIFEXITED(s), WEXITSTATUS(s),
                       WIFSIGNALED(s), WTERMSIG(s), WIFSTOPPED(s), WSTOPSIG(s), WIFCONTINUED(s),
                       !!WCOREDUMP(s));
        return 0;
}
