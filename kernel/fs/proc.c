/* SPDX-License-Identifier: MIT */
/*
 * The file system of /proc: inodes from the tables of proc.h, reading text, listing directories.
 * It holds no state but in open files. A process that has ended answers ESRCH to who still has a
 * file of it open, and is not found any more.
 */
#include "kernel/fs/proc.h"

#include "kernel/base/abi/dirent.h"
#include "kernel/base/abi/statfs.h"
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/sched/process.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/slab.h"

static const struct inode_ops proc_inode_ops, proc_link_ops;
static const struct file_ops proc_text_ops, proc_dir_ops;

/* What file->data is, but for directories. */
struct proc_file {
        struct proc_node node;
        struct mutex lock; /* guards seq: pread() comes without the offset's lock */
        struct seq seq;    /* a file of text */
};

struct proc_node *proc_node_of(const struct file *file)
{
        struct proc_file *own = file->data;

        return own ? &own->node : file->inode->data;
}

/* ---------------------------------------------------------------- processes */

/* Is the node's process still the one that has its pid? */
static bool process_is_there(const struct proc_node *node)
{
        struct process *p = process_find(node->pid);
        bool same = p == node->process;

        if (p)
                process_put(p);
        return same;
}

struct mm *proc_mm(const struct proc_node *node)
{
        struct mm *mm = node->process ? process_mm(node->process) : NULL;

        if (mm && node->mm_id && mm_id(mm) != node->mm_id) {
                mm_put(mm);
                mm = NULL;
        }
        return mm;
}

int proc_info(const struct proc_node *node, struct process_info *out)
{
        if (!process_is_there(node))
                return -ESRCH;
        process_info(node->process, out);
        if (node->tid)
                out->pid = node->tid;
        return 0;
}

/* ---------------------------------------------------------------- inodes */

static void proc_destroy(struct inode *inode)
{
        struct proc_node *node = inode->data;

        if (node && node->process)
                process_put(node->process);
        kfree(node);
}

/* What belongs to a process belongs to its user. */
static void own_by_process(struct inode *inode, const struct proc_node *node)
{
        inode->uid = inode->gid = 0;
        if (node->process)
                process_owner(node->process, &inode->uid, &inode->gid);
}

/* A dentry for a node; takes the process reference in it over, also when it fails. */
static int proc_instantiate(struct super *super, struct dentry *dir, const struct proc_node *from,
                            const char *name, struct dentry **out)
{
        struct proc_node *node = kmalloc(sizeof(*node));
        const struct inode_ops *ops = from->entry->jump ? &proc_link_ops : &proc_inode_ops;
        struct inode *inode = node ? inode_create(super, ops, from->entry->mode) : NULL;

        if (!inode) {
                kfree(node);
                if (from->process)
                        process_put(from->process);
                return -ENOMEM;
        }
        *node = *from;
        inode->data = node;
        inode->ino = from->entry == &proc_root_entry ? 1 : inode->ino;
        if (mode_is(inode->mode, S_IFDIR))
                inode->nlink = 2;
        own_by_process(inode, node);
        *out = dentry_create(dir, inode, name, strlen(name));
        if (!*out)
                return -ENOMEM;
        (*out)->linked = true;
        return 0;
}

/* A plain decimal number without leading zeroes; -1 if the name is something else. */
static int parse_number(const char *name, size_t len)
{
        int n = 0;

        if (len == 0 || len > 9 || (len > 1 && name[0] == '0'))
                return -1;
        for (size_t i = 0; i < len; i++) {
                if (name[i] < '0' || name[i] > '9')
                        return -1;
                n = n * 10 + (name[i] - '0');
        }
        return n;
}

static const struct proc_entry *find_entry(const struct proc_entry *table, const char *name,
                                           size_t len)
{
        for (; table && table->name; table++)
                if (*table->name == *name && strlen(table->name) == len &&
                    memcmp(table->name, name, len) == 0)
                        return table;
        return NULL;
}

static int proc_lookup(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
        const struct proc_node *node = dir->inode->data;
        const struct proc_entry *entry = find_entry(node->entry->children, name, len);
        struct proc_node found = *node;
        int number = parse_number(name, len), err = 0;
        char text[NAME_MAX + 1];

        if (node->process && !process_is_there(node))
                return -ENOENT;
        memcpy(text, name, len);
        text[len] = '\0';
        if (entry) {
                found.entry = entry;
                if (found.process && !(found.process = process_find(node->pid)))
                        return -ENOENT;
        } else {
                if (!node->entry->find || number < 0)
                        return -ENOENT;
                found.entry = node->entry->numbered;
                err = node->entry->find(node, number, &found);
        }
        return err ? err : proc_instantiate(dir->super, dir, &found, text, out);
}

static bool may_access(const struct proc_node *node)
{
        return process_may_access(node->process, caller_fsuid(), caller_fsgid());
}

/* Links that lead out of /proc are for those who may look into the process. */
static bool may_follow(const struct proc_node *node)
{
        return node->entry->guard == PROC_OPEN || may_access(node);
}

static ssize_t proc_readlink(struct inode *inode, char *buf, size_t size)
{
        const struct proc_node *node = inode->data;

        if (!may_follow(node))
                return -EACCES;
        return node->entry->text(node, buf, size);
}

static int proc_jump(struct inode *inode, struct place *out)
{
        const struct proc_node *node = inode->data;

        if (!may_follow(node))
                return -EACCES;
        return node->entry->jump(node, out);
}

/* ---------------------------------------------------------------- files of text */

static int show_record(struct seq *seq, void *arg, u64 *cookie)
{
        const struct proc_node *node = arg;

        return node->entry->show(seq, node, cookie);
}

/* Whether the caller may open the file, and which address space it is about. */
static int guard_open(struct proc_node *node)
{
        enum proc_guard guard = node->entry->guard;
        struct mm *mm;

        if (guard == PROC_OPEN || !node->process)
                return 0;
        if (!may_access(node))
                return -EACCES;
        if (guard == PROC_PRIVATE)
                return 0;
        mm = proc_mm(node);
        if (!mm && guard == PROC_MM_NEEDED)
                return -ESRCH;
        node->mm_id = mm ? mm_id(mm) : PROC_NO_MM;
        if (mm)
                mm_put(mm);
        return 0;
}

static int proc_open(struct inode *inode, struct file *file)
{
        const struct proc_node *node = inode->data;
        struct proc_file *own;
        int err;

        if (mode_is(inode->mode, S_IFDIR)) {
                file->ops = &proc_dir_ops;
                return 0;
        }
        /* In /sys, who may not write does not come so far as to try, not even root. */
        if (inode->super->type == &sysfs_type && file_writable(file) && !node->entry->write)
                return -EACCES;
        own = kzalloc(sizeof(*own));
        if (!own)
                return -ENOMEM;
        own->node = *node;
        err = guard_open(&own->node);
        if (!err && !node->entry->ops)
                err = seq_open(&own->seq, show_record, &own->node);
        if (err) {
                kfree(own);
                return err;
        }
        mutex_init(&own->lock, RANK_FILE_POS, "proc text");
        file->data = own;
        file->ops = node->entry->ops ? node->entry->ops : &proc_text_ops;
        file->unsigned_pos = file->ops == &proc_mem_ops;
        return 0;
}

void proc_release(struct file *file)
{
        struct proc_file *own = file->data;

        seq_close(&own->seq);
        kfree(own);
}

static ssize_t text_read(struct file *file, struct uio *to, s64 *pos)
{
        struct proc_file *own = file->data;
        ssize_t n;

        if (!own->node.entry->show)
                return -EINVAL;
        if (own->node.entry->once && *pos)
                return 0;
        mutex_lock_nested(&own->lock); /* behind the offset's lock, if that is held */
        n = seq_read(&own->seq, to, pos);
        mutex_unlock(&own->lock);
        return n;
}

static ssize_t text_write(struct file *file, struct uio *from, s64 *pos)
{
        const struct proc_node *node = proc_node_of(file);
        size_t len = min_u64(from->left, PAGE_SIZE - 1);
        char *text;
        ssize_t n;

        if (!node->entry->write)
                return -EIO;
        if (node->entry->once && *pos)
                return (ssize_t)from->left;
        text = kmalloc(len + 1);
        if (!text)
                return -ENOMEM;
        if (uio_take(from, text, len) < len) {
                kfree(text);
                return -EFAULT;
        }
        text[len] = '\0';
        n = node->entry->write(node, text, len);
        kfree(text);
        if (n > 0)
                *pos += n;
        return n;
}

static s64 text_seek(struct file *file, s64 offset, int whence)
{
        if (whence == SEEK_END)
                return -EINVAL;
        return seek_sized(file, offset, whence, 0);
}

static long text_ioctl(struct file *file, unsigned cmd, uaddr arg)
{
        const struct proc_node *node = proc_node_of(file);

        return node->entry->ioctl ? node->entry->ioctl(node, cmd, arg) : -ENOTTY;
}

static const struct file_ops proc_text_ops = {
        .read = text_read,
        .write = text_write,
        .seek = text_seek,
        .ioctl = text_ioctl,
        .release = proc_release,
};

/* ---------------------------------------------------------------- directories */

/* Positions: 0 ".", 1 "..", then the table, then NUMBERS + each number. */
#define POS_TABLE 2
#define NUMBERS   256

static bool list_table(struct file *file, struct dir_sink *sink, const struct proc_entry *table)
{
        unsigned nr = 0;

        while (table && table[nr].name)
                nr++;
        while (file->pos - POS_TABLE < (s64)nr) {
                const struct proc_entry *e = &table[file->pos - POS_TABLE];

                if (!sink->emit(sink, e->name, strlen(e->name), (u64)file->pos + 1000, e->mode,
                                file->pos + 1))
                        return false;
                file->pos++;
        }
        if (file->pos < NUMBERS)
                file->pos = NUMBERS;
        return true;
}

static void list_numbers(struct file *file, struct dir_sink *sink, const struct proc_node *node)
{
        for (;;) {
                int n = node->entry->next(node, (int)(file->pos - NUMBERS));
                char name[16];
                int len;

                if (n < 0)
                        return;
                len = scnprintf(name, sizeof(name), "%d", n);
                if (!sink->emit(sink, name, (size_t)len, (u64)n + 100000,
                                node->entry->numbered->mode, NUMBERS + n + 1))
                        return;
                file->pos = NUMBERS + n + 1;
        }
}

static int proc_iterate(struct file *file, struct dir_sink *sink)
{
        const struct proc_node *node = proc_node_of(file);
        struct inode *inode = file->inode;

        if (node->process && !process_is_there(node))
                return -ENOENT;
        if (file->pos == 0) {
                if (!sink->emit(sink, ".", 1, inode->ino, inode->mode, 1))
                        return 0;
                file->pos = 1;
        }
        if (file->pos == 1) {
                if (!sink->emit(sink, "..", 2, 1, S_IFDIR, POS_TABLE))
                        return 0;
                file->pos = POS_TABLE;
        }
        if (list_table(file, sink, node->entry->children) && node->entry->next)
                list_numbers(file, sink, node);
        return 0;
}

static s64 proc_dir_seek(struct file *file, s64 offset, int whence)
{
        return whence == SEEK_END ? -EINVAL : seek_sized(file, offset, whence, 0);
}

static const struct file_ops proc_dir_ops = {
        .iterate = proc_iterate,
        .seek = proc_dir_seek,
};

/* ---------------------------------------------------------------- the file system */

static const struct inode_ops proc_inode_ops = {
        .lookup = proc_lookup,
        .readlink = proc_readlink,
        .open = proc_open,
        .destroy = proc_destroy,
};

static const struct inode_ops proc_link_ops = {
        .readlink = proc_readlink,
        .jump = proc_jump,
        .destroy = proc_destroy,
};

static int fill(struct super *super, const struct proc_entry *entry)
{
        struct proc_node root = { .entry = entry };

        return proc_instantiate(super, NULL, &root, "/", &super->root);
}

static int proc_fill(struct super *super, const char *options)
{
        (void)options;
        return fill(super, &proc_root_entry);
}

static int sysfs_fill(struct super *super, const char *options)
{
        (void)options;
        return fill(super, &sysfs_root_entry);
}

const struct fs_type proc_type = {
        .name = "proc",
        .magic = PROC_MAGIC,
        .nodev = true,
        .fill = proc_fill,
};

/* /sys is made of the same stuff: a table. */
const struct fs_type sysfs_type = {
        .name = "sysfs",
        .magic = SYSFS_MAGIC,
        .nodev = true,
        .fill = sysfs_fill,
};
