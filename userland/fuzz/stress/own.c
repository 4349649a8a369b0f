/* SPDX-License-Identifier: MIT */
/*
 * Calls on a worker's own windows, and what is in every page of them.
 *
 * A page that nobody has written is 0 or what the handler has filled in, and stays what it was
 * found to be. The handler may answer a fault long after it was interrupted, so a page may be
 * filled at any time as long as there is none, also where there is a guard or poison.
 *
 * A call that fails may have done a part of its work: its range is mapped afresh.
 */
#include <errno.h>

#include "userland/fuzz/stress/stress.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)

struct range range_draw(struct worker *w, uint64_t of)
{
        struct range r;

        switch (below(&w->random, 6)) {
        case 0: /* whole huge pages */
                r.first = below(&w->random, of / HUGE) * HUGE;
                r.pages = HUGE * (1 + below(&w->random, of / HUGE - r.first / HUGE));
                return r;
        case 1: /* anything */ r.pages = 1 + below(&w->random, of / 2); break;
        case 2: r.pages = 1 + below(&w->random, 64); break;
        default: r.pages = 1 + below(&w->random, 8); break;
        }
        r.first = below(&w->random, of - r.pages + 1);
        return r;
}

struct window *own_draw(struct worker *w)
{
        return &w->own[one_in(&w->random, 3)];
}

/* ------------------------------------------------------------------ contents */

uint64_t own_content(const struct window *window, uint64_t page)
{
        return window->content[window->shared ? window->index[page] : page];
}

void own_set(struct window *window, uint64_t page, uint64_t word)
{
        window->content[window->shared ? window->index[page] : page] = word;
}

static uint64_t addr_of(const struct window *window, uint64_t page)
{
        return window->base + page * PAGE;
}

static void wrong(const struct worker *w, const struct window *window, uint64_t page,
                  const char *what, uint64_t got)
{
        complain("%s %u: page %lu of its %s window: %s: %#lx, state %u, content %#lx",
                 w->origin >= ORIGIN_CHILD ? "a child of thread" : "thread", w->number,
                 (unsigned long)page, window->shared ? "shared" : "private", what,
                 (unsigned long)got, window->state[page], (unsigned long)own_content(window, page));
}

/* A word has been read, where nobody knows of one: may it be? */
static bool may_be_filled(const struct window *window, uint64_t page, uint64_t word)
{
        if (word_is_good(word) && word_origin(word) == ORIGIN_HANDLER)
                return true;
        return word == 0 && (window->shared || window->state[page] == PAGE_PLAIN);
}

static void check_word(struct worker *w, struct window *window, uint64_t page, uint64_t word)
{
        uint64_t content = own_content(window, page);

        if (window->state[page] == PAGE_NONE)
                return wrong(w, window, page, "not mapped, and read", word);
        if (window->state[page] == PAGE_PLAIN && content != EMPTY_WORD) {
                if (word != content)
                        wrong(w, window, page, "read", word);
                return;
        }
        /* What shared memory has under a guard shows when that is filled. */
        if (!may_be_filled(window, page, word) && word != content)
                return wrong(w, window, page, "never written, and read", word);
        window->state[page] = PAGE_PLAIN;
        own_set(window, page, word);
}

/* An access has ended in a signal. */
static void check_signal(struct worker *w, struct window *window, uint64_t page,
                         enum outcome outcome, bool write)
{
        uint8_t state = window->state[page];

        if (outcome == SEGV && state != PAGE_NONE && state != PAGE_GUARD)
                wrong(w, window, page, "SIGSEGV", write);
        /* A descriptor with the SIGBUS feature; but a private page that is there can be read. */
        if (outcome == BUS &&
            (state == PAGE_NONE || (state == PAGE_PLAIN && !write && !window->shared &&
                                    own_content(window, page) != EMPTY_WORD)))
                wrong(w, window, page, "SIGBUS", write);
}

void own_check(struct worker *w, struct window *window, uint64_t page)
{
        uint64_t addr = addr_of(window, page), first, last;
        enum outcome outcome;

        /* A child need not have the page of zeroes, and asks anew. */
        if (w->origin >= ORIGIN_CHILD && !window->shared && window->content[page] == 0)
                window->content[page] = EMPTY_WORD;
        outcome = word_read(addr + FIRST_WORD, &first);
        count(&board->touches);
        if (outcome == DONE)
                check_word(w, window, page, first);
        else
                return check_signal(w, window, page, outcome, false);
        if (word_read(addr + LAST_WORD, &last) == DONE && last != first)
                wrong(w, window, page, "its last word", last);
}

/* The first word could be written, so this one can, too. */
static void write_last(struct worker *w, struct window *window, uint64_t page, uint64_t word)
{
        if (word_write(addr_of(window, page) + LAST_WORD, word) != DONE)
                wrong(w, window, page, "its last word cannot be written", word);
}

void own_write(struct worker *w, struct window *window, uint64_t page)
{
        uint64_t addr = addr_of(window, page), word = word_make(w->origin, ++w->serial), old;
        enum outcome outcome;

        /* Read first: a word of which nobody knows may be there. */
        if (word_read(addr, &old) != DONE)
                return own_check(w, window, page);
        check_word(w, window, page, old);
        outcome = word_write(addr + FIRST_WORD, word);
        count(&board->touches);
        if (outcome != DONE)
                return check_signal(w, window, page, outcome, true);
        own_set(window, page, word);
        write_last(w, window, page, word);
}

/* ------------------------------------------------------------------ through system calls */

/* A word goes from memory into a pipe and comes back to be compared. */
static void read_by_call(struct worker *w, struct window *window, uint64_t page)
{
        uint64_t word;
        long n = raw_call(NR_write, w->pipe[1], addr_of(window, page), 8);

        if (n == -EFAULT || n == -EINTR)
                return;
        if (n != 8 || raw_call(NR_read, w->pipe[0], &word, 8) != 8)
                return complain("thread %u: a pipe: %ld", w->number, n);
        check_word(w, window, page, word);
}

/* The kernel writes both words. What it reads them from, nobody is registered for. */
static void write_by_call(struct worker *w, struct window *window, uint64_t page)
{
        uint64_t addr = addr_of(window, page), word = word_make(w->origin, ++w->serial), old;
        struct {
                uint64_t base, len;
        } from = { (uintptr_t)&word, 8 }, to = { addr + FIRST_WORD, 8 };
        long n;

        if (word_read(addr, &old) != DONE)
                return own_check(w, window, page);
        check_word(w, window, page, old);
        n = raw_call(NR_process_vm_writev, raw_call(NR_getpid), &from, 1, &to, 1, 0);
        if (n == 8) {
                own_set(window, page, word);
                write_last(w, window, page, word);
        } else if (n != -EFAULT && n != -EINTR) {
                complain("thread %u: process_vm_writev: %ld", w->number, n);
        }
}

static void own_touch(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);

        for (unsigned i = 0; i < 16; i++) {
                uint64_t page = r.first + below(&w->random, r.pages);

                switch (below(&w->random, 8)) {
                case 0: read_by_call(w, window, page); break;
                case 1: write_by_call(w, window, page); break;
                case 2:
                case 3:
                case 4: own_check(w, window, page); break;
                default: own_write(w, window, page); break;
                }
        }
}

/* Of pages of which nothing is known some: each is a fault for the handler. */
void own_check_all(struct worker *w)
{
        for (unsigned i = 0; i < 2; i++)
                for (uint64_t page = 0; page < WINDOW_PAGES; page++) {
                        struct window *window = &w->own[i];

                        w->status->calls++;
                        if (own_content(window, page) != EMPTY_WORD || one_in(&w->random, 16))
                                own_check(w, window, page);
                }
}

/* ------------------------------------------------------------------ mapping */

static void forget(struct window *window, struct range r, enum page_state state)
{
        for (uint64_t p = r.first; p < r.first + r.pages; p++) {
                window->state[p] = (uint8_t)state;
                if (!window->shared)
                        window->content[p] = EMPTY_WORD;
        }
}

static long map_private(struct window *window, struct range r)
{
        return raw_call(NR_mmap, addr_of(window, r.first), r.pages * PAGE, READ_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/* In pieces that end where the object does. */
static long map_shared(struct worker *w, struct window *window, struct range r)
{
        uint64_t index = below(&w->random, OBJECT_PAGES), done = 0;

        while (done < r.pages) {
                uint64_t n = OBJECT_PAGES - index, page = r.first + done;
                long result;

                if (n > r.pages - done)
                        n = r.pages - done;
                result = raw_call(NR_mmap, addr_of(window, page), n * PAGE, READ_WRITE,
                                  MAP_SHARED | MAP_FIXED, window->fd, index * PAGE);
                if (result < 0)
                        return result;
                for (uint64_t i = 0; i < n; i++)
                        window->index[page + i] = (uint16_t)(index + i);
                done += n;
                index = 0;
        }
        return 0;
}

void own_map(struct worker *w, struct window *window, struct range r)
{
        long result = window->shared ? map_shared(w, window, r) : map_private(window, r);

        if (result < 0)
                complain("thread %u: mmap: %s", w->number, errno_name(result));
        forget(window, r, PAGE_PLAIN);
}

static void own_mmap(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);

        own_map(w, window, r);
        if (one_in(&w->random, 2))
                raw_call(NR_madvise, addr_of(window, r.first), r.pages * PAGE, MADV_HUGEPAGE);
}

static void own_munmap(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);
        long result = raw_call(NR_munmap, addr_of(window, r.first), r.pages * PAGE);

        if (result < 0)
                return own_map(w, window, r);
        forget(window, r, PAGE_NONE);
        if (one_in(&w->random, 2))
                own_map(w, window, r);
}

/* ------------------------------------------------------------------ advice */

/* 0, also for a range with holes; otherwise the range has been mapped afresh. */
static long advise(struct worker *w, struct window *window, struct range r, int advice)
{
        long result = raw_call(NR_madvise, addr_of(window, r.first), r.pages * PAGE, advice);

        if (result == 0 || result == -ENOMEM)
                return 0;
        own_map(w, window, r);
        return result;
}

static void own_dontneed(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);

        if (advise(w, window, r, MADV_DONTNEED))
                return;
        for (uint64_t p = r.first; p < r.first + r.pages && !window->shared; p++) {
                window->content[p] = EMPTY_WORD;
                if (window->state[p] == PAGE_POISON)
                        window->state[p] = PAGE_PLAIN;
        }
}

/* What the object has there is gone, whatever a call that failed has left. */
static void punch_by_descriptor(struct window *window, struct range r)
{
        for (uint64_t p = r.first; p < r.first + r.pages; p++)
                if (window->state[p] != PAGE_NONE)
                        raw_call(NR_fallocate, window->fd, 3 /* PUNCH_HOLE, KEEP_SIZE */,
                                 window->index[p] * PAGE, PAGE);
}

/* A hole is punched into the object. */
static void own_punch(struct worker *w)
{
        struct window *window = &w->own[1];
        struct range r = range_draw(w, WINDOW_PAGES);
        long result;

        if (r.pages > 64 || w->origin >= ORIGIN_CHILD)
                return;
        result = raw_call(NR_madvise, addr_of(window, r.first), r.pages * PAGE, MADV_REMOVE);
        if (result < 0 && result != -ENOMEM)
                punch_by_descriptor(window, r);
        for (uint64_t p = r.first; p < r.first + r.pages; p++)
                if (window->state[p] != PAGE_NONE)
                        own_set(window, p, EMPTY_WORD);
}

static void own_guard(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);
        bool install = one_in(&w->random, 2);

        if (r.pages > 64 || advise(w, window, r, install ? GUARD_INSTALL : GUARD_REMOVE))
                return;
        for (uint64_t p = r.first; p < r.first + r.pages; p++) {
                if (window->state[p] == PAGE_NONE)
                        continue;
                if (install && !window->shared)
                        window->content[p] = EMPTY_WORD;
                if (install)
                        window->state[p] = PAGE_GUARD;
                else if (window->state[p] == PAGE_GUARD)
                        window->state[p] = PAGE_PLAIN;
        }
}

/* Calls that change no contents; whether they succeed is all the same. */
static void own_huge(struct worker *w)
{
        static const int advice[] = { MADV_HUGEPAGE,   MADV_HUGEPAGE,   MADV_NOHUGEPAGE,
                                      ADVISE_COLLAPSE, ADVISE_COLLAPSE, MADV_WILLNEED };
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);

        raw_call(NR_madvise, addr_of(window, r.first), r.pages * PAGE,
                 advice[below(&w->random, sizeof(advice) / sizeof(advice[0]))]);
}

static void own_protect(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);
        uint64_t page = r.first + below(&w->random, r.pages);
        uint64_t addr = addr_of(window, r.first);

        long result = raw_call(NR_mprotect, addr, r.pages * PAGE, PROT_READ);

        if (result == 0 && word_write(addr_of(window, page), 1) == DONE)
                wrong(w, window, page, "written, though it may only be read", 1);
        own_check(w, window, page);
        /* At a hole both calls end. */
        if (raw_call(NR_mprotect, addr, r.pages * PAGE, READ_WRITE) != result)
                own_map(w, window, r);
}

static void own_lock(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);
        uint64_t addr = addr_of(window, r.first);

        if (one_in(&w->random, 3))
                raw_call(NR_mlock2, addr, r.pages * PAGE, below(&w->random, 2));
        else
                raw_call(NR_munlock, addr, r.pages * PAGE);
}

/* ------------------------------------------------------------------ userfaultfd */

static void own_register(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);
        struct uffd_register call = { { addr_of(window, r.first), r.pages * PAGE }, 0, 0 };
        int fd = handler_fd(w);

        if (one_in(&w->random, 8))
                raw_call(NR_ioctl, fd, UFFDIO_UNREGISTER, &call.range);
        call.mode = register_mode(w, window->shared);
        raw_call(NR_ioctl, fd, UFFDIO_REGISTER, &call);
}

static void own_writeprotect(struct worker *w)
{
        struct window *window = own_draw(w);
        struct range r = range_draw(w, WINDOW_PAGES);
        struct uffd_protect call = { { addr_of(window, r.first), r.pages * PAGE },
                                     one_in(&w->random, 4) ? 0 : UFFD_PROTECT };

        raw_call(NR_ioctl, handler_fd(w), UFFDIO_WRITEPROTECT, &call);
}

const struct call own_calls[] = {
        { "touches", 30, own_touch },
        { "mmap", 6, own_mmap },
        { "munmap", 4, own_munmap },
        { "MADV_DONTNEED", 6, own_dontneed },
        { "MADV_REMOVE", 3, own_punch },
        { "guards", 5, own_guard },
        { "advice of huge pages", 5, own_huge },
        { "mprotect", 4, own_protect },
        { "mlock", 2, own_lock },
        { "mremap", 12, own_move },
        { "mremap to another size", 6, own_resize },
        { "UFFDIO_REGISTER", 10, own_register },
        { "UFFDIO_WRITEPROTECT", 5, own_writeprotect },
        { "UFFDIO_COPY", 6, own_copy },
        { "UFFDIO_ZEROPAGE", 2, own_zeropage },
        { "UFFDIO_POISON", 2, own_poison },
        { "UFFDIO_CONTINUE", 2, own_continue },
        { "UFFDIO_MOVE", 5, own_uffd_move },
        { "fork", 3, fork_child },
        { NULL, 0, NULL },
};
