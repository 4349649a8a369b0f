/* SPDX-License-Identifier: MIT */
/* System calls on identities: user and group ids, supplementary groups, capabilities. */
#include "kernel/base/abi/prctl.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "kernel/sys/process.h"
#include "kernel/sys/syscall.h"

#define NO_ID (~0U)

/* ------------------------------------------------------------------ reading */

long sys_getuid(void)
{
        return current_cred()->uid;
}

long sys_geteuid(void)
{
        return current_cred()->euid;
}

long sys_getgid(void)
{
        return current_cred()->gid;
}

long sys_getegid(void)
{
        return current_cred()->egid;
}

static long three_out(uaddr a, uaddr b, uaddr c, u32 va, u32 vb, u32 vc)
{
        if (copy_out(a, &va, sizeof(va)) || copy_out(b, &vb, sizeof(vb)))
                return -EFAULT;
        return copy_out(c, &vc, sizeof(vc));
}

long sys_getresuid(uaddr ruid, uaddr euid, uaddr suid)
{
        const struct cred *c = current_cred();

        return three_out(ruid, euid, suid, c->uid, c->euid, c->suid);
}

long sys_getresgid(uaddr rgid, uaddr egid, uaddr sgid)
{
        const struct cred *c = current_cred();

        return three_out(rgid, egid, sgid, c->gid, c->egid, c->sgid);
}

/* ------------------------------------------------------------------ user ids */

static long uids_commit(struct cred *c)
{
        struct task *me = current_task();

        c->fsuid = c->euid;
        cred_fix_caps(c, &me->cred, me->keep_caps);
        return cred_commit(c);
}

long sys_setuid(u32 uid)
{
        struct cred c = *current_cred();

        if (uid == NO_ID)
                return -EINVAL;
        if (capable(CAP_SETUID))
                c.uid = c.suid = uid;
        else if (uid != c.uid && uid != c.suid)
                return -EPERM;
        c.euid = uid;
        return uids_commit(&c);
}

long sys_setreuid(u32 ruid, u32 euid)
{
        const struct cred *old = current_cred();
        struct cred c = *old;
        bool may = capable(CAP_SETUID);

        if (ruid != NO_ID) {
                if (!may && ruid != old->uid && ruid != old->euid)
                        return -EPERM;
                c.uid = ruid;
        }
        if (euid != NO_ID) {
                if (!may && euid != old->uid && euid != old->euid && euid != old->suid)
                        return -EPERM;
                c.euid = euid;
        }
        if (ruid != NO_ID || (euid != NO_ID && euid != old->uid))
                c.suid = c.euid;
        return uids_commit(&c);
}

static bool is_one_of(u32 id, u32 a, u32 b, u32 c)
{
        return id == NO_ID || id == a || id == b || id == c;
}

long sys_setresuid(u32 ruid, u32 euid, u32 suid)
{
        const struct cred *old = current_cred();
        struct cred c = *old;

        if (!capable(CAP_SETUID) && (!is_one_of(ruid, old->uid, old->euid, old->suid) ||
                                     !is_one_of(euid, old->uid, old->euid, old->suid) ||
                                     !is_one_of(suid, old->uid, old->euid, old->suid)))
                return -EPERM;
        if (ruid != NO_ID)
                c.uid = ruid;
        if (euid != NO_ID)
                c.euid = euid;
        if (suid != NO_ID)
                c.suid = suid;
        return uids_commit(&c);
}

/* Returns the old one in any case; that a change was refused shows only by asking again. */
long sys_setfsuid(u32 uid)
{
        struct cred c = *current_cred();
        u32 old = c.fsuid;

        if (uid == NO_ID || uid == old)
                return old;
        if (!capable(CAP_SETUID) && !is_one_of(uid, c.uid, c.euid, c.suid))
                return old;
        c.fsuid = uid;
        cred_fix_fs_caps(&c, old);
        cred_commit(&c);
        return old;
}

/* ------------------------------------------------------------------ group ids */

long sys_setgid(u32 gid)
{
        struct cred c = *current_cred();

        if (gid == NO_ID)
                return -EINVAL;
        if (capable(CAP_SETGID))
                c.gid = c.sgid = gid;
        else if (gid != c.gid && gid != c.sgid)
                return -EPERM;
        c.egid = c.fsgid = gid;
        return cred_commit(&c);
}

long sys_setregid(u32 rgid, u32 egid)
{
        const struct cred *old = current_cred();
        struct cred c = *old;
        bool may = capable(CAP_SETGID);

        if (rgid != NO_ID) {
                if (!may && rgid != old->gid && rgid != old->egid)
                        return -EPERM;
                c.gid = rgid;
        }
        if (egid != NO_ID) {
                if (!may && egid != old->gid && egid != old->egid && egid != old->sgid)
                        return -EPERM;
                c.egid = egid;
        }
        if (rgid != NO_ID || (egid != NO_ID && egid != old->gid))
                c.sgid = c.egid;
        c.fsgid = c.egid;
        return cred_commit(&c);
}

long sys_setresgid(u32 rgid, u32 egid, u32 sgid)
{
        const struct cred *old = current_cred();
        struct cred c = *old;

        if (!capable(CAP_SETGID) && (!is_one_of(rgid, old->gid, old->egid, old->sgid) ||
                                     !is_one_of(egid, old->gid, old->egid, old->sgid) ||
                                     !is_one_of(sgid, old->gid, old->egid, old->sgid)))
                return -EPERM;
        if (rgid != NO_ID)
                c.gid = rgid;
        if (egid != NO_ID)
                c.egid = c.fsgid = egid;
        if (sgid != NO_ID)
                c.sgid = sgid;
        return cred_commit(&c);
}

long sys_setfsgid(u32 gid)
{
        struct cred c = *current_cred();
        u32 old = c.fsgid;

        if (gid == NO_ID)
                return old;
        if (!capable(CAP_SETGID) && !is_one_of(gid, c.gid, c.egid, c.sgid))
                return old;
        c.fsgid = gid;
        cred_commit(&c);
        return old;
}

long sys_getgroups(int size, uaddr list)
{
        const struct cred *c = current_cred();

        if (size < 0 || (size && (u32)size < c->nr_groups))
                return -EINVAL;
        if (size && copy_out(list, c->groups, c->nr_groups * sizeof(u32)))
                return -EFAULT;
        return c->nr_groups;
}

long sys_setgroups(int size, uaddr list)
{
        struct cred c = *current_cred();
        int err;

        if (!capable(CAP_SETGID))
                return -EPERM;
        if (size < 0 || size > NGROUPS_MAX)
                return -EINVAL;
        err = copy_in(c.groups, list, (size_t)size * sizeof(u32));
        if (err)
                return err;
        c.nr_groups = size;
        /* In ascending order, as Linux keeps and shows them. */
        for (int i = 1; i < size; i++) {
                u32 g = c.groups[i];
                int j = i;

                for (; j > 0 && c.groups[j - 1] > g; j--)
                        c.groups[j] = c.groups[j - 1];
                c.groups[j] = g;
        }
        return cred_commit(&c);
}

/* ------------------------------------------------------------------ capabilities */

/*
 * How many struct cap_data the header's version has; an unknown version is answered with ours,
 * before the rest of the header is looked at.
 */
static int caps_header_in(uaddr at, struct cap_header *header, unsigned *words)
{
        if (copy_in(&header->version, at, sizeof(header->version)))
                return -EFAULT;
        switch (header->version) {
        case CAPABILITY_VERSION_1: *words = 1; break;
        case CAPABILITY_VERSION_2:
        case CAPABILITY_VERSION_3: *words = 2; break;
        default:
                header->version = CAPABILITY_VERSION_3;
                return copy_out(at, &header->version, sizeof(header->version)) ? -EFAULT : -EINVAL;
        }
        return copy_in(header, at, sizeof(*header));
}

long sys_capget(uaddr header_at, uaddr data_at)
{
        struct cap_header header;
        struct cap_data data[2];
        struct task *t;
        struct cred c = { 0 };
        unsigned words;
        int err = caps_header_in(header_at, &header, &words);

        if (err)
                return err == -EINVAL && !data_at ? 0 : err;
        if (header.pid < 0)
                return -EINVAL;
        spin_lock(&process_lock);
        t = header.pid ? task_find_locked(header.pid) : current_task();
        if (t)
                c = t->cred;
        spin_unlock(&process_lock);
        if (!t)
                return -ESRCH;
        for (unsigned i = 0; i < 2; i++)
                data[i] = (struct cap_data){ .effective = c.cap_effective >> 32 * i,
                                             .permitted = c.cap_permitted >> 32 * i,
                                             .inheritable = c.cap_inheritable >> 32 * i };
        return data_at ? copy_out(data_at, data, words * sizeof(data[0])) : 0;
}

long sys_capset(uaddr header_at, uaddr data_at)
{
        struct task *me = current_task();
        struct cap_data data[2] = { 0 };
        struct cred c = me->cred;
        struct cap_header header;
        u64 effective, permitted, inheritable;
        unsigned words;
        int err = caps_header_in(header_at, &header, &words);

        if (err)
                return err;
        if (header.pid && header.pid != me->tid)
                return -EPERM;
        if (copy_in(data, data_at, words * sizeof(data[0])))
                return -EFAULT;
        effective = (data[0].effective | (u64)data[1].effective << 32) & CAP_ALL;
        permitted = (data[0].permitted | (u64)data[1].permitted << 32) & CAP_ALL;
        inheritable = (data[0].inheritable | (u64)data[1].inheritable << 32) & CAP_ALL;
        if (!capable(CAP_SETPCAP) && (inheritable & ~(c.cap_inheritable | c.cap_permitted)))
                return -EPERM;
        if (inheritable & ~(c.cap_inheritable | c.cap_bounding))
                return -EPERM;
        if ((permitted & ~c.cap_permitted) || (effective & ~permitted))
                return -EPERM;
        c.cap_effective = effective;
        c.cap_permitted = permitted;
        c.cap_inheritable = inheritable;
        c.cap_ambient &= permitted & inheritable;
        return cred_commit(&c);
}
