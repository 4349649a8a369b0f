/* SPDX-License-Identifier: MIT */
/*
 * Commands of scripts about several processes that live at the same time:
 *
 *   fork N             a child, number N (1 to 5), which waits for commands; the case's own process
 *                      is number 0
 *   in N COMMAND...    process N does the command, `fork` included
 *   exit N             process N exits, and is waited for
 *   slay N             process N, a child of number 0, is killed, and waited for
 *   once P N           pagemap: 1 for a page that is mapped once, + for one mapped more often, -
 * for none shares P N         smaps of the mappings there: Pss in KiB; pages resident, shared,
 * private, anonymous
 *
 * Process 0 tells each process what to do through a pipe of its own, and waits for the answer. They
 * are copies of one another, so a command is told by its address.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/script_words.h"
#include "userland/tests/lib/transcript.h"

#define MEMBERS       6
#define SET_SUBREAPER 36

/* What a process is asked to do: a command, to wait for a child, or, if neither, to exit. */
struct request {
        const struct command *command;
        long child;
        int line_is_open;
};

struct answer {
        long child; /* that it has made */
        int line_is_open;
};

static struct member {
        long pid; /* 0: not there */
        int parent;
        int ask[2], reply[2];
} members[MEMBERS];

static long made; /* the child made by the last `fork` */

/* ---------------------------------------------------------------- a member */

static void serve(int number)
{
        struct request request;
        struct command command;

        while (read(members[number].ask[0], &request, sizeof(request)) == sizeof(request)) {
                struct answer answer = { 0 };

                line_is_open = request.line_is_open;
                made = 0;
                if (request.command) {
                        command = *request.command;
                        command.words -= 2;
                        memmove(command.word, command.word + 2, command.words * sizeof(char *));
                        run_command(&command);
                } else if (request.child) {
                        waitpid(request.child, NULL, 0);
                } else {
                        _exit(0);
                }
                answer.child = made;
                answer.line_is_open = line_is_open;
                write(members[number].reply[1], &answer, sizeof(answer));
        }
        _exit(1);
}

static void do_fork(const struct command *c)
{
        int number = atoi(c->word[1]);

        if (!members[0].pid) {
                members[0].pid = getpid();
                raw_call(NR_prctl, SET_SUBREAPER, 1, 0, 0, 0);
                for (int i = 1; i < MEMBERS; i++)
                        if (pipe(members[i].ask) || pipe(members[i].reply))
                                _exit(97);
        }
        made = fork();
        if (made == 0)
                serve(number);
        members[number].pid = made;
        members[number].parent = 0;
}

/* ---------------------------------------------------------------- process 0 */

static struct answer ask(int number, const struct request *request)
{
        struct answer answer = { 0 };

        write(members[number].ask[1], request, sizeof(*request));
        if (request->command || request->child)
                if (read(members[number].reply[0], &answer, sizeof(answer)) != sizeof(answer))
                        _exit(98);
        return answer;
}

static void do_in(const struct command *c)
{
        struct request request = { .command = c, .line_is_open = line_is_open };
        int number = atoi(c->word[1]);
        struct answer answer = ask(number, &request);

        line_is_open = answer.line_is_open;
        if (answer.child) {
                members[atoi(c->word[3])].pid = answer.child;
                members[atoi(c->word[3])].parent = number;
        }
}

static void end_member(int number)
{
        struct member *m = &members[number];
        struct request leave = { 0 }, wait_for = { .child = m->pid };

        ask(number, &leave);
        if (m->parent && members[m->parent].pid)
                ask(m->parent, &wait_for);
        else
                waitpid(m->pid, NULL, 0);
        m->pid = 0;
}

static void do_exit(const struct command *c)
{
        end_member(atoi(c->word[1]));
}

static void do_slay(const struct command *c)
{
        struct member *m = &members[atoi(c->word[1])];

        put_result(raw_call(NR_kill, m->pid, 9));
        waitpid(m->pid, NULL, 0);
        m->pid = 0;
}

void end_family(void)
{
        for (int i = MEMBERS - 1; i > 0; i--)
                if (members[i].pid)
                        end_member(i);
}

/* ---------------------------------------------------------------- who shares what */

static void do_once(const struct command *c)
{
        unsigned long addr = place_of(c->word[1]), pages = length_of(c->word[2]) / PAGE;
        long fd = raw_call(NR_open, "/proc/self/pagemap", 0, 0);
        unsigned long word;

        put(" -> ");
        for (unsigned long i = 0; i < pages; i++) {
                raw_call(NR_pread64, fd, &word, 8, (addr / PAGE + i) * 8);
                if (!(word >> 63))
                        put("-");
                else
                        put("%c", word >> 56 & 1 ? '1' : '+');
        }
        raw_call(NR_close, fd);
}

/* The number behind "\nname:" in one mapping's part of smaps. */
static long kib_of(const char *part, const char *name)
{
        char line[32] = "\n";
        const char *at;

        strcat(strcat(line, name), ":");
        at = strstr(part, line);
        return at ? strtol(at + strlen(line), NULL, 10) : 0;
}

static void do_shares(const struct command *c)
{
        static char text[1 << 19];
        unsigned long start = place_of(c->word[1]), end = start + length_of(c->word[2]);
        long pss = 0, resident = 0, shared = 0, private = 0, anonymous = 0;
        char *part = text, *next;

        read_file("/proc/self/smaps", text, sizeof(text));
        for (; part && *part; part = next) {
                char *p = part;
                unsigned long from = strtoul(p, &p, 16), to = strtoul(p + 1, &p, 16);

                next = strstr(part, "\nVmFlags:");
                next = next ? strchr(next + 1, '\n') : NULL;
                if (next)
                        *next++ = 0;
                if (from >= end || to <= start)
                        continue;
                pss += kib_of(part, "Pss");
                resident += kib_of(part, "Rss") / 4;
                shared += (kib_of(part, "Shared_Clean") + kib_of(part, "Shared_Dirty")) / 4;
                private += (kib_of(part, "Private_Clean") + kib_of(part, "Private_Dirty")) / 4;
                anonymous += kib_of(part, "Anonymous") / 4;
        }
        put(" -> Pss %ld, %ld pages: %ld shared, %ld private, %ld anonymous", pss, resident, shared,
            private, anonymous);
}

const struct command_row family_commands[] = {
        { "fork", do_fork }, { "in", do_in },         { "exit", do_exit }, { "slay", do_slay },
        { "once", do_once }, { "shares", do_shares }, { NULL, NULL },
};
