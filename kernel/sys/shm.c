/* SPDX-License-Identifier: MIT */
/* shmget, shmat, shmdt, shmctl: their arguments. The work is kernel/fs/sysv_shm.h's. */
#include "kernel/sys/shm.h"

#include "kernel/fs/sysv_shm.h"
#include "kernel/sys/syscall.h"

long sys_shmget(int key, u64 size, unsigned flags)
{
        return shm_get(key, size, flags);
}

long sys_shmat(int id, uaddr addr, unsigned flags)
{
        return (long)shm_attach(id, addr, flags);
}

long sys_shmdt(uaddr addr)
{
        return shm_detach(addr);
}

static long control_stat(int id, int cmd, uaddr buf)
{
        struct shmid_abi stat;
        long result = shm_stat(id, cmd, &stat);

        if (result < 0)
                return result;
        return copy_out(buf, &stat, sizeof(stat)) ? -EFAULT : result;
}

static long control_set(int id, uaddr buf)
{
        struct shmid_abi stat;

        return copy_in(&stat, buf, sizeof(stat)) ? -EFAULT : shm_set(id, &stat.perm);
}

static long control_limits(uaddr buf)
{
        struct shminfo_abi info;
        int highest = shm_limits(&info);

        return copy_out(buf, &info, sizeof(info)) ? -EFAULT : highest;
}

static long control_totals(uaddr buf)
{
        struct shm_info_abi info;
        int highest = shm_totals(&info);

        return copy_out(buf, &info, sizeof(info)) ? -EFAULT : highest;
}

long sys_shmctl(int id, int cmd, uaddr buf)
{
        if (id < 0 || cmd < 0)
                return -EINVAL;
        switch (cmd) {
        case IPC_INFO: return control_limits(buf);
        case SHM_INFO: return control_totals(buf);
        case IPC_STAT:
        case SHM_STAT:
        case SHM_STAT_ANY: return control_stat(id, cmd, buf);
        case IPC_SET: return control_set(id, buf);
        case IPC_RMID: return shm_remove(id);
        case SHM_LOCK:
        case SHM_UNLOCK: return shm_lock(id, cmd == SHM_LOCK);
        default: return -EINVAL;
        }
}
