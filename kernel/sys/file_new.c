/* SPDX-License-Identifier: MIT */
/* System calls that make descriptors without a path. */
#include "kernel/base/string.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/fdtable.h"
#include "kernel/sys/file.h"

#define MEMFD_NAME_SIZE 250 /* with its NUL */

/* Both descriptors to the user, or neither stays. */
static long give_pair(const int fds[2], uaddr out)
{
        if (!copy_out(out, fds, 2 * sizeof(fds[0])))
                return 0;
        fd_close(fds[0]);
        fd_close(fds[1]);
        return -EFAULT;
}

long sys_pipe2(uaddr out, unsigned flags)
{
        int fds[2];
        long err = call_pipe(fds, flags);

        return err ? err : give_pair(fds, out);
}

long sys_pipe(uaddr out)
{
        return sys_pipe2(out, 0);
}

long sys_socketpair(int domain, int type, int protocol, uaddr out)
{
        return call_socketpair(domain, type, protocol, out);
}

long sys_socket(int domain, int type, int protocol)
{
        return call_socket(domain, type, protocol);
}

long sys_eventfd2(u32 count, unsigned flags)
{
        return call_eventfd(count, flags);
}

long sys_eventfd(u32 count)
{
        return call_eventfd(count, 0);
}

long sys_userfaultfd(unsigned flags)
{
        return call_userfaultfd(flags);
}

long sys_memfd_create(uaddr name, unsigned flags)
{
        char text[MEMFD_NAME_SIZE];
        ssize_t len;

        unsigned known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;

        if (flags & MFD_HUGETLB)
                known |= MFD_HUGETLB | MFD_HUGE_BITS;
        if (flags & ~known)
                return -EINVAL;
        if ((flags & MFD_EXEC) && (flags & MFD_NOEXEC_SEAL))
                return -EINVAL;
        len = string_in(text, name, sizeof(text));
        if (len < 0)
                return len == -ENAMETOOLONG ? -EINVAL : len;
        /* There are no files of huge pages: what Linux says of a size that it has none of. */
        if (flags & MFD_HUGETLB)
                return -ENODEV;
        return call_memfd(text, flags);
}
