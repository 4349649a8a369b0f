/* SPDX-License-Identifier: MIT */
/*
 * Hugetlb memory: the pool, reservations, mappings, faults, fork, mremap. The scripts' words are in
 * hugetlb.h. The pool is the machine's: it is set for each case, as root, and given back at the end
 * whatever happens, by a process that does nothing else.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/base/abi/userfaultfd.h"
#include "userland/tests/hugetlb/hugetlb.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define SYSCTL "/proc/sys/vm/"

static char *word[8];
static int words;

static int child; /* in a process that `fork` made: its end is _exit() */
static int to_twin = -1, from_twin = -1;

/* "3", "1h", "2h+1", "1h-3": pages. */
static unsigned long pages(const char *text)
{
        unsigned long n;
        char *end;

        n = strtoul(text, &end, 10);
        if (*end == 'h') {
                n *= 512;
                end++;
        }
        if (*end)
                n += (unsigned long)strtol(end, NULL, 10);
        return n;
}

static unsigned long place(const char *text)
{
        return ARENA + pages(text) * PAGE;
}

static unsigned long bytes(const char *text)
{
        return words > 2 && text ? pages(text) * PAGE : PAGE;
}

static int perms(const char *text)
{
        return (strchr(text, 'r') ? PROT_READ : 0) | (strchr(text, 'w') ? PROT_WRITE : 0) |
               (strchr(text, 'x') ? PROT_EXEC : 0);
}

static void result(long r)
{
        char line[128] = "";

        for (int i = 0; i < words; i++) {
                strcat(line, word[i]);
                strcat(line, " ");
        }
        if (r >= (long)ARENA && r < (long)(ARENA + SPACE))
                say("  %s-> +%ld", line, (r - (long)ARENA) / (long)PAGE);
        else if (r > (1L << 20))
                say("  %s-> elsewhere, %saligned", line, r % (long)HUGE ? "un" : "");
        else
                say("  %s-> %s", line, r < 0 ? errno_name(r) : "ok");
}

static char letter_at(unsigned long addr)
{
        return (char)('A' + addr / PAGE % 23);
}

/* ------------------------------------------------------------------ the pool */

long pool_write(const char *name, const char *value)
{
        char path[128] = SYSCTL;
        long fd, r;

        if (*name == '/')
                path[0] = 0;
        strcat(path, name);
        fd = raw_call(NR_open, path, O_WRONLY, 0);
        if (fd < 0)
                return fd;
        r = raw_call(NR_write, fd, value, strlen(value));
        raw_call(NR_close, fd);
        return r < 0 ? r : 0;
}

static void do_pool(void)
{
        result(pool_write(*word[0] == 'p' ? "nr_hugepages" : "nr_overcommit_hugepages", word[1]));
}

/* file NAME [VALUE]: /proc/sys/vm/NAME, or with a dash in front the one of /sys. */
static void do_file(void)
{
        char path[128] = SYSCTL, value[64] = "";
        long r = 0, fd;

        if (*word[1] == '-')
                strcpy(path, "/sys/kernel/mm/hugepages/hugepages-2048kB/");
        strcat(path, word[1] + (*word[1] == '-'));
        if (words > 2)
                r = pool_write(path, word[2]);
        fd = read_file(path, value, sizeof(value));
        value[strcspn(value, "\n")] = 0;
        say("  file %s %s -> %s: %s", word[1], words > 2 ? word[2] : "",
            r < 0 ? errno_name(r) : "ok", fd < 0 ? errno_name(fd) : value);
}

/* ------------------------------------------------------------------ commands */

static int kind_of(const char *name)
{
        static const struct {
                const char *name;
                int flags;
        } kinds[] = {
                { "shared", MAP_SHARED },
                { "noreserve", MAP_PRIVATE | MAP_NORESERVE },
                { "shared-noreserve", MAP_SHARED | MAP_NORESERVE },
                { "locked", MAP_PRIVATE | MAP_LOCKED },
                { "populate", MAP_PRIVATE | MAP_POPULATE },
                { "shared-populate", MAP_SHARED | MAP_POPULATE },
                { "noreserve-populate", MAP_PRIVATE | MAP_NORESERVE | MAP_POPULATE },
        };

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (!strcmp(name, kinds[i].name))
                        return kinds[i].flags;
        return MAP_PRIVATE;
}

static void do_map(void)
{
        int prot = words > 3 ? perms(word[3]) : PROT_READ | PROT_WRITE;
        int flags = kind_of(words > 4 ? word[4] : "");

        if (strcmp(word[0], "small"))
                flags |= MAP_HUGETLB;
        result(raw_call(NR_mmap, place(word[1]), bytes(word[2]), prot,
                        flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

/* The address is a place, or 0x... as it stands; length and flags are numbers. */
static void do_mmap(void)
{
        unsigned long addr =
                !strncmp(word[1], "0x", 2) ? strtoul(word[1], NULL, 16) : place(word[1]);

        result(raw_call(NR_mmap, addr, strtoul(word[2], NULL, 0), PROT_READ | PROT_WRITE,
                        MAP_ANONYMOUS | MAP_HUGETLB | (int)strtoul(word[3], NULL, 16),
                        words > 4 ? atoi(word[4]) : -1, 0));
}

static void do_unmap(void)
{
        result(raw_call(NR_munmap, place(word[1]), bytes(word[2])));
}

static void do_adv(void)
{
        result(raw_call(NR_madvise, place(word[1]), bytes(word[2]), atoi(word[3])));
}

static void do_write(void)
{
        unsigned long end = place(word[1]) + bytes(word[2]);

        for (unsigned long at = place(word[1]); at < end; at += PAGE) {
                volatile char *byte = (volatile char *)at;

                *byte = letter_at(at);
        }
}

static void do_read(void)
{
        unsigned long end = place(word[1]) + bytes(word[2]);

        for (unsigned long at = place(word[1]); at < end; at += PAGE)
                (void)*(volatile char *)at;
}

static void do_touch(void)
{
        enum access access = *word[2] == 'w'   ? ACCESS_WRITE
                             : *word[2] == 'x' ? ACCESS_EXEC
                                               : ACCESS_READ;
        struct touch t = touch(place(word[1]), access);

        say("  touch %s %s -> %s %s%s", word[1], word[2], t.signo ? signal_name(t.signo) : "",
            t.signo ? code_name(t.signo, t.code) : "ok",
            t.signo && t.addr != place(word[1]) ? " elsewhere" : "");
}

static void do_find(void)
{
        unsigned long len = bytes(word[2]), wrong = 0, from = place(word[3]);

        for (unsigned long at = 0; at < len; at += PAGE)
                wrong += *(volatile char *)(place(word[1]) + at) != letter_at(from + at);
        say("  find %s %s %s -> %s", word[1], word[2], word[3], wrong ? "OTHERS" : "all");
}

static void do_zeroes(void)
{
        unsigned long len = bytes(word[2]), wrong = 0;

        for (unsigned long at = 0; at < len; at += 64)
                wrong += *(volatile char *)(place(word[1]) + at) != 0;
        say("  zeroes %s %s -> %s", word[1], word[2], wrong ? "OTHERS" : "all");
}

static void do_prot(void)
{
        result(raw_call(NR_mprotect, place(word[1]), bytes(word[2]), perms(word[3])));
}

static void do_lock(void)
{
        long before = status_value("VmLck");

        result(raw_call(*word[0] == 'u' ? NR_munlock : NR_mlock, place(word[1]), bytes(word[2])));
        say("     locked %ld more", status_value("VmLck") - before);
}

static void do_sync(void)
{
        result(raw_call(NR_msync, place(word[1]), bytes(word[2]), MS_SYNC));
}

static unsigned remap_flags(const char *text)
{
        unsigned flags = 0;

        for (const char *f = text; *f; f++)
                flags |= *f == 'M' ? 1 : *f == 'F' ? 2 : *f == 'D' ? 4 : 0;
        return flags;
}

static void do_remap(void)
{
        result(raw_call(NR_mremap, place(word[1]), pages(word[2]) * PAGE, pages(word[3]) * PAGE,
                        remap_flags(word[4]), words > 5 ? place(word[5]) : 0));
}

/* The fifth argument as it stands. */
static void do_mremap(void)
{
        result(raw_call(NR_mremap, place(word[1]), strtoul(word[2], NULL, 0),
                        strtoul(word[3], NULL, 0), remap_flags(word[4]),
                        strtoul(word[5], NULL, 0)));
}

static void do_fork(void)
{
        int status;
        long pid;

        result(0);
        pid = raw_call(NR_fork);
        if (pid == 0) {
                child = 1;
                look_begin();
                return;
        }
        raw_call(NR_wait4, pid, &status, 0, 0);
        if (status)
                say("  child: status %#x", (unsigned)status);
}

static void do_incore(void)
{
        static unsigned char vec[2048];
        long r = raw_call(NR_mincore, place(word[1]), 4 * 512 * PAGE, vec);
        unsigned long in = 0;

        for (unsigned i = 0; i < sizeof(vec); i++)
                in += vec[i];
        say("  incore %s -> %s %lu", word[1], errno_name(r), in);
}

static void do_scan(void)
{
        scan(place(word[1]), place(word[1]) + bytes(word[2]));
}

static void do_mark(void)
{
        mark(place(word[1]));
}

static void do_mem(void)
{
        char byte = 'p';
        long fd = raw_call(NR_open, "/proc/self/mem", O_RDWR, 0);
        long r = raw_call(*word[0] == 'p' && word[0][1] == 'o' ? NR_pwrite64 : NR_pread64, fd,
                          &byte, 1, place(word[1]));

        raw_call(NR_close, fd);
        result(r < 0 ? r : 0);
}

static void do_limit(void)
{
        struct {
                unsigned long now, max;
        } limit = { strtoul(word[2], NULL, 10) << 20, strtoul(word[2], NULL, 10) << 20 };

        result(raw_call(NR_setrlimit, !strcmp(word[1], "as") ? RLIMIT_AS : RLIMIT_DATA, &limit));
}

/* A descriptor that asks for the faults of the place. */
static void do_uffd(void)
{
        long fd = raw_call(NR_userfaultfd, O_NONBLOCK | O_CLOEXEC);
        struct uffdio_api api = { .api = UFFD_API };
        struct uffdio_register reg = {
                .range = { place(word[1]), bytes(word[2]) },
                .mode = UFFDIO_REGISTER_MODE_MISSING,
        };
        long r = raw_call(NR_ioctl, fd, UFFDIO_API, &api);

        result(r < 0 ? r : raw_call(NR_ioctl, fd, UFFDIO_REGISTER, &reg));
        raw_call(NR_close, fd);
}

static void do_exec(void)
{
        const char *const argv[] = { "hugetlb", "pool", NULL }, *const envp[] = { NULL };

        result(raw_call(NR_execve, "/proc/self/exe", argv, envp));
        _exit(1);
}

static const struct {
        const char *name;
        void (*fn)(void);
} commands[] = {
        { "pool", do_pool },     { "over", do_pool },   { "file", do_file },
        { "map", do_map },       { "small", do_map },   { "mmap", do_mmap },
        { "unmap", do_unmap },   { "adv", do_adv },     { "write", do_write },
        { "read", do_read },     { "touch", do_touch }, { "find", do_find },
        { "zeroes", do_zeroes }, { "prot", do_prot },   { "lock", do_lock },
        { "unlock", do_lock },   { "sync", do_sync },   { "remap", do_remap },
        { "mremap", do_mremap }, { "fork", do_fork },   { "incore", do_incore },
        { "scan", do_scan },     { "mark", do_mark },   { "peek", do_mem },
        { "poke", do_mem },      { "limit", do_limit }, { "uffd", do_uffd },
        { "exec", do_exec },     { "maps", look_maps }, { "flags", look_flags },
        { "look", look },
};

/* ------------------------------------------------------------------ scripts */

static void run_command(char *text)
{
        words = 0;
        for (char *w = strtok(text, " "); w && words < 8; w = strtok(NULL, " "))
                word[words++] = w;
        for (size_t i = 0; words && i < sizeof(commands) / sizeof(commands[0]); i++)
                if (!strcmp(word[0], commands[i].name)) {
                        commands[i].fn();
                        return;
                }
        if (words)
                say("  %s?", word[0]);
}

/* The twin does what it is sent, and says when it has. */
static void run_twin(int in, int out)
{
        char text[256];

        while (raw_call(NR_read, in, text, sizeof(text)) == sizeof(text)) {
                run_command(text);
                raw_call(NR_write, out, "", 1);
        }
        _exit(0);
}

static void start_twin(void)
{
        int there[2], back[2];

        raw_call(NR_pipe, there);
        raw_call(NR_pipe, back);
        say("  twin");
        if (raw_call(NR_fork) == 0) {
                raw_call(NR_close, there[1]);
                look_begin();
                run_twin(there[0], back[1]);
        }
        raw_call(NR_close, there[0]);
        raw_call(NR_close, back[1]);
        to_twin = there[1];
        from_twin = back[0];
}

static void tell_twin(const char *command)
{
        char text[256], done;

        memset(text, 0, sizeof(text));
        strcpy(text, command);
        say("  child:");
        raw_call(NR_write, to_twin, text, sizeof(text));
        if (raw_call(NR_read, from_twin, &done, 1) != 1)
                say("  the child is gone");
}

static void end_twin(void)
{
        if (to_twin < 0)
                return;
        raw_call(NR_close, to_twin);
        raw_call(NR_wait4, -1, 0, 0, 0);
        to_twin = -1;
}

/* "parent" ends what a child does; what comes then its parent does. */
static void run_script(const char *script)
{
        char text[1024], *rest = text, *end;

        strcpy(text, script);
        look_begin();
        for (int skip = 0; rest; rest = end) {
                char *c = rest;
                int was_child = child;

                end = strchr(rest, ';');
                if (end)
                        *end++ = 0;
                while (*c == ' ')
                        c++;
                if (!strcmp(c, "parent")) {
                        if (child) {
                                look();
                                _exit(0);
                        }
                        skip = 0;
                        continue;
                }
                if (skip)
                        continue;
                if (!strcmp(c, "twin"))
                        start_twin();
                else if (!strcmp(c, "end"))
                        end_twin();
                else if (!strncmp(c, "c: ", 3))
                        tell_twin(c + 3);
                else
                        run_command(c);
                if (!strncmp(c, "fork", 4) && child == was_child)
                        skip = 1; /* the child has done it */
        }
        look();
        end_twin();
        _exit(0);
}

static void run_case(const struct hugetlb_case *c)
{
        char full[96], pool[8];
        int status;
        long pid;

        snprintf(pool, sizeof(pool), "%d", POOL);
        pool_write("nr_overcommit_hugepages", "0");
        pool_write("nr_hugepages", pool);
        say("# %s", c->name);
        snprintf(full, sizeof(full), "total %d free %d rsvd 0 surp 0", POOL, POOL);
        if (strcmp(pool_state(), full))
                say("     begins with %s", pool_state());
        pid = raw_call(NR_fork);
        if (pid == 0)
                run_script(c->script);
        raw_call(NR_wait4, pid, &status, 0, 0);
        if (status)
                say("     ended with status %#x", (unsigned)status);
        pool_write("nr_overcommit_hugepages", "0");
        pool_write("nr_hugepages", pool);
        if (strcmp(pool_state(), full))
                say("     leaves %s", pool_state());
}

static void run_all(void)
{
        const struct hugetlb_case *const tables[] = { basic_cases, reserve_cases, change_cases,
                                                      family_cases, pool_cases };

        for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
                for (const struct hugetlb_case *c = tables[i]; c->name; c++)
                        run_case(c);
}

/* ------------------------------------------------------------------ the keeper of the pool */

static char pool_before[32], over_before[32];

static void give_back(void)
{
        pool_write("nr_overcommit_hugepages", over_before);
        pool_write("nr_hugepages", pool_before);
}

static long worker;

/* Nobody may set the pool any more when it has been given back. */
static void on_signal(int signo)
{
        raw_call(NR_kill, -worker, SIGKILL);
        give_back();
        _exit(128 + signo);
}

int main(int argc, char **argv)
{
        static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGALRM, SIGPIPE };
        int status = 0;

        (void)argv;
        if (argc > 1) {
                say("     %s", pool_state());
                return 0;
        }
        if (read_file(SYSCTL "nr_hugepages", pool_before, sizeof(pool_before)) < 0 ||
            read_file(SYSCTL "nr_overcommit_hugepages", over_before, sizeof(over_before)) < 0 ||
            pool_write("nr_hugepages", pool_before)) {
                say("the pool cannot be set here: not tested");
                return 0;
        }
        for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
                signal(signals[i], on_signal);
        alarm(240);
        worker = raw_call(NR_fork);
        if (worker == 0) {
                raw_call(NR_setpgid, 0, 0);
                for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
                        signal(signals[i], SIG_DFL);
                run_all();
                _exit(0);
        }
        raw_call(NR_wait4, worker, &status, 0, 0);
        give_back();
        return status != 0;
}
