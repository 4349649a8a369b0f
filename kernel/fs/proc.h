/* SPDX-License-Identifier: MIT */
/*
 * /proc inside kernel/fs: tables of entries, and what an inode of /proc stands for.
 *
 * A directory is a table of entries, and maybe entries that exist by number (processes, threads,
 * descriptors). Inodes and dentries are made at each lookup and live as long as they are used.
 */
#ifndef KERNEL_FS_PROC_H
#define KERNEL_FS_PROC_H

#include "kernel/base/abi/procfs.h"
#include "kernel/fs/seq.h"

struct process;
struct process_info;
struct mm;
struct mm_region;
struct proc_node;

/* Whom a file about a process opens for, and how it stands to the process' memory. */
enum proc_guard {
        PROC_OPEN,      /* anyone whom the permission bits let in */
        PROC_PRIVATE,   /* who may look into the process (process_may_access()): else -EACCES */
        PROC_MM,        /* the same; about the address space there is at open, which may be none */
        PROC_MM_NEEDED, /* the same, and -ESRCH if there is none */
};

struct proc_entry {
        const char *name; /* NULL ends a table */
        u32 mode;
        enum proc_guard guard;
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
        long (*ioctl)(const struct proc_node *node, unsigned cmd, uaddr arg); /* -ENOTTY */
        /* Any other file. */
        const struct file_ops *ops;
        const void *data; /* for the functions above */
        bool once;        /* of text, all at offset 0: past that nothing is read or taken */
};

/* What an inode stands for. */
struct proc_node {
        const struct proc_entry *entry;
        struct process *process; /* with a reference; NULL outside of /proc/PID */
        int pid, tid;            /* tid: in /proc/PID/task/TID */
        int fd;                  /* in fd/ and fdinfo/ */
        /* Of an open file with PROC_MM: the address space that it is about, or PROC_NO_MM; else 0:
         * whichever the process has. */
        u64 mm_id;
};

#define PROC_NO_MM (~0ULL)

/* The open file's own copy; it borrows the inode's reference to the process. */
struct proc_node *proc_node_of(const struct file *file);
/* Every file_ops of /proc but those of directories have it: frees that copy. */
void proc_release(struct file *file);

/* A file whose text is one record: call from `show`, which is then called once. */
static inline bool proc_first(u64 *cookie)
{
        return (*cookie)++ == 0;
}

/* The address space of the node, with a reference; NULL: none, it has ended or was replaced. */
struct mm *proc_mm(const struct proc_node *node);
int proc_info(const struct proc_node *node, struct process_info *out); /* -ESRCH */

extern const struct proc_entry proc_root_entry;           /* proc_root.c */
extern const struct proc_entry sysfs_hugepages_entries[]; /* hugepages.c */
extern const struct proc_entry sysfs_root_entry;          /* sysfs.c */
extern const struct proc_entry proc_pid_entries[];        /* proc_pid.c */
extern const struct proc_entry proc_sys_entries[];        /* proc_sys.c */
int proc_show_nr_hugepages(struct seq *seq, const struct proc_node *node, u64 *cookie);
ssize_t proc_write_nr_hugepages(const struct proc_node *node, char *text, size_t len);
extern const struct proc_entry proc_sys_vm_entries[];        /* proc_sys_vm.c */
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
#define PROC_NAME_SIZE 4096
/* The name of a region as PROCMAP_QUERY gives it; bytes without the NUL, 0 if it has none. */
size_t proc_region_name(const struct mm_region *r, char buf[PROC_NAME_SIZE]);
/* Put the region's backing. */
void proc_region_drop(const struct mm_region *r);
/* build_id.c */
unsigned proc_build_id(const struct backing *backing, u8 id[BUILD_ID_MAX]); /* bytes, or 0 */
/* proc_query.c */
long proc_maps_ioctl(const struct proc_node *node, unsigned cmd, uaddr arg);
long proc_pagemap_ioctl(struct file *file, unsigned cmd, uaddr arg);
ssize_t proc_clear_refs(const struct proc_node *node, char *text, size_t len);
/* proc_meminfo.c */
int proc_show_meminfo(struct seq *seq, const struct proc_node *node, u64 *cookie);
int proc_show_vmstat(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* proc_mmstat.c */
int proc_show_mmstat(struct seq *seq, const struct proc_node *node, u64 *cookie);
/* proc_pagetables.c */
int proc_show_pagetables(struct seq *seq, const struct proc_node *node, u64 *cookie);
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
