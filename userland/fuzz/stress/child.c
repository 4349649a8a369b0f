/* SPDX-License-Identifier: MIT */
/*
 * Children: what a worker knows of its memory holds in them, too; what they write afterwards into
 * private memory nobody else sees.
 */
#include <signal.h>
#include <sys/wait.h>

#include "userland/fuzz/stress/stress.h"

#define FIRST_FD 3
#define LAST_FD  200

/* A copy of a descriptor would keep it open, and what a killed child leaves in a pipe is not its
 * parent's. */
static void own_descriptors(struct worker *w)
{
        for (int fd = FIRST_FD; fd < LAST_FD; fd++)
                raw_call(NR_close, fd);
        raw_call(NR_pipe2, w->pipe, 0);
}

static void change_something(struct worker *w)
{
        for (unsigned i = below(&w->random, 12); i > 0; i--)
                call_at_random(w, region_calls);
}

static void child_run(struct worker *w)
{
        unsigned pages = 4 + (unsigned)below(&w->random, 28);

        w->origin = ORIGIN_CHILD + w->number;
        w->status = &board->children[w->number];
        own_descriptors(w);
        for (unsigned i = 0; i < pages; i++) {
                struct window *window = own_draw(w);
                uint64_t page = below(&w->random, WINDOW_PAGES);

                w->status->what = "a child looks at its memory";
                w->status->calls++;
                own_check(w, window, page);
                if (!window->shared && one_in(&w->random, 2))
                        own_write(w, window, page);
        }
        change_something(w);
        raw_call(NR_exit_group, 0);
}

static void child_wait(struct worker *w, long pid)
{
        int status = 0;
        bool killed = one_in(&w->random, 4);
        long got;

        if (killed) {
                uint64_t time[2] = { 0, below(&w->random, 20000000) };

                raw_call(NR_nanosleep, time, 0);
                raw_call(NR_kill, pid, SIGKILL);
        }
        w->status->what = "waiting for a child";
        do {
                got = raw_call(NR_wait4, pid, &status, 0, 0);
        } while (got == -4 /* EINTR */);
        if (got != pid || (status != 0 && !(killed && status == SIGKILL)))
                complain("thread %u: a child ended with status %#x", w->number, status);
        board->children[w->number].what = NULL;
}

void fork_child(struct worker *w)
{
        long pid;

        fork_enter();
        pid = raw_call(NR_fork);
        if (pid == 0)
                child_run(w);
        fork_leave();
        if (pid < 0)
                return complain("thread %u: fork: %s", w->number, errno_name(pid));
        count(&board->forks);
        child_wait(w, pid);
}
