/* SPDX-License-Identifier: MIT */
/* /proc/sysvipc/shm: a segment a line, in the order of their slots. */
#include "kernel/fs/proc.h"
#include "kernel/fs/sysv_shm.h"

typedef unsigned long long ull;
typedef long long ll;

static void show_heading(struct seq *seq)
{
        seq_printf(seq, "       key      shmid perms                  size  cpid  lpid nattch   uid"
                        "   gid  cuid  cgid      atime      dtime      ctime"
                        "                   rss                  swap\n");
}

/* The cookie is the slot to look at next, plus one. */
int proc_show_sysvipc_shm(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct shm_listed s;
        u64 slot;

        (void)node;
        if (proc_first(cookie)) {
                show_heading(seq);
                return 1;
        }
        slot = *cookie - 2;
        if (!shm_next(&slot, &s))
                return 0;
        *cookie = slot + 2;
        seq_printf(seq,
                   "%10d %10d  %4o %21llu %5d %5d  %5llu %5u %5u %5u %5u %10lld %10lld %10lld "
                   "%21llu %21u\n",
                   s.stat.perm.key, s.id, s.stat.perm.mode, (ull)s.stat.segsz, s.stat.cpid,
                   s.stat.lpid, (ull)s.stat.nattch, s.stat.perm.uid, s.stat.perm.gid,
                   s.stat.perm.cuid, s.stat.perm.cgid, (ll)s.stat.atime, (ll)s.stat.dtime,
                   (ll)s.stat.ctime, (ull)s.resident, 0u);
        return 1;
}
