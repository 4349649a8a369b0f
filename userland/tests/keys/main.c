/* SPDX-License-Identifier: MIT */
/*
 * Protection keys: the calls, what a key denies to the thread and to the kernel that works for it,
 * what becomes of keys and of a thread's rights. The scripts' words are in keys.h.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "userland/tests/keys/keys.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

#define ARENA_END (ARENA + 4096 * PAGE)

char *word[8];
int words;

static int child; /* in a process that `fork` made: its end is _exit() */

/* "3", "1.10" (page 1, byte 10); lengths can be "max". */
static unsigned long bytes(const char *text)
{
        char *end;
        unsigned long n;

        if (!strcmp(text, "max"))
                return ~0UL;
        n = strtoul(text, &end, 10) * PAGE;
        return *end == '.' ? n + strtoul(end + 1, NULL, 10) : n;
}

unsigned long place(const char *text)
{
        return ARENA + bytes(text);
}

static unsigned long length(int i)
{
        return words > i ? bytes(word[i]) : PAGE;
}

/* "z" is a right that there is not. */
static int perms(const char *text)
{
        return (strchr(text, 'r') ? PROT_READ : 0) | (strchr(text, 'w') ? PROT_WRITE : 0) |
               (strchr(text, 'x') ? PROT_EXEC : 0) | (strchr(text, 'z') ? 0x100 : 0);
}

static void line_of_words(char *line)
{
        *line = 0;
        for (int i = 0; i < words; i++) {
                strcat(line, word[i]);
                strcat(line, " ");
        }
}

void result(long r)
{
        char line[128];

        line_of_words(line);
        if (r >= (long)ARENA && r < (long)ARENA_END)
                say("  %s-> +%ld", line, (r - (long)ARENA) / (long)PAGE);
        else if (r >= (long)ARENA)
                say("  %s-> elsewhere", line);
        else if (r > 0)
                say("  %s-> %ld", line, r);
        else
                say("  %s-> %s", line, r < 0 ? errno_name(r) : "ok");
}

const char *pkru_text(unsigned pkru)
{
        static char text[160];
        char one[16];

        strcpy(text, "");
        for (int key = 0; key < PKEYS; key++) {
                unsigned now = pkru >> 2 * key & 3, first = PKRU_INIT >> 2 * key & 3;

                if (now == first)
                        continue;
                sprintf(one, " %d:%s", key,
                        now == 0   ? "-"
                        : now == 1 ? "r"
                        : now == 2 ? "w"
                                   : "rw");
                strcat(text, one);
        }
        return *text ? text : " as at first";
}

/* ------------------------------------------------------------------ how it looks */

/* smaps, line by line: the mapping that each is about. */
struct smaps_line {
        unsigned long start, end;
        char rights[8];
        const char *text; /* NULL: there are no more */
};

static char smaps[65536];

static void smaps_read(void)
{
        long fd = raw_call(NR_open, "/proc/self/smaps", 0, 0), n, len = 0;

        while (fd >= 0 &&
               (n = raw_call(NR_read, fd, smaps + len, sizeof(smaps) - 1 - (unsigned long)len)) > 0)
                len += n;
        raw_call(NR_close, fd);
        smaps[len] = 0;
}

/* The next line of what smaps_read() has read; `first` for the first. */
static int smaps_next(struct smaps_line *line, int first)
{
        struct smaps_line head = *line;

        head.text = strtok(first ? smaps : NULL, "\n");
        if (head.text && sscanf(head.text, "%lx-%lx %4s", &head.start, &head.end, head.rights) == 3)
                *line = head;
        line->text = head.text;
        return head.text != NULL;
}

/* The arena's mappings with their keys, and what is denied. */
static void look(void)
{
        struct smaps_line at = { .start = 0 };
        char line[512] = "", one[64];
        unsigned key;

        smaps_read();
        for (int more = smaps_next(&at, 1); more; more = smaps_next(&at, 0)) {
                if (at.start < ARENA || at.end > ARENA_END ||
                    sscanf(at.text, "ProtectionKey: %u", &key) != 1)
                        continue;
                sprintf(one, "%s%lu-%lu %.3s k%u", *line ? " | " : "", (at.start - ARENA) / PAGE,
                        (at.end - ARENA) / PAGE, at.rights, key);
                strcat(line, one);
        }
        say("     %s    denied%s", line, pkru_text(pkru_read()));
}

/* ------------------------------------------------------------------ commands */

static void do_alloc(void)
{
        unsigned long flags = words > 1 ? strtoul(word[1], NULL, 16) : 0;
        unsigned long rights = words > 2 ? strtoul(word[2], NULL, 16) : 0;

        if (words > 1 && *word[1] == '-')
                flags = ~0UL;
        if (words > 2 && *word[2] == '-')
                rights = ~0UL;
        result(raw_call(NR_pkey_alloc, flags, rights));
}

static void do_free(void)
{
        result(raw_call(NR_pkey_free, strtol(word[1], NULL, 10)));
}

/* A file of two pages. */
static long file_of_two_pages(void)
{
        long fd = raw_call(NR_memfd_create, "keys", 0);

        raw_call(NR_ftruncate, fd, 2 * PAGE);
        return fd;
}

static void do_map(void)
{
        const char *kind = words > 4 ? word[4] : "";
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
        long fd = -1, r;

        if (!strcmp(kind, "shared"))
                flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED;
        if (!strcmp(kind, "populate"))
                flags |= MAP_POPULATE;
        if (!strcmp(kind, "noreplace"))
                flags = MAP_PRIVATE | MAP_ANONYMOUS | 0x100000;
        if (!strcmp(kind, "file")) {
                fd = file_of_two_pages();
                flags = MAP_SHARED | MAP_FIXED;
        }
        r = raw_call(NR_mmap, place(word[1]), length(2), perms(word[3]), flags, fd, 0);
        if (fd >= 0)
                raw_call(NR_close, fd);
        result(r);
}

static void do_unmap(void)
{
        result(raw_call(NR_munmap, place(word[1]), length(2)));
}

static void do_prot(void)
{
        result(raw_call(NR_mprotect, place(word[1]), length(2), perms(word[3])));
}

static void do_key(void)
{
        result(raw_call(NR_pkey_mprotect, place(word[1]), length(2), perms(word[3]),
                        strtol(word[4], NULL, 10)));
}

static void do_seal(void)
{
        result(raw_call(NR_mseal, place(word[1]), length(2), 0));
}

static void do_deny(void)
{
        unsigned key = (unsigned)strtoul(word[1], NULL, 10);
        unsigned bits = !strcmp(word[2], "rw") ? 1 : !strcmp(word[2], "w") ? 2 : 0;

        pkru_write((pkru_read() & ~(3u << 2 * key)) | bits << 2 * key);
}

static void do_open(void)
{
        pkru_write(0);
}

static void do_denied(void)
{
        say("  denied%s", pkru_text(pkru_read()));
}

static void do_touch(void)
{
        enum access access = *word[2] == 'w'   ? ACCESS_WRITE
                             : *word[2] == 'x' ? ACCESS_EXEC
                                               : ACCESS_READ;
        struct touch t = touch(place(word[1]), access);

        if (t.signo == 0)
                say("  touch %s %s -> ok", word[1], word[2]);
        else if (t.signo == 11 && t.code == 4)
                say("  touch %s %s -> SEGV_PKUERR key %u%s", word[1], word[2], t.key,
                    t.addr == place(word[1]) ? "" : " ELSEWHERE");
        else
                say("  touch %s %s -> %s%s", word[1], word[2], code_name(t.signo, t.code),
                    t.addr == place(word[1]) ? "" : " ELSEWHERE");
}

static char letter_at(unsigned long addr)
{
        return (char)('A' + addr / PAGE % 23);
}

static void do_write(void)
{
        for (unsigned long n = 0; n < length(2); n += PAGE)
                *(volatile char *)(place(word[1]) + n) = letter_at(n + place(word[1]));
}

static void do_code(void)
{
        *(volatile unsigned char *)place(word[1]) = 0xc3; /* ret */
}

static void do_find(void)
{
        unsigned long wrong = 0, from = place(word[3]);

        for (unsigned long n = 0; n < length(2); n += PAGE)
                wrong += *(volatile char *)(place(word[1]) + n) != letter_at(from + n);
        say("  find %s %s %s -> %s", word[1], word[2], word[3], wrong ? "OTHERS" : "all");
}

/* "out A", "outs A B": a byte from each, as a vector; "in" and "ins" the other way. */
static void do_copy(void)
{
        struct iovec vec[2] = { { (void *)place(word[1]), 1 }, { NULL, 0 } };
        int count = words > 2 ? 2 : 1, out = *word[0] == 'o', pipe[2];
        long r;

        if (count == 2)
                vec[1] = (struct iovec){ (void *)place(word[2]), 1 };
        raw_call(NR_pipe, pipe);
        if (!out)
                raw_call(NR_write, pipe[1], "BB", 2);
        r = out ? raw_call(NR_writev, pipe[1], vec, count)
                : raw_call(NR_readv, pipe[0], vec, count);
        raw_call(NR_close, pipe[0]);
        raw_call(NR_close, pipe[1]);
        result(r);
}

static void do_remote(void)
{
        char byte = 'R';
        struct iovec own = { &byte, 1 }, other = { (void *)place(word[1]), 1 };

        result(raw_call(*word[2] == 'w' ? NR_process_vm_writev : NR_process_vm_readv,
                        raw_call(NR_getpid), &own, 1, &other, 1, 0));
}

static void do_mem(void)
{
        long fd = raw_call(NR_open, "/proc/self/mem", 2, 0), r;
        char byte = 'M';

        r = raw_call(*word[2] == 'w' ? NR_pwrite64 : NR_pread64, fd, &byte, 1, place(word[1]));
        raw_call(NR_close, fd);
        result(r);
}

static void do_futex(void)
{
        result(raw_call(NR_futex, place(word[1]), 1 /* FUTEX_WAKE */, 1, 0, 0, 0));
}

static void do_incore(void)
{
        unsigned char vec[2] = { 9, 9 };
        long r = raw_call(NR_mincore, place(word[1]), 2 * PAGE, vec);

        say("  incore %s -> %s %d%d", word[1], errno_name(r), vec[0], vec[1]);
}

/* The page's word of pagemap, without the frame and the bit for soft-dirty pages. */
static void do_mark(void)
{
        long fd = raw_call(NR_open, "/proc/self/pagemap", 0, 0);
        unsigned long entry = 0;

        raw_call(NR_pread64, fd, &entry, 8, place(word[1]) / PAGE * 8);
        raw_call(NR_close, fd);
        say("  mark %s -> %#lx", word[1], entry >> 56);
}

static void do_lock(void)
{
        result(raw_call(*word[0] == 'u' ? NR_munlock : NR_mlock, place(word[1]), length(2)));
}

static void do_adv(void)
{
        static const struct {
                const char *name;
                int advice;
        } advices[] = {
                { "hugepage", 14 },      { "dontneed", 4 },        { "free", 8 },
                { "collapse", 25 },      { "cold", 20 },           { "willneed", 3 },
                { "populate-read", 22 }, { "populate-write", 23 }, { "guard", 102 },
        };

        for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
                if (!strcmp(word[3], advices[i].name))
                        result(raw_call(NR_madvise, place(word[1]), length(2), advices[i].advice));
}

static void do_remap(void)
{
        unsigned flags = 0;

        for (const char *f = word[4]; *f; f++)
                flags |= *f == 'M' ? 1 : *f == 'F' ? 2 : *f == 'D' ? 4 : 0;
        result(raw_call(NR_mremap, place(word[1]), length(2), length(3), flags,
                        words > 5 ? place(word[5]) : 0));
}

/* Huge pages of the mapping at the place. */
static void do_hugely(void)
{
        struct smaps_line line = { .start = 0 };
        unsigned long at = place(word[1]), kb, huge = 0;

        smaps_read();
        for (int more = smaps_next(&line, 1); more; more = smaps_next(&line, 0))
                if (at >= line.start && at < line.end &&
                    sscanf(line.text, "AnonHugePages: %lu", &kb) == 1)
                        huge = kb;
        say("  hugely %s -> %lu", word[1], huge / 2048);
}

static void do_fork(void)
{
        int status;
        long pid;

        result(0);
        pid = raw_call(NR_fork);
        if (pid == 0) {
                child = 1;
                return;
        }
        raw_call(NR_wait4, pid, &status, 0, 0);
        if (status)
                say("  child: status %#x", (unsigned)status);
}

static void run_words(void);

/* What is left of the words is run. */
static void shift_words(void)
{
        for (int i = 1; i < words; i++)
                word[i - 1] = word[i];
        words--;
}

static void *in_thread(void *arg)
{
        (void)arg;
        run_words();
        do_denied();
        return NULL;
}

static void do_thread(void)
{
        pthread_t thread;

        shift_words();
        pthread_create(&thread, NULL, in_thread, NULL);
        pthread_join(thread, NULL);
}

static void do_exec(void)
{
        char *env[] = { NULL };
        int status;
        long pid = raw_call(NR_fork);

        if (pid == 0) {
                word[words] = NULL;
                _exit((int)-raw_call(NR_execve, "/proc/self/exe", word, env));
        }
        raw_call(NR_wait4, pid, &status, 0, 0);
        if (status)
                say("  exec: status %#x", (unsigned)status);
}

static const struct {
        const char *name;
        void (*fn)(void);
} commands[] = {
        { "alloc", do_alloc },   { "free", do_free },     { "map", do_map },
        { "unmap", do_unmap },   { "prot", do_prot },     { "key", do_key },
        { "seal", do_seal },     { "deny", do_deny },     { "open", do_open },
        { "denied", do_denied }, { "touch", do_touch },   { "write", do_write },
        { "code", do_code },     { "find", do_find },     { "out", do_copy },
        { "outs", do_copy },     { "in", do_copy },       { "ins", do_copy },
        { "remote", do_remote }, { "mem", do_mem },       { "futex", do_futex },
        { "incore", do_incore }, { "mark", do_mark },     { "lock", do_lock },
        { "unlock", do_lock },   { "adv", do_adv },       { "remap", do_remap },
        { "hugely", do_hugely }, { "fork", do_fork },     { "thread", do_thread },
        { "exec", do_exec },     { "look", look },        { "signal", do_signal },
        { "nested", do_nested }, { "change", do_change }, { "legacy", do_legacy },
        { "stack", do_stack },
};

/* ------------------------------------------------------------------ cases */

static void run_words(void)
{
        for (size_t i = 0; words && i < sizeof(commands) / sizeof(commands[0]); i++)
                if (!strcmp(word[0], commands[i].name)) {
                        commands[i].fn();
                        return;
                }
        if (words)
                say("  %s?", word[0]);
}

static void run_command(char *text)
{
        words = 0;
        for (char *w = strtok(text, " "); w && words < 7; w = strtok(NULL, " "))
                word[words++] = w;
        run_words();
}

/* "parent" ends what a child does; what comes then its parent does. */
static void run_script(const char *script)
{
        char text[1024], *rest = text, *end;

        strcpy(text, script);
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
                run_command(c);
                if (!strncmp(c, "fork", 4) && child == was_child)
                        skip = 1; /* the child has done it */
        }
        look();
        _exit(0);
}

static void run_case(const struct keys_case *c)
{
        int status;
        long pid;

        say("# %s", c->name);
        pid = raw_call(NR_fork);
        if (pid == 0)
                run_script(c->script);
        raw_call(NR_wait4, pid, &status, 0, 0);
        if (status)
                say("     ended with status %#x", (unsigned)status);
}

int main(int argc, char **argv)
{
        const struct keys_case *const tables[] = { call_cases, access_cases, memory_cases,
                                                   signal_cases };

        if (argc > 0 && strchr(argv[0], '/') == NULL) { /* from do_exec() */
                for (words = 0; words + 1 < argc && words < 7; words++)
                        word[words] = argv[words + 1];
                run_words();
                look();
                return 0;
        }
        for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
                for (const struct keys_case *c = tables[i]; c->name; c++)
                        run_case(c);
        return 0;
}
