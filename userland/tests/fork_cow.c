/* SPDX-License-Identifier: MIT */
/*
 * fork: what parent and child share, what each sees of the other's writes, and how a child's end is
 * told.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/fault.h"
#include "userland/tests/lib/transcript.h"

static int to_child[2], to_parent[2];

/* One side waits until the other has told it to go on. */
static void wait_turn(int fd)
{
        char c;

        if (read(fd, &c, 1) != 1)
                _exit(90);
}

static void give_turn(int fd)
{
        if (write(fd, "x", 1) != 1)
                _exit(91);
}

static void child_in_turns(void)
{
        wait_turn(to_child[0]);
        say("     child: the parent has written page 0");
        show();
        stamp(1, 1, 'c');
        stamp(3, 1, 'c');
        show();
        give_turn(to_parent[1]);
        wait_turn(to_child[0]);
        say("     child: the parent has unmapped page 2 and protected page 3");
        show();
        _exit(0);
}

static void isolation(void)
{
        pid_t pid;
        int status;

        scene_in_arena("nobody sees what the other writes");
        map(0, 4, "rw-");
        stamp(0, 3, 'A'); /* page 3 was never touched */
        if (pipe(to_child) || pipe(to_parent))
                _exit(92);
        pid = fork();
        if (pid == 0)
                child_in_turns();
        stamp(0, 1, 'p');
        give_turn(to_child[1]);
        wait_turn(to_parent[0]);
        say("     parent: the child has written pages 1 and 3");
        show();
        unmap(2, 1);
        protect(3, 1, "r--");
        give_turn(to_child[1]);
        waitpid(pid, &status, 0);
        step(status, "the child's status");
        show();
        protect(3, 1, "rw-");
        stamp(0, 2, 'q');
        show();
}

static void child_maps(void)
{
        map(8, 2, "rw-");
        unmap(0, 1);
        protect(1, 1, "---");
        show();
}

static void child_reads(void)
{
        touch_step(at(2), ACCESS_WRITE);
        touch_step(at(4), ACCESS_READ);
        touch_step(at(5), ACCESS_READ);
        touch_step(at(6), ACCESS_READ);
        show();
}

static void mappings(void)
{
        scene_in_arena("the child's mappings are its own");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        in_child(child_maps, "child");
        show();

        scene_in_arena("permissions are inherited");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        protect(2, 2, "r--");
        map(4, 1, "---");
        in_child(child_reads, "child");
        show();
}

static void child_advised(void)
{
        show();
        stamp(4, 1, 'c');
        show();
}

static void advice(void)
{
        scene_in_arena("MADV_DONTFORK and MADV_WIPEONFORK");
        map(0, 6, "rw-");
        stamp(0, 6, 'A');
        step(raw_call(NR_madvise, at(1), PAGE, 10), "DONTFORK page 1");
        step(raw_call(NR_madvise, at(4), PAGE, 18), "WIPEONFORK page 4");
        show_maps();
        in_child(child_advised, "child");
        show();
}

static void child_shared(void)
{
        stamp(1, 1, 'c');
        show();
}

static void shared(void)
{
        scene_in_arena("shared memory is shared");
        map_with(0, 3, "rw-", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
        map(3, 1, "rw-");
        stamp(0, 1, 'A');
        stamp(3, 1, 'A');
        in_child(child_shared, "child");
        show_pages();
        in_child(child_shared, "another");
        show_pages();
}

static int depth;

/* Every generation writes one page and looks at all. */
static void generation(void)
{
        depth++;
        stamp(depth, 1, (char)('A' + depth));
        if (depth < 5)
                in_child(generation, "next generation");
        show_pages();
}

static void one_after_the_other(void)
{
        depth++;
        stamp(depth % 4, 1, (char)('a' + depth));
        show_pages();
}

static void generations(void)
{
        scene_in_arena("generations");
        map(0, 6, "rw-");
        stamp(0, 6, 'A');
        generation();

        scene_in_arena("one child after the other");
        map(0, 4, "rw-");
        stamp(0, 4, 'A');
        for (depth = 0; depth < 4; depth++) {
                in_child(one_after_the_other, "child");
                stamp(depth, 1, (char)('P' + depth));
        }
        show();
}

static void end_of(const char *what, int code, int signo)
{
        int status = -1;
        pid_t pid = fork();

        if (pid == 0) {
                if (signo)
                        raw_call(NR_kill, raw_call(NR_getpid), signo);
                raw_call(NR_exit_group, code);
        }
        check(waitpid(pid, &status, 0) == pid, "wait for the child: %s", what);
        step(status, "its status");
}

static void ends(void)
{
        int status;
        pid_t pid;

        scene("how children end");
        end_of("exit 0", 0, 0);
        end_of("exit 1", 1, 0);
        end_of("exit 255", 255, 0);
        end_of("exit 256", 256, 0);
        end_of("exit -1", -1, 0);
        end_of("SIGTERM", 0, SIGTERM);
        end_of("SIGKILL", 0, SIGKILL);
        end_of("SIGUSR1", 0, SIGUSR1);
        end_of("SIGCHLD, which does nothing", 7, SIGCHLD);
        step(raw_call(NR_wait4, -1, &status, 0, 0), "wait with no children");
        step(raw_call(NR_wait4, -1, &status, 0x1000, 0), "wait with a bad option");
        pid = fork();
        if (pid == 0) {
                wait_turn(to_child[0]);
                _exit(3);
        }
        step(raw_call(NR_wait4, pid, &status, WNOHANG, 0), "WNOHANG while it runs");
        step(raw_call(NR_wait4, pid + 100000, &status, WNOHANG, 0), "for another pid");
        give_turn(to_child[1]);
        check(raw_call(NR_wait4, pid, &status, 0, 0) == pid, "wait");
        step(status, "its status");
        step(raw_call(NR_wait4, pid, &status, 0, 0), "wait again");
        step(raw_call(NR_kill, pid, 0), "kill 0 of what is gone");
}

static void many(void)
{
        int count = 0, sum = 0, status;

        scene("many children at once");
        for (int i = 0; i < 40; i++) {
                if (fork() == 0)
                        _exit(i);
        }
        while (wait(&status) > 0) {
                count++;
                sum += WEXITSTATUS(status);
        }
        step(errno == ECHILD ? count : -errno, "children");
        step(sum, "sum of what they said");
}

int main(void)
{
        isolation();
        mappings();
        advice();
        shared();
        generations();
        ends();
        many();
        return 0;
}
