/* SPDX-License-Identifier: MIT */
/*
 * Mounting from user space: tmpfs, proc and binds over directories and files, remounting, what
 * keeps a mount busy, and every refusal. All of it under one directory of /tmp, which the runner
 * makes private; where there are namespaces the program takes one of its own besides, and where it
 * may not have one it does nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

#define TOP "/tmp/m"

/* Not in the table that every kernel here has. */
enum { NR_unshare = 272, NEW_NS = 0x20000 };

enum {
        RDONLY = 1,
        NOSUID = 2,
        NODEV = 4,
        NOEXEC = 8,
        REMOUNT = 0x20,
        BIND = 0x1000,
        MOVE = 0x2000,
        REC = 0x4000,
        PRIVATE = 0x40000,
        DETACH = 2,
        EXPIRE = 4,
        NOFOLLOW = 8,
};

/* ---------------------------------------------------------------- steps */

static const char *text_or_null(const char *text)
{
        return text ? text : "NULL";
}

static long mounted(const char *source, const char *target, const char *type, unsigned long flags,
                    const char *data)
{
        long result = raw_call(NR_mount, source, target, type, flags, data);

        step(result, "mount(%s, %s, %s, 0x%lx, %s)", text_or_null(source), text_or_null(target),
             text_or_null(type), flags, text_or_null(data));
        return result;
}

static long unmounted(const char *target, int flags)
{
        long result = raw_call(NR_umount2, target, flags);

        step(result, "umount(%s, %d)", text_or_null(target), flags);
        return result;
}

/* How many bytes could be written to a new file; the errno when there were none. */
static long created(const char *path, unsigned long size)
{
        static char data[4096];
        long fd = raw_call(NR_open, path, O_CREAT | O_RDWR, 0644), done = 0, result = fd;

        if (fd < 0) {
                step(fd, "create %s", path);
                return fd;
        }
        while ((unsigned long)done < size) {
                result = raw_call(NR_write, fd, data, sizeof(data));
                if (result <= 0)
                        break;
                done += result;
        }
        raw_call(NR_close, fd);
        step(done ? done : result < 0 ? result : 0, "create %s and write %lu", path, size);
        return done;
}

static void present(const char *path)
{
        struct stat st;

        if (stat(path, &st) != 0)
                step(-errno, "stat %s", path);
        else
                step_text(S_ISDIR(st.st_mode) ? "directory" : "file", "stat %s", path);
}

/* The lines of /proc/self/mounts about what lies below TOP. */
static void show_mounts(void)
{
        static char text[1 << 16];
        char *line = text, *end;

        if (read_file("/proc/self/mounts", text, sizeof(text)) < 0) {
                say("     /proc/self/mounts cannot be read");
                return;
        }
        for (; (end = strchr(line, '\n')); line = end + 1) {
                *end = 0;
                if (strstr(line, " " TOP))
                        say("     %s", line);
        }
}

/* ---------------------------------------------------------------- scenes */

static void prepare(void)
{
        static const char *const directories[] = { TOP,      TOP "/a", TOP "/b",
                                                   TOP "/c", TOP "/p", TOP "/full" };

        for (unsigned i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
                mkdir(directories[i], 0755);
        close(open(TOP "/file", O_CREAT | O_RDWR, 0644));
        close(open(TOP "/other", O_CREAT | O_RDWR, 0644));
        close(open(TOP "/full/inside", O_CREAT | O_RDWR, 0644));
        check(symlink("a", TOP "/link") == 0, "a place to mount at");
}

static void refused_arguments(void)
{
        char long_name[5000];

        scene("mounts that are refused");
        memset(long_name, 'x', sizeof(long_name));
        mounted("none", TOP "/a", "nosuchfs", 0, NULL);
        mounted("none", TOP "/a", "", 0, NULL);
        mounted("none", TOP "/a", NULL, 0, NULL);
        mounted("none", TOP "/none", "tmpfs", 0, NULL);
        mounted("none", TOP "/none", "nosuchfs", 0, NULL);
        mounted("none", TOP "/file", "tmpfs", 0, NULL);
        mounted("none", TOP "/file", "nosuchfs", 0, NULL);
        mounted("none", TOP "/file/x", "tmpfs", 0, NULL);
        mounted("none", "", "tmpfs", 0, NULL);
        mounted("none", NULL, "tmpfs", 0, NULL);
        mounted("none", TOP "/a", "tmpfs", 0, "nosuchoption");
        mounted("none", TOP "/a", "tmpfs", 0, "size=many");
        mounted("none", TOP "/a", "tmpfs", 0, "size=1m,mode=9");
        mounted("none", TOP "/a", "tmpfs", REMOUNT, NULL);
        mounted("none", TOP "/a", NULL, PRIVATE, NULL);
        mounted("none", TOP "/a", NULL, MOVE, NULL);
        mounted(TOP "/b", TOP "/a", NULL, MOVE, NULL);
        step(raw_call(NR_mount, 1, TOP "/a", "tmpfs", 0, 0), "source at 1");
        step(raw_call(NR_mount, "none", TOP "/a", 1, 0, 0), "type at 1");
        step(raw_call(NR_mount, "none", TOP "/a", "tmpfs", 0, 1), "data at 1");
        step(raw_call(NR_mount, "none", long_name, "tmpfs", 0, 0), "target that does not end");
        step(raw_call(NR_mount, "none", TOP "/a", long_name, 0, 0), "type that does not end");
        show_mounts();
}

static void as_nobody(void)
{
        raw_call(NR_setresuid, 65534, 65534, 65534);
        mounted("none", TOP "/a", "tmpfs", 0, NULL);
        mounted("none", TOP "/a", "nosuchfs", 0, NULL);
        mounted("none", TOP "/none", "tmpfs", 0, NULL);
        mounted("none", TOP "/b", "tmpfs", REMOUNT, NULL);
        mounted(TOP "/a", TOP "/a", NULL, BIND, NULL);
        unmounted(TOP "/b", 0);
        unmounted(TOP "/a", 0);
        unmounted(TOP "/none", 0);
        unmounted(TOP "/b", 64);
        exit(0);
}

static void tmpfs_mounts(void)
{
        scene("tmpfs");
        mounted("none", TOP "/b", "tmpfs", 0, "size=64k,mode=700");
        created(TOP "/b/large", 100000);
        unlink(TOP "/b/large");
        created(TOP "/b/small", 8192);
        show_mounts();
        in_child(as_nobody, "as nobody");
        mounted("second", TOP "/b", "tmpfs", NOSUID | NODEV, "size=8k");
        present(TOP "/b/small");
        created(TOP "/b/over", 4096);
        show_mounts();
        unmounted(TOP "/b", 0);
        present(TOP "/b/small");
        present(TOP "/b/over");
        unmounted(TOP "/b", 0);
        present(TOP "/b/small");
        unmounted(TOP "/b", 0);
        mounted("through", TOP "/link", "tmpfs", 0, "size=8k");
        show_mounts();
        unmounted(TOP "/link", NOFOLLOW);
        unmounted(TOP "/link", 0);
        mounted("hides", TOP "/full", "tmpfs", 0, NULL);
        present(TOP "/full/inside");
        unmounted(TOP "/full", 0);
        present(TOP "/full/inside");
        mounted(NULL, TOP "/a", "tmpfs", 0xc0ed0000UL, "size=8k");
        show_mounts();
        unmounted(TOP "/a", 0);
}

static void proc_mounts(void)
{
        struct stat st;

        scene("proc");
        mounted("none", TOP "/p", "proc", 0, NULL);
        show_mounts();
        present(TOP "/p/self/maps");
        present(TOP "/p/1");
        step(mkdir(TOP "/p/x", 0755) ? -errno : 0, "mkdir in it");
        created(TOP "/p/x", 0);
        step(rmdir(TOP "/p") ? -errno : 0, "rmdir of it");
        check(stat(TOP "/p", &st) == 0 && st.st_nlink > 1, "it has links");
        unmounted(TOP "/p", 0);
        unmounted(TOP "/p", 0);
}

static void run_there(void)
{
        char *argv[] = { "program", "ended", NULL };

        step(raw_call(NR_execve, TOP "/b/program", argv, NULL), "exec there");
        exit(0);
}

static void copy_program(const char *to)
{
        static char data[1 << 16];
        int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_CREAT | O_WRONLY, 0755);
        ssize_t got;

        while ((got = read(in, data, sizeof(data))) > 0)
                if (write(out, data, got) != got)
                        break;
        close(in);
        close(out);
}

static void read_only(void)
{
        long fd;

        scene("read-only and other flags");
        mounted("none", TOP "/b", "tmpfs", RDONLY, "size=4m");
        created(TOP "/b/new", 4096);
        mounted("none", TOP "/b", "tmpfs", REMOUNT, NULL);
        created(TOP "/b/new", 4096);
        fd = raw_call(NR_open, TOP "/b/new", O_RDWR);
        mounted("none", TOP "/b", "tmpfs", REMOUNT | RDONLY, NULL);
        raw_call(NR_close, fd);
        mounted("none", TOP "/b", "tmpfs", REMOUNT | RDONLY, NULL);
        step(raw_call(NR_open, TOP "/b/new", O_RDWR), "open for writing");
        step(raw_call(NR_unlink, TOP "/b/new"), "unlink");
        step(raw_call(NR_chmod, TOP "/b/new", 0600), "chmod");
        step(raw_call(NR_truncate, TOP "/b/new", 0), "truncate");
        step(raw_call(NR_mkdir, TOP "/b/d", 0700), "mkdir");
        step(raw_call(NR_access, TOP "/b/new", 2), "access for writing");
        show_mounts();
        mounted("none", TOP "/b", "tmpfs", REMOUNT | NOEXEC, NULL);
        copy_program(TOP "/b/program");
        fd = raw_call(NR_open, TOP "/b/program", O_RDONLY);
        step(raw_call(NR_mmap, 0, 4096, PROT_EXEC, MAP_PRIVATE, fd, 0), "map it executable");
        raw_call(NR_close, fd);
        in_child(run_there, "where execution is off");
        mounted("none", TOP "/b", "tmpfs", REMOUNT, NULL);
        in_child(run_there, "where it is on");
        mounted("none", TOP "/b", "tmpfs", REMOUNT, "size=8k");
        mounted("none", TOP "/b", "tmpfs", REMOUNT, "nosuchoption");
        show_mounts();
        mounted("none", TOP "/b", "tmpfs", REMOUNT | BIND | RDONLY, NULL);
        created(TOP "/b/more", 0);
        show_mounts();
        unmounted(TOP "/b", 0);
}

static void busy(void)
{
        long fd, memory;

        scene("what keeps a mount busy");
        mounted("none", TOP "/b", "tmpfs", 0, "size=64k");
        step(chdir(TOP "/b"), "chdir there");
        unmounted(TOP "/b", 0);
        step(chdir("/tmp"), "chdir away");
        created(TOP "/b/new", 4096);
        fd = raw_call(NR_open, TOP "/b/new", O_RDWR);
        unmounted(TOP "/b", 0);
        unmounted(TOP "/b", EXPIRE);
        memory = raw_call(NR_mmap, 0, 4096, PROT_READ, MAP_SHARED, fd, 0);
        raw_call(NR_close, fd);
        unmounted(TOP "/b", 0);
        raw_call(NR_munmap, memory, 4096);
        unmounted(TOP "/b", EXPIRE | DETACH);
        unmounted(TOP "/b", EXPIRE);
        present(TOP "/b/new");
        unmounted(TOP "/b", EXPIRE);
        unmounted(TOP "/b", EXPIRE);
        unmounted(TOP "/b", EXPIRE);
        unmounted(TOP "/b", 64);
        unmounted(TOP "/none", 0);
        unmounted(TOP "/file", 0);
        unmounted("", 0);
        unmounted(NULL, 0);
}

static void busy_by_mounts(void)
{
        char where[256];
        long fd;

        scene("mounts on mounts");
        mounted("none", TOP "/b", "tmpfs", 0, "size=64k");
        step(mkdir(TOP "/b/in", 0755), "mkdir inside");
        mounted("inner", TOP "/b/in", "tmpfs", 0, "size=8k");
        created(TOP "/b/in/deep", 4096);
        step(rmdir(TOP "/b/in") ? -errno : 0, "rmdir of a mount's place");
        step(rename(TOP "/b/in", TOP "/b/to") ? -errno : 0, "rename of it");
        step(rename(TOP "/b/in/deep", TOP "/b/deep") ? -errno : 0, "rename between the two");
        step(link(TOP "/b/in/deep", TOP "/b/deep") ? -errno : 0, "link between the two");
        present(TOP "/b/in/..");
        present(TOP "/b/in/../in/deep");
        unmounted(TOP "/b", 0);
        show_mounts();
        fd = raw_call(NR_open, TOP "/b/in/deep", O_RDWR);
        step(chdir(TOP "/b/in"), "chdir to the inner");
        unmounted(TOP "/b", DETACH);
        show_mounts();
        present(TOP "/b/in");
        step(raw_call(NR_write, fd, "still", 5), "write to a file of the inner");
        raw_call(NR_close, fd);
        present("deep");
        step_text(raw_call(NR_getcwd, where, sizeof(where)) > 0 ? where : "none", "getcwd");
        present("..");
        step(chdir("/tmp"), "chdir away");
        unmounted(TOP "/b", 0);
}

static void binds(void)
{
        struct stat a, b;

        scene("binds");
        created(TOP "/full/more", 4096);
        mounted(TOP "/full", TOP "/a", NULL, BIND, NULL);
        present(TOP "/a/more");
        check(stat(TOP "/full/more", &a) == 0 && stat(TOP "/a/more", &b) == 0 &&
                      a.st_ino == b.st_ino && a.st_dev == b.st_dev,
              "one file, one device");
        step(rename(TOP "/a/more", TOP "/full/most") ? -errno : 0, "rename across");
        step(link(TOP "/a/more", TOP "/full/most") ? -errno : 0, "link across");
        created(TOP "/a/through", 4096);
        present(TOP "/full/through");
        mounted(TOP "/a", TOP "/a", NULL, REMOUNT | BIND | RDONLY, NULL);
        created(TOP "/a/refused", 0);
        created(TOP "/full/accepted", 0);
        present(TOP "/a/accepted");
        unmounted(TOP "/a", 0);
        mounted(TOP "/file", TOP "/a", NULL, BIND, NULL);
        mounted(TOP "/a", TOP "/file", NULL, BIND, NULL);
        mounted(TOP "/none", TOP "/a", NULL, BIND, NULL);
        mounted(NULL, TOP "/a", NULL, BIND, NULL);
        mounted("", TOP "/a", NULL, BIND, NULL);
        mounted(TOP "/file", TOP "/other", NULL, BIND, NULL);
        created(TOP "/other", 4096);
        step(stat(TOP "/file", &a) ? -errno : a.st_size, "size of the first");
        step(unlink(TOP "/other") ? -errno : 0, "unlink of a mount's place");
        unmounted(TOP "/other", 0);
        step(stat(TOP "/other", &a) ? -errno : a.st_size, "size of the second");
        step(unlink(TOP "/other") ? -errno : 0, "unlink of it");
}

static void nested_binds(void)
{
        scene("binds of trees");
        mounted("none", TOP "/b", "tmpfs", 0, "size=64k");
        step(mkdir(TOP "/b/in", 0755), "mkdir inside");
        mounted("inner", TOP "/b/in", "tmpfs", 0, "size=8k");
        created(TOP "/b/in/deep", 0);
        mounted(TOP "/b", TOP "/a", NULL, BIND, NULL);
        present(TOP "/a/in");
        present(TOP "/a/in/deep");
        unmounted(TOP "/a", 0);
        mounted(TOP "/b", TOP "/a", NULL, BIND | REC, NULL);
        present(TOP "/a/in/deep");
        unmounted(TOP "/a", 0);
        unmounted(TOP "/a", DETACH);
        present(TOP "/b/in/deep");
        mounted(TOP "/b", TOP "/b/in", NULL, BIND | REC, NULL);
        show_mounts();
        unmounted(TOP "/b/in", DETACH);
        mounted(TOP "/b", TOP "/c", NULL, MOVE, NULL);
        present(TOP "/b/in");
        present(TOP "/c/in/deep");
        mounted(TOP "/c", TOP "/c/in", NULL, MOVE, NULL);
        mounted(TOP "/c/in", TOP "/file", NULL, MOVE, NULL);
        show_mounts();
        unmounted(TOP "/c", DETACH);
        show_mounts();
}

static void clean_up(void)
{
        static const char *const names[] = { "/a",
                                             "/b",
                                             "/c",
                                             "/p",
                                             "/full/inside",
                                             "/full/more",
                                             "/full/most",
                                             "/full/through",
                                             "/full/accepted",
                                             "/full",
                                             "/file",
                                             "/other",
                                             "/link",
                                             "" };
        char path[64];

        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                snprintf(path, sizeof(path), TOP "%s", names[i]);
                if (unlink(path) != 0)
                        rmdir(path);
        }
        present(TOP);
}

int main(int argc, char **argv)
{
        long refused;

        if (argc > 1) {
                say("     %s", argv[1]); /* executed by run_there() */
                return 7;
        }
        refused = raw_call(NR_unshare, NEW_NS);
        if (refused == 0)
                refused = raw_call(NR_mount, 0, "/", 0, REC | PRIVATE, 0);
        if (refused && refused != -ENOSYS) {
                say("not allowed to mount here: skipped");
                return 0;
        }
        prepare();
        refused_arguments();
        tmpfs_mounts();
        proc_mounts();
        read_only();
        busy();
        busy_by_mounts();
        binds();
        nested_binds();
        clean_up();
        return 0;
}
