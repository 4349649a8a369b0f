/* SPDX-License-Identifier: MIT */
/*
 * Calls on memory that all workers share, at any time and without asking each other. Every call may
 * fail, every access may end in a signal; but what is read is a word that somebody has written, and
 * in private memory nobody finds what another process has written.
 */
#include <fcntl.h>
#include <sched.h>

#include "userland/fuzz/stress/stress.h"

enum kind { PRIVATE, SHARED, FILE_PRIVATE, KINDS };

struct region {
        uint64_t base, pages;
        int fd;
};

static struct region regions[KINDS] = {
        [PRIVATE] = { 0x200000000, 3072, -1 },
        [SHARED] = { 0x240000000, 768, -1 },
        [FILE_PRIVATE] = { 0x280000000, 768, -1 },
};

static long map_range(enum kind kind, struct range r)
{
        const struct region *g = &regions[kind];

        return raw_call(NR_mmap, g->base + r.first * PAGE, r.pages * PAGE, PROT_READ | PROT_WRITE,
                        (kind == SHARED ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED |
                                (kind == PRIVATE ? MAP_ANONYMOUS : 0),
                        g->fd, kind == PRIVATE ? 0 : r.first * PAGE);
}

void regions_begin(void)
{
        int fd = (int)raw_call(NR_memfd_create, "region", 0);

        raw_call(NR_ftruncate, fd, regions[SHARED].pages * PAGE);
        regions[SHARED].fd = regions[FILE_PRIVATE].fd = fd;
        for (int k = 0; k < KINDS; k++)
                if (map_range((enum kind)k, (struct range){ 0, regions[k].pages }) < 0)
                        complain("region %d cannot be mapped", k);
}

/* A range drawn, as addresses. */
struct span {
        enum kind kind;
        struct range r;
        uint64_t start, len;
};

static struct span span_draw(struct worker *w)
{
        struct span s = { one_in(&w->random, 2) ? PRIVATE : (enum kind)below(&w->random, KINDS),
                          { 0, 0 },
                          0,
                          0 };

        s.r = range_draw(w, regions[s.kind].pages);
        s.start = regions[s.kind].base + s.r.first * PAGE;
        s.len = s.r.pages * PAGE;
        return s;
}

/* ------------------------------------------------------------------ accesses */

static void check_word(const struct worker *w, const struct span *s, uint64_t addr, uint64_t word)
{
        unsigned origin = word_origin(word);

        if (!word_is_good(word))
                complain("thread %u: at %#lx nobody has written %#lx", w->number,
                         (unsigned long)addr, (unsigned long)word);
        else if (s->kind == PRIVATE && origin >= ORIGIN_CHILD && origin != w->origin)
                complain("thread %u (origin %u): private memory at %#lx has the word %#lx of "
                         "another process",
                         w->number, w->origin, (unsigned long)addr, (unsigned long)word);
}

static void touch(struct worker *w)
{
        struct span s = span_draw(w);

        for (unsigned i = 0; i < 24; i++) {
                uint64_t addr = s.start + below(&w->random, s.r.pages) * PAGE +
                                (one_in(&w->random, 2) ? FIRST_WORD : LAST_WORD);
                uint64_t word;

                count(&board->touches);
                if (one_in(&w->random, 2))
                        word_write(addr, word_make(w->origin, ++w->serial));
                else if (word_read(addr, &word) == DONE)
                        check_word(w, &s, addr, word);
        }
}

/* The kernel accesses memory, its own way or through another address space. */
static void touch_by_call(struct worker *w)
{
        struct span s = span_draw(w);
        uint64_t addr = s.start + below(&w->random, s.r.pages) * PAGE, word = 0;
        struct {
                uint64_t base, len;
        } here = { (uintptr_t)&word, 8 }, there = { addr, 8 };
        bool write = one_in(&w->random, 2);
        long n, pid = raw_call(NR_getpid);

        if (write)
                word = word_make(w->origin, ++w->serial);
        if (one_in(&w->random, 2)) {
                n = raw_call(write ? NR_process_vm_writev : NR_process_vm_readv, pid, &here, 1,
                             &there, 1, 0);
        } else if (write) {
                raw_call(NR_write, w->pipe[1], &word, 8);
                n = raw_call(NR_read, w->pipe[0], addr, 8);
                if (n != 8)
                        raw_call(NR_read, w->pipe[0], &here, 8); /* it is still in there */
        } else {
                n = raw_call(NR_write, w->pipe[1], addr, 8);
                if (n == 8)
                        raw_call(NR_read, w->pipe[0], &word, 8);
        }
        if (n == 8 && !write)
                check_word(w, &s, addr, word);
}

/* ------------------------------------------------------------------ mappings */

static void map(struct worker *w)
{
        struct span s = span_draw(w);

        map_range(s.kind, s.r);
}

static void unmap(struct worker *w)
{
        struct span s = span_draw(w);

        raw_call(NR_munmap, s.start, s.len);
        if (!one_in(&w->random, 4))
                map_range(s.kind, s.r);
}

/* Somewhere, and away again. */
static void map_anywhere(struct worker *w)
{
        uint64_t len = (1 + below(&w->random, 1024)) * PAGE;
        long at = raw_call(NR_mmap, 0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                           0);

        if (at < 0)
                return;
        word_write((uint64_t)at, word_make(w->origin, ++w->serial));
        raw_call(NR_munmap, at, len);
}

static void move(struct worker *w)
{
        struct span s = span_draw(w);
        uint64_t to = regions[s.kind].base +
                      below(&w->random, regions[s.kind].pages - s.r.pages + 1) * PAGE;
        uint64_t more = one_in(&w->random, 4) ? below(&w->random, 32) * PAGE : 0;

        if (to + s.len + more > regions[s.kind].base + regions[s.kind].pages * PAGE)
                return;
        raw_call(NR_mremap, s.start, s.len, s.len + more,
                 MOVE_MAY | MOVE_FIXED | (more || one_in(&w->random, 2) ? 0 : MOVE_KEEP), to);
}

static void resize(struct worker *w)
{
        struct span s = span_draw(w);

        raw_call(NR_mremap, s.start, s.len, below(&w->random, s.r.pages + 8) * PAGE, 0, 0);
}

static void protect(struct worker *w)
{
        static const int rights[] = { 0, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
                                      PROT_READ | PROT_WRITE };
        struct span s = span_draw(w);

        raw_call(NR_mprotect, s.start, s.len, rights[below(&w->random, 5)]);
}

static void advise(struct worker *w)
{
        static const int advice[] = {
                MADV_NORMAL,
                MADV_RANDOM,
                MADV_SEQUENTIAL,
                MADV_WILLNEED,
                MADV_DONTNEED,
                MADV_DONTNEED,
                MADV_DONTNEED,
                8 /* FREE */,
                8,
                MADV_REMOVE,
                MADV_DONTFORK,
                11 /* DOFORK */,
                11,
                12 /* MERGEABLE */,
                13,
                MADV_HUGEPAGE,
                MADV_HUGEPAGE,
                MADV_NOHUGEPAGE,
                16 /* DONTDUMP */,
                17,
                18 /* WIPEONFORK */,
                19,
                20 /* COLD */,
                21 /* PAGEOUT */,
                22 /* POPULATE_READ */,
                23,
                24 /* DONTNEED_LOCKED */,
                ADVISE_COLLAPSE,
                ADVISE_COLLAPSE,
                GUARD_INSTALL,
                GUARD_REMOVE,
                GUARD_REMOVE,
        };
        struct span s = span_draw(w);

        raw_call(NR_madvise, s.start, s.len,
                 advice[below(&w->random, sizeof(advice) / sizeof(advice[0]))]);
}

static void lock(struct worker *w)
{
        struct span s = span_draw(w);

        if (one_in(&w->random, 3))
                raw_call(NR_mlock2, s.start, s.len, below(&w->random, 2));
        else
                raw_call(NR_munlock, s.start, s.len);
}

/* ------------------------------------------------------------------ userfaultfd */

static void registering(struct worker *w)
{
        struct span s = span_draw(w);
        struct uffd_register call = { { s.start, s.len }, 0, 0 };
        int fd = handler_fd(w);

        if (one_in(&w->random, 6)) {
                raw_call(NR_ioctl, fd, UFFDIO_UNREGISTER, &call.range);
                return;
        }
        call.mode = register_mode(w, s.kind != PRIVATE);
        raw_call(NR_ioctl, fd, UFFDIO_REGISTER, &call);
}

static void fill(struct worker *w)
{
        static const unsigned requests[] = { UFFDIO_ZEROPAGE, UFFDIO_CONTINUE, UFFDIO_POISON,
                                             UFFDIO_WAKE };
        struct span s = span_draw(w);
        struct uffd_fill call = { { s.start, s.len }, 0, 0 };

        raw_call(NR_ioctl, handler_fd(w), requests[below(&w->random, 4)], &call);
}

static void copy(struct worker *w)
{
        static uint64_t sources[WORKERS][4][PAGE / 8] __attribute__((aligned(4096)));
        uint64_t(*source)[PAGE / 8] = sources[w->number];
        struct span s = span_draw(w);
        struct uffd_copy call = { s.start, (uintptr_t)source, (1 + below(&w->random, 4)) * PAGE, 0,
                                  0 };

        for (unsigned i = 0; i < 4; i++)
                source[i][0] = source[i][LAST_WORD / 8] = word_make(w->origin, ++w->serial);
        raw_call(NR_ioctl, handler_fd(w), UFFDIO_COPY, &call);
}

static void protect_writes(struct worker *w)
{
        struct span s = span_draw(w);
        struct uffd_protect call = { { s.start, s.len }, one_in(&w->random, 3) ? 0 : UFFD_PROTECT };

        raw_call(NR_ioctl, handler_fd(w), UFFDIO_WRITEPROTECT, &call);
}

static void give(struct worker *w)
{
        struct span s = span_draw(w);
        uint64_t to = below(&w->random, regions[s.kind].pages - s.r.pages + 1);
        struct uffd_copy call = { regions[s.kind].base + to * PAGE, s.start, s.len,
                                  one_in(&w->random, 2) ? UFFD_MOVE_HOLES : 0, 0 };

        raw_call(NR_ioctl, handler_fd(w), UFFDIO_MOVE, &call);
}

/* ------------------------------------------------------------------ looking */

static void read_all(const char *path)
{
        char text[1024];
        int fd = (int)raw_call(NR_open, path, O_RDONLY);

        while (fd >= 0 && raw_call(NR_read, fd, text, sizeof(text)) > 0)
                ;
        if (fd >= 0)
                raw_call(NR_close, fd);
}

static void look(struct worker *w)
{
        static const char *const paths[] = { "/proc/self/maps", "/proc/self/smaps",
                                             "/proc/self/smaps_rollup", "/proc/self/status" };
        struct span s = span_draw(w);
        unsigned char present[3072];
        uint64_t entries[64];
        int fd;

        raw_call(NR_mincore, s.start, s.len, present);
        raw_call(NR_msync, s.start, s.len, 4);
        fd = (int)raw_call(NR_open, "/proc/self/pagemap", O_RDONLY);
        raw_call(NR_pread64, fd, entries, sizeof(entries), s.start / PAGE * 8);
        raw_call(NR_close, fd);
        if (one_in(&w->random, 8))
                read_all(paths[below(&w->random, 4)]);
        if (one_in(&w->random, 4))
                sched_yield();
}

const struct call region_calls[] = {
        { "touches what all share", 30, touch },
        { "has the kernel touch what all share", 8, touch_by_call },
        { "mmap of what all share", 5, map },
        { "munmap of what all share", 5, unmap },
        { "mmap anywhere", 3, map_anywhere },
        { "mremap of what all share", 10, move },
        { "mremap in place of what all share", 3, resize },
        { "mprotect of what all share", 4, protect },
        { "madvise of what all share", 14, advise },
        { "mlock of what all share", 2, lock },
        { "UFFDIO_REGISTER of what all share", 8, registering },
        { "fills what all share", 3, fill },
        { "UFFDIO_COPY to what all share", 5, copy },
        { "UFFDIO_WRITEPROTECT of what all share", 5, protect_writes },
        { "UFFDIO_MOVE of what all share", 5, give },
        { "looks", 4, look },
        { NULL, 0, NULL },
};
