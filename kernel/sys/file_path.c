/* SPDX-License-Identifier: MIT */
/* System calls on paths: opening, names, directories, mounts. */
#include "kernel/base/abi/mount.h"
#include "kernel/base/string.h"
#include "kernel/fs/calls.h"
#include "kernel/fs/walk.h"
#include "kernel/sys/file.h"
#include "mm/slab.h"

/* ---------------------------------------------------------------- opening */

static long open_path(int dirfd, uaddr path, const struct open_how *how)
{
        char *name;
        long err = path_get(path, &name);

        if (err)
                return err;
        err = call_open(dirfd, name, how);
        path_put(name);
        return err;
}

long sys_openat(int dirfd, uaddr path, int flags, u32 mode)
{
        struct open_how how = { (u32)flags, mode, 0 };

        open_flags_clean(&how);
        return open_path(dirfd, path, &how);
}

long sys_open(uaddr path, int flags, u32 mode)
{
        return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_creat(uaddr path, u32 mode)
{
        return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* A longer struct from a newer program is fine as long as what we do not know is zero. */
static long copy_how(struct open_how *how, uaddr from, size_t size)
{
        size_t done = sizeof(*how);

        memset(how, 0, sizeof(*how));
        if (size < sizeof(*how))
                return -EINVAL;
        if (size > PAGE_SIZE)
                return -E2BIG;
        if (copy_in(how, from, sizeof(*how)))
                return -EFAULT;
        while (done < size) {
                u8 bytes[64];
                size_t n = min_u64(sizeof(bytes), size - done);

                if (copy_in(bytes, from + done, n))
                        return -EFAULT;
                for (size_t i = 0; i < n; i++)
                        if (bytes[i])
                                return -E2BIG;
                done += n;
        }
        return 0;
}

long sys_openat2(int dirfd, uaddr path, uaddr from, size_t size)
{
        struct open_how how;
        long err = copy_how(&how, from, size);

        if (err)
                return err;
        if (!(how.flags & O_PATH))
                how.flags |= O_LARGEFILE;
        return open_path(dirfd, path, &how);
}

/* ---------------------------------------------------------------- names */

long sys_mkdirat(int dirfd, uaddr path, u32 mode)
{
        char *name;
        long err = path_get(path, &name);

        if (err)
                return err;
        err = call_mkdir(dirfd, name, mode);
        path_put(name);
        return err;
}

long sys_mkdir(uaddr path, u32 mode)
{
        return sys_mkdirat(AT_FDCWD, path, mode);
}

long sys_mknodat(int dirfd, uaddr path, u32 mode, u32 dev)
{
        char *name;
        long err = path_get(path, &name);

        if (err)
                return err;
        err = call_mknod(dirfd, name, mode, dev);
        path_put(name);
        return err;
}

long sys_mknod(uaddr path, u32 mode, u32 dev)
{
        return sys_mknodat(AT_FDCWD, path, mode, dev);
}

long sys_unlinkat(int dirfd, uaddr path, int flags)
{
        char *name;
        long err;

        if (flags & ~AT_REMOVEDIR)
                return -EINVAL;
        err = path_get(path, &name);
        if (err)
                return err;
        err = flags & AT_REMOVEDIR ? call_rmdir(dirfd, name) : call_unlink(dirfd, name);
        path_put(name);
        return err;
}

long sys_unlink(uaddr path)
{
        return sys_unlinkat(AT_FDCWD, path, 0);
}

long sys_rmdir(uaddr path)
{
        return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* Two strings; with an error neither is held. */
static long two_paths(uaddr first, uaddr second, char **a, char **b)
{
        long err = path_get(first, a);

        if (err)
                return err;
        err = path_get(second, b);
        if (err)
                path_put(*a);
        return err;
}

long sys_linkat(int old_dirfd, uaddr old_path, int new_dirfd, uaddr new_path, int flags)
{
        struct kstat st;
        char *from, *to;
        long err;

        if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
                return -EINVAL;
        err = path_get(old_path, &from);
        if (err)
                return err;
        err = path_get(new_path, &to);
        if (err) {
                /* Whether the old name is there is found out before the new one is looked at. */
                long missing = call_stat(old_dirfd, from, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &st);

                path_put(from);
                return missing ? missing : err;
        }
        err = call_link(old_dirfd, from, new_dirfd, to, flags);
        path_put(from);
        path_put(to);
        return err;
}

long sys_link(uaddr old_path, uaddr new_path)
{
        return sys_linkat(AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

long sys_symlinkat(uaddr target, int dirfd, uaddr path)
{
        char *text, *name;
        long err = two_paths(target, path, &text, &name);

        if (err)
                return err;
        err = call_symlink(text, dirfd, name);
        path_put(text);
        path_put(name);
        return err;
}

long sys_symlink(uaddr target, uaddr path)
{
        return sys_symlinkat(target, AT_FDCWD, path);
}

long sys_renameat2(int old_dirfd, uaddr old_path, int new_dirfd, uaddr new_path, unsigned flags)
{
        char *from, *to;
        long err = two_paths(old_path, new_path, &from, &to);

        if (err)
                return err;
        err = call_rename(old_dirfd, from, new_dirfd, to, flags);
        path_put(from);
        path_put(to);
        return err;
}

long sys_renameat(int old_dirfd, uaddr old_path, int new_dirfd, uaddr new_path)
{
        return sys_renameat2(old_dirfd, old_path, new_dirfd, new_path, 0);
}

long sys_rename(uaddr old_path, uaddr new_path)
{
        return sys_renameat2(AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

long sys_readlinkat(int dirfd, uaddr path, uaddr buf, int size)
{
        char *name, *text;
        long n;

        if (size <= 0)
                return -EINVAL;
        n = path_get(path, &name);
        if (n)
                return n;
        text = kmalloc(PATH_MAX);
        n = text ? call_readlink(dirfd, name, text, min_u64((u64)size, PATH_MAX)) : -ENOMEM;
        if (n > 0 && copy_out(buf, text, (size_t)n))
                n = -EFAULT;
        kfree(text);
        path_put(name);
        return n;
}

long sys_readlink(uaddr path, uaddr buf, int size)
{
        return sys_readlinkat(AT_FDCWD, path, buf, size);
}

/* ---------------------------------------------------------------- directories */

static long with_path(uaddr path, long (*call)(const char *))
{
        char *name;
        long err = path_get(path, &name);

        if (err)
                return err;
        err = call(name);
        path_put(name);
        return err;
}

long sys_chdir(uaddr path)
{
        return with_path(path, call_chdir);
}

long sys_chroot(uaddr path)
{
        return with_path(path, call_chroot);
}

long sys_fchdir(int fd)
{
        return call_fchdir(fd);
}

long sys_getcwd(uaddr buf, size_t size)
{
        char *path;
        long len = call_getcwd(&path);

        if (len < 0)
                return len;
        if ((size_t)len > size)
                len = -ERANGE;
        else if (copy_out(buf, path, (size_t)len))
                len = -EFAULT;
        kfree(path);
        return len;
}

long sys_umask(u32 mask)
{
        return fs_set_umask(mask);
}

/* ---------------------------------------------------------------- mounts */

/* A string that may be NULL. It is no path: too long is -EINVAL. */
static long optional_string(uaddr from, char **out)
{
        long err;

        *out = NULL;
        err = from ? path_get(from, out) : 0;
        return err == -ENAMETOOLONG ? -EINVAL : err;
}

long sys_mount(uaddr source, uaddr target, uaddr type, u64 flags, uaddr data)
{
        char *strings[4] = { NULL };
        uaddr from[4] = { type, source, data, target };
        long err = 0;

        for (unsigned i = 0; i < 3 && !err; i++)
                err = optional_string(from[i], &strings[i]);
        if (!err)
                err = path_get(target, &strings[3]);
        if (!err)
                err = call_mount(strings[1], strings[3], strings[0], flags, strings[2]);
        for (unsigned i = 0; i < ARRAY_SIZE(strings); i++)
                path_put(strings[i]);
        return err;
}

long sys_umount2(uaddr target, int flags)
{
        char *name;
        long err;

        if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
                return -EINVAL;
        err = path_get(target, &name);
        if (err)
                return err;
        err = call_umount(name, flags);
        path_put(name);
        return err;
}
