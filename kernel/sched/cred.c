/* SPDX-License-Identifier: MIT */
/*
 * Identities: what exec and the set*id calls do to ids and capabilities (capabilities(7)). A task
 * changes only its own cred, under process_lock, because others read it for permission checks.
 */
#include "kernel/sched/cred.h"
#include "kernel/base/errno.h"
#include "kernel/fs/file.h"
#include "kernel/sched/process.h"

#define MODE_SETUID 04000
#define MODE_SETGID 02000
#define MODE_GROUPX 00010

int cred_commit(const struct cred *cred)
{
        struct task *me = current_task();
        struct user_account *user = me->user, *fresh = NULL;

        if (user->uid != cred->uid) {
                fresh = user_get(cred->uid);
                if (!fresh)
                        return -EAGAIN;
        }
        spin_lock(&process_lock);
        me->cred = *cred;
        if (me->tid == me->process->pid)
                me->process->cred = *cred;
        if (fresh) {
                me->over_nproc =
                        cred->uid && fresh->nr_tasks > rlimit_of(me->process, RLIMIT_NPROC);
                user_charge_tasks(user, -1);
                user_charge_tasks(fresh, 1);
                me->user = fresh;
        }
        spin_unlock(&process_lock);
        if (fresh)
                user_put(user);
        return 0;
}

/* What a program gets by being run: everything that root may have, else the ambient set. */
static void cred_exec_caps(struct cred *c)
{
        if (c->uid == 0 || c->euid == 0) {
                c->cap_permitted = c->cap_inheritable | c->cap_bounding;
                c->cap_effective = c->euid == 0 ? c->cap_permitted : 0;
                c->cap_ambient = 0;
        } else {
                c->cap_permitted = c->cap_effective = c->cap_ambient;
        }
}

void cred_exec(struct file *file, bool *secure)
{
        struct task *me = current_task();
        struct cred c = me->cred;
        u32 mode, uid, gid;
        bool set;

        file_exec_identity(file, &mode, &uid, &gid);
        if (!me->no_new_privs && (mode & MODE_SETUID))
                c.euid = uid;
        if (!me->no_new_privs &&
            (mode & (MODE_SETGID | MODE_GROUPX)) == (MODE_SETGID | MODE_GROUPX))
                c.egid = gid;
        set = c.euid != me->cred.euid || c.egid != me->cred.egid;
        c.suid = c.fsuid = c.euid;
        c.sgid = c.fsgid = c.egid;
        if (set)
                c.cap_ambient = 0;
        cred_exec_caps(&c);
        *secure = set || c.uid != c.euid || c.gid != c.egid;
        cred_commit(&c); /* the real uid is the same, so no account is needed: cannot fail */
}

void cred_fix_caps(struct cred *c, const struct cred *old, bool keep_caps)
{
        bool was_root = old->uid == 0 || old->euid == 0 || old->suid == 0;
        bool is_root = c->uid == 0 || c->euid == 0 || c->suid == 0;

        if (was_root && !is_root) {
                if (!keep_caps)
                        c->cap_permitted = c->cap_effective = 0;
                c->cap_ambient = 0;
        }
        if (old->euid == 0 && c->euid != 0)
                c->cap_effective = 0;
        if (old->euid != 0 && c->euid == 0)
                c->cap_effective = c->cap_permitted;
}

/* Capabilities that follow fsuid alone: those on files. */
#define FS_CAPS                                                                       \
        (1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_DAC_READ_SEARCH | \
         1ULL << CAP_FOWNER | 1ULL << CAP_FSETID | 1ULL << CAP_LINUX_IMMUTABLE |      \
         1ULL << CAP_MKNOD | 1ULL << CAP_MAC_OVERRIDE)

void cred_fix_fs_caps(struct cred *c, u32 old_fsuid)
{
        if (old_fsuid == 0 && c->fsuid != 0)
                c->cap_effective &= ~FS_CAPS;
        if (old_fsuid != 0 && c->fsuid == 0)
                c->cap_effective |= c->cap_permitted & FS_CAPS;
}

static bool ids_agree(const struct cred *c, u32 uid, u32 gid)
{
        return uid == c->uid && uid == c->euid && uid == c->suid && gid == c->gid &&
               gid == c->egid && gid == c->sgid;
}

bool process_may_access(struct process *process, u32 uid, u32 gid)
{
        const struct cred *me = current_cred();
        struct process_info info;

        if (process == current_process() || cred_has(me, CAP_SYS_PTRACE))
                return true;
        process_info(process, &info);
        return ids_agree(&info.cred, uid, gid) && process->dumpable == 1 &&
               (info.cred.cap_permitted & ~me->cap_permitted) == 0;
}
