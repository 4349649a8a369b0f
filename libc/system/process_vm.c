/* SPDX-License-Identifier: MIT */
/* Reading and writing memory of other processes. */
#include <sys/uio.h>
#include "raw.h"

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long nlocal,
                         const struct iovec *remote, unsigned long nremote, unsigned long flags)
{
        return call6(SYS_process_vm_readv, pid, local, nlocal, remote, nremote, flags);
}

ssize_t process_vm_writev(pid_t pid, const struct iovec *local, unsigned long nlocal,
                          const struct iovec *remote, unsigned long nremote, unsigned long flags)
{
        return call6(SYS_process_vm_writev, pid, local, nlocal, remote, nremote, flags);
}
