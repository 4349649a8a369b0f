/* SPDX-License-Identifier: MIT */
/*
 * Where things are in a program: its first stack, a position-independent program, page tables as
 * VmPTE counts them, and the search for a place when hardly any is left.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/rest_cases/parts.h"

#define ANON  (MAP_PRIVATE | MAP_ANONYMOUS)
#define FIXED 0x10
#define MIB2  0x200000UL
#define BASE  0x7ffff0000000UL /* below what the kernel maps itself */

static void stack_line(void)
{
        static char text[65536];
        char *name, *line;

        scene("place.stack");
        read_file("/proc/self/maps", text, sizeof(text));
        name = strstr(text, "[stack]");
        line = name;
        while (line && line > text && line[-1] != '\n')
                line--;
        say("     %.34s", line ? line : "none");
}

/*
 * A program of one segment that can lie anywhere. It writes the address of its first byte, eight
 * bytes, to descriptor 1 and exits:
 *
 *      lea start-of-file(%rip), %rax; push %rax; mov $1, %eax; mov %eax, %edi; mov %rsp, %rsi;
 *      mov $8, %edx; syscall; mov $60, %eax; xor %edi, %edi; syscall
 */
struct image {
        unsigned char ident[16];
        uint16_t type, machine;
        uint32_t version;
        uint64_t entry, phoff, shoff;
        uint32_t flags;
        uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
        uint32_t p_type, p_flags;
        uint64_t p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
        unsigned char code[48];
};

static const unsigned char code[] = {
        0x48, 0x8d, 0x05, 0x81, 0xff, 0xff, 0xff, 0x50, 0xb8, 0x01, 0x00, 0x00,
        0x00, 0x89, 0xc7, 0x48, 0x89, 0xe6, 0xba, 0x08, 0x00, 0x00, 0x00, 0x0f,
        0x05, 0xb8, 0x3c, 0x00, 0x00, 0x00, 0x31, 0xff, 0x0f, 0x05,
};

static void write_image(const char *path, uint64_t align)
{
        struct image image = {
                .ident = { 0x7f, 'E', 'L', 'F', 2, 1, 1 },
                .type = 3,
                .machine = 62,
                .version = 1,
                .entry = offsetof(struct image, code),
                .phoff = offsetof(struct image, p_type),
                .ehsize = 64,
                .phentsize = 56,
                .phnum = 1,
                .p_type = 1,
                .p_flags = 5,
                .p_filesz = sizeof(image),
                .p_memsz = sizeof(image),
                .p_align = align,
        };
        long fd = raw_call(NR_open, path, 01 | 0100 | 01000, 0700);

        memcpy(image.code, code, sizeof(code));
        raw_call(NR_write, fd, &image, sizeof(image));
        raw_call(NR_close, fd);
}

static void begin_of(uint64_t align)
{
        char *const argv[] = { "image", NULL };
        uint64_t begin = 0;
        int fds[2], status;
        pid_t pid;

        write_image("/tmp/image", align);
        if (pipe(fds) != 0)
                return;
        pid = fork();
        if (pid == 0) {
                dup2(fds[1], 1);
                execv("/tmp/image", argv);
                _exit(99);
        }
        close(fds[1]);
        if (read(fds[0], &begin, sizeof(begin)) != sizeof(begin))
                begin = 1;
        close(fds[0]);
        waitpid(pid, &status, 0);
        say("     aligned to %lx it begins at %lx", (unsigned long)align, (unsigned long)begin);
        unlink("/tmp/image");
}

static void independent(void)
{
        scene("place.program");
        begin_of(0x1000);
        begin_of(0x10000);
        begin_of(0x200000);
}

static void tables(void)
{
        const unsigned long place = 0x600000000000UL;
        long before;

        scene("account.tables");
        raw_call(NR_mmap, place, 16 * MIB2, PROT_READ | PROT_WRITE, ANON | FIXED, -1, 0);
        before = status_value("VmPTE");
        for (int i = 0; i < 4; i++) {
                *(volatile char *)(place + i * MIB2) = 1;
                say("     %d of 2 MiB touched: VmPTE + %ld kB", i + 1,
                    status_value("VmPTE") - before);
        }
        raw_call(NR_mremap, place, PAGE, PAGE, 3, place + 8 * MIB2 + PAGE);
        say("     a page moved, its table left: VmPTE + %ld kB", status_value("VmPTE") - before);
        raw_call(NR_munmap, place, 16 * MIB2);
        say("     all unmapped: VmPTE + %ld kB", status_value("VmPTE") - before);
}

/* All is taken but a hole of 2 MiB that begins in the middle of 2 MiB. */
static void crowded(void)
{
        const unsigned long low = 0x40000000UL, hole = 0x500000100000UL;

        raw_call(NR_mmap, low, BASE - low, PROT_NONE, ANON | FIXED, -1, 0);
        raw_call(NR_mmap, 0x10000, 0x300000, PROT_NONE, ANON | FIXED, -1, 0);
        raw_call(NR_mmap, 0x900000, low - 0x900000, PROT_NONE, ANON | FIXED, -1, 0);
        for (unsigned long length = 1UL << 40; length >= PAGE; length >>= 1)
                while (raw_call(NR_mmap, 0, length, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS | 0x4000,
                                -1, 0) > 0)
                        ;
        raw_call(NR_munmap, hole, MIB2);
        step(raw_call(NR_mmap, 0, MIB2, PROT_NONE, ANON, -1, 0) == (long)hole,
             "2 MiB lie in the hole that there is");
        raw_call(NR_munmap, hole, MIB2);
        raw_call(NR_munmap, hole + MIB2, MIB2);
        step(raw_call(NR_mmap, 0, MIB2, PROT_NONE, ANON, -1, 0) == (long)(hole + MIB2 / 2),
             "in one of 4 MiB they are aligned");
        step_text(errno_name(raw_call(NR_mmap, 0, 4 * MIB2, PROT_NONE, ANON, -1, 0)),
                  "4 times 2 MiB");
}

void cases_of_a_program(void)
{
        stack_line();
        independent();
        tables();
        scene("place.aligned.no_room");
        in_child(crowded, "child");
}
