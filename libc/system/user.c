/* SPDX-License-Identifier: MIT */
/*
 * Who runs: user and group ids, capabilities. On Linux a set*id call changes the calling thread
 * only; a program with threads must call before it makes them.
 */
#include <unistd.h>
#include <grp.h>
#include <sys/fsuid.h>
#include "raw.h"

uid_t getuid(void)
{
        return (uid_t)raw0(SYS_getuid);
}

uid_t geteuid(void)
{
        return (uid_t)raw0(SYS_geteuid);
}

gid_t getgid(void)
{
        return (gid_t)raw0(SYS_getgid);
}

gid_t getegid(void)
{
        return (gid_t)raw0(SYS_getegid);
}

int setuid(uid_t uid)
{
        return (int)call1(SYS_setuid, uid);
}

int setgid(gid_t gid)
{
        return (int)call1(SYS_setgid, gid);
}

int seteuid(uid_t uid)
{
        return (int)call3(SYS_setresuid, -1, uid, -1);
}

int setegid(gid_t gid)
{
        return (int)call3(SYS_setresgid, -1, gid, -1);
}

int setreuid(uid_t real, uid_t effective)
{
        return (int)call2(SYS_setreuid, real, effective);
}

int setregid(gid_t real, gid_t effective)
{
        return (int)call2(SYS_setregid, real, effective);
}

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
        return (int)call3(SYS_setresuid, real, effective, saved);
}

int setresgid(gid_t real, gid_t effective, gid_t saved)
{
        return (int)call3(SYS_setresgid, real, effective, saved);
}

int getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
        return (int)call3(SYS_getresuid, real, effective, saved);
}

int getresgid(gid_t *real, gid_t *effective, gid_t *saved)
{
        return (int)call3(SYS_getresgid, real, effective, saved);
}

int setfsuid(uid_t uid)
{
        return (int)raw1(SYS_setfsuid, uid);
}

int setfsgid(gid_t gid)
{
        return (int)raw1(SYS_setfsgid, gid);
}

int getgroups(int n, gid_t list[])
{
        return (int)call2(SYS_getgroups, n, list);
}

int setgroups(int n, const gid_t *list)
{
        return (int)call2(SYS_setgroups, n, list);
}

int issetugid(void)
{
        return getuid() != geteuid() || getgid() != getegid();
}
