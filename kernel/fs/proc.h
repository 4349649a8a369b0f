/* SPDX-License-Identifier: MIT */
/*
 * /proc inside kernel/fs: tables of entries, and what an inode of /proc stands for.
 *
 * A directory is a table of entries, and maybe entries that exist by number (processes, threads,
 * descriptors). Inodes and dentries are made at each lookup and live as long as they are used.
 */
#ifndef KERNEL_FS_PROC_H
#define KERNEL_FS_PROC_H

#include "kernel/fs/seq.h"

struct process;
struct process_info;
struct mm;
struct proc_node;

struct proc_entry {
        const char *name; /* NULL ends a table */
        u32 mode;
        const struct proc_entry *children; /* directory: what is always there */
        /* Directory: the number behind a name, and the next number that exists (-1: none). */
        int (*find)(const struct proc_node *dir, int number, struct proc_node *out);
        int (*next)(const struct proc_node *dir, int number);
        const struct proc_entry *numbered; /* what a number is */
        /* Symbolic link: its text; where it leads if that is no path. */
        ssize_t (*text)(const struct proc_node *node, char *buf, size_t size);
        int (*jump)(const struct proc_node *node, struct place *out);
        /* File of text: a record (see seq.h); one write. */
        int (*show)(struct seq *seq, const struct proc_node *node, u64 *cookie);
        ssize_t (*write)(const struct proc_node *node, char *text, size_t len);
        /* Any other file. */
        const struct file_ops *ops;
        const void *data; /* for the functions above */
};

/* What an inode stands for. */
struct proc_node {
        const struct proc_entry *entry;
        struct process *process; /* with a reference; NULL outside of /proc/PID */
        int pid, tid;            /* tid: in /proc/PID/task/TID */
        int fd;                  /* in fd/ and fdinfo/ */
};

struct proc_node *proc_node_of(const struct file *file);

/* A file whose text is one record: call from `show`, which is then called once. */
static inline bool proc_first(u64 *cookie)
{
        return (*cookie)++ == 0;
}

/* The address space of the node's process, with a reference; NULL: none, or it has ended. */
struct mm *proc_mm(const struct proc_node *node);
int proc_info(const struct proc_node *node, struct process_info *out); /* -ESRCH */

extern const struct proc_entry proc_root_entry;              /* proc_root.c */
extern const struct proc_entry proc_pid_entries[];           /* proc_pid.c */
extern const struct proc_entry proc_sys_entries[];           /* proc_sys.c */
extern const struct file_ops proc_mem_ops, proc_pagemap_ops; /* proc_mem.c */

/* proc_status.c */
int proc_show_status(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_stat(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_statm(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_limits(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* proc_maps.c */
int proc_show_maps(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_smaps(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_smaps_rollup(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* proc_mmstat.c */
int proc_show_mmstat(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* proc_mem.c */
int proc_show_cmdline(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_environ(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_auxv(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* proc_mounts.c */
int proc_show_mounts(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_mountinfo(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* proc_sysvipc.c */
int proc_show_sysvipc_shm(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* proc_cpu.c */
int proc_show_cpuinfo(struct seq *seq, const struct proc_node *node, u64 *cookie);

#endif
