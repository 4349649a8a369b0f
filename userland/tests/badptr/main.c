/* SPDX-License-Identifier: MIT */
/*
 * Every pointer argument of every system call, with every kind of bad address.
 *
 * The calls, and which of their arguments are pointers, come from the kernel's own table, so that a
 * call cannot be left out. For each pointer there is one line: the results, each with the addresses
 * that give it, where "hole 1-143" is 1 to 143 bytes before the end of readable memory. The calls
 * are made in a child, which may be changed or killed by them; what must not happen to the machine
 * that runs this is kept out by the rules in shapes.c. Names that are not too long are looked up
 * in a directory that has been removed, so that nothing can be made of them.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/badptr/addresses.h"
#include "userland/tests/badptr/shapes.h"
#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"

#define DIRECTORY "/tmp/terrane_badptr"

/* Not in the table that every kernel here has. */
enum { NR_unshare = 272, NEW_UTS = 0x04000000 };

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

static const char *program;

static void prepare(void)
{
        addresses_prepare();
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

/* The child shares the caller's memory until it ends, which is sooner than by fork. */
static void leave_zombie(void)
{
        siginfo_t info;
        pid_t pid = vfork();

        if (pid == 0)
                _exit(0);
        raw_call(NR_waitid, 1 /* P_PID */, pid, &info, 4 | 0x01000000 /* WEXITED | WNOWAIT */, 0);
}

/* What the other arguments point to, as it was before the first call. */
static void refresh_memory(const struct shape *shape)
{
        for (int i = 0; i < 6; i++) {
                memset((void *)at(PAGE_MEMORY + i), 0, MOST_BYTES);
                memcpy((void *)at(PAGE_MEMORY + i), shape->words, sizeof(shape->words));
        }
}

static long try_one(const struct row *row, int slot, const struct trial *trial)
{
        const struct shape *shape = shape_of(row->nr);
        unsigned long args[6] = { 0, 0, 0, 0, 0, 0 };
        long result;

        address_refresh(trial, row->signature[slot]);
        refresh_memory(shape);
        for (int i = 0; row->signature[i]; i++)
                args[i] = i == slot ? trial->addr : good_value(shape, row->signature[i], i);
        if (shape->rules & RULE_ZOMBIE)
                leave_zombie();
        result = raw_call6(row->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
        if ((shape->rules & RULE_CHILD) && result == 0)
                _exit(0);
        raw_call(NR_close_range, 3, 499, 0); /* what was opened for this try, and by it */
        return result;
}

/* ---------------------------------------------------------------- all trials of one argument */

/* Shared with the children. */
static struct {
        unsigned done;
        long results[MOST_TRIALS];
} * progress;

static struct trial trials[MOST_TRIALS];
static struct outcome outcomes[MOST_TRIALS];
static unsigned count;

static void describe(struct outcome *out, long result, const struct trial *trial, unsigned rules)
{
        if (result < 0 && result > -4096)
                snprintf(out->text, sizeof(out->text), "%s", errno_name(result));
        else if ((rules & RULE_PARTIAL) && trial->edge >= 0 && result > 0 && result == trial->index)
                snprintf(out->text, sizeof(out->text), "=n");
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

static void enter_removed_directory(void)
{
        if (mkdir(DIRECTORY "/gone", 0700) != 0 || chdir(DIRECTORY "/gone") != 0 ||
            rmdir(DIRECTORY "/gone") != 0)
                _exit(94);
}

/* In a child: all trials from that which is the next. */
static void try_in_child(const struct row *row, int slot)
{
        unsigned rules = shape_of(row->nr)->rules;

        raw_call(NR_alarm, 60);
        if (row->signature[slot] == 's')
                enter_removed_directory();
        if (rules & RULE_HARMFUL)
                raw_call(NR_unshare, NEW_UTS); /* should the names be changed after all */
        if ((rules & RULE_UNPRIVILEGED) && strchr(row->signature, '<'))
                raw_call(NR_setresuid, 65534, 65534, 65534);
        for (unsigned i = progress->done; i < count; i++) {
                progress->results[i] = try_one(row, slot, &trials[i]);
                progress->done = i + 1;
        }
        _exit(0);
}

/* Runs a child until it has tried all or is dead: the number of trials that are behind us. */
static unsigned try_from(const struct row *row, int slot, unsigned first)
{
        int status = 0;
        pid_t pid = fork();

        if (pid < 0)
                exit(93);
        if (pid == 0)
                try_in_child(row, slot);
        waitpid(pid, &status, 0);
        for (; first < progress->done; first++)
                describe(&outcomes[first], progress->results[first], &trials[first],
                         shape_of(row->nr)->rules);
        if (first < count)
                describe_end(&outcomes[first++], status);
        progress->done = first;
        return first;
}

static void try_argument(const struct row *row, int slot)
{
        unsigned rules = shape_of(row->nr)->rules;
        char letter = row->signature[slot];
        int reach = letter == 's' ? NAME_MAX + 5 : reach_of(row->nr);
        enum left_out left_out = ALL_TRIED;
        char line[900];

        if (rules & RULE_TIMEOUT)
                left_out = NULL_LEFT_OUT;
        if (rules & RULE_HARMFUL)
                left_out = GOOD_LEFT_OUT;
        count = addresses_list(trials, letter, reach, left_out);
        progress->done = 0;
        while (try_from(row, slot, progress->done) < count)
                ;
        outcomes_print(line, sizeof(line), trials, outcomes, count);
        step_text(line, "%s argument %d (%c)", row->name, slot + 1, letter);
}

/* Takes the top of user space, where the caller's callers have their frames: does not return. */
static void try_all(void)
{
        prepare();
        progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0);
        if (progress == MAP_FAILED)
                exit(92);
        scene("every pointer argument of every system call");
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                for (int slot = 0; rows[i].signature[slot]; slot++)
                        if (strchr("s<>x", rows[i].signature[slot]))
                                try_argument(&rows[i], slot);
        clean_up();
        exit(0);
}

int main(int argc, char **argv)
{
        volatile char room[3 * PAGE];

        if (argc < 1 || argv[0][0] == 0)
                _exit(77); /* executed by one of the tries */
        program = "/proc/self/exe";
        raw_call(NR_setgroups, 0, 0);
        room[0] = 0;
        try_all();
        return room[0];
}
