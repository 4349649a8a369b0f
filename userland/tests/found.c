/* SPDX-License-Identifier: MIT */
/* What random calls (tests/same) have found to differ, each as the few calls that it takes. */
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

static long put(long page, unsigned long pages, int prot, int flags, long fd, long offset)
{
        return raw_call(NR_mmap, at(page), pages * PAGE, prot, flags | MAP_FIXED, fd,
                        offset * (long)PAGE);
}

static long memfd(unsigned long pages)
{
        long fd = raw_call(NR_memfd_create, "found", 0);

        raw_call(NR_ftruncate, fd, pages * PAGE);
        return fd;
}

/* A field of the smaps entry of the mapping that begins at the page. */
static long smaps_value(long page, const char *field)
{
        static char text[65536];
        char head[32];
        char *entry, *value;

        if (read_file("/proc/self/smaps", text, sizeof(text)) < 0)
                return -1;
        snprintf(head, sizeof(head), "%lx-", at(page));
        entry = strstr(text, head);
        value = entry ? strstr(entry, field) : NULL;
        return value ? strtol(value + strlen(field), NULL, 10) : -1;
}

/* ------------------------------------------------------------------ files */

static void write_nothing(long fd, unsigned long from, unsigned long count, long offset)
{
        struct stat info;

        raw_call(NR_ftruncate, fd, 0);
        step(raw_call(NR_pwrite64, fd, from, count, offset), "pwrite of %lu at %#lx", count,
             offset);
        raw_call(NR_fstat, fd, &info);
        step(info.st_size, "size");
        step(info.st_blocks, "blocks");
}

/* The page is there before its bytes are asked for, and a file grows to where it is written to. */
static void write_from_a_hole(void)
{
        long fd = memfd(0);

        scene_in_arena("a write of bytes that are not there makes a file longer");
        map(0, 1, "rw-");
        write_nothing(fd, at(1), 10, 0x5000);
        write_nothing(fd, at(1), 10, 0x5123);
        write_nothing(fd, at(1), 10, 0);
        write_nothing(fd, at(1), 3 * PAGE, 0x3000);
        write_nothing(fd, at(1) - 6, 10, 0x7000);
        write_nothing(fd, at(1) - 6, 10, 0x8ffa);
        write_nothing(fd, 0xffff800000000000UL, 10, 0x3000);
        write_nothing(fd, at(0), 0, 0x3000);
        raw_call(NR_close, fd);
}

/* ------------------------------------------------------------------ pages */

static void try_futex(const char *what)
{
        long anon = status_value("RssAnon"), shmem = status_value("RssShmem");

        step(raw_call(NR_futex, at(0), FUTEX_WAIT, 12345, 0, 0, 0), "a futex in %s", what);
        step(status_value("RssAnon") - anon, "RssAnon grew by");
        step(status_value("RssShmem") - shmem, "RssShmem grew by");
}

/* A futex that may be shared is looked for as by a write, if that is allowed. */
static void futex_writes(void)
{
        static const struct {
                const char *what;
                int prot, flags;
        } kinds[] = {
                { "private memory", PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS },
                { "private memory that is read only", PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS },
                { "shared memory", PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS },
                { "a private file", PROT_READ | PROT_WRITE, MAP_PRIVATE },
                { "a private file for writing alone", PROT_WRITE, MAP_PRIVATE },
                { "a private file that is read only", PROT_READ, MAP_PRIVATE },
                { "a shared file that is read only", PROT_READ, MAP_SHARED },
                { "memory without access", PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS },
        };
        long fd = memfd(2);

        scene_in_arena("a futex is looked for as by a write");
        for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                put(0, 1, kinds[i].prot, kinds[i].flags, (kinds[i].flags & MAP_ANONYMOUS) ? -1 : fd,
                    0);
                try_futex(kinds[i].what);
                unmap(0, 1);
        }
        raw_call(NR_close, fd);
}

static void show_dirt(const char *what)
{
        step(smaps_value(0, "Private_Dirty:"), "%s: Private_Dirty", what);
        step(smaps_value(0, "Private_Clean:"), "%s: Private_Clean", what);
}

/* Shared memory that was only read, and is then written by way of another address space. */
static void written_from_elsewhere(void)
{
        static char bytes[8];
        struct iovec local = { bytes, 8 }, remote = { (void *)at(0), 8 };
        long fd = raw_call(NR_open, "/proc/self/mem", O_RDWR, 0);

        scene_in_arena("memory that the kernel writes to is dirty");
        put(0, 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        raw_call(NR_process_vm_readv, raw_call(NR_getpid), &local, 1, &remote, 1, 0);
        show_dirt("read");
        step(raw_call(NR_process_vm_writev, raw_call(NR_getpid), &local, 1, &remote, 1, 0),
             "process_vm_writev");
        show_dirt("written");
        raw_call(NR_pread64, fd, bytes, 8, at(1));
        show_dirt("read from mem");
        step(raw_call(NR_pwrite64, fd, bytes, 8, at(1)), "written to mem");
        show_dirt("written");
        raw_call(NR_close, fd);
}

/* MADV_FREE makes what was written that way clean again. */
static void freed(void)
{
        static char bytes[8];
        struct iovec local = { bytes, 8 }, remote = { (void *)at(1), 8 };

        scene_in_arena("memory that may be forgotten is clean until it is written to");
        put(0, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        for (int i = 0; i < 2; i++) {
                step(raw_call(NR_madvise, at(0), 2 * PAGE, MADV_FREE), "MADV_FREE");
                show_dirt("freed");
                raw_call(NR_process_vm_writev, raw_call(NR_getpid), &local, 1, &remote, 1, 0);
                show_dirt("written");
        }
}

int main(void)
{
        write_from_a_hole();
        futex_writes();
        written_from_elsewhere();
        freed();
        return 0;
}
