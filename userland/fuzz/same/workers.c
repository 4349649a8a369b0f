/* SPDX-License-Identifier: MIT */
/*
 * Processes and threads that take turns. A turn is a byte in the pipe of the worker that gets it.
 * Whoever has the turn finishes the call that was begun, looks at the state, and makes the next.
 *
 * A new worker prepares itself while its creator waits; then the turn goes on to one of them. The
 * creator of a child of vfork is held up by the kernel, and gets its turn when the child has gone.
 * A worker that ends leaves the turn to the supervisor, so that nothing of it is left when the next
 * one goes on; but a thread gives it on itself.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userland/fuzz/same/same.h"

#define STACK_SIZE  65536
#define SHARE_VM    0x100
#define SHARE_VFORK 0x4000
#define SAME_PARENT 0x8000
#define SAME_THREAD (0x10000 | 0x800 | 0x400 | 0x200) /* THREAD SIGHAND FILES FS */

static unsigned char stacks[WORKERS][STACK_SIZE] __attribute__((aligned(16)));

void control_map(void)
{
        long got = raw_call(NR_mmap, control, sizeof(*control), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_FIXED, FD_CONTROL, 0);

        if (got != (long)control)
                raw_call(NR_exit_group, 97);
}

void turn_wait(unsigned self)
{
        char byte;

        while (raw_call(NR_read, FD_TURN + 2 * self, &byte, 1) != 1)
                ;
        control->turn = self;
}

void turn_give(unsigned to)
{
        raw_call(NR_write, FD_TURN + 2 * to + 1, "", 1);
}

/* ------------------------------------------------------------------ a worker's start */

static void touch_pages(unsigned long start, unsigned long end, bool writes)
{
        for (unsigned long a = start; a < end; a += PAGE) {
                volatile unsigned char *byte = (volatile unsigned char *)a;
                unsigned char value = *byte;

                if (writes)
                        *byte = value;
        }
}

static void touch_own(const struct mapping *m)
{
        if (m->end <= ARENA && m->perms[0] == 'r' && state_is_own(m))
                touch_pages(m->start, m->end, m->perms[1] == 'w');
}

static void touch_stack(void)
{
        volatile unsigned char room[8 * PAGE];

        for (unsigned long i = 0; i < sizeof(room); i += PAGE)
                room[i] = 0;
}

static void drop_rights(void)
{
        struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
        struct __user_cap_data_struct none[2];

        memset(none, 0, sizeof(none));
        if (!control->root)
                raw_call(NR_capset, &header, none);
}

/* What the kernel maps besides: where it is, mappings of the arena may come to lie. */
static void unmap_special(const struct mapping *m)
{
        if (!strncmp(m->name, "[vdso]", 6) || !strncmp(m->name, "[vvar", 5))
                raw_call(NR_munmap, m->start, m->end - m->start);
}

/*
 * The worker's own memory is all there, so that the counters change by what happens in the arena
 * alone. It does not outlive the supervisor.
 */
static void worker_start(unsigned self)
{
        struct worker *w = &control->worker[self];

        drop_rights();
        raw_call(NR_prctl, PR_SET_PDEATHSIG, SIGKILL);
        w->pid = (int)raw_call(NR_getpid);
        w->state = WORKER_LIVE;
        user_prepare(self);
        touch_stack();
        state_each_mapping(unmap_special);
        touch_pages((unsigned long)control, (unsigned long)(control + 1), true);
        state_each_mapping(touch_own);
}

/* ------------------------------------------------------------------ new workers */

static int free_worker(void)
{
        for (int i = 0; i < WORKERS; i++)
                if (control->worker[i].state == WORKER_FREE)
                        return i;
        return -1;
}

/* The next live worker behind one, itself if there is no other. */
static unsigned live_worker(unsigned behind)
{
        for (unsigned i = 1; i < WORKERS; i++) {
                unsigned w = (behind + i) % WORKERS;

                if (control->worker[w].state == WORKER_LIVE)
                        return w;
        }
        return behind;
}

static enum turn do_fork(unsigned self, enum fork_kind kind)
{
        int child = free_worker();
        long pid;

        if (child < 0) {
                put("nobody is free");
                return TURN_KEPT;
        }
        memset(&control->worker[child], 0, sizeof(struct worker));
        pid = raw_call(NR_clone, SAME_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (pid == 0) {
                worker_start((unsigned)child);
                turn_give(self);
                worker_run((unsigned)child, false);
        }
        if (pid < 0) {
                put_result(pid);
                return TURN_KEPT;
        }
        turn_wait(self);
        put("worker %d", child);
        if (kind == FORK_SIBLING)
                return TURN_KEPT;
        if (kind == FORK_INHERITOR)
                put_result(raw_call(NR_munmap, ARENA, ARENA_PAGES * PAGE));
        turn_give((unsigned)child);
        return TURN_GIVEN;
}

/* What a worker that shares its creator's memory starts with, on a stack of its own. */
__attribute__((noreturn, used)) static void shared_main(unsigned long self)
{
        struct worker *w = &control->worker[self];

        worker_start((unsigned)self);
        put("worker %lu", self);
        if (!w->holds_creator)
                turn_give(w->creator);
        worker_run((unsigned)self, w->holds_creator);
}

/* clone() with a stack: the new worker must not return from here. */
static long clone_shared(unsigned long flags, unsigned long worker)
{
        unsigned long *top = (unsigned long *)(void *)(stacks[worker] + STACK_SIZE) - 2;
        register unsigned long r10 __asm__("r10") = 0;
        register unsigned long r8 __asm__("r8") = 0;
        long result;

        top[0] = worker;
        top[1] = (unsigned long)shared_main;
        __asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\t"
                         "xor %%ebp, %%ebp\n\tpop %%rdi\n\tpop %%rax\n\tcall *%%rax\n1:"
                         : "=a"(result)
                         : "a"((long)NR_clone), "D"(flags), "S"(top), "d"(0), "r"(r10), "r"(r8)
                         : "rcx", "r11", "memory");
        return result;
}

static enum turn do_clone(unsigned self, enum call_kind kind)
{
        int child = free_worker();
        unsigned long flags = SHARE_VM;
        struct worker *w;
        long pid;

        if (child < 0) {
                put("nobody is free");
                return TURN_KEPT;
        }
        w = &control->worker[child];
        memset(w, 0, sizeof(*w));
        w->creator = self;
        w->holds_creator = kind == CALL_VFORK;
        if (kind == CALL_THREAD) {
                flags |= SAME_THREAD;
                w->is_thread = true;
        } else {
                flags |= SAME_PARENT | SIGCHLD;
        }
        if (kind == CALL_VFORK) {
                flags |= SHARE_VFORK;
                control->worker[self].state = WORKER_BLOCKED;
        }
        pid = clone_shared(flags, (unsigned long)child);
        if (pid < 0) {
                control->worker[self].state = WORKER_LIVE;
                w->state = WORKER_FREE;
                put_result(pid);
                return TURN_KEPT;
        }
        if (kind == CALL_VFORK) /* the child has gone, or executes something else */
                return TURN_GIVEN;
        turn_wait(self);
        return TURN_KEPT;
}

/* ------------------------------------------------------------------ the end of workers */

/* All threads of the worker's process but itself are no more. */
static void forget_threads(unsigned self)
{
        for (unsigned i = 0; i < WORKERS; i++)
                if (i != self && control->worker[i].pid == control->worker[self].pid)
                        control->worker[i].state = WORKER_FREE;
}

/* A child of vfork that has gone, or executes something else: its creator goes on. */
static void release_creator(unsigned self)
{
        struct worker *w = &control->worker[self];

        if (w->holds_creator)
                control->worker[w->creator].state = WORKER_LIVE;
        w->holds_creator = false;
}

static bool is_held_up(unsigned self)
{
        for (unsigned i = 0; i < WORKERS; i++)
                if (i != self && control->worker[i].pid == control->worker[self].pid &&
                    control->worker[i].state == WORKER_BLOCKED)
                        return true;
        return false;
}

static enum turn do_exit(unsigned self)
{
        struct worker *w = &control->worker[self];
        unsigned next;

        if (is_held_up(self)) { /* a thread of the process waits for its child of vfork */
                put("not now");
                return TURN_KEPT;
        }
        if (!w->is_thread)
                forget_threads(self);
        release_creator(self);
        next = live_worker(self);
        if (next == self) {
                put("the last");
                return TURN_KEPT;
        }
        put("worker %u goes on", next);
        control->turn = next;
        if (w->is_thread) {
                w->state = WORKER_FREE;
                turn_give(next);
                raw_call(NR_exit, 0);
        }
        w->state = WORKER_EXITING;
        raw_call(NR_exit_group, 0);
        return TURN_GIVEN;
}

static enum turn do_exec(unsigned self)
{
        char number[2] = { (char)('0' + self), 0 };
        char *argv[] = { "same", "--resume", number, NULL };
        char *envp[] = { NULL };

        /* Root that has no rights would get them again, and addresses at random with them. */
        if (is_held_up(self) || !control->root) {
                put("not now");
                return TURN_KEPT;
        }
        forget_threads(self);
        control->worker[self].is_thread = false;
        put_result(raw_call(NR_execve, "/proc/self/exe", argv, envp));
        return TURN_KEPT;
}

static enum turn do_switch(unsigned self, uint64_t number)
{
        unsigned to = live_worker((unsigned)(number % WORKERS));

        if (control->worker[to].state != WORKER_LIVE || to == self) {
                put("nobody else");
                return TURN_KEPT;
        }
        put("worker %u", to);
        turn_give(to);
        return TURN_GIVEN;
}

enum turn worker_call(unsigned self, const struct call *call)
{
        switch (call->kind) {
        case CALL_FORK: return do_fork(self, (enum fork_kind)call->a[0]);
        case CALL_EXIT: return do_exit(self);
        case CALL_EXEC: return do_exec(self);
        case CALL_SWITCH: return do_switch(self, call->a[0]);
        default: return do_clone(self, call->kind);
        }
}

/* ------------------------------------------------------------------ a worker's life */

static void finish_call(bool quiet)
{
        put("\n");
        if (!quiet)
                state_put();
        text_end();
}

void worker_run(unsigned self, bool has_turn)
{
        const struct call *call;

        for (;;) {
                if (!has_turn)
                        turn_wait(self);
                do {
                        unsigned made = control->next;

                        finish_call(made > 0 && control->calls[made - 1].quiet);
                        if (made == control->count) {
                                control->finished = true;
                                raw_call(NR_exit_group, 0);
                        }
                        call = &control->calls[control->next++];
                        text_begin(made);
                        put("%u worker %u: ", made, self);
                } while (make_call(self, call) == TURN_KEPT);
                has_turn = false;
        }
}

void worker_begin(void)
{
        worker_start(0);
        state_base();
        worker_run(0, true);
}

/* What exec leads to. */
void worker_resume(unsigned self)
{
        control_map();
        worker_start(self);
        release_creator(self);
        state_base();
        worker_run(self, true);
}
