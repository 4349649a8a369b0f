/* SPDX-License-Identifier: MIT */
/*
 * From a path to a place: path_resolution(7).
 *
 * A walk goes to the directory of the last component first (walk_to_last), then over the last one
 * (walk_last); what creates or removes a name stops in between. A symbolic link pushes its text on
 * a stack of texts that are still to be walked, so links nest without recursion.
 */
#ifndef KERNEL_FS_WALK_H
#define KERNEL_FS_WALK_H

#include "kernel/base/abi/dirent.h"
#include "kernel/fs/inode.h"

struct fs_context;

#define WALK_FOLLOW    0x1u /* follow a symbolic link at the end */
#define WALK_DIRECTORY 0x2u /* the result must be a directory */
#define WALK_EMPTY     0x4u /* an empty path is the start itself */

#define WALK_MAX_LINKS 40

enum last_kind {
        LAST_NAME,
        LAST_DOT,
        LAST_DOTDOT,
        LAST_ROOT, /* the path has no component: "/", or "" with WALK_EMPTY */
};

struct walk {
        struct place at;   /* where the walk stands, with references */
        struct place root; /* of the caller, with references */
        unsigned flags;    /* WALK_* */
        u32 resolve;       /* RESOLVE_* of openat2(2) */
        unsigned nr_links; /* followed so far */
        unsigned depth;    /* texts on the stack */
        struct {
                const char *rest;
                char *text; /* to be freed, or NULL for the caller's own path */
        } stack[WALK_MAX_LINKS + 1];
        enum last_kind kind;
        bool slash; /* the last component had slashes behind it */
        u16 len;
        char name[NAME_MAX + 1];
};

/* Begin at `dirfd` (AT_FDCWD: the working directory) or at the root. walk_end() must follow. */
int walk_begin(struct walk *w, int dirfd, const char *path, unsigned flags, u32 resolve);
/* Stand in the directory of the last component, which is in w->name, w->kind. */
int walk_to_last(struct walk *w);
/* Over the last component, links included: the place it names, with references. */
int walk_last(struct walk *w, struct place *out);
/* Go on into a symbolic link found at the end: walk_to_last() is next, unless *jumped. */
int walk_into_link(struct walk *w, const struct place *link, bool *jumped);
void walk_end(struct walk *w);

/* All of it. *out has references; its mount is NULL if `dirfd` is a pipe and the path empty. */
int walk_path(int dirfd, const char *path, unsigned flags, struct place *out);
/* The flags AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH as WALK_*. */
unsigned walk_flags_of(unsigned at_flags);

/*
 * Whether a name of this length can be looked up in the directory: -ENOENT when that was removed,
 * then -ENAMETOOLONG.
 */
int name_check(const struct dentry *dir, size_t len);

/* The entry of a directory by name, with a reference. No permission is checked. */
int lookup_child(struct dentry *dir, const char *name, size_t len, struct dentry **out);

/* ---- the caller's own directories (fs_context.c) */
void fs_root(struct place *out); /* with references */
void fs_cwd(struct place *out);
void fs_set_root(const struct place *place); /* consumes the references */
void fs_set_cwd(const struct place *place);
u32 fs_umask(void);
u32 fs_set_umask(u32 mask);
u32 fs_context_umask(struct fs_context *fs);
void fs_context_places(struct fs_context *fs, struct place *root, struct place *cwd);

#endif
