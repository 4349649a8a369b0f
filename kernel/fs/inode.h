/* SPDX-License-Identifier: MIT */
/*
 * Inodes, names and mounts.
 *
 *      mount ---> super            one file system; `root` is its topmost dentry
 *                   | root
 *                 dentry "/"       a name in a directory; the child refers to its parent, and the
 *                   | children     parent's table to every linked child
 *                 dentry "tmp" --> inode    what the name stands for
 *
 * On a file system that is kept in memory (tmpfs, and /dev on it) the dentries are the directory:
 * each directory has one dentry, names exist once. A generated one (proc) makes a dentry for each
 * lookup and forgets it with its last user. A place is a dentry seen through a mount.
 *
 * Locks: tree_lock (RANK_FS) guards [T]: the tables of all directories, the names and parents of
 * all dentries and where mounts are attached. inode->lock (RANK_INODE) guards [N]: size and
 * contents. The last put of anything here takes no lock that ranks before RANK_OBJECT, because the
 * last user of a file may be a mapping that goes away under mmap_lock.
 */
#ifndef KERNEL_FS_INODE_H
#define KERNEL_FS_INODE_H

#include "kernel/base/abi/stat.h"
#include "kernel/base/errno.h"
#include "kernel/base/list.h"
#include "kernel/base/refcount.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rwsem.h"
#include "mm/object.h"

struct cred;
struct dentry;
struct file;
struct inode;
struct mount;
struct object;
struct pipe;
struct super;

struct place {
        struct mount *mount;
        struct dentry *dentry;
};

/* ---------------------------------------------------------------- inodes */

struct kstat {
        u64 dev, ino, rdev;
        u32 mode, nlink, uid, gid;
        u64 size, blocks; /* bytes, units of 512 bytes */
        u32 blksize;
        struct timespec_abi atime, mtime, ctime, btime;
        u64 mount_id;
        bool mount_root;
};

struct inode_ops {
        /* The entry `name` of directory `dir`, with a reference; -ENOENT. NULL: not a directory of
         * a generated file system. No lock is held. */
        int (*lookup)(struct dentry *dir, const char *name, size_t len, struct dentry **out);
        /* A symbolic link's text: bytes stored, cut to `size`. */
        ssize_t (*readlink)(struct inode *inode, char *buf, size_t size);
        /* A link that leads to a place of its own (/proc/PID/fd/N), with references. */
        int (*jump)(struct inode *inode, struct place *out);
        /* Called for open(); sets file->ops. */
        int (*open)(struct inode *inode, struct file *file);
        /* Corrections to what the inode itself says. */
        void (*getattr)(struct inode *inode, struct kstat *st);
        /* 0 or an errno instead of the mode bits' answer; MAY_*. */
        int (*permission)(struct inode *inode, unsigned mask);
        void (*destroy)(struct inode *inode); /* the last reference is gone */
};

/* Children of a directory that is kept in memory. All [T]. */
struct dir {
        struct list children; /* newest first, as cookies fall */
        struct dentry **buckets;
        u32 nr_buckets; /* a power of two, or 0: no table yet */
        u32 nr;
        u64 next_cookie; /* of the next child: positions of getdents(), never used twice */
};

struct inode {
        struct refcount ref;
        const struct inode_ops *ops;
        struct super *super;
        u64 ino;
        u32 mode;  /* type and permissions */
        u32 nlink; /* [T] */
        u32 uid, gid;
        u64 rdev;
        struct timespec_abi atime, mtime, ctime, btime;
        struct rwsem lock;
        s64 writers;       /* open for writing; negative: that many run it as a program */
        struct list locks; /* record locks and flock(): lock.c's spinlock */
        u32 seals;         /* [N] F_SEAL_* */
        bool seals_allowed;
        u32 pipe_waiters; /* fifo: threads waiting in open() */
        bool linkable;    /* [T] O_TMPFILE: link() may give it its first name */
        union {
                struct object *object; /* regular file kept in memory */
                struct dir dir;
                char *link;        /* symbolic link kept in memory */
                struct pipe *pipe; /* fifo */
                void *data;        /* generated file systems */
        };
};

/* With one reference and times set to now; NULL: no memory. */
struct inode *inode_create(struct super *super, const struct inode_ops *ops, u32 mode);
void inode_get(struct inode *inode);
void inode_put(struct inode *inode);

struct timespec_abi time_now(void);
void inode_touch(struct inode *inode, bool atime, bool mtime, bool ctime);

#define MAY_EXEC  1u
#define MAY_WRITE 2u
#define MAY_READ  4u
/* May the calling thread do that to the inode? -EACCES. */
int inode_permission(struct inode *inode, unsigned mask);
int inode_permission_as(struct inode *inode, unsigned mask, const struct cred *cred, u32 uid,
                        u32 gid);
bool inode_is_owner(const struct inode *inode); /* or CAP_FOWNER */
bool caller_in_group(u32 gid);
u32 caller_fsuid(void);
u32 caller_fsgid(void);
bool caller_has(int cap); /* enum capability; true for the kernel itself during start-up */

/* Writing and running exclude each other: -ETXTBSY. */
int inode_get_writer(struct inode *inode);
void inode_put_writer(struct inode *inode);
int inode_deny_writers(struct inode *inode);
void inode_allow_writers(struct inode *inode);

void inode_stat(struct inode *inode, struct kstat *st);
u64 inode_size(const struct inode *inode); /* bytes; 0 for what has none */

/* ---------------------------------------------------------------- file systems */

struct fs_type {
        const char *name;
        u32 magic;
        bool kept;     /* directories live in memory: names can be made and removed */
        bool internal; /* cannot be mounted by name */
        bool nodev;    /* a column of /proc/filesystems */
        int (*fill)(struct super *super, const char *options);
        int (*remount)(struct super *super, const char *options); /* NULL: there are no options */
};

struct super {
        const struct fs_type *type;
        struct refcount ref; /* its mounts; internal ones live for ever */
        u32 dev;             /* minor number; the major is 0 */
        u64 next_ino;
        struct dentry *root;
        struct object_quota quota; /* pages of all files; max 0: no limit */
        u64 max_inodes;            /* told by statfs, not enforced */
        u32 show_mode;             /* options to be shown */
        bool show_size, show_mode_set, is_devtmpfs;
        bool read_only;   /* through all of its mounts */
        atomic_t writers; /* files open for writing */
};

struct super *super_create(const struct fs_type *type, u32 dev);
void super_put(struct super *super);
const struct fs_type *fs_type_next(const struct fs_type *type); /* NULL: the first */
const struct fs_type *fs_type_find(const char *name);

extern const struct fs_type tmpfs_type, devtmpfs_type, proc_type, sysfs_type;

/* Pipes, sockets, eventfds and memfds belong to file systems that nobody sees. */
extern struct super *pipe_super, *socket_super, *anon_super, *memfd_super;

/* ---------------------------------------------------------------- names */

struct dentry {
        struct refcount ref;
        struct super *super;
        struct dentry *parent; /* [T] with a reference; NULL for a root */
        struct inode *inode;   /* with a reference; never changes */
        char *name;            /* [T] */
        u16 name_len;
        bool linked;   /* [T] in its parent's table, or generated */
        u32 nr_mounts; /* [T] attached here */
        u32 hash;
        u64 cookie;               /* [T] position in getdents() */
        struct list siblings;     /* [T] */
        struct dentry *hash_next; /* [T] */
};

extern struct mutex tree_lock;

/* A name that is in no table. Takes the inode's reference over, also when it fails. */
struct dentry *dentry_create(struct dentry *parent, struct inode *inode, const char *name,
                             size_t len);
void dentry_get(struct dentry *dentry);
void dentry_put(struct dentry *dentry);

u32 name_hash(const char *name, size_t len);

/* Children of a directory kept in memory; tree_lock is held. */
struct dentry *dir_find(struct dentry *dir, const char *name, size_t len); /* no reference */
void dir_link(struct dentry *dir, struct dentry *child);                   /* gets a reference */
void dir_unlink(struct dentry *child);                                     /* drops it */
/* The first child at or below cookie `from`: children are listed newest first. */
struct dentry *dir_next(struct dentry *dir, u64 from);
bool dentry_is_below(const struct dentry *dentry, const struct dentry *ancestor);

/* ---------------------------------------------------------------- mounts */

struct mount {
        struct refcount ref;
        struct super *super;
        struct dentry *root;
        struct mount *parent;      /* [T] with a reference, NULL for the first and detached ones */
        struct dentry *mountpoint; /* [T] with a reference */
        struct list node;          /* [T] all attached mounts, oldest first */
        u32 id;
        u32 flags; /* MS_RDONLY, MS_NOEXEC, ... */
        char *source;
        atomic_t writers; /* files open for writing through it */
        bool attached;    /* [T] */
};

extern struct list mounts; /* [T] */

void place_get(const struct place *place);
void place_put(const struct place *place); /* NULLs are fine */
static inline bool place_equal(const struct place *a, const struct place *b)
{
        return a->mount == b->mount && a->dentry == b->dentry;
}

void mount_get(struct mount *mount);
void mount_put(struct mount *mount);
/* The root of the first mount, with references. */
void place_root(struct place *out);
/* While a mount is attached to *place, go to its root. Consumes and gives references. */
void place_descend(struct place *place);
/* From a mount's root to what it is attached to; false at the very top or at `root`. */
bool place_ascend(struct place *place, const struct place *root);
/* Attach a file system of `type` at `at` (NULL: the root of all). */
int mount_add(const struct fs_type *type, const struct place *at, u32 flags, const char *source,
              const char *options);
/* -EINVAL, -EBUSY; with MNT_EXPIRE -EAGAIN unless it is known to be `unused`. */
int mount_remove(const struct place *at, unsigned flags, bool unused);
/* Show what lies at `from` at `at` too; `whole`: with what is mounted below it. */
int mount_bind(const struct place *from, const struct place *at, bool whole);
/* Attach the mount whose root `from` is at `at` instead. */
int mount_move(const struct place *from, const struct place *at);
/* New flags for a mount, and unless it is for this mount alone for its file system. */
int mount_change(struct mount *mount, u32 flags, bool alone, const char *options);
bool place_is_read_only(const struct place *place);
/* A file was opened for writing here (+1), or is closed (-1). */
void place_count_writer(const struct place *place, int change);
/*
 * umount2(MNT_EXPIRE) removes a mount that was not used since the call before. Which that was is
 * remembered until somebody uses it: for one mount at a time, and not to be dereferenced.
 */
struct mount *mount_expiring(void);
void mount_set_expiring(struct mount *mount);

/* Options as /proc/mounts shows them after "rw,relatime". Bytes without the NUL. */
size_t super_options(const struct super *super, char *buf, size_t size);

/*
 * The path of a place as seen from `root`, ending at the end of `buf`: where it begins, or
 * -ENAMETOOLONG. *reachable is false when it lies outside of root. An unlinked name gets
 * " (deleted)".
 */
ssize_t place_path(const struct place *place, const struct place *root, char *buf, size_t size,
                   bool *reachable);

#endif
