/* SPDX-License-Identifier: MIT */
/*
 * Memory that is not quite like the rest: sealed files, memory that can only be executed, memory
 * that may be dropped, private /dev/zero, pages set aside by fallocate; and lists of ranges that
 * leave user space.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 8
#endif
#define SEAL_WRITE        8
#define SEAL_FUTURE_WRITE 16
#define ADD_SEALS         1033
#define ALLOW_SEALING     2
#define COLD              20
#define USER_END          (1UL << 47)

static long put(long page, unsigned long pages, int prot, int flags, long fd)
{
        return raw_call(NR_mmap, at(page), pages * PAGE, prot, flags | MAP_FIXED, fd, 0);
}

/* What a seal leaves of a file's mappings, those made before it and those made after. */
static void sealed_against(unsigned long seal, const char *name)
{
        long fd = raw_call(NR_memfd_create, "sealed", ALLOW_SEALING);

        scene_in_arena(name);
        raw_call(NR_ftruncate, fd, 4 * PAGE);
        step_text(place_name(put(0, 2, PROT_READ | PROT_WRITE, MAP_SHARED, fd)),
                  "shared, writable");
        step(raw_call(NR_fcntl, fd, ADD_SEALS, seal), "sealed");
        unmap(0, 2);
        step(raw_call(NR_fcntl, fd, ADD_SEALS, seal), "sealed without mappings");
        step_text(place_name(put(0, 2, PROT_READ | PROT_WRITE, MAP_SHARED, fd)),
                  "shared, writable");
        step_text(place_name(put(4, 2, PROT_READ, MAP_SHARED, fd)), "shared, read only");
        step(raw_call(NR_mprotect, at(4), 2 * PAGE, PROT_READ | PROT_WRITE),
             "which becomes writable");
        step_text(place_name(put(8, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd)),
                  "private, writable");
        step(raw_call(NR_pwrite64, fd, "x", 1, 0), "written to");
        show_maps();
        raw_call(NR_close, fd);
}

static void only_executed(void)
{
        scene_in_arena("memory that can only be executed");
        step_text(place_name(put(0, 2, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1)),
                  "mapped and populated");
        step(raw_call(NR_mlock, at(0), 2 * PAGE), "mlock");
        step_text(place_name(put(4, 2, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1)),
                  "mapped and locked");
        step(raw_call(NR_madvise, at(0), PAGE, 22), "madvise(POPULATE_READ)");
        step(raw_call(NR_madvise, at(0), PAGE, 23), "madvise(POPULATE_WRITE)");
        show_maps();
}

static void droppable_under(int flags, const char *name)
{
        scene_in_arena(name);
        step(raw_call(NR_mlockall, flags), "mlockall");
        step_text(place_name(put(0, 2, PROT_READ | PROT_WRITE, MAP_DROPPABLE | MAP_ANONYMOUS, -1)),
                  "droppable memory");
        step_text(place_name(put(4, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1)),
                  "private memory");
        step(status_value("VmLck"), "VmLck");
        show_maps();
        raw_call(NR_munlockall);
}

static void private_dev_zero(void)
{
        long fd = raw_call(NR_open, "/dev/zero", O_RDWR, 0);

        scene_in_arena("private /dev/zero");
        step_text(place_name(put(0, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd)), "mapped");
        step(raw_call(NR_madvise, at(0), PAGE, 9), "madvise(REMOVE)");
        step(raw_call(NR_madvise, at(0), PAGE, 8), "madvise(FREE)");
        step(raw_call(NR_madvise, at(0), PAGE, 18), "madvise(WIPEONFORK)");
        raw_call(NR_close, fd);
}

/* What smaps says of the mapping at the arena's start: "clean 1, dirty 2" pages, private ones. */
static void show_dirt(const char *what)
{
        static char text[1 << 16];
        char start[24], *at_it, *clean, *dirty;

        read_file("/proc/self/smaps", text, sizeof(text));
        snprintf(start, sizeof(start), "%08lx-", at(0));
        at_it = strstr(text, start);
        clean = at_it ? strstr(at_it, "Private_Clean:") : NULL;
        dirty = clean ? strstr(clean, "Private_Dirty:") : NULL;
        if (dirty)
                say("     %s: clean %ld, dirty %ld", what, strtol(clean + 14, NULL, 10) / 4,
                    strtol(dirty + 14, NULL, 10) / 4);
}

static void set_aside(void)
{
        long fd = raw_call(NR_memfd_create, "aside", 0);
        volatile char *p = (volatile char *)at(0);
        unsigned char in_core[8];

        scene_in_arena("pages of a file that were set aside");
        raw_call(NR_ftruncate, fd, 8 * PAGE);
        step(raw_call(NR_fallocate, fd, 0, 0, 4 * PAGE), "fallocate of 4 pages");
        put(0, 8, PROT_READ, MAP_SHARED, fd);
        raw_call(NR_mincore, at(0), 8 * PAGE, in_core);
        say("     in core: %d %d %d %d %d", in_core[0], in_core[1], in_core[2], in_core[3],
            in_core[4]);
        (void)p[0];
        show_dirt("one page read");
        (void)p[4 * PAGE];
        show_dirt("and a hole");
        step(raw_call(NR_pwrite64, fd, "x", 1, 5 * PAGE), "one page written");
        (void)p[5 * PAGE];
        show_dirt("and read");
        (void)p[6 * PAGE];
        step(raw_call(NR_ftruncate, fd, 6 * PAGE + 1), "cut in the middle of a page");
        show_dirt("after that");
        raw_call(NR_mincore, at(0), 8 * PAGE, in_core);
        say("     in core: %d %d %d %d %d %d %d %d", in_core[0], in_core[1], in_core[2], in_core[3],
            in_core[4], in_core[5], in_core[6], in_core[7]);
        raw_call(NR_close, fd);
}

static void ranges_outside(void)
{
        static const unsigned long bases[] = { 0, USER_END, USER_END - PAGE, -PAGE, 1UL << 63 };
        static const unsigned long sizes[] = { 0, PAGE, 2 * PAGE, ~0UL >> 1, ~0UL };
        long fd = raw_call(NR_pidfd_open, raw_call(NR_getpid), 0);

        scene_in_arena("process_madvise with ranges that leave user space");
        put(0, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
        for (unsigned place = 0; place < 3; place++)
                for (unsigned b = 0; b < sizeof bases / sizeof bases[0]; b++)
                        for (unsigned s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
                                struct iovec v[3] = { { (void *)at(0), PAGE },
                                                      { (void *)at(1), PAGE },
                                                      { (void *)at(2), PAGE } };

                                v[place].iov_base = (void *)bases[b];
                                v[place].iov_len = sizes[s];
                                step(raw_call(NR_process_madvise, fd, v, place ? 3 : 1, COLD, 0),
                                     "range %u of %u: %#lx, %#lx bytes", place, place ? 3 : 1,
                                     bases[b], sizes[s]);
                        }
        raw_call(NR_close, fd);
}

static void not_mappable(void)
{
        static const struct {
                const char *path;
                int flags;
        } files[] = {
                { "/proc/self/exe", 010000000 /* O_PATH */ },
                { "/proc", O_RDONLY },
                { "/proc/self/maps", O_RDONLY },
                { "/dev/null", O_RDWR },
        };
        int pipe_fds[2];

        scene_in_arena("descriptors that cannot be mapped");
        for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++) {
                long fd = raw_call(NR_open, files[i].path, files[i].flags, 0);

                step(put(0, 1, PROT_READ, MAP_PRIVATE, fd), "%s, flags %o", files[i].path,
                     files[i].flags);
                step(put(0, 1, PROT_READ, MAP_SHARED, fd), "shared");
                raw_call(NR_close, fd);
        }
        raw_call(NR_pipe, pipe_fds);
        step(put(0, 1, PROT_READ, MAP_PRIVATE, pipe_fds[0]), "a pipe");
        raw_call(NR_close, pipe_fds[0]);
        raw_call(NR_close, pipe_fds[1]);
}

/* A file of a tmpfs has no huge pages to be aligned for, whatever its length. */
static void tmpfs_placed(void)
{
        long fd = raw_call(NR_open, "/dev/shm/odd_memory", O_CREAT | O_RDWR, 0600);
        unsigned long len = 4UL << 20;

        scene_in_arena("where a file of a tmpfs is mapped");
        raw_call(NR_unlink, "/dev/shm/odd_memory");
        step(raw_call(NR_ftruncate, fd, len), "4 MiB");
        for (int i = 0; i < 3; i++) {
                unsigned long size = i == 2 ? len - PAGE : len;
                long type = i == 1 ? MAP_SHARED : MAP_PRIVATE;
                long addr = raw_call(NR_mmap, 0, size, PROT_READ, type, fd, 0);

                say("     %s, %#lx bytes: %#lx", type == MAP_SHARED ? "shared" : "private", size,
                    addr);
                raw_call(NR_munmap, addr, size);
        }
        raw_call(NR_close, fd);
}

/* Where the first mapping with this name begins, or the last one ends. */
static unsigned long border_of(const char *name, int ends)
{
        static char text[1 << 14];
        unsigned long start, end, found = 0;
        char *line = text;

        read_file("/proc/self/maps", text, sizeof(text));
        for (char *stop; (stop = strchr(line, '\n')); line = stop + 1) {
                *stop = 0;
                if (strstr(line, name) && sscanf(line, "%lx-%lx", &start, &end) == 2 &&
                    (ends || !found))
                        found = ends ? end : start;
        }
        return found;
}

static void move_vdso(void)
{
        unsigned long start = border_of("[vvar]", 0), end = border_of("[vdso]", 1);
        unsigned long code = border_of("[vdso]", 0);
        long moved = raw_call(NR_mremap, start, end - start, end - start,
                              MREMAP_MAYMOVE | MREMAP_FIXED, at(0));

        step_text(place_name(moved), "all of it moves by one call");
        check(*(const char *)(at(0) + code - start) == 0x7f, "it is there now");
        say("     and code that still looks for it where it was:");
        say("     %d", *(const volatile char *)code);
}

static void old_code(void)
{
        scene_in_arena("the vdso moves");
        in_child(move_vdso, "a program whose vdso has moved");
}

/* The last scene: what execve() leaves of mlockall(), and the stack that a program begins with. */
static void start_again(char **argv)
{
        char *again[] = { argv[0], "again", NULL }, *no_environment[] = { NULL };

        scene_in_arena("a new program");
        step(raw_call(NR_mlockall, MCL_CURRENT | MCL_FUTURE), "mlockall of now and the future");
        check(status_value("VmLck") > 0, "memory is locked");
        raw_call(NR_execve, "/proc/self/exe", again, no_environment);
        say("execve failed");
}

/* End of what the program has in memory: the linker's symbol. */
extern char end[];

static void started_again(void)
{
        unsigned long heap = (unsigned long)raw_call(NR_brk, 0);

        step(status_value("VmLck"), "VmLck of the new program");
        put(0, 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
        step(status_value("VmLck"), "VmLck with memory mapped since");
        step(status_value("VmStk"), "VmStk");
        check(heap == (((unsigned long)end + PAGE - 1) & -PAGE),
              "the heap begins in the page after it");
}

int main(int argc, char **argv)
{
        if (argc > 1) {
                started_again();
                return 0;
        }
        sealed_against(SEAL_WRITE, "a file sealed against writing");
        sealed_against(SEAL_FUTURE_WRITE, "a file sealed against future writing");
        only_executed();
        droppable_under(MCL_FUTURE, "droppable memory when all that comes is locked");
        droppable_under(MCL_FUTURE | 4, "droppable memory when all that comes is locked on fault");
        private_dev_zero();
        set_aside();
        ranges_outside();
        not_mappable();
        tmpfs_placed();
        old_code();
        start_again(argv);
        return 1;
}
