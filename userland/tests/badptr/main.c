/* SPDX-License-Identifier: MIT */
/*
 * Every pointer argument of every system call, with every kind of bad address.
 *
 * The calls, and which of their arguments are pointers, come from the kernel's own table, so that a
 * call cannot be left out. For each pointer there is one line: the results, each with the addresses
 * that give it. The calls are made in a child, which may be changed or killed by them; what must
 * not happen to the machine that runs this is kept out by the rules in shapes.c.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/badptr/shapes.h"
#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define DIRECTORY "/tmp/terrane_badptr"

struct row {
        int nr;
        const char *name;
        const char *signature;
};

static const struct row rows[] = {
#define SYSCALL(number, name, signature) { number, #name, signature },
#include "kernel/sys/syscalls.def"
#undef SYSCALL
};

/*
 * The arena:  0 zeros | 1 hole | 2 zeros | 3 no access | 4 zeros | 5 read-only
 *            10 x's | 11 hole | 12 x's | 13 no access | 14 x's | 15 read-only, x's
 *            20 and on: memory for the other arguments, and 30 strings
 */
enum { PAGE_STRINGS = 10, PAGE_MEMORY = 20, PAGE_TEXTS = 30 };

enum readable { NEVER, ALWAYS };

struct bad_address {
        char name[12];
        unsigned long addr;
        int page;   /* >= 0: the address is this many bytes before the end of that page */
        int before; /* ... of the arena, in the half that fits the kind of pointer */
        enum readable readable;
};

static const struct bad_address addresses[] = {
        { "null", 0, -1, 0, NEVER },
        { "one", 1, -1, 0, NEVER },
        { "last", 0x7fffffffefffUL, -1, 0, NEVER },
        { "end", 0x7ffffffff000UL, -1, 0, NEVER },
        { "noncanon", 0x800000000000UL, -1, 0, NEVER },
        { "noncanon2", 0xffff7fffffffffffUL, -1, 0, NEVER },
        { "direct", 0xffff800000000000UL, -1, 0, NEVER },
        { "text", 0xffffffff80100000UL, -1, 0, NEVER },
        { "all-ones", ~0UL, -1, 0, NEVER },
        { "minus-8", ~7UL, -1, 0, NEVER },
        { "hole", 0, 0, 0, NEVER },
        { "hole-1", 0, 0, 1, NEVER },
        { "hole-4", 0, 0, 4, NEVER },
        { "hole-7", 0, 0, 7, NEVER },
        { "hole-8", 0, 0, 8, NEVER },
        { "hole-16", 0, 0, 16, NEVER },
        { "hole-63", 0, 0, 63, NEVER },
        { "none", 0, 2, 0, NEVER },
        { "none-1", 0, 2, 1, NEVER },
        { "none-8", 0, 2, 8, NEVER },
        { "none-63", 0, 2, 63, NEVER },
        { "ro", 0, 4, 0, ALWAYS },
        { "ro-1", 0, 4, 1, ALWAYS },
        { "ro-4", 0, 4, 4, ALWAYS },
        { "ro-8", 0, 4, 8, ALWAYS },
        { "ro-63", 0, 4, 63, ALWAYS },
        { "odd", 0, 0, 4095, ALWAYS }, /* good memory, not aligned */
};
#define ADDRESSES (sizeof(addresses) / sizeof(addresses[0]))

static const char *program;

static void prepare_pages(int first, int fill)
{
        for (int i = 0; i < 6; i += 2) {
                raw_call(NR_mmap, at(first + i), 2 * PAGE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
                memset((void *)at(first + i), fill, 2 * PAGE);
        }
        raw_call(NR_munmap, at(first + 1), PAGE);
        raw_call(NR_mprotect, at(first + 3), PAGE, PROT_NONE);
        raw_call(NR_mprotect, at(first + 5), PAGE, PROT_READ);
}

static void prepare(void)
{
        prepare_pages(0, 0);
        prepare_pages(PAGE_STRINGS, 'x');
        raw_call(NR_mmap, at(PAGE_MEMORY), 16 * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        mkdir(DIRECTORY, 0700);
        close(open(DIRECTORY "/file", O_CREAT | O_RDWR, 0600));
        if (symlink("target", DIRECTORY "/link") != 0)
                return; /* it was left behind by a run before */
}

static void clean_up(void)
{
        unlink(DIRECTORY "/file");
        unlink(DIRECTORY "/link");
        rmdir(DIRECTORY);
}

static unsigned long text(int slot, const char *value)
{
        char *place = (char *)at(PAGE_TEXTS) + 512 * slot;

        snprintf(place, 512, "%s", value);
        return (unsigned long)place;
}

static long pipe_with_data(void)
{
        int fds[2];

        if (pipe(fds) != 0 || write(fds[1], "some data", 9) != 9)
                _exit(90);
        return fds[0];
}

static long memfd(void)
{
        long fd = raw_call(NR_memfd_create, text(7, "m"), 0);

        raw_call(NR_ftruncate, fd, 2 * PAGE);
        return fd;
}

static unsigned long special_value(long what, int slot)
{
        switch (what) {
        case FD_ZERO: return open("/dev/zero", O_RDWR);
        case FD_MEMFD: return memfd();
        case FD_PIPE: return pipe_with_data();
        case FD_DIRECTORY: return open(DIRECTORY, O_RDONLY);
        case FD_SELF: return raw_call(NR_pidfd_open, getpid(), 0);
        case SELF: return getpid();
        case PATH_FILE: return text(slot, DIRECTORY "/file");
        case PATH_LINK: return text(slot, DIRECTORY "/link");
        case PATH_TMP: return text(slot, "/tmp");
        case PATH_PROGRAM: return text(slot, program);
        case MEMORY: return at(PAGE_MEMORY + 8);
        default: return what;
        }
}

/* A good value for an argument, from the shape or the letter of the signature. */
static unsigned long good_value(const struct shape *shape, char letter, int slot)
{
        if (shape->args[slot] != DEFAULT)
                return special_value(shape->args[slot], slot);
        switch (letter) {
        case 'f': return special_value(FD_MEMFD, slot);
        case 's': return text(slot, DIRECTORY "/none/none");
        case '<':
        case '>':
        case 'x': return at(PAGE_MEMORY + slot);
        default: return 0;
        }
}

static unsigned long bad_value(const struct bad_address *bad, char letter)
{
        if (bad->page < 0)
                return bad->addr;
        return at((letter == 's' && bad->before < 64 ? PAGE_STRINGS : 0) + bad->page + 1) -
               (unsigned long)bad->before;
}

static void leave_zombie(void)
{
        siginfo_t info;
        pid_t pid = fork();

        if (pid == 0)
                _exit(0);
        raw_call(NR_waitid, 1 /* P_PID */, pid, &info, 4 | 0x01000000 /* WEXITED | WNOWAIT */, 0);
}

static long try_one(const struct row *row, int slot, const struct bad_address *bad)
{
        const struct shape *shape = shape_of(row->nr);
        unsigned long args[6] = { 0, 0, 0, 0, 0, 0 };
        long result;

        for (int i = 0; i < 6; i += 2)
                memset((void *)at(i), 0, PAGE);
        memset((void *)at(PAGE_MEMORY), 0, 8 * PAGE);
        for (int i = 0; i < 6 && shape->words[0]; i++)
                memcpy((void *)at(PAGE_MEMORY + i), shape->words, sizeof(shape->words));
        for (int i = 0; row->signature[i]; i++)
                args[i] = i == slot ? bad_value(bad, row->signature[i])
                                    : good_value(shape, row->signature[i], i);
        if (shape->rules & RULE_ZOMBIE)
                leave_zombie();
        result = raw_call6(row->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
        if ((shape->rules & RULE_CHILD) && result == 0)
                _exit(0);
        /* What was opened for this try. */
        for (int i = 0; row->signature[i]; i++)
                if (row->signature[i] == 'f' && (long)args[i] > 2 && row->nr != NR_close)
                        raw_call(NR_close, args[i]);
        return result;
}

/* What became of one try: a result, or how the child ended. */
struct outcome {
        char text[24];
};

static void describe(struct outcome *out, long result, unsigned rules)
{
        if (result < 0 && result > -4096)
                snprintf(out->text, sizeof(out->text), "%s", errno_name(result));
        else if (rules & RULE_COUNT)
                snprintf(out->text, sizeof(out->text), "%ld", result);
        else
                snprintf(out->text, sizeof(out->text), "ok");
}

static void describe_end(struct outcome *out, int status)
{
        if (WIFSIGNALED(status))
                snprintf(out->text, sizeof(out->text), "%s", signal_name(WTERMSIG(status)));
        else if (WEXITSTATUS(status) == 77)
                snprintf(out->text, sizeof(out->text), "executed");
        else
                snprintf(out->text, sizeof(out->text), "exit %d", WEXITSTATUS(status));
}

static int is_tried(const struct shape *shape, const struct bad_address *bad)
{
        if (shape->rules & RULE_HARMFUL)
                return bad->readable == NEVER && bad->before == 0;
        return !(shape->rules & RULE_TIMEOUT) || bad->addr != 0 || bad->page >= 0;
}

/* In a child: all addresses from the first on, a result each through the pipe. */
static void try_in_child(const struct row *row, int slot, unsigned first, int fd)
{
        raw_call(NR_alarm, 20);
        if ((shape_of(row->nr)->rules & RULE_UNPRIVILEGED) && strchr(row->signature, '<'))
                raw_call(NR_setresuid, 65534, 65534, 65534);
        for (unsigned i = first; i < ADDRESSES; i++) {
                long result = 0;

                if (is_tried(shape_of(row->nr), &addresses[i]))
                        result = try_one(row, slot, &addresses[i]);
                if (write(fd, &result, sizeof(result)) != sizeof(result))
                        _exit(91);
        }
        _exit(0);
}

/* Runs a child from the first address on, until it is done or dead: the address to go on with. */
static unsigned try_from(const struct row *row, int slot, unsigned first, struct outcome *outcomes)
{
        const struct shape *shape = shape_of(row->nr);
        int fds[2], status = 0;
        long result;
        pid_t pid;

        if (pipe(fds) != 0)
                exit(92);
        pid = fork();
        if (pid < 0)
                exit(93);
        if (pid == 0) {
                close(fds[0]);
                try_in_child(row, slot, first, fcntl(fds[1], F_DUPFD_CLOEXEC, 500));
        }
        close(fds[1]);
        /* The end that the child duplicated closes on exec, so that there is always an end of file.
         */
        while (first < ADDRESSES && read(fds[0], &result, sizeof(result)) == sizeof(result))
                describe(&outcomes[first++], result, shape->rules);
        close(fds[0]);
        waitpid(pid, &status, 0);
        if (first < ADDRESSES)
                describe_end(&outcomes[first++], status);
        return first;
}

/* One line: "EFAULT null one ... | ok odd". */
static void print_outcomes(const struct row *row, int slot, const struct outcome *outcomes)
{
        const struct shape *shape = shape_of(row->nr);
        char line[900];
        size_t length = 0;

        line[0] = 0;
        for (unsigned i = 0; i < ADDRESSES; i++) {
                int seen = !is_tried(shape, &addresses[i]);

                for (unsigned j = 0; j < i; j++)
                        seen |= is_tried(shape, &addresses[j]) &&
                                strcmp(outcomes[i].text, outcomes[j].text) == 0;
                if (seen)
                        continue;
                length += snprintf(line + length, sizeof(line) - length,
                                   "%s%s:", length ? " | " : "", outcomes[i].text);
                for (unsigned j = i; j < ADDRESSES; j++)
                        if (strcmp(outcomes[i].text, outcomes[j].text) == 0 &&
                            is_tried(shape, &addresses[j]))
                                length += snprintf(line + length, sizeof(line) - length, " %s",
                                                   addresses[j].name);
        }
        step_text(line, "%s argument %d (%c)", row->name, slot + 1, row->signature[slot]);
}

static void try_call(const struct row *row)
{
        static struct outcome outcomes[ADDRESSES];

        for (int slot = 0; row->signature[slot]; slot++) {
                unsigned next = 0;

                if (!strchr("s<>x", row->signature[slot]))
                        continue;
                while (next < ADDRESSES)
                        next = try_from(row, slot, next, outcomes);
                print_outcomes(row, slot, outcomes);
        }
}

int main(int argc, char **argv)
{
        if (argc < 1 || argv[0][0] == 0)
                _exit(77); /* executed by one of the tries */
        program = "/proc/self/exe";
        raw_call(NR_setgroups, 0, 0);
        prepare();
        scene("every pointer argument of every system call");
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                try_call(&rows[i]);
        clean_up();
        return 0;
}
