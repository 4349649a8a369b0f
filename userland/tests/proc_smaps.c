/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/smaps and smaps_rollup: their format to the byte, and their numbers after what can
 * happen to memory. Numbers are of the arena's mappings.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define SHARED_ANON (MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED)

static char text[1 << 18];

static const struct {
        const char *label, *shown;
} fields[] = {
        { "Rss:", "rss" },          { "Pss:", "pss" },         { "Pss_Dirty:", "pd" },
        { "Shared_Clean:", "sc" },  { "Shared_Dirty:", "sd" }, { "Private_Clean:", "pc" },
        { "Private_Dirty:", "pd" }, { "Referenced:", "ref" },  { "Anonymous:", "anon" },
        { "Swap:", "swap" },        { "Locked:", "lock" },     { "THPeligible:", "thp" },
};

/* The value behind the label in the entry that begins at `entry` and ends at `end`. */
static long field(const char *entry, const char *end, const char *label)
{
        const char *at = strstr(entry, label);

        while (at && at < end && at[-1] != '\n')
                at = strstr(at + 1, label);
        return at && at < end ? atol(at + strlen(label)) : -1;
}

/* Where the next mapping's entry begins: a line with no colon before its first blank. */
static char *next_entry(char *at)
{
        for (at = strchr(at, '\n'); at && *++at; at = strchr(at, '\n'))
                if (at[strcspn(at, ": ")] == ' ')
                        return at;
        return text + strlen(text);
}

static void show_entry(const char *entry, const char *end)
{
        char line[400];
        int at = snprintf(line, sizeof(line), "%s-%s", place_name(strtoul(entry, NULL, 16)),
                          place_name(strtoul(strchr(entry, '-') + 1, NULL, 16)));

        for (unsigned i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
                long value = field(entry, end, fields[i].label);

                if (value)
                        at += snprintf(line + at, sizeof(line) - at, " %s %ld", fields[i].shown,
                                       value);
        }
        say("     %s", line);
}

static void numbers(const char *what)
{
        char *entry = text, *end;

        say("  %s", what);
        if (read_file("/proc/self/smaps", text, sizeof(text)) < 0)
                say("     cannot be read");
        for (; *entry; entry = end) {
                unsigned long start = strtoul(entry, NULL, 16);

                end = next_entry(entry);
                if (start >= ARENA && start < ARENA_END)
                        show_entry(entry, end);
        }
}

/* All of the entry of the mapping at the page, as it stands. */
static void verbatim(unsigned long addr)
{
        char *entry = text, *end, *line;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (; *entry; entry = end) {
                end = next_entry(entry);
                if (strtoul(entry, NULL, 16) != addr)
                        continue;
                for (line = entry; line < end; line += strlen(line) + 1) {
                        line[strcspn(line, "\n")] = 0;
                        say("     [%s]", line);
                }
                return;
        }
        say("     no such entry");
}

static void format(void)
{
        scene_in_arena("an entry");
        map(0, 3, "rw-");
        stamp(0, 2, 'A');
        verbatim(at(0));
        map(8, 1, "---");
        verbatim(at(8));
        map(16, 1, "--x");
        verbatim(at(16));
        verbatim(0xffffffffff600000);
}

static void flags_of(const char *what, long page)
{
        char *at_text, *end;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (char *entry = text; *entry; entry = next_entry(entry)) {
                if (strtoul(entry, NULL, 16) != at(page))
                        continue;
                at_text = strstr(entry, "VmFlags:");
                end = strchr(at_text, '\n');
                *end = 0;
                step_text(at_text, "%s", what);
                return;
        }
        step_text("no entry", "%s", what);
}

static void advised(int advice, const char *name)
{
        unmap(0, 8);
        map(0, 8, "rw-");
        raw_call(NR_madvise, at(0), 8 * PAGE, advice);
        flags_of(name, 0);
}

static void flags(void)
{
        static const struct {
                int advice;
                const char *name;
        } advices[] = { { 1, "RANDOM" },      { 2, "SEQUENTIAL" },  { 10, "DONTFORK" },
                        { 14, "HUGEPAGE" },   { 15, "NOHUGEPAGE" }, { 16, "DONTDUMP" },
                        { 18, "WIPEONFORK" }, { 12, "MERGEABLE" },  { 102, "GUARD_INSTALL" } };
        int fd = raw_call(NR_memfd_create, "flags", 0);
        int zero = open("/dev/zero", O_RDWR);
        int read_only;

        scene_in_arena("VmFlags");
        ftruncate(fd, 8 * PAGE);
        for (unsigned i = 0; i < sizeof(advices) / sizeof(*advices); i++)
                advised(advices[i].advice, advices[i].name);
        map_with(10, 1, "rw-", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE);
        flags_of("NORESERVE", 10);
        map_with(12, 1, "rw-", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN);
        flags_of("GROWSDOWN", 12);
        map_with(14, 1, "rw-", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_STACK);
        flags_of("STACK", 14);
        map_with(16, 1, "rw-", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_LOCKED);
        flags_of("LOCKED", 16);
        map(18, 1, "rw-");
        raw_call(NR_mlock2, at(18), PAGE, 1);
        flags_of("locked on fault", 18);
        raw_call(NR_mmap, at(20), PAGE, 3, 8 | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        flags_of("DROPPABLE", 20);
        map(22, 1, "r-x");
        flags_of("executable", 22);
        map(24, 1, "rw-");
        raw_call(NR_mseal, at(30), PAGE, 0); /* nothing there */
        map_with(26, 1, "r--", SHARED_ANON);
        flags_of("shared", 26);
        raw_call(NR_mmap, at(28), PAGE, 3, MAP_SHARED | MAP_FIXED, fd, 0);
        flags_of("memfd, shared", 28);
        raw_call(NR_mmap, at(30), PAGE, 3, MAP_PRIVATE | MAP_FIXED, fd, 0);
        flags_of("memfd, private", 30);
        raw_call(NR_mmap, at(32), PAGE, 3, MAP_PRIVATE | MAP_FIXED, zero, 0);
        flags_of("/dev/zero, private", 32);
        snprintf(text, 100, "/proc/self/fd/%d", fd);
        read_only = open(text, O_RDONLY);
        raw_call(NR_mmap, at(34), PAGE, 1, MAP_SHARED | MAP_FIXED, read_only, 0);
        flags_of("memfd open for reading, shared", 34);
        raw_call(NR_mmap, at(36), PAGE, 3, MAP_PRIVATE | MAP_FIXED, read_only, 0);
        flags_of("memfd open for reading, private", 36);
        close(read_only);
        close(zero);
        close(fd);
}

static void private_memory(void)
{
        scene_in_arena("private memory");
        map(0, 16, "rw-");
        numbers("untouched");
        for (int i = 0; i < 4; i++)
                (void)*(volatile char *)at(i);
        numbers("four pages read");
        stamp(2, 4, 'A');
        numbers("four written, two of them read before");
        raw_call(NR_mprotect, at(4), PAGE, PROT_READ);
        numbers("one of them read-only");
        raw_call(NR_mprotect, at(4), PAGE, PROT_NONE);
        numbers("and without rights");
        raw_call(NR_mprotect, at(4), PAGE, 3);
        raw_call(NR_mremap, at(0), 16 * PAGE, 16 * PAGE, 3, at(100));
        numbers("moved");
        raw_call(NR_mremap, at(102), 2 * PAGE, 2 * PAGE, 3, at(200));
        numbers("two pages moved again");
        raw_call(NR_mremap, at(200), 2 * PAGE, 2 * PAGE, 7, at(300));
        numbers("and with the source kept");
        raw_call(NR_madvise, at(104), PAGE, MADV_DONTNEED);
        numbers("one page given back");
}

/* Linux marks pages as lazily freed in batches of 31, so up to 31 may wait for more to come. */
static void check_lazy(long most, const char *what)
{
        char *entry = text, *end;
        long lazy = 0;

        numbers(what);
        for (; *entry; entry = end) {
                end = next_entry(entry);
                if (strtoul(entry, NULL, 16) >= ARENA && strtoul(entry, NULL, 16) < ARENA_END)
                        lazy += field(entry, end, "LazyFree:");
        }
        check(lazy <= most && lazy > most - 31 * 4, "%ld kB of it lazily freed, or a batch less",
              most);
}

static void lazy_memory(void)
{
        scene_in_arena("lazily freed");
        map(0, 256, "rw-");
        stamp(0, 256, 'A');
        raw_call(NR_madvise, at(0), 128 * PAGE, 8);
        check_lazy(512, "half of it freed");
        stamp(0, 16, 'B');
        check_lazy(448, "an eighth of that written again");
        (void)*(volatile char *)at(20);
        check_lazy(448, "a page of it read");
        raw_call(NR_mremap, at(0), 256 * PAGE, 256 * PAGE, 3, at(300));
        check_lazy(448, "moved");
}

static void locked_memory(void)
{
        scene_in_arena("locked");
        map(0, 8, "rw-");
        stamp(0, 2, 'A');
        raw_call(NR_mlock, at(0), 4 * PAGE);
        numbers("the first half locked");
        raw_call(NR_mlock2, at(4), 4 * PAGE, 1);
        numbers("the second half on fault");
        stamp(5, 1, 'A');
        numbers("a page of that written");
        raw_call(NR_munlock, at(1), 2 * PAGE);
        numbers("two pages unlocked");
        map(10, 4, "r--");
        raw_call(NR_mlock, at(10), 4 * PAGE);
        numbers("read-only memory locked");
}

static void shared_memory(void)
{
        int fd = raw_call(NR_memfd_create, "smaps", 0);

        scene_in_arena("shared memory");
        ftruncate(fd, 32 * PAGE);
        map_with(0, 8, "rw-", SHARED_ANON);
        stamp(0, 2, 'A');
        (void)*(volatile char *)at(3);
        numbers("two pages written, one read");
        raw_call(NR_mremap, at(0), 0, 8 * PAGE, 3, at(10));
        (void)*(volatile char *)at(10);
        numbers("a duplicate, one page read");
        *(volatile char *)at(15) = 1;
        numbers("another written");
        unmap(0, 8);
        numbers("the first mapping gone");
        unmap(10, 8);
        raw_call(NR_mmap, at(20), 32 * PAGE, 3, MAP_SHARED | MAP_FIXED, fd, 0);
        stamp(20, 32, 'A');
        raw_call(NR_mmap, at(60), 32 * PAGE, 3, MAP_PRIVATE | MAP_FIXED, fd, 0);
        numbers("a memfd, written through one mapping");
        (void)*(volatile char *)at(60);
        numbers("read through a private one");
        stamp(62, 2, 'B');
        numbers("written through it");
        raw_call(NR_madvise, at(60), 32 * PAGE, MADV_DONTNEED);
        numbers("private pages given back");
        raw_call(NR_ftruncate, fd, 4 * PAGE);
        numbers("truncated to four pages");
        close(fd);
}

static int go[2], done[2];

static void wait_for(int fd)
{
        char byte;

        raw_call(NR_read, fd, &byte, 1);
}

static void tell(int fd)
{
        raw_call(NR_write, fd, "x", 1);
}

/* The child of a fork, and what each of the two sees. */
static void with_child(void (*child)(void), const char *what)
{
        int pid = fork();

        if (pid == 0) {
                child();
                tell(done[1]);
                wait_for(go[0]);
                _exit(0);
        }
        wait_for(done[0]);
        numbers(what);
        tell(go[1]);
        raw_call(NR_wait4, pid, 0, 0, 0);
}

static void child_looks(void)
{
        numbers("the child");
}

static void child_writes(void)
{
        stamp(0, 2, 'B');
        numbers("the child has written two pages");
}

static void child_reads(void)
{
        for (int i = 0; i < 8; i++)
                (void)*(volatile char *)at(i);
        numbers("the child has read all");
}

static void child_unmaps(void)
{
        unmap(0, 4);
        numbers("the child has unmapped half");
}

static void child_moves(void)
{
        raw_call(NR_mremap, at(0), 4 * PAGE, 4 * PAGE, 3, at(50));
        numbers("the child has moved half");
}

static void child_frees(void)
{
        raw_call(NR_madvise, at(0), 4 * PAGE, MADV_DONTNEED);
        numbers("the child has given half back");
}

static void fork_pair(void)
{
        scene_in_arena("private memory in two processes");
        map(0, 8, "rw-");
        stamp(0, 8, 'A');
        with_child(child_looks, "the parent");
        numbers("the child is gone");
        with_child(child_writes, "the parent");
        stamp(0, 1, 'C');
        with_child(child_unmaps, "the parent");
        with_child(child_moves, "the parent");
        with_child(child_frees, "the parent");
        raw_call(NR_mlock2, at(0), 8 * PAGE, 1);
        with_child(child_looks, "the parent, locked");
        raw_call(NR_munlock, at(0), 8 * PAGE);
        raw_call(NR_madvise, at(0), 8 * PAGE, 18);
        with_child(child_looks, "the parent, wiped on fork");
}

static void fork_shared(void)
{
        scene_in_arena("shared memory in two processes");
        map_with(0, 8, "rw-", SHARED_ANON);
        stamp(0, 8, 'A');
        with_child(child_looks, "the parent");
        with_child(child_reads, "the parent");
        with_child(child_writes, "the parent");
        with_child(child_unmaps, "the parent");
        numbers("the child is gone");
}

/* Three processes: a third of a page each. The third is told apart by pipes of its own. */
static void grandchild(void)
{
        int begin[2], end[2], pid;

        raw_call(NR_pipe, begin);
        raw_call(NR_pipe, end);
        pid = fork();
        if (pid == 0) {
                numbers("the grandchild");
                tell(begin[1]);
                wait_for(end[0]);
                _exit(0);
        }
        wait_for(begin[0]);
        numbers("the child");
        tell(end[1]);
        raw_call(NR_wait4, pid, 0, 0, 0);
}

static void fork_twice(void)
{
        scene_in_arena("three processes");
        map(0, 7, "rw-");
        stamp(0, 7, 'A');
        with_child(grandchild, "the parent");
}

static void huge_wishes(void)
{
        scene_in_arena("THPeligible");
        map(0, 1500, "rw-");
        raw_call(NR_madvise, at(0), 1500 * PAGE, 14);
        numbers("huge pages wanted");
        unmap(700, 1);
        numbers("cut in two");
        raw_call(NR_madvise, at(0), 700 * PAGE, 15);
        numbers("not wanted in the first");
        map_with(2048, 1024, "rw-", SHARED_ANON);
        raw_call(NR_madvise, at(2048), 1024 * PAGE, 14);
        numbers("shared");
        raw_call(NR_prctl, 41, 1, 0, 0, 0);
        numbers("forbidden by prctl");
        raw_call(NR_prctl, 41, 0, 0, 0, 0);
        map(1, 600, "---");
        raw_call(NR_madvise, at(1), 600 * PAGE, 14);
        numbers("without rights");
}

/* The sum over all mappings of a label, in kB. */
static long sum_of(const char *label)
{
        long sum = 0, value;

        for (char *entry = text, *end; *entry; entry = end) {
                end = next_entry(entry);
                value = field(entry, end, label);
                sum += value > 0 ? value : 0;
        }
        return sum;
}

static void rollup(void)
{
        static const char *const labels[] = { "Rss:",           "Shared_Clean:",  "Shared_Dirty:",
                                              "Private_Clean:", "Private_Dirty:", "Anonymous:",
                                              "Locked:" };
        static char whole[4096];
        unsigned long start, end, last = 0;

        scene_in_arena("smaps_rollup");
        map(0, 8, "rw-");
        stamp(0, 8, 'A');
        raw_call(NR_mlock, at(0), 2 * PAGE);
        map_with(10, 4, "rw-", SHARED_ANON);
        stamp(10, 4, 'A');
        read_file("/proc/self/smaps", text, sizeof(text));
        read_file("/proc/self/smaps_rollup", whole, sizeof(whole));
        start = strtoul(whole, NULL, 16);
        end = strtoul(strchr(whole, '-') + 1, NULL, 16);
        check(start == strtoul(text, NULL, 16), "it begins where the first mapping does");
        for (char *entry = text; *entry; entry = next_entry(entry)) {
                unsigned long to = strtoul(strchr(entry, '-') + 1, NULL, 16);

                last = to < 1UL << 63 ? to : last;
        }
        check(end == last, "it ends where the last mapping does");
        say("     [%.*s]", (int)strcspn(strchr(whole, ' '), "\n"), strchr(whole, ' '));
        for (unsigned i = 0; i < sizeof(labels) / sizeof(*labels); i++)
                check(field(whole, whole + strlen(whole), labels[i]) == sum_of(labels[i]),
                      "%s as all mappings together", labels[i]);
        for (char *line = strchr(whole, '\n') + 1; *line; line = strchr(line, '\n') + 1)
                say("     [%.17s] %zu long", line, strcspn(line, "\n"));
}

int main(void)
{
        raw_call(NR_pipe, go);
        raw_call(NR_pipe, done);
        format();
        flags();
        private_memory();
        lazy_memory();
        locked_memory();
        shared_memory();
        fork_pair();
        fork_shared();
        fork_twice();
        huge_wishes();
        rollup();
        return 0;
}
