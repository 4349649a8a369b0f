/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables: small integers to open files.
 *
 * files->lock (a spinlock, leaf) guards all fields. Files are put after it is released, since that
 * may do anything. A table only grows; it is sized in powers of two, at most RLIMIT_NOFILE.
 *
 * A slot is free, reserved for a call that is still looking for its file, or open.
 */
#include "kernel/fs/fdtable.h"

#include "kernel/base/assert.h"
#include "kernel/base/string.h"
#include "kernel/fs/lock.h"
#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"
#include "mm/slab.h"

struct slot {
        struct file *file;
        bool cloexec;
        bool reserved; /* of a call that has no file for it yet; `file` is NULL */
};

struct files {
        struct refcount ref;
        struct spinlock lock;
        unsigned capacity;
        unsigned lowest_free; /* no free descriptor is below it */
        unsigned end;         /* none at it or above was ever taken */
        struct slot *slots;
};

#define FIRST_CAPACITY 64 /* what FDSize of a small process says on Linux, too */
#define MAX_CAPACITY   (1u << 17)

static struct files *files_alloc(unsigned capacity)
{
        struct files *files = kzalloc(sizeof(*files));
        struct slot *slots = kzalloc(capacity * sizeof(*slots));

        if (!files || !slots) {
                kfree(files);
                kfree(slots);
                return NULL;
        }
        refcount_init(&files->ref);
        spin_init(&files->lock, RANK_LEAF, "files");
        files->capacity = capacity;
        files->slots = slots;
        return files;
}

static struct file *slot_take(struct files *files, unsigned fd)
{
        struct file *file = files->slots[fd].file;

        files->slots[fd] = (struct slot){ 0 };
        if (fd < files->lowest_free)
                files->lowest_free = fd;
        return file;
}

/* What is put into a slot goes through here. files->lock is held, or nobody else knows the table.
 */
static void slot_put(struct files *files, unsigned fd, struct slot slot)
{
        files->slots[fd] = slot;
        if (fd >= files->end)
                files->end = fd + 1;
}

struct files *files_create(void)
{
        return files_alloc(FIRST_CAPACITY);
}

struct files *files_copy(struct files *from)
{
        unsigned capacity = from->capacity;
        struct files *files = files_alloc(capacity);

        if (!files)
                return NULL;
        spin_lock(&from->lock);
        while (from->capacity > files->capacity) {
                capacity = from->capacity;
                spin_unlock(&from->lock);
                files_put(files);
                files = files_alloc(capacity);
                if (!files)
                        return NULL;
                spin_lock(&from->lock);
        }
        memcpy(files->slots, from->slots, from->end * sizeof(struct slot));
        files->lowest_free = from->lowest_free;
        files->end = from->end;
        for (unsigned i = 0; i < files->end; i++) {
                if (files->slots[i].file)
                        file_get(files->slots[i].file);
                else if (files->slots[i].reserved)
                        slot_take(files, i); /* another thread's, not the copy's */
        }
        spin_unlock(&from->lock);
        return files;
}

void files_get(struct files *files)
{
        refcount_get(&files->ref);
}

/* A process closes a file: its record locks go with any of its descriptors. */
static void close_file(struct files *files, struct file *file)
{
        locks_drop(file->inode, files);
        file_put(file);
}

void files_put(struct files *files)
{
        if (!files || !refcount_put(&files->ref))
                return;
        for (unsigned i = 0; i < files->end; i++)
                if (files->slots[i].file)
                        close_file(files, files->slots[i].file);
        kfree(files->slots);
        kfree(files);
}

void files_close_on_exec(struct files *files)
{
        for (unsigned i = 0; i < files->end; i++) {
                struct file *file = NULL;

                spin_lock(&files->lock);
                if (files->slots[i].file && files->slots[i].cloexec)
                        file = slot_take(files, i);
                spin_unlock(&files->lock);
                if (file)
                        close_file(files, file);
        }
}

/* ---------------------------------------------------------------- lookup */

struct file *files_file(struct files *files, int fd, bool *cloexec)
{
        struct file *file = NULL;

        spin_lock(&files->lock);
        if (fd >= 0 && (unsigned)fd < files->capacity) {
                file = files->slots[fd].file;
                if (file)
                        file_get(file);
                if (cloexec)
                        *cloexec = files->slots[fd].cloexec;
        }
        spin_unlock(&files->lock);
        return file;
}

int files_next(struct files *files, int fd)
{
        int found = -1;

        spin_lock(&files->lock);
        for (unsigned i = fd < 0 ? 0 : (unsigned)fd; i < files->capacity; i++)
                if (files->slots[i].file) {
                        found = (int)i;
                        break;
                }
        spin_unlock(&files->lock);
        return found;
}

unsigned files_capacity(struct files *files)
{
        return files->capacity;
}

struct file *file_from_fd(int fd, bool path_ok)
{
        struct file *file = files_file(current_files(), fd, NULL);

        if (file && file->path_only && !path_ok) {
                file_put(file);
                return NULL;
        }
        return file;
}

struct file *file_of_fd(int fd)
{
        return file_from_fd(fd, true);
}

/* ---------------------------------------------------------------- changing */

/* Room for descriptor `fd`. -EMFILE, -ENOMEM. */
static int files_reserve(struct files *files, unsigned fd)
{
        unsigned capacity = FIRST_CAPACITY;
        struct slot *slots, *old;

        if (fd >= MAX_CAPACITY)
                return -EMFILE;
        while (capacity <= fd)
                capacity *= 2;
        if (capacity <= files->capacity)
                return 0;
        slots = kzalloc(capacity * sizeof(*slots));
        if (!slots)
                return -ENOMEM;
        spin_lock(&files->lock);
        if (capacity > files->capacity) {
                memcpy(slots, files->slots, files->capacity * sizeof(*slots));
                old = files->slots;
                files->slots = slots;
                files->capacity = capacity;
        } else {
                old = slots;
        }
        spin_unlock(&files->lock);
        kfree(old);
        return 0;
}

/* The lowest free descriptor >= from; it may lie right behind the table. files->lock is held. */
static unsigned find_free(struct files *files, unsigned from)
{
        unsigned fd = from < files->lowest_free ? files->lowest_free : from;

        while (fd < files->capacity && (files->slots[fd].file || files->slots[fd].reserved))
                fd++;
        if (from <= files->lowest_free)
                files->lowest_free = fd;
        return fd;
}

void files_set(struct files *files, int fd, struct file *file)
{
        ASSERT((unsigned)fd < files->capacity && !files->slots[fd].file);
        slot_put(files, (unsigned)fd, (struct slot){ .file = file });
}

int fd_reserve(int from)
{
        struct files *files = current_files();

        for (;;) {
                unsigned fd;
                int err;

                spin_lock(&files->lock);
                fd = find_free(files, (unsigned)from);
                if (fd >= current_rlimit(RLIMIT_NOFILE)) {
                        spin_unlock(&files->lock);
                        return -EMFILE;
                }
                if (fd < files->capacity) {
                        slot_put(files, fd, (struct slot){ .reserved = true });
                        spin_unlock(&files->lock);
                        return (int)fd;
                }
                spin_unlock(&files->lock);
                err = files_reserve(files, fd);
                if (err)
                        return err;
        }
}

void fd_publish(int fd, struct file *file, bool cloexec)
{
        struct files *files = current_files();

        spin_lock(&files->lock);
        ASSERT(files->slots[fd].reserved);
        files->slots[fd] = (struct slot){ .file = file, .cloexec = cloexec };
        spin_unlock(&files->lock);
}

void fd_unreserve(int fd)
{
        struct files *files = current_files();

        spin_lock(&files->lock);
        ASSERT(files->slots[fd].reserved);
        slot_take(files, (unsigned)fd);
        spin_unlock(&files->lock);
}

int fd_reserve_pair(int fds[2])
{
        fds[0] = fd_reserve(0);
        if (fds[0] < 0)
                return fds[0];
        fds[1] = fd_reserve(0);
        if (fds[1] < 0) {
                fd_unreserve(fds[0]);
                return fds[1];
        }
        return 0;
}

int fd_install_from(struct file *file, int from, bool cloexec)
{
        int fd = fd_reserve(from);

        if (fd >= 0)
                fd_publish(fd, file, cloexec);
        return fd;
}

int fd_install(struct file *file, bool cloexec)
{
        int fd = fd_install_from(file, 0, cloexec);

        if (fd < 0)
                file_put(file);
        return fd;
}

int fd_install_pair(struct file *first, struct file *second, bool cloexec, int fds[2])
{
        int err = fd_reserve_pair(fds);

        if (err) {
                file_put(first);
                file_put(second);
                return err;
        }
        fd_publish(fds[0], first, cloexec);
        fd_publish(fds[1], second, cloexec);
        return 0;
}

int fd_close(int fd)
{
        struct files *files = current_files();
        struct file *file = NULL;

        spin_lock(&files->lock);
        if (fd >= 0 && (unsigned)fd < files->capacity && files->slots[fd].file)
                file = slot_take(files, (unsigned)fd);
        spin_unlock(&files->lock);
        if (!file)
                return -EBADF;
        close_file(files, file);
        return 0;
}

int fd_dup(int fd, int from, bool cloexec)
{
        struct file *file = file_from_fd(fd, true);
        int new_fd;

        if (!file)
                return -EBADF;
        new_fd = fd_install_from(file, from, cloexec);
        if (new_fd < 0)
                file_put(file);
        return new_fd;
}

int fd_dup_from(int fd, int from, bool cloexec)
{
        if (from >= 0 && (u64)from < current_rlimit(RLIMIT_NOFILE))
                return fd_dup(fd, from, cloexec);
        return fd_get_cloexec(fd) < 0 ? -EBADF : -EINVAL;
}

int fd_dup_to(int fd, int to, bool cloexec)
{
        struct files *files = current_files();
        struct file *file, *old;
        int err;

        if (to < 0 || (u64)to >= current_rlimit(RLIMIT_NOFILE))
                return -EBADF;
        file = file_from_fd(fd, true);
        if (!file)
                return -EBADF;
        err = files_reserve(files, (unsigned)to);
        if (err) {
                file_put(file);
                return err == -EMFILE ? -EBADF : err;
        }
        spin_lock(&files->lock);
        if (files->slots[to].reserved) {
                spin_unlock(&files->lock);
                file_put(file);
                return -EBUSY;
        }
        old = files->slots[to].file;
        slot_put(files, (unsigned)to, (struct slot){ .file = file, .cloexec = cloexec });
        spin_unlock(&files->lock);
        if (old)
                close_file(files, old);
        return to;
}

int fd_get_cloexec(int fd)
{
        bool cloexec = false;
        struct file *file = files_file(current_files(), fd, &cloexec);

        if (!file)
                return -EBADF;
        file_put(file);
        return cloexec;
}

int fd_set_cloexec(int fd, bool cloexec)
{
        struct files *files = current_files();
        int err = -EBADF;

        spin_lock(&files->lock);
        if (fd >= 0 && (unsigned)fd < files->capacity && files->slots[fd].file) {
                files->slots[fd].cloexec = cloexec;
                err = 0;
        }
        spin_unlock(&files->lock);
        return err;
}

int fd_close_range(unsigned first, unsigned last, unsigned flags)
{
        struct files *files = current_files();

        if (first > last || (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)))
                return -EINVAL;
        for (unsigned fd = first; fd <= last && fd < files->capacity; fd++) {
                struct file *file = NULL;

                spin_lock(&files->lock);
                if (files->slots[fd].file && (flags & CLOSE_RANGE_CLOEXEC))
                        files->slots[fd].cloexec = true;
                else if (files->slots[fd].file)
                        file = slot_take(files, fd);
                spin_unlock(&files->lock);
                if (file)
                        close_file(files, file);
        }
        return 0;
}
