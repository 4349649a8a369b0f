/* SPDX-License-Identifier: MIT */
/*
 * Cases written as scripts: what script.h promises. The commands, P a place and N a length:
 *
 *   map P N PERMS [WORD...]   mmap: private anonymous memory in place of what is there, but for
 *                             hint, any (no FIXED; any: no address), noreplace, low (32BIT),
 *                             shared, droppable, down (GROWSDOWN), stack, noreserve, locked,
 *                             populate, nonblock, and what is mapped: memfd, file, other, zero; @N:
 * where object WORD N             makes memfd, file or other (a second memfd) with N stamped pages
 *   resize WORD N             ftruncate of it
 *   unmap P N                 munmap
 *   protect P N PERMS         mprotect; a number is taken as it is
 *   move P N N FLAGS [P]      mremap; flags M, F, D (MAYMOVE, FIXED, DONTUNMAP) or a number
 *   lock P N                  mlock; onfault: mlock2 with MLOCK_ONFAULT; unlock: munlock
 *   lockall N                 mlockall with these flags; unlockall
 *   seal P N                  mseal
 *   advise P N WORD           madvise; a number is taken as it is
 *   sync P N N                msync with these flags
 *   write P N LETTER          stamps the pages with this letter and the following ones
 *   read P N                  reads a byte of each page
 *   touch r|w|x P             one access, and the signal it raised
 *   incore P N                mincore, a digit a page
 *   flags P                   all VmFlags of the mapping
 *   show                      the arena as at the end of a case; look P N: any range
 *   child ... end             the commands between run in a child that is waited for
 *
 * and those of script_range.c, script_counts.c and script_family.c.
 */
#include "userland/tests/lib/script.h"

#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/script_words.h"
#include "userland/tests/lib/transcript.h"

#define TASK_SIZE 0x7ffffffff000UL
/* The top of what the kernel chooses from is filled, so that it does not matter which mappings of
 * its own it put there (a vdso, or none). */
#define CHOSEN_TOP 0x7ffff7800000UL
#define CHOSEN_END 0x7ffff7fff000UL

int line_is_open;

static unsigned long chosen; /* "$" */
static int objects[3] = { -1, -1, -1 };
static const char *const object_names[] = { "memfd", "file", "other" };

__thread char *put_aside;

static const struct command_row *const *own_commands;
static void (*end_own)(void);

void script_extend(const struct command_row *const *tables, void (*end)(void))
{
        own_commands = tables;
        end_own = end;
}

void put(const char *fmt, ...)
{
        static char text[4096];
        va_list args;
        int length;

        va_start(args, fmt);
        if (put_aside) {
                length = strlen(put_aside);
                vsnprintf(put_aside + length, PUT_ASIDE - length, fmt, args);
                va_end(args);
                return;
        }
        length = vsnprintf(text, sizeof(text), fmt, args);
        va_end(args);
        if (write(1, text, length) != length)
                _exit(99);
}

/* ---------------------------------------------------------------- words */

/* "2.1" is two pages and a byte. */
static unsigned long bytes_of(const char *word)
{
        char *end;
        long pages;

        if (strncmp(word, "0x", 2) == 0)
                return strtoul(word, NULL, 16);
        pages = strtol(word, &end, 10);
        return pages * PAGE + (*end == '.' ? strtoul(end + 1, NULL, 10) : 0);
}

unsigned long length_of(const char *word)
{
        if (strncmp(word, "max", 3) == 0)
                return ~0UL + bytes_of(word + 3);
        if (strncmp(word, "top", 3) == 0)
                return TASK_SIZE + bytes_of(word + 3);
        return bytes_of(word);
}

unsigned long place_of(const char *word)
{
        if (strncmp(word, "vdso", 4) == 0)
                return mapping_named("[vdso]") + bytes_of(word + 4);
        if (strncmp(word, "vvar", 4) == 0)
                return mapping_named("[vvar]") + bytes_of(word + 4);
        if (strncmp(word, "heap", 4) == 0)
                return heap_start() + bytes_of(word + 4);
        if (word[0] == '$')
                return chosen + bytes_of(word + 1);
        if (strncmp(word, "0x", 2) == 0 || strncmp(word, "top", 3) == 0 ||
            strncmp(word, "max", 3) == 0)
                return length_of(word);
        return ARENA + bytes_of(word);
}

int has_word(const struct command *c, const char *word)
{
        for (int i = 1; i < c->words; i++)
                if (strcmp(c->word[i], word) == 0)
                        return 1;
        return 0;
}

void put_result(long result)
{
        if (result < 0 && result > -4096)
                put(" -> %s", errno_name(result));
        else
                put(" -> %ld", result);
}

void put_place(long result)
{
        unsigned long addr = result;

        if ((result < 0 && result > -4096) || (addr >= ARENA && addr < ARENA_END)) {
                put(" -> %s", place_name(result));
                return;
        }
        if (is_in_heap(addr)) {
                put(" -> heap+%lu", (addr - heap_start()) / PAGE);
                return;
        }
        chosen = addr;
        put(" -> %lx", addr);
}

/* ---------------------------------------------------------------- objects */

int *object_of(const struct command *c)
{
        for (int i = 0; i < 3; i++)
                if (has_word(c, object_names[i]))
                        return &objects[i];
        return NULL;
}

static void do_object(const struct command *c)
{
        static unsigned char page[PAGE] __attribute__((aligned(4096)));
        unsigned long pages = length_of(c->word[2]) / PAGE;
        int *fd = object_of(c);

        if (fd == &objects[1])
                *fd = raw_call(NR_open, "/tmp/script", 02 | 0100 | 01000, 0600);
        else
                *fd = raw_call(NR_memfd_create, c->word[1], 0);
        for (unsigned long i = 0; i < pages; i++) {
                stamp_at((unsigned long)page, 1, (char)('a' + i % 26));
                raw_call(NR_pwrite64, *fd, page, PAGE, i * PAGE);
        }
        if (*fd < 0)
                put_result(*fd);
}

static void do_resize(const struct command *c)
{
        put_result(raw_call(NR_ftruncate, *object_of(c), length_of(c->word[2])));
}

/* ---------------------------------------------------------------- calls */

static int map_flags(const struct command *c)
{
        static const struct {
                const char *word;
                int flag;
        } words[] = {
                { "down", 0x100 },     { "stack", 0x20000 },      { "noreserve", 0x4000 },
                { "locked", 0x2000 },  { "populate", 0x8000 },    { "low", 0x40 },
                { "droppable", 0x08 }, { "noreplace", 0x100000 }, { "nonblock", 0x10000 },
        };
        int flags = has_word(c, "shared") ? 1 : 2;

        if (has_word(c, "droppable"))
                flags = 0;
        for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (has_word(c, words[i].word))
                        flags |= words[i].flag;
        if (!has_word(c, "hint") && !has_word(c, "any") && !has_word(c, "noreplace"))
                flags |= MAP_FIXED;
        return flags;
}

static void do_map(const struct command *c)
{
        unsigned long offset = 0;
        int *object = object_of(c);
        int flags = map_flags(c);
        long fd = object ? *object : -1;

        if (has_word(c, "zero"))
                fd = raw_call(NR_open, "/dev/zero", 2, 0);
        else if (!object)
                flags |= MAP_ANONYMOUS;
        for (int i = 4; i < c->words; i++)
                if (c->word[i][0] == '@')
                        offset = bytes_of(c->word[i] + 1);
        put_place(raw_call(NR_mmap, has_word(c, "any") ? 0 : place_of(c->word[1]),
                           length_of(c->word[2]), perms_value(c->word[3]), flags, fd, offset));
        if (has_word(c, "zero"))
                raw_call(NR_close, fd);
}

static void do_unmap(const struct command *c)
{
        put_result(raw_call(NR_munmap, place_of(c->word[1]), length_of(c->word[2])));
}

static void do_protect(const struct command *c)
{
        put_result(raw_call(NR_mprotect, place_of(c->word[1]), length_of(c->word[2]),
                            c->word[3][0] >= '0' && c->word[3][0] <= '9'
                                    ? strtol(c->word[3], NULL, 0)
                                    : perms_value(c->word[3])));
}

static void do_move(const struct command *c)
{
        unsigned long flags = strtoul(c->word[4], NULL, 0);

        if (strchr(c->word[4], 'M'))
                flags |= 1;
        if (strchr(c->word[4], 'F'))
                flags |= 2;
        if (strchr(c->word[4], 'D'))
                flags |= 4;
        put_place(raw_call(NR_mremap, place_of(c->word[1]), length_of(c->word[2]),
                           length_of(c->word[3]), flags, c->words > 5 ? place_of(c->word[5]) : 0));
}

static void do_lock(const struct command *c)
{
        unsigned long addr = place_of(c->word[1]), length = length_of(c->word[2]);

        if (c->word[0][0] == 'l')
                put_result(raw_call(NR_mlock, addr, length));
        else if (c->word[0][0] == 'o')
                put_result(raw_call(NR_mlock2, addr, length, 1));
        else
                put_result(raw_call(NR_munlock, addr, length));
}

static void do_lockall(const struct command *c)
{
        if (c->word[0][0] == 'l')
                put_result(raw_call(NR_mlockall, strtoul(c->word[1], NULL, 0)));
        else
                put_result(raw_call(NR_munlockall));
}

static void do_seal(const struct command *c)
{
        put_result(raw_call(NR_mseal, place_of(c->word[1]), length_of(c->word[2]), 0));
}

static void do_sync(const struct command *c)
{
        put_result(raw_call(NR_msync, place_of(c->word[1]), length_of(c->word[2]),
                            strtoul(c->word[3], NULL, 0)));
}

static void do_advise(const struct command *c)
{
        static const struct {
                const char *word;
                int advice;
        } words[] = {
                { "random", 1 },    { "sequential", 2 },  { "dontneed", 4 },  { "free", 8 },
                { "remove", 9 },    { "dontfork", 10 },   { "dofork", 11 },   { "mergeable", 12 },
                { "hugepage", 14 }, { "nohugepage", 15 }, { "dontdump", 16 }, { "dodump", 17 },
                { "wipe", 18 },     { "keep", 19 },       { "normal", 0 },
        };
        int advice = (int)strtol(c->word[3], NULL, 0);

        for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (strcmp(c->word[3], words[i].word) == 0)
                        advice = words[i].advice;
        put_result(raw_call(NR_madvise, place_of(c->word[1]), length_of(c->word[2]), advice));
}

/* ---------------------------------------------------------------- contents */

static void put_touch(unsigned long addr, enum access access)
{
        struct touch t = touch(addr, access);

        if (t.signo == 0) {
                put(" -> ok");
                return;
        }
        put(" -> %s %s", signal_name(t.signo), code_name(t.signo, t.code));
        if (t.addr != addr)
                put(" at %lx", t.addr);
}

static void do_write(const struct command *c)
{
        unsigned long addr = place_of(c->word[1]);
        unsigned long pages = length_of(c->word[2]) / PAGE;

        for (unsigned long i = 0; i < pages; i++, addr += PAGE) {
                if (touch(addr, ACCESS_WRITE).signo) {
                        put_touch(addr, ACCESS_WRITE);
                        return;
                }
                stamp_at(addr, 1, (char)('A' + (c->word[3][0] - 'A' + i) % 26));
        }
}

static void do_read(const struct command *c)
{
        unsigned long addr = place_of(c->word[1]);
        unsigned long pages = length_of(c->word[2]) / PAGE;

        for (unsigned long i = 0; i < pages; i++)
                (void)*(volatile char *)(addr + i * PAGE);
}

static void do_touch(const struct command *c)
{
        enum access access = ACCESS_READ;

        if (c->word[1][0] == 'w')
                access = ACCESS_WRITE;
        else if (c->word[1][0] == 'x')
                access = ACCESS_EXEC;
        put_touch(place_of(c->word[2]), access);
}

static void do_incore(const struct command *c)
{
        unsigned char vec[64];
        unsigned long pages = length_of(c->word[2]) / PAGE;
        long result = raw_call(NR_mincore, place_of(c->word[1]), pages * PAGE, vec);

        if (result) {
                put_result(result);
                return;
        }
        put(" -> ");
        for (unsigned long i = 0; i < pages; i++)
                put("%d", vec[i] & 1);
}

static void do_flags(const struct command *c)
{
        put(" -> %s", vm_flags_at(place_of(c->word[1])));
}

static void do_show(const struct command *c)
{
        (void)c;
        put_arena();
}

static void do_look(const struct command *c)
{
        unsigned long addr = place_of(c->word[1]);

        put_range(addr, addr + length_of(c->word[2]));
}

/* ---------------------------------------------------------------- running */

static const struct command_row commands[] = {
        { "map", do_map },           { "object", do_object },
        { "resize", do_resize },     { "unmap", do_unmap },
        { "protect", do_protect },   { "move", do_move },
        { "lock", do_lock },         { "onfault", do_lock },
        { "unlock", do_lock },       { "lockall", do_lockall },
        { "unlockall", do_lockall }, { "seal", do_seal },
        { "sync", do_sync },         { "advise", do_advise },
        { "write", do_write },       { "read", do_read },
        { "touch", do_touch },       { "incore", do_incore },
        { "flags", do_flags },       { "show", do_show },
        { "look", do_look },         { NULL, NULL },
};

#define MOST_COMMANDS 64

static struct command program[MOST_COMMANDS];
static int program_length;

/* Cuts the script into commands and words. */
static void parse(const char *script)
{
        static char text[4096];
        char *line = text, *rest = text;

        snprintf(text, sizeof(text), "%s", script);
        program_length = 0;
        while ((line = strsep(&rest, ";"))) {
                struct command *c = &program[program_length++];
                char *word;

                memset(c, 0, sizeof(*c));
                for (int i = 0; i < 16; i++)
                        c->word[i] = "";
                while ((word = strsep(&line, " \n")))
                        if (*word)
                                c->word[c->words++] = word;
        }
}

static int do_one(const struct command_row *rows, const struct command *c)
{
        for (; rows->name; rows++) {
                if (strcmp(rows->name, c->word[0]) != 0)
                        continue;
                rows->fn(c);
                return 1;
        }
        return 0;
}

static int do_own(const struct command *c)
{
        for (const struct command_row *const *table = own_commands; table && *table; table++)
                if (do_one(*table, c))
                        return 1;
        return 0;
}

void run_command(const struct command *c)
{
        if (!do_one(commands, c) && !do_one(count_commands, c) && !do_one(family_commands, c) &&
            !do_one(range_commands, c) && !do_own(c))
                put(" -> unknown command");
}

/* Does the commands from `first` to the end, or to the "end" that closes it; returns where it is.
 */
static int run_from(int first);

static int run_child(int first)
{
        int status, depth = 1, i;
        pid_t pid = fork();

        if (pid == 0) {
                run_from(first);
                put_arena();
                _exit(0);
        }
        waitpid(pid, &status, 0);
        if (status)
                put(" -> child ended with %#x", status);
        for (i = first; i < program_length && depth > 0; i++) {
                depth += strcmp(program[i].word[0], "child") == 0;
                depth -= strcmp(program[i].word[0], "end") == 0;
        }
        return i - 1;
}

static int run_from(int first)
{
        int i;

        for (i = first; i < program_length; i++) {
                const struct command *c = &program[i];

                if (strcmp(c->word[0], "end") == 0)
                        return i;
                if (line_is_open)
                        put("; ");
                line_is_open = 1;
                for (int w = 0; w < c->words; w++)
                        put("%s%s", w ? " " : "", c->word[w]);
                if (strcmp(c->word[0], "child") == 0) {
                        put("\n");
                        line_is_open = 0;
                        i = run_child(i + 1);
                        put("end");
                        line_is_open = 1;
                } else {
                        run_command(c);
                }
        }
        return i;
}

void script_prepare(void)
{
        for (unsigned long addr = CHOSEN_TOP; addr < CHOSEN_END; addr += PAGE)
                raw_call(NR_mmap, addr, PAGE, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

void script_run(const char *script)
{
        raw_call(NR_munmap, ARENA, ARENA_PAGES * PAGE);
        parse(script);
        run_from(0);
        put_arena();
        end_family();
        if (end_own)
                end_own();
}

void run_cases(const struct script_case *cases, unsigned count)
{
        int status;

        script_prepare();
        for (unsigned i = 0; i < count; i++) {
                pid_t pid = fork();

                if (pid == 0) {
                        scene(cases[i].name);
                        script_run(cases[i].script);
                        _exit(0);
                }
                waitpid(pid, &status, 0);
                if (status)
                        say(" -> the case ended with %#x", status);
        }
}
