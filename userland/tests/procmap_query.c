/* SPDX-License-Identifier: MIT */
/* PROCMAP_QUERY on /proc/self/maps: what it finds, what it says of it, what it refuses. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/base/abi/procfs.h"
#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define READABLE PROCMAP_QUERY_VMA_READABLE
#define WRITABLE PROCMAP_QUERY_VMA_WRITABLE
#define EXEC     PROCMAP_QUERY_VMA_EXECUTABLE
#define SHARED   PROCMAP_QUERY_VMA_SHARED
#define OR_NEXT  PROCMAP_QUERY_COVERING_OR_NEXT_VMA
#define FILES    PROCMAP_QUERY_FILE_BACKED_VMA

static int maps;
static char name[4096];
static unsigned char build_id[64];

static long ask(struct procmap_query *q)
{
        return raw_call(NR_ioctl, maps, PROCMAP_QUERY, q);
}

static struct procmap_query query_at(unsigned long addr, unsigned long flags)
{
        return (struct procmap_query){
                .size = sizeof(struct procmap_query),
                .query_flags = flags,
                .query_addr = addr,
        };
}

/* A step: what is found from the address on. */
static void find(long page, unsigned long flags, const char *what)
{
        struct procmap_query q = query_at(at(page), flags);
        long err = ask(&q);
        char text[200];

        if (err) {
                step(err, "%s at %ld", what, page);
                return;
        }
        if (q.vma_start >= ARENA_END) {
                step_text("above the arena", "%s at %ld", what, page);
                return;
        }
        snprintf(text, sizeof(text), "%s-%s flags %#llx page %llu offset %#llx",
                 place_name(q.vma_start), place_name(q.vma_end), (unsigned long long)q.vma_flags,
                 (unsigned long long)q.vma_page_size, (unsigned long long)q.vma_offset);
        step_text(text, "%s at %ld", what, page);
        if (q.vma_name_size || q.build_id_size)
                say("     name size %u, build id size %u", q.vma_name_size, q.build_id_size);
}

static void which_is_found(void)
{
        static const struct {
                const char *what;
                unsigned long flags;
        } wants[] = {
                { "any", 0 },
                { "readable", READABLE },
                { "writable", WRITABLE },
                { "executable", EXEC },
                { "shared", SHARED },
                { "of a file", FILES },
                { "readable and shared", READABLE | SHARED },
                { "any or next", OR_NEXT },
                { "writable or next", OR_NEXT | WRITABLE },
                { "executable or next", OR_NEXT | EXEC },
                { "shared or next", OR_NEXT | SHARED },
                { "file or next", OR_NEXT | FILES },
                { "writable file or next", OR_NEXT | FILES | WRITABLE },
        };
        int fd = raw_call(NR_memfd_create, "query", 0);

        scene_in_arena("which mapping is found");
        ftruncate(fd, 8 * PAGE);
        map(2, 2, "r--");
        map(4, 2, "rw-");
        map(8, 2, "r-x");
        map(12, 1, "---");
        map_with(14, 2, "r--", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
        raw_call(NR_mmap, at(18), 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 2 * PAGE);
        raw_call(NR_mmap, at(22), 2 * PAGE, 3, MAP_SHARED | MAP_FIXED, fd, 4 * PAGE);
        map(40, 1, "r-x");
        show_maps();
        for (unsigned i = 0; i < sizeof(wants) / sizeof(*wants); i++)
                for (long page = 0; page < 26; page += page < 4 ? 1 : 4)
                        find(page, wants[i].flags, wants[i].what);
        find(3, 0, "the second page of a mapping");
        close(fd);
}

/* The name of what is at the page, asked for with `room` bytes. */
static void ask_name(unsigned long addr, unsigned room, const char *what)
{
        struct procmap_query q = query_at(addr, 0);
        long err;

        memset(name, '~', sizeof(name));
        q.vma_name_addr = (unsigned long)name;
        q.vma_name_size = room;
        err = ask(&q);
        if (err)
                step(err, "name of %s in %u bytes; first byte %c", what, room, name[0]);
        else if (q.vma_name_size)
                step_text(name, "name of %s in %u bytes, size %u, then %c", what, room,
                          q.vma_name_size, name[q.vma_name_size]);
        else
                step_text("none", "name of %s in %u bytes; first byte %c", what, room, name[0]);
}

static void names(void)
{
        int fd = open("/tmp/terrane query\nx", O_RDWR | O_CREAT | O_TRUNC, 0600);
        int memfd = raw_call(NR_memfd_create, "query", 0);
        unsigned long top = (unsigned long)__builtin_frame_address(0);

        scene_in_arena("names");
        ftruncate(fd, 8 * PAGE);
        ftruncate(memfd, 8 * PAGE);
        map(0, 1, "rw-");
        map_with(2, 1, "rw-", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
        raw_call(NR_mmap, at(4), PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
        raw_call(NR_mmap, at(6), PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, memfd, 0);
        ask_name(at(0), 100, "anonymous memory");
        ask_name(at(0), 1, "anonymous memory");
        ask_name(at(2), 100, "shared memory");
        ask_name(at(2), 20, "shared memory");
        ask_name(at(2), 19, "shared memory");
        ask_name(at(2), 1, "shared memory");
        ask_name(at(4), 100, "a file");
        ask_name(at(4), 20, "a file");
        ask_name(at(6), 4096, "a memfd");
        ask_name(at(6), 100000, "a memfd");
        ask_name(top, 100, "the stack");
        ask_name(top, 8, "the stack");
        ask_name(top, 7, "the stack");
        unlink("/tmp/terrane query\nx");
        ask_name(at(4), 100, "a file that is gone");
        ask_name(0xffffffffff600000, 100, "the vsyscall page");
        close(fd);
        close(memfd);
}

static void numbers(void)
{
        int fd = open("/tmp/terrane query", O_RDWR | O_CREAT | O_TRUNC, 0600);
        struct procmap_query q = query_at(at(1), 0);
        struct stat {
                unsigned long dev, ino, rest[16];
        } st;

        scene_in_arena("device and inode");
        ftruncate(fd, 4 * PAGE);
        raw_call(NR_mmap, at(0), 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, PAGE);
        raw_call(NR_fstat, fd, &st);
        step(ask(&q), "ask");
        check(q.inode == st.ino, "the inode is the file's");
        check(q.dev_minor == (st.dev & 0xff) && q.dev_major == (st.dev >> 8 & 0xfff),
              "the device is the file's");
        check(q.vma_offset == PAGE, "the offset is that of the mapping's start");
        close(fd);
        unlink("/tmp/terrane query");
}

static void build_ids(void)
{
        static const unsigned char image[] = {
                0x7f,
                'E',
                'L',
                'F',
                2,
                1,
                1,
                [16] = 3,
                [18] = 62,
                [20] = 1,
                [32] = 64,
                [52] = 64,
                [54] = 56,
                [56] = 1,
                /* program header: PT_NOTE at 120, 44 bytes */
                [64] = 4,
                [72] = 120,
                [96] = 44,
                /* a note of another kind, then the build ID of 6 bytes */
                [120] = 4,
                [124] = 1,
                [128] = 9,
                [132] = 'G',
                'N',
                'U',
                0,
                [136] = 0xff,
                [140] = 4,
                [144] = 6,
                [148] = 3,
                [152] = 'G',
                'N',
                'U',
                0,
                [156] = 1,
                2,
                3,
                4,
                5,
                6,
                [163] = 0,
        };
        int fd = open("/tmp/terrane elf", O_RDWR | O_CREAT | O_TRUNC, 0700);
        struct procmap_query q;
        long err;

        scene_in_arena("build IDs");
        check(write(fd, image, sizeof(image)) == sizeof(image), "a file with a note");
        map(2, 1, "rw-");
        raw_call(NR_mmap, at(0), PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
        for (unsigned room = 5; room <= 20; room += room == 6 ? 14 : 1) {
                q = query_at(at(0), 0);
                q.build_id_addr = (unsigned long)build_id;
                q.build_id_size = room;
                memset(build_id, 0xee, sizeof(build_id));
                err = ask(&q);
                step(err, "%u bytes: size %u, %02x %02x .. %02x %02x", room, q.build_id_size,
                     build_id[0], build_id[1], build_id[5], build_id[6]);
        }
        q = query_at(at(2), 0);
        q.build_id_addr = (unsigned long)build_id;
        q.build_id_size = 20;
        err = ask(&q);
        step(err, "of anonymous memory: size %u", q.build_id_size);
        q.build_id_size = 20;
        q.build_id_addr = at(1);
        q.query_addr = at(0);
        step(ask(&q), "into nothing");
        close(fd);
        unlink("/tmp/terrane elf");
}

/* A query of another size than the kernel's own. */
static void sized(unsigned long size, const char *what)
{
        struct procmap_query *q = (void *)at(100);
        long err;

        memset(q, 0, PAGE);
        *q = query_at(at(0), 0);
        q->size = size;
        err = ask(q);
        step(err, "size %s; start told %d, end told %d, page size told %d", what, q->vma_start != 0,
             q->vma_end != 0, q->vma_page_size != 0);
}

static void refusals(void)
{
        struct procmap_query q;
        int other;

        scene_in_arena("what is refused");
        map(0, 1, "rw-");
        map(100, 3, "rw-");
        sized(0, "0");
        sized(16, "16");
        sized(23, "23");
        sized(24, "24");
        sized(32, "32");
        sized(40, "40");
        sized(103, "103");
        sized(105, "105");
        sized(4096, "4096");
        sized(4097, "4097");
        sized(~0UL, "~0");
        for (int bit = 5; bit < 64; bit += bit < 8 ? 1 : 8) {
                q = query_at(at(0), 1UL << bit);
                step(ask(&q), "flag bit %d", bit);
        }
        memset((void *)at(100), 0, PAGE);
        q = query_at(at(0), 0);
        q.size = 200;
        memcpy((void *)at(100), &q, sizeof(q));
        *(char *)(at(100) + 199) = 1;
        step(ask((void *)at(100)), "a byte that is not zero past the end");
        q = query_at(at(0), 0);
        q.vma_name_addr = (unsigned long)name;
        step(ask(&q), "an address for a name, no size");
        q = query_at(at(0), 0);
        q.vma_name_size = 10;
        step(ask(&q), "a size for a name, no address");
        q = query_at(at(0), 0);
        q.build_id_addr = 1;
        step(ask(&q), "an address for a build ID, no size");
        q = query_at(at(0), 0);
        q.build_id_size = 10;
        step(ask(&q), "a size for a build ID, no address");
        step(ask(NULL), "no query");
        step(ask((void *)at(50)), "a query that is not there");
        step(ask((void *)(at(103) - 50)), "a query that ends too early");
        q = query_at(at(50), 0);
        step(ask(&q), "nothing there");
        q = query_at(~0UL, 0);
        step(ask(&q), "the last byte");
        q = query_at(~0UL, OR_NEXT);
        step(ask(&q), "the last byte or next");
        q = query_at(0x7ffffffff000, OR_NEXT);
        step(ask(&q), "behind all");
        step(raw_call(NR_ioctl, maps, 0xc0686612u, &q), "another number");
        other = open("/proc/self/smaps", O_RDONLY);
        step(raw_call(NR_ioctl, other, PROCMAP_QUERY, &q), "of smaps");
        close(other);
}

int main(void)
{
        maps = open("/proc/self/maps", O_RDONLY);
        which_is_found();
        names();
        numbers();
        build_ids();
        refusals();
        return 0;
}
