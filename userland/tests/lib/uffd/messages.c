/* SPDX-License-Identifier: MIT */
/* What userfaultfd tells, and what pagemap says of its pages, as commands. See cases.h. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/uffd/uffd.h"
#include "userland/tests/lib/uffd/words.h"

#define PATIENCE 10000 /* ms for what has to come */

const char *uffd_place(unsigned long addr, char text[32])
{
        if (is_in_heap(addr) && addr % PAGE == 0)
                snprintf(text, 32, "heap+%lu", (addr - heap_start()) / PAGE);
        else if (addr < ARENA || addr > ARENA_END)
                snprintf(text, 32, "%#lx", addr);
        else if (addr % PAGE == 0)
                snprintf(text, 32, "+%lu", (addr - ARENA) / PAGE);
        else
                snprintf(text, 32, "+%lu.%lx", (addr - ARENA) / PAGE, addr % PAGE);
        return text;
}

/* ---------------------------------------------------------------- messages */

static void put_fault(const struct uffd_message *m)
{
        char place[32];

        put(" fault %s", uffd_place(m->fault.addr, place));
        if (m->fault.flags & UFFD_FAULT_WRITE)
                put(" write");
        if (m->fault.flags & UFFD_FAULT_WP)
                put(" wp");
        if (m->fault.flags & UFFD_FAULT_MINOR)
                put(" minor");
        if (m->fault.flags & ~7UL)
                put(" flags %lx", (long)m->fault.flags);
        if (m->fault.thread)
                put(" by %s", uffd_thread_name((int)m->fault.thread));
}

static void put_message(const struct uffd_message *m, const char *fork_name)
{
        char a[32], b[32];

        switch (m->event) {
        case UFFD_FAULT: put_fault(m); break;
        case UFFD_FORK:
                put(" fork %s", m->fork.fd > 2 ? fork_name : "without a descriptor");
                if (*fork_name)
                        *uffd_named(fork_name) = (int)m->fork.fd;
                break;
        case UFFD_REMAP:
                put(" remap %s to %s %lu", uffd_place(m->remap.from, a), uffd_place(m->remap.to, b),
                    (long)m->remap.len / PAGE);
                break;
        case UFFD_REMOVE:
        case UFFD_UNMAP:
                put(" %s %s to %s", m->event == UFFD_UNMAP ? "unmap" : "remove",
                    uffd_place(m->range.start, a), uffd_place(m->range.end, b));
                break;
        default: put(" event %x", m->event);
        }
        for (int i = 0; i < 7; i++)
                if (m->reserved[i])
                        put(" reserved %x", m->reserved[i]);
}

static void put_read(int fd, unsigned long room, const char *fork_name)
{
        static struct uffd_message messages[16];
        long n = raw_call(NR_read, fd, messages, room);

        if (n < 0) {
                put_result(n);
                return;
        }
        put(" ->");
        for (long i = 0; i < n / (long)sizeof(messages[0]); i++) {
                put("%s", i ? "," : "");
                put_message(&messages[i], fork_name);
        }
        if (n == 0 || n % (long)sizeof(messages[0]))
                put(" %ld bytes", n);
}

static void do_read_message(const struct command *c)
{
        int fd = *uffd_named(c->word[1]);
        struct pollfd wait = { fd, POLLIN, 0 };

        raw_call(NR_poll, &wait, 1, PATIENCE);
        put_read(fd, sizeof(struct uffd_message), c->word[2]);
}

static void do_many(const struct command *c)
{
        unsigned long room = length_of(c->word[2]);

        put_read(*uffd_named(c->word[1]), room / PAGE * sizeof(struct uffd_message) + room % PAGE,
                 "");
}

/* The buffer lies in the arena, wherever that is. */
static void do_transfer(const struct command *c)
{
        int nr = strcmp(c->word[0], "uinto") == 0 ? NR_read : NR_write;

        put_result(raw_call(nr, *uffd_named(c->word[1]), place_of(c->word[2]),
                            sizeof(struct uffd_message)));
}

static void do_other(const struct command *c)
{
        int fd = *uffd_named(c->word[1]);
        unsigned long addr = place_of(c->word[2]);
        char text[64] = "";
        char path[32];

        put(" -> mmap %s", errno_name(raw_call(NR_mmap, addr, PAGE, 1, 0x11, fd, 0)));
        put(", lseek %s", errno_name(raw_call(NR_lseek, fd, 0, 0)));
        put(", pread %s", errno_name(raw_call(NR_pread64, fd, addr, 32, 0)));
        put(", ftruncate %s", errno_name(raw_call(NR_ftruncate, fd, 0)));
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        raw_call(NR_readlink, path, text, sizeof(text) - 1);
        put(", %s", text);
}

static void do_poll(const struct command *c)
{
        struct pollfd wait = { *uffd_named(c->word[1]), POLLIN | POLLOUT, 0 };
        long n = raw_call(NR_poll, &wait, 1, has_word(c, "wait") ? PATIENCE : 0);

        if (n < 0) {
                put_result(n);
                return;
        }
        put(" ->%s%s%s%s%s", wait.revents & POLLIN ? " in" : "",
            wait.revents & POLLOUT ? " out" : "", wait.revents & POLLERR ? " err" : "",
            wait.revents & POLLHUP    ? " hup"
            : wait.revents & POLLNVAL ? " nval"
                                      : "",
            wait.revents ? "" : " nothing");
}

static void do_info(const struct command *c)
{
        char path[64], text[512];
        char *line, *rest = text;

        snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", *uffd_named(c->word[1]));
        if (read_file(path, text, sizeof(text)) < 0)
                put(" -> cannot be read");
        else
                put(" ->");
        while ((line = strsep(&rest, "\n"))) {
                if (strncmp(line, "pending", 7) == 0 || strncmp(line, "total", 5) == 0 ||
                    strncmp(line, "API", 3) == 0)
                        put(" %.*s%s", (int)strcspn(line, "\t"), line,
                            line + strcspn(line, "\t") + 1);
        }
}

/* ---------------------------------------------------------------- page tables */

static void do_bits(const struct command *c)
{
        unsigned long addr = place_of(c->word[1]);
        unsigned long pages = length_of(c->word[2]) / PAGE;
        long fd = raw_call(NR_open, "/proc/self/pagemap", 0, 0);

        put(" ->");
        for (unsigned long i = 0; i < pages; i++, addr += PAGE) {
                uint64_t entry = 0;

                raw_call(NR_pread64, fd, &entry, sizeof(entry), addr / PAGE * sizeof(entry));
                put(" %lx", (unsigned long)(entry >> 55) & (has_word(c, "shared") ? ~2UL : ~0UL));
        }
        raw_call(NR_close, fd);
}

/* How many pages of the mapping there are mapped by whole huge pages. */
static void do_huge(const struct command *c)
{
        static char text[1 << 18];
        unsigned long addr = place_of(c->word[1]);
        char *line, *rest = text;
        int inside = 0;

        read_file("/proc/self/smaps", text, sizeof(text));
        while ((line = strsep(&rest, "\n"))) {
                char *end;
                unsigned long start = strtoul(line, &end, 16);

                if (*end == '-')
                        inside = start <= addr && addr < strtoul(end + 1, NULL, 16);
                else if (inside && strncmp(line, "AnonHugePages:", 14) == 0)
                        put(" -> %ld", strtol(line + 14, NULL, 10) / 4);
        }
}

struct scan {
        uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
        uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

struct scan_range {
        uint64_t start, end, categories;
};

#define PAGEMAP_SCAN    0xc0606610
#define SCAN_WP         1
#define SCAN_CHECK      2
#define SCAN_CATEGORIES 0x17f /* all but soft-dirty, which few kernels have */

static void do_scan(const struct command *c)
{
        struct scan_range ranges[16];
        unsigned long start = place_of(c->word[1]);
        struct scan scan = { .size = sizeof(scan), .start = start };
        long fd = raw_call(NR_open, "/proc/self/pagemap", 0, 0);
        long n;

        scan.end = start + length_of(c->word[2]);
        scan.category_mask = strtoul(c->word[3], NULL, 0);
        scan.return_mask = SCAN_CATEGORIES;
        scan.flags = (has_word(c, "wp") ? SCAN_WP : 0) | (has_word(c, "check") ? SCAN_CHECK : 0);
        scan.vec = (uint64_t)ranges;
        scan.vec_len = 16;
        n = raw_call(NR_ioctl, fd, PAGEMAP_SCAN, &scan);
        raw_call(NR_close, fd);
        if (n <= 0)
                put_result(n);
        else
                put(" ->");
        for (long i = 0; i < n; i++) {
                char a[32], b[32];

                put("%s %s to %s %lx", i ? "," : "", uffd_place(ranges[i].start, a),
                    uffd_place(ranges[i].end, b), (long)ranges[i].categories);
        }
}

const struct command_row uffd_message_rows[] = {
        { "uread", do_read_message }, { "umany", do_many },     { "upoll", do_poll },
        { "uinfo", do_info },         { "bits", do_bits },      { "huge", do_huge },
        { "scan", do_scan },          { "uinto", do_transfer }, { "uother", do_other },
        { "ufrom", do_transfer },     { NULL, NULL },
};
