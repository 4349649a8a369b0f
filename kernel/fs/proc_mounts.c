/* SPDX-License-Identifier: MIT */
/* /proc/PID/mounts and mountinfo: see proc_pid_mountinfo(5). One record a mount. */
#include "kernel/base/abi/mount.h"
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "kernel/fs/walk.h"
#include "mm/slab.h"

#define SPACES    " \t\n\\"
#define PATH_SIZE 4096

static void show_flags(struct seq *seq, u32 flags)
{
        seq_printf(seq, "%s%s%s%s%s", flags & MS_RDONLY ? "ro" : "rw",
                   flags & MS_NOSUID ? ",nosuid" : "", flags & MS_NODEV ? ",nodev" : "",
                   flags & MS_NOEXEC ? ",noexec" : "",
                   flags & MS_NOATIME ? ",noatime" : ",relatime");
}

static void show_options(struct seq *seq, const struct super *super)
{
        char options[96];

        super_options(super, options, sizeof(options));
        seq_printf(seq, "%s", options);
}

/* The attached mount with the lowest id >= *id, with a reference; NULL at the end. */
static struct mount *mount_from_id(u64 id)
{
        struct mount *found = NULL;
        struct list *it;

        mutex_lock(&tree_lock);
        list_for_each (it, &mounts) {
                struct mount *m = list_entry(it, struct mount, node);

                if (m->id >= id) {
                        found = m;
                        mount_get(m);
                        break;
                }
        }
        mutex_unlock(&tree_lock);
        return found;
}

/* Where it is attached, as the caller sees it; false: outside of the caller's root. */
static bool mountpoint_path(struct mount *mount, char *buf)
{
        struct place at = { mount, mount->root }, root;
        bool reachable;
        ssize_t start;

        fs_root(&root);
        start = place_path(&at, &root, buf, PATH_SIZE - 1, &reachable);
        place_put(&root);
        if (start < 0 || !reachable)
                return false;
        memmove(buf, buf + start, (size_t)(PATH_SIZE - 1 - start));
        buf[PATH_SIZE - 1 - start] = '\0';
        return true;
}

static void show_mount(struct seq *seq, struct mount *m, const char *path)
{
        seq_escape(seq, m->source, SPACES);
        seq_put(seq, " ", 1);
        seq_escape(seq, path, SPACES);
        seq_printf(seq, " %s ", m->super->type->name);
        show_flags(seq, m->flags | (m->super->read_only ? MS_RDONLY : 0));
        show_options(seq, m->super);
        seq_printf(seq, " 0 0\n");
}

static void show_mountinfo(struct seq *seq, struct mount *m, const char *path)
{
        seq_printf(seq, "%u %u 0:%u ", m->id, m->parent ? m->parent->id : m->id, m->super->dev);
        seq_escape(seq, m->root->parent ? m->root->name : "/", SPACES);
        seq_put(seq, " ", 1);
        seq_escape(seq, path, SPACES);
        seq_put(seq, " ", 1);
        show_flags(seq, m->flags);
        seq_printf(seq, " - %s ", m->super->type->name);
        seq_escape(seq, m->source, SPACES);
        seq_printf(seq, " %s", m->super->read_only ? "ro" : "rw");
        show_options(seq, m->super);
        seq_printf(seq, "\n");
}

static int show_one(struct seq *seq, u64 *cookie,
                    void (*show)(struct seq *, struct mount *, const char *))
{
        struct mount *m = mount_from_id(*cookie);
        char *path;

        if (!m)
                return 0;
        path = kmalloc(PATH_SIZE);
        if (path && mountpoint_path(m, path))
                show(seq, m, path);
        *cookie = m->id + 1;
        mount_put(m);
        kfree(path);
        return path ? 1 : -ENOMEM;
}

int proc_show_mounts(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        return show_one(seq, cookie, show_mount);
}

int proc_show_mountinfo(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        return show_one(seq, cookie, show_mountinfo);
}
