/* SPDX-License-Identifier: MIT */
/* /proc/PID: its table of entries, links into other file systems, and the numbered directories. */
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/fs/fdtable.h"
#include "kernel/fs/proc.h"
#include "kernel/fs/walk.h"
#include "kernel/sched/process.h"
#include "mm/slab.h"

/* ---------------------------------------------------------------- links */

#define PATH_SIZE 4096

/* A place's path as the caller sees it, cut to `size`. */
static ssize_t place_text(const struct place *place, char *buf, size_t size)
{
        char *path = kmalloc(PATH_SIZE);
        struct place root;
        bool reachable;
        ssize_t n;

        if (!path)
                return -ENOMEM;
        fs_root(&root);
        n = place_path(place, &root, path, PATH_SIZE, &reachable);
        place_put(&root);
        if (n >= 0) {
                size = min_u64(size, PATH_SIZE - (size_t)n);
                memcpy(buf, path + n, size);
                n = (ssize_t)size;
        }
        kfree(path);
        return n;
}

static ssize_t jump_text(const struct proc_node *node, char *buf, size_t size)
{
        struct place place;
        ssize_t n = node->entry->jump(node, &place);

        if (n)
                return n;
        if (place.mount) {
                n = place_text(&place, buf, size);
        } else {
                n = (ssize_t)min_u64(place.dentry->name_len, size);
                memcpy(buf, place.dentry->name, (size_t)n);
        }
        place_put(&place);
        return n;
}

/* The file's place with references of its own; consumes the file's. */
static int place_of(struct file *file, struct place *out)
{
        if (!file)
                return -ENOENT;
        *out = file->place;
        place_get(out);
        file_put(file);
        return 0;
}

static int exe_jump(const struct proc_node *node, struct place *out)
{
        return place_of(process_exe(node->process), out);
}

static int context_jump(const struct proc_node *node, struct place *out, bool root)
{
        struct fs_context *fs = process_fs(node->process);
        struct place other;

        if (!fs)
                return -ENOENT;
        if (root)
                fs_context_places(fs, out, &other);
        else
                fs_context_places(fs, &other, out);
        place_put(&other);
        fs_context_put(fs);
        return 0;
}

static int cwd_jump(const struct proc_node *node, struct place *out)
{
        return context_jump(node, out, false);
}

static int root_jump(const struct proc_node *node, struct place *out)
{
        return context_jump(node, out, true);
}

/* ---------------------------------------------------------------- fd, fdinfo */

static struct file *node_file(const struct proc_node *node, int fd, bool *cloexec)
{
        struct files *files = process_files(node->process);
        struct file *file = files ? files_file(files, fd, cloexec) : NULL;

        files_put(files);
        return file;
}

static int fd_jump(const struct proc_node *node, struct place *out)
{
        return place_of(node_file(node, node->fd, NULL), out);
}

/* The link's permission bits tell how the descriptor is open. */
static const struct proc_entry fd_links[] = {
        { .name = "-", .mode = S_IFLNK | 0100, .text = jump_text, .jump = fd_jump },
        { .name = "r", .mode = S_IFLNK | 0500, .text = jump_text, .jump = fd_jump },
        { .name = "w", .mode = S_IFLNK | 0300, .text = jump_text, .jump = fd_jump },
        { .name = "rw", .mode = S_IFLNK | 0700, .text = jump_text, .jump = fd_jump },
};

static int show_fdinfo(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        bool cloexec = false;
        struct file *file;

        if (!proc_first(cookie))
                return 0;
        file = node_file(node, node->fd, &cloexec);
        if (!file)
                return -ENOENT;
        seq_printf(seq, "pos:\t%lld\nflags:\t0%o\nmnt_id:\t%u\nino:\t%llu\n", (long long)file->pos,
                   file->flags | (cloexec ? O_CLOEXEC : 0),
                   file->place.mount ? file->place.mount->id : 0,
                   (unsigned long long)file->inode->ino);
        if (file->ops->info)
                file->ops->info(file, seq);
        file_put(file);
        return 1;
}

static const struct proc_entry fdinfo_file = { .name = "",
                                               .mode = S_IFREG | 0444,
                                               .show = show_fdinfo };

/* A node for descriptor `fd`; -ENOENT if it is closed. */
static int find_fd(const struct proc_node *dir, int fd, struct proc_node *out, bool info)
{
        struct file *file = node_file(dir, fd, NULL);
        unsigned access;

        if (!file)
                return -ENOENT;
        access = (file->readable ? 1 : 0) | (file->writable ? 2 : 0);
        file_put(file);
        *out = *dir;
        out->entry = info ? &fdinfo_file : &fd_links[access];
        out->process = process_find(dir->pid);
        out->fd = fd;
        return out->process ? 0 : -ENOENT;
}

static int fd_find(const struct proc_node *dir, int fd, struct proc_node *out)
{
        return find_fd(dir, fd, out, false);
}

static int fdinfo_find(const struct proc_node *dir, int fd, struct proc_node *out)
{
        return find_fd(dir, fd, out, true);
}

static int fd_next(const struct proc_node *dir, int fd)
{
        struct files *files = process_files(dir->process);
        int next = files ? files_next(files, fd) : -1;

        files_put(files);
        return next;
}

/* ---------------------------------------------------------------- task */

static int task_next(const struct proc_node *dir, int tid)
{
        return process_next_thread(dir->process, tid);
}

static int task_find(const struct proc_node *dir, int tid, struct proc_node *out)
{
        if (process_next_thread(dir->process, tid) != tid)
                return -ENOENT;
        *out = *dir;
        out->entry = dir->entry->numbered;
        out->tid = tid;
        out->process = process_find(dir->pid);
        return out->process ? 0 : -ENOENT;
}

/* ---------------------------------------------------------------- small files */

static int show_comm(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct process_info info;
        int err;

        if (!proc_first(cookie))
                return 0;
        err = proc_info(node, &info);
        if (!err)
                seq_printf(seq, "%s\n", info.comm);
        return err ? err : 1;
}

/* Processes are not killed by a score here: it is always 0. */
static int show_zero(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        (void)node;
        if (!proc_first(cookie))
                return 0;
        seq_printf(seq, "0\n");
        return 1;
}

static int show_personality(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        struct task *task;
        u32 personality = 0;

        if (!proc_first(cookie))
                return 0;
        spin_lock(&process_lock);
        task = process_first_thread(node->process);
        if (task)
                personality = task->personality;
        spin_unlock(&process_lock);
        seq_printf(seq, "%08x\n", personality);
        return 1;
}

#define TEXT(name_, mode_, guard_, show_)                                                \
        {                                                                                \
                .name = name_, .mode = S_IFREG | (mode_), .guard = guard_, .show = show_ \
        }
#define LINK(name_, jump_)                                                                       \
        {                                                                                        \
                .name = name_, .mode = S_IFLNK | 0777, .guard = PROC_PRIVATE, .text = jump_text, \
                .jump = jump_                                                                    \
        }

/* clang-format off */
#define COMMON_ENTRIES                                                                   \
        TEXT("auxv", 0400, PROC_MM_NEEDED, proc_show_auxv),                              \
        { .name = "clear_refs", .mode = S_IFREG | 0200, .write = proc_clear_refs },      \
        TEXT("cmdline", 0444, PROC_OPEN, proc_show_cmdline),                             \
        TEXT("comm", 0444, PROC_OPEN, show_comm),                                        \
        LINK("cwd", cwd_jump),                                                           \
        TEXT("environ", 0400, PROC_MM_NEEDED, proc_show_environ),                        \
        LINK("exe", exe_jump),                                                           \
        { .name = "fd", .mode = S_IFDIR | 0500, .find = fd_find, .next = fd_next,        \
          .numbered = &fd_links[3] },                                                    \
        { .name = "fdinfo", .mode = S_IFDIR | 0555, .find = fdinfo_find,                 \
          .next = fd_next, .numbered = &fdinfo_file },                                   \
        TEXT("limits", 0444, PROC_OPEN, proc_show_limits),                               \
        { .name = "maps", .mode = S_IFREG | 0444, .guard = PROC_MM,                      \
          .show = proc_show_maps, .ioctl = proc_maps_ioctl },                            \
        { .name = "mem", .mode = S_IFREG | 0600, .guard = PROC_MM_NEEDED,                \
          .ops = &proc_mem_ops },                                                        \
        TEXT("mmstat", 0444, PROC_OPEN, proc_show_mmstat),                               \
        TEXT("mountinfo", 0444, PROC_OPEN, proc_show_mountinfo),                         \
        TEXT("mounts", 0444, PROC_OPEN, proc_show_mounts),                               \
        TEXT("oom_score", 0444, PROC_OPEN, show_zero),                                   \
        TEXT("oom_score_adj", 0444, PROC_OPEN, show_zero),                               \
        { .name = "pagemap", .mode = S_IFREG | 0400, .guard = PROC_MM_NEEDED,            \
          .ops = &proc_pagemap_ops },                                                    \
        TEXT("pagetables", 0400, PROC_MM_NEEDED, proc_show_pagetables),                  \
        TEXT("personality", 0400, PROC_PRIVATE, show_personality),                       \
        LINK("root", root_jump),                                                         \
        TEXT("smaps", 0444, PROC_MM, proc_show_smaps),                                   \
        TEXT("smaps_rollup", 0444, PROC_MM_NEEDED, proc_show_smaps_rollup),              \
        TEXT("stat", 0444, PROC_OPEN, proc_show_stat),                                   \
        TEXT("statm", 0444, PROC_OPEN, proc_show_statm),                                 \
        TEXT("status", 0444, PROC_OPEN, proc_show_status)
/* clang-format on */

static const struct proc_entry thread_entries[] = { COMMON_ENTRIES, { .name = NULL } };

static const struct proc_entry thread_dir = { .name = "",
                                              .mode = S_IFDIR | 0555,
                                              .children = thread_entries };

const struct proc_entry proc_pid_entries[] = { COMMON_ENTRIES,
                                               { .name = "task",
                                                 .mode = S_IFDIR | 0555,
                                                 .find = task_find,
                                                 .next = task_next,
                                                 .numbered = &thread_dir },
                                               { .name = NULL } };
