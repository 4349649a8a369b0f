/* SPDX-License-Identifier: MIT */
/*
 * Mappings of physical memory: /dev/mem at the firmware's last 64 KiB below 1 MiB, which no machine
 * keeps RAM at. Nothing is written there through a shared mapping.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define ROM       0xf0000UL
#define ROM_PAGES 16UL
#define SHARED    MAP_SHARED | MAP_FIXED
#define PRIVATE   MAP_PRIVATE | MAP_FIXED

static unsigned char rom[ROM_PAGES * PAGE]; /* as read() gives it */
static long fd;

static long map_rom(long page, unsigned long pages, const char *perms, int flags,
                    unsigned long offset)
{
        long result =
                raw_call(NR_mmap, at(page), pages * PAGE, perms_value(perms), flags, fd, offset);

        step_text(place_name(result), "mmap(+%ld, %lu, %s, %s, %#lx)", page, pages, perms,
                  flags & MAP_PRIVATE ? "private" : "shared", offset);
        return result;
}

/* Flags of the record's kernel that 6.18 has not: its caching attributes, soft-dirty. */
static char *without(char *line, const char *letters)
{
        char *found = strstr(line, letters);

        if (found)
                memmove(found, found + 3, strlen(found + 3) + 1);
        return line;
}

/* The arena's mappings with offsets, flags and what smaps counts. */
static void show_smaps(void)
{
        static char text[1 << 16];
        char *line = text;
        int on = 0;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (char *end; (end = strchr(line, '\n')); line = end + 1) {
                unsigned long start, stop, offset;
                char perms[8];

                *end = 0;
                if (sscanf(line, "%lx-%lx %7s %lx", &start, &stop, perms, &offset) == 4) {
                        on = start >= ARENA && start < ARENA_END;
                        if (on)
                                say("     %s %s offset %lx %s", place_name((long)start), perms,
                                    offset, strchr(line, '/') ? strchr(line, '/') : "");
                }
                if (on && (strncmp(line, "Rss:", 4) == 0 || strncmp(line, "VmFlags:", 8) == 0))
                        say("       %s", without(without(line, " ar"), " sd"));
        }
}

/* Do pages read what the file has at the offset? */
static void same_step(long page, unsigned long pages, unsigned long offset, const char *what)
{
        check(memcmp((void *)at(page), rom + (offset - ROM), pages * PAGE) == 0, "%s", what);
}

static void show_pagemap(long page, unsigned pages)
{
        long pagemap = raw_call(NR_open, "/proc/self/pagemap", O_RDONLY, 0);
        uint64_t words[8];

        raw_call(NR_pread64, pagemap, words, pages * 8, at(page) / PAGE * 8);
        raw_call(NR_close, pagemap);
        for (unsigned i = 0; i < pages; i++)
                say("     pagemap +%ld: %s", page + i,
                    words[i] & ~(1UL << 55) ? "something" : "nothing");
}

/* ------------------------------------------------------------------ who, and what */

static void as_nobody(void)
{
        if (setgid(77) || setuid(78))
                _exit(96);
        step(raw_call(NR_open, "/dev/mem", O_RDONLY, 0), "open");
}

static void without_rawio(void)
{
        uint32_t header[2] = { 0x20080522, 0 }, sets[6];

        raw_call(NR_capget, header, sets);
        sets[0] &= ~(1u << 17);
        sets[1] &= ~(1u << 17);
        step(raw_call(NR_capset, header, sets), "capset without CAP_SYS_RAWIO");
        step(raw_call(NR_open, "/dev/mem", O_RDONLY, 0), "open");
        map_rom(0, 1, "r--", SHARED, ROM); /* what is open stays open */
}

static void opening(void)
{
        struct stat st;

        scene("opening");
        stat("/dev/mem", &st);
        say("     mode %o", st.st_mode);
        in_child(as_nobody, "somebody else");
        in_child(without_rawio, "root without the capability");
}

static void refusals(void)
{
        long reader = raw_call(NR_open, "/dev/mem", O_RDONLY, 0), writer = fd;
        char byte;

        scene_in_arena("what cannot be mapped or read");
        map_rom(0, 1, "r--", SHARED, 16 << 20); /* RAM */
        map_rom(0, 2, "r--", SHARED, (1UL << 20) - PAGE);
        map_rom(0, 1, "r--", SHARED, 1UL << 52);
        map_rom(0, 1, "r--", SHARED, ROM + 1);
        step(raw_call(NR_pread64, fd, &byte, 1, 16 << 20), "read of RAM");
        step(raw_call(NR_pread64, fd, &byte, 1, 1UL << 52), "read where nothing is");
        step(raw_call(NR_pread64, fd, 8, 1, ROM), "read to nowhere");
        step(raw_call(NR_lseek, fd, 0x1234, SEEK_SET), "lseek");
        step(raw_call(NR_lseek, fd, 4, SEEK_CUR), "lseek on");
        step(raw_call(NR_lseek, fd, 0, SEEK_END), "lseek to the end");
        fd = reader;
        map_rom(0, 1, "rw-", SHARED, ROM);
        map_rom(0, 1, "r--", SHARED, ROM);
        protect(0, 1, "rw-");
        show_smaps();
        map_rom(0, 1, "rw-", PRIVATE, ROM);
        fd = writer;
        raw_call(NR_close, reader);
        map(2, 1, "rw-");
        stamp(2, 1, 'a');
        map_rom(2, 1, "r--", SHARED, 16 << 20); /* over something */
        show_maps();
}

static void looking(void)
{
        unsigned char vec[4] = { 9, 9, 9, 9 };
        long rss, size;

        scene_in_arena("a shared mapping");
        rss = status_value("VmRSS");
        size = status_value("VmSize");
        map_rom(0, 4, "rw-", SHARED, ROM + 8 * PAGE);
        show_smaps();
        same_step(0, 4, ROM + 8 * PAGE, "contents");
        show_pagemap(0, 2);
        step(raw_call(NR_mincore, at(0), 4 * PAGE, vec), "mincore");
        say("     %d%d%d%d", vec[0], vec[1], vec[2], vec[3]);
        check(status_value("VmRSS") - rss < 16, "not resident");
        check(status_value("VmSize") - size == 16, "VmSize");
        map_rom(4, 2, "rw-", SHARED, ROM + 12 * PAGE); /* would run on */
        show_maps();
        unmap(1, 2);
        show_maps();
        same_step(3, 3, ROM + 11 * PAGE, "contents of what is left");
        touch_step(at(1), ACCESS_READ);
}

/* ------------------------------------------------------------------ the calls */

static void moving(void)
{
        scene_in_arena("mremap");
        map_rom(0, 4, "rw-", SHARED, ROM);
        remap(0, 4, 4, "", 0);
        remap(0, 4, 5, "", 0);
        remap(0, 4, 5, "M", 0);
        remap(0, 4, 5, "MF", 20);
        remap(0, 0, 2, "M", 0);
        remap(0, 0, 2, "MF", 20);
        remap(0, 4, 4, "MD", 20);
        remap(0, 4, 4, "MFD", 20);
        remap(0, 4, 4, "MF", 20);
        show_smaps();
        same_step(20, 4, ROM, "contents");
        touch_step(at(0), ACCESS_READ);
        remap(21, 2, 2, "MF", 40);
        show_smaps();
        same_step(40, 2, ROM + PAGE, "contents of the middle");
        same_step(23, 1, ROM + 3 * PAGE, "contents of the rest");
        remap(40, 2, 2, "MF", 21);
        show_maps(); /* never joined again */
        remap(21, 2, 1, "", 0);
        remap(23, 1, 1, "MF", 511); /* to the end of a page table */
        remap(511, 1, 1, "MF", 1024);
        show_maps();
        same_step(1024, 1, ROM + 3 * PAGE, "contents after all that");
}

static void by_tables(void)
{
        scene_in_arena("moved with a page table");
        step_text(place_name(raw_call(NR_mmap, at(512), 16 * PAGE, 1, SHARED, fd, ROM)), "mmap");
        remap(512, 16, 16, "MF", 2048);
        same_step(2048, 16, ROM, "contents");
        remap(2048, 16, 16, "MF", 4096 + 3);
        same_step(4096 + 3, 16, ROM, "contents at another offset");
}

static void protecting(void)
{
        scene_in_arena("mprotect");
        map_rom(0, 3, "rw-", SHARED, ROM);
        protect(1, 1, "r--");
        show_smaps();
        touch_step(at(1), ACCESS_WRITE);
        protect(1, 1, "rw-");
        show_maps();
        protect(0, 3, "---");
        touch_step(at(1), ACCESS_READ);
        protect(0, 3, "r--");
        same_step(0, 3, ROM, "contents");
        show_maps();
}

static void advising(void)
{
        static const int advices[] = { 0,  1,  2,  3,  4,  8,  9,  10, 11, 12, 13,
                                       16, 17, 18, 19, 20, 21, 22, 23, 24, 99 };

        scene_in_arena("advice and locks");
        map_rom(0, 2, "rw-", SHARED, ROM);
        for (unsigned i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
                step(raw_call(NR_madvise, at(0), 2 * PAGE, advices[i]), "madvise %d", advices[i]);
        show_smaps();
        step(raw_call(NR_mlock, at(0), 2 * PAGE), "mlock");
        step(raw_call(NR_mlock2, at(0), PAGE, 1), "mlock2, on fault");
        step(raw_call(NR_munlock, at(0), PAGE), "munlock");
        step(raw_call(NR_msync, at(0), 2 * PAGE, 4), "msync");
        step(raw_call(NR_remap_file_pages, at(0), PAGE, 0, (ROM >> 12) + 2, 0), "remap_file_pages");
        same_step(0, 1, ROM + 2 * PAGE, "contents");
        map_rom(4, 1, "r--", SHARED | MAP_LOCKED, ROM);
        map_rom(6, 1, "r--", SHARED | MAP_POPULATE, ROM);
        show_smaps();
        step(status_value("VmLck"), "VmLck");
        step(raw_call(NR_mlockall, 2), "mlockall of what comes");
        map_rom(8, 1, "r--", SHARED, ROM);
        step(status_value("VmLck"), "VmLck");
        step(raw_call(NR_munlockall), "munlockall");
}

static void child_reads(void)
{
        show_smaps();
        same_step(0, 2, ROM, "the child's");
        remap(0, 2, 2, "MF", 10);
        same_step(10, 2, ROM, "and moved");
}

static void forking(void)
{
        scene_in_arena("fork");
        map_rom(0, 2, "r--", SHARED, ROM);
        in_child(child_reads, "a child");
        step(raw_call(NR_madvise, at(0), PAGE, 10), "MADV_DONTFORK");
        step(raw_call(NR_madvise, at(0), PAGE, 11), "MADV_DOFORK");
        in_child(show_smaps, "a child of less");
}

static void child_writes(void)
{
        check(*(volatile unsigned char *)at(1) == 0x5a, "the parent's byte");
        *(volatile unsigned char *)at(1) = 0xa5;
        same_step(2, 1, ROM + 2 * PAGE, "what nobody wrote");
        *(volatile unsigned char *)at(2) = 1;
        show_smaps();
}

/* ------------------------------------------------------------------ private */

/* The first page stays as it is: the record's kernel cannot fork when that one was copied. */
static void private_pages(void)
{
        scene_in_arena("a private mapping");
        map_rom(0, 4, "rw-", PRIVATE, ROM);
        show_smaps();
        same_step(0, 4, ROM, "contents");
        *(volatile unsigned char *)at(1) = 0x5a;
        check(memcmp((void *)(at(1) + 1), rom + PAGE + 1, PAGE - 1) == 0, "the rest of the page");
        same_step(0, 1, ROM, "the page before it");
        same_step(2, 2, ROM + 2 * PAGE, "the pages behind it");
        show_pagemap(0, 2);
        show_smaps();
        in_child(child_writes, "a child that writes");
        check(*(volatile unsigned char *)at(1) == 0x5a, "the parent's byte");
        same_step(2, 2, ROM + 2 * PAGE, "the pages behind it");
        remap(0, 4, 4, "MF", 20);
        check(*(volatile unsigned char *)at(21) == 0x5a, "the byte, moved");
        same_step(22, 2, ROM + 2 * PAGE, "the pages behind it, moved");
        *(volatile unsigned char *)at(22) = 0x77;
        check(memcmp((void *)(at(22) + 1), rom + 2 * PAGE + 1, PAGE - 1) == 0, "copied there");
        protect(20, 4, "r--");
        show_smaps();
        touch_step(at(23), ACCESS_WRITE);
        protect(20, 4, "rw-");
        touch_step(at(23), ACCESS_WRITE);
        remap(20, 4, 5, "M", 0);
        step(raw_call(NR_msync, at(20), 4 * PAGE, 4), "msync");
}

int main(void)
{
        fd = raw_call(NR_open, "/dev/mem", O_RDWR, 0);
        if (fd < 0) {
                say("     no /dev/mem: %s", errno_name(fd));
                return 77;
        }
        scene("reading");
        step(raw_call(NR_pread64, fd, rom, sizeof(rom), ROM), "read of the firmware");
        check(rom[ROM_PAGES * PAGE - 16] == 0xea, "a jump where processors start");
        opening();
        refusals();
        looking();
        moving();
        by_tables();
        protecting();
        advising();
        forking();
        private_pages();
        return 0;
}
