/* SPDX-License-Identifier: MIT */
/*
 * What mmap refuses: types, flags, files, offsets, seals; and of two reasons which one it gives.
 * Some other calls that refuse files or memory are here as well.
 */
#include <sys/mman.h>
#include <sys/uio.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/rest_cases/parts.h"

#define RW        (PROT_READ | PROT_WRITE)
#define ANON      (MAP_PRIVATE | MAP_ANONYMOUS)
#define FIXED     0x10
#define GROWSDOWN 0x100
#define LOCKED    0x2000
#define VALIDATE  3
#define DROPPABLE 8
#define SEALED    0x70000000UL /* far from the arena, which could not be emptied else */

#define RDONLY       0
#define WRONLY       1
#define RDWR         2
#define CREAT        0100
#define PATH         010000000
#define DIRECTORY    0200000
#define CLOEXEC_SEAL 3 /* MFD_CLOEXEC | MFD_ALLOW_SEALING */
#define ADD_SEALS    1033
#define SEAL_SHRINK  2
#define SEAL_WRITE   8

/* A mapping of a page in the arena; what is there is taken away again. */
static void try(const char *what, unsigned long length, int prot, int flags, long fd,
                unsigned long offset)
{
        long result = raw_call(NR_mmap, at(100), length, prot, flags | FIXED, fd, offset);

        step_text(place_name(result), "%s", what);
        raw_call(NR_munmap, at(100), 64 * PAGE);
}

static void types(void)
{
        long memfd = raw_call(NR_memfd_create, "types", 0);

        scene_in_arena("mmap.unknown");
        raw_call(NR_mmap, at(100), PAGE, 0xff, ANON | FIXED, -1, 0);
        show_maps();
        raw_call(NR_mmap, at(100), PAGE, RW, ANON | FIXED | 0x1f00000 | 0x80000000L, -1, 0);
        show_maps();
        raw_call(NR_munmap, at(100), PAGE);

        scene_in_arena("mmap.down");
        try("shared that grows down", PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | GROWSDOWN, -1, 0);
        try("a file that grows down", PAGE, RW, MAP_PRIVATE | GROWSDOWN, memfd, 0);
        try("droppable file", PAGE, RW, DROPPABLE, memfd, 0);
        try("droppable that grows down", PAGE, RW, DROPPABLE | MAP_ANONYMOUS | GROWSDOWN, -1, 0);
        try("type 0", PAGE, RW, MAP_ANONYMOUS, -1, 0);
        try("validated anonymous memory", PAGE, RW, VALIDATE | MAP_ANONYMOUS, -1, 0);
        for (int type = 4; type < 16; type++)
                if (type != DROPPABLE)
                        try("another type", PAGE, RW, type | MAP_ANONYMOUS, -1, 0);

        scene_in_arena("mmap.validate");
        raw_call(NR_ftruncate, memfd, 4 * PAGE);
        for (unsigned long bit = 0x40; bit <= 0x80000000UL; bit <<= 1) {
                if (bit == 0x20 || bit == FIXED || bit == 0x40000) /* no file, size bits below */
                        continue;
                step_text(place_name(raw_call(NR_mmap, at(100), PAGE, PROT_READ,
                                              VALIDATE | FIXED | bit, memfd, 0)),
                          "a memfd with flag %lx", bit);
                raw_call(NR_munmap, at(100), PAGE);
        }
        raw_call(NR_close, memfd);
}

static void files(void)
{
        long readable, writable, both, memfd;

        scene_in_arena("mmap.file.rights");
        both = raw_call(NR_open, "/tmp/rest", RDWR | CREAT, 0600);
        raw_call(NR_ftruncate, both, 4 * PAGE);
        readable = raw_call(NR_open, "/tmp/rest", RDONLY);
        writable = raw_call(NR_open, "/tmp/rest", WRONLY);
        try("shared, to write, open to read", PAGE, RW, MAP_SHARED, readable, 0);
        try("shared, to read, open to read", PAGE, PROT_READ, MAP_SHARED, readable, 0);
        try("private, to write, open to read", PAGE, RW, MAP_PRIVATE, readable, 0);
        try("private, to read, open to write", PAGE, PROT_READ, MAP_PRIVATE, writable, 0);
        try("shared, to write, open to write", PAGE, PROT_WRITE, MAP_SHARED, writable, 0);
        try("no rights, open to write", PAGE, PROT_NONE, MAP_PRIVATE, writable, 0);
        try("to execute, open to read", PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, readable, 0);
        step_text(place_name(raw_call(NR_mmap, at(100), PAGE, PROT_READ, MAP_SHARED | FIXED,
                                      readable, 0)),
                  "shared, to read");
        step(raw_call(NR_mprotect, at(100), PAGE, RW), "made writable");
        step(raw_call(NR_mprotect, at(100), PAGE, PROT_READ | PROT_EXEC), "made executable");
        try("a folder", PAGE, PROT_READ, MAP_PRIVATE, raw_call(NR_open, "/tmp", RDONLY | DIRECTORY),
            0);

        scene_in_arena("mmap.file.offset");
        memfd = raw_call(NR_memfd_create, "offset", 0);
        try("the last page that there can be", PAGE, PROT_READ, MAP_SHARED, memfd,
            0x7fffffffffffe000);
        try("one page further", PAGE, PROT_READ, MAP_SHARED, memfd, 0x7ffffffffffff000);
        try("two pages from the last", 2 * PAGE, PROT_READ, MAP_SHARED, memfd, 0x7fffffffffffe000);
        try("above all that", PAGE, PROT_READ, MAP_SHARED, memfd, 0xfffffffffffff000);
        try("of a file", PAGE, PROT_READ, MAP_PRIVATE, both, 0x7ffffffffffff000);
        try("and not open for it", PAGE, PROT_READ, MAP_PRIVATE, writable, 0x7ffffffffffff000);
        try("anonymous", 2 * PAGE, PROT_READ, ANON, -1, 0xfffffffffffff000);
        try("not a multiple of a page", PAGE, PROT_READ, MAP_SHARED, memfd, 0x7fffffffffffe001);
        raw_call(NR_close, memfd);
        raw_call(NR_close, readable);
        raw_call(NR_close, writable);
        raw_call(NR_close, both);
        raw_call(NR_unlink, "/tmp/rest");
}

/* A call whose arguments are wrong in two ways or more. */
static void order_step(const char *what, unsigned long addr, unsigned long length, int prot,
                       int flags, long fd, unsigned long offset)
{
        step_text(place_name(raw_call(NR_mmap, addr, length, prot, flags, fd, offset)), "%s", what);
}

static void order(void)
{
        long folder = raw_call(NR_open, "/tmp", RDONLY | DIRECTORY);
        long path = raw_call(NR_open, "/tmp", PATH);
        long memfd = raw_call(NR_memfd_create, "order", 0);

        scene_in_arena("mmap.order");
        raw_call(NR_mmap, SEALED, PAGE, RW, ANON | FIXED, -1, 0);
        order_step("offset, descriptor", at(0), PAGE, RW, MAP_PRIVATE, 999, 1);
        order_step("descriptor, length 0", at(0), 0, RW, MAP_PRIVATE, 999, 0);
        order_step("descriptor without rights, length 0", at(0), 0, RW, MAP_PRIVATE, path, 0);
        order_step("length 0, address", 1, 0, RW, ANON | FIXED, -1, 0);
        order_step("length 0, type", at(0), 0, RW, MAP_ANONYMOUS | FIXED, -1, 0);
        order_step("length that wraps, address", 1, ~0UL, RW, ANON | FIXED, -1, 0);
        order_step("no room, type", 0, 0x7fffffff0000, RW, MAP_ANONYMOUS, -1, 0);
        order_step("no room, folder", 0, 0x7fffffff0000, PROT_READ, MAP_PRIVATE, folder, 0);
        order_step("address, type", 1, PAGE, RW, MAP_ANONYMOUS | FIXED, -1, 0);
        order_step("address, folder", 1, PAGE, PROT_READ, MAP_PRIVATE | FIXED, folder, 0);
        order_step("taken, type", SEALED, PAGE, RW, MAP_ANONYMOUS | 0x100000, -1, 0);
        order_step("taken, folder", SEALED, PAGE, PROT_READ, MAP_PRIVATE | 0x100000, folder, 0);
        order_step("offset too large, folder", at(0), PAGE, PROT_READ, MAP_PRIVATE, folder,
                   0x7ffffffffffff000);
        order_step("offset too large, type", at(0), PAGE, PROT_READ, 0, memfd, 0x7ffffffffffff000);
        order_step("type, taken by seal", SEALED, PAGE, RW, MAP_ANONYMOUS | FIXED, -1, 0);
        raw_call(NR_mseal, SEALED, PAGE, 0);
        order_step("type, seal", SEALED, PAGE, RW, MAP_ANONYMOUS | FIXED, -1, 0);
        order_step("folder, seal", SEALED, PAGE, PROT_READ, MAP_PRIVATE | FIXED, folder, 0);
        order_step("seal, more than all memory", SEALED, 1UL << 46, RW, ANON | FIXED, -1, 0);
        raw_call(NR_close, folder);
        raw_call(NR_close, path);
        raw_call(NR_close, memfd);
}

static void set_locked_limit(unsigned long bytes)
{
        unsigned long limit[2] = { bytes, bytes };

        raw_call(NR_prlimit64, 0, 8 /* RLIMIT_MEMLOCK */, limit, NULL);
}

static void locked_first(void)
{
        long folder = raw_call(NR_open, "/tmp", RDONLY | DIRECTORY);

        set_locked_limit(2 * PAGE);
        raw_call(NR_setresuid, 1000, 1000, 1000);
        order_step("over the limit, folder", at(0), 3 * PAGE, PROT_READ, MAP_PRIVATE | LOCKED,
                   folder, 0);
        order_step("over the limit, type", at(0), 3 * PAGE, RW, MAP_ANONYMOUS | LOCKED, -1, 0);
        order_step("within the limit, type", at(0), PAGE, RW, MAP_ANONYMOUS | LOCKED, -1, 0);
        order_step("over the limit, address", 1, 3 * PAGE, RW, ANON | FIXED | LOCKED, -1, 0);
        set_locked_limit(0);
        order_step("limit 0, folder", at(0), PAGE, PROT_READ, MAP_PRIVATE | LOCKED, folder, 0);
        order_step("limit 0, type", at(0), PAGE, RW, MAP_ANONYMOUS | LOCKED, -1, 0);
        order_step("limit 0, no length", at(0), 0, RW, ANON | LOCKED, -1, 0);
}

static void seals(void)
{
        long memfd = raw_call(NR_memfd_create, "seals", CLOEXEC_SEAL);

        scene_in_arena("object.seal_busy");
        raw_call(NR_ftruncate, memfd, 4 * PAGE);
        raw_call(NR_mmap, at(0), PAGE, RW, MAP_SHARED | FIXED, memfd, 0);
        step(raw_call(NR_fcntl, memfd, ADD_SEALS, SEAL_WRITE), "a shared mapping to write");
        raw_call(NR_mprotect, at(0), PAGE, PROT_READ);
        step(raw_call(NR_fcntl, memfd, ADD_SEALS, SEAL_WRITE), "made read-only");
        raw_call(NR_mremap, at(0), PAGE, PAGE, 7, at(4));
        raw_call(NR_munmap, at(0), PAGE);
        step(raw_call(NR_fcntl, memfd, ADD_SEALS, SEAL_WRITE), "a copy of it that DONTUNMAP made");
        step(raw_call(NR_fcntl, memfd, ADD_SEALS, SEAL_SHRINK), "another seal");
        raw_call(NR_munmap, at(4), PAGE);
        raw_call(NR_mmap, at(0), PAGE, RW, MAP_PRIVATE | FIXED, memfd, 0);
        step(raw_call(NR_fcntl, memfd, ADD_SEALS, SEAL_WRITE), "a private mapping");
        try("shared, to write, of the sealed", PAGE, RW, MAP_SHARED, memfd, 0);
        try("shared, to read, of the sealed", PAGE, PROT_READ, MAP_SHARED, memfd, 0);
        try("private, to write, of the sealed", PAGE, RW, MAP_PRIVATE, memfd, 0);
        step(raw_call(NR_ftruncate, memfd, PAGE), "shrinking it");
        raw_call(NR_close, memfd);
}

static void other_calls(void)
{
        char byte = 'X';
        struct iovec local = { &byte, 1 };
        struct iovec remote = { (void *)at(0), 1 };
        long self = raw_call(NR_getpid);

        scene_in_arena("access.unforced");
        raw_call(NR_mmap, at(0), PAGE, RW, ANON | FIXED, -1, 0);
        step(raw_call(NR_process_vm_writev, self, &local, 1, &remote, 1, 0), "to writable memory");
        raw_call(NR_mprotect, at(0), PAGE, PROT_READ);
        step(raw_call(NR_process_vm_writev, self, &local, 1, &remote, 1, 0), "to read-only memory");
        step(raw_call(NR_process_vm_readv, self, &local, 1, &remote, 1, 0),
             "from read-only memory");
        raw_call(NR_mprotect, at(0), PAGE, PROT_NONE);
        step(raw_call(NR_process_vm_readv, self, &local, 1, &remote, 1, 0),
             "from memory without rights");
        raw_call(NR_munmap, at(0), PAGE);
        step(raw_call(NR_process_vm_readv, self, &local, 1, &remote, 1, 0), "from a hole");

        scene_in_arena("names.refused");
        raw_call(NR_mmap, at(0), PAGE, RW, ANON | FIXED, -1, 0);
        step(raw_call(NR_prctl, 0x53564d41, 0, at(0), PAGE, "a name"),
             "a name for anonymous memory");
}

void cases_refused_by_mmap(void)
{
        types();
        files();
        order();
        raw_call(NR_munmap, at(0), PAGE);
        scene_in_arena("mmap.memlock_first");
        in_child(locked_first, "as nobody");
        seals();
        other_calls();
}
