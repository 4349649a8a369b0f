/* SPDX-License-Identifier: MIT */
/*
 * The tests' scheduler: threads of the simulated kernel are POSIX threads of which exactly one has
 * the baton. The baton is passed on by the thread that has it, in places that are the same in every
 * run, so a test with several threads is as repeatable as one with a single thread.
 *
 * Locks: `lock` guards everything here; `running` names the holder of the baton.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/cpu.h"
#include "arch/host/host.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/list.h"
#include "kernel/sync/trace.h"

enum task_state { RUNNABLE, PARKED, DONE };

struct task {
        struct list node; /* on `tasks`, in order of creation */
        const char *name;
        void (*fn)(void *arg);
        void *arg;
        pthread_t thread;
        pthread_cond_t turn;
        enum task_state state;
        unsigned cpu;
        bool permit, signal, interruptible, irqs_off;
        u64 deadline;
        struct lock_trace trace;
};

static struct list tasks = LIST_INIT(tasks);
static struct task main_task = { .name = "main", .turn = PTHREAD_COND_INITIALIZER };
static struct task *running = &main_task;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static u64 now_ns = 1000000000;
static u64 seed;
static u64 preempt_every = 4; /* a thread loses its turn at one lock operation in so many */
static unsigned next_cpu = 1;

/* The main thread is a task like the others; put it on the list when it is first needed. */
static void sched_start(void)
{
        if (list_empty(&tasks))
                list_add_tail(&tasks, &main_task.node);
}

static u64 next_random(void)
{
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        return seed >> 33;
}

static bool task_may_run(const struct task *t)
{
        if (t->state == PARKED)
                return t->permit || (t->interruptible && t->signal) || now_ns >= t->deadline;
        return t->state == RUNNABLE;
}

/* The task after `from` in turn that may run, `skip` of such left out; NULL if there is none. */
static struct task *find_next(struct task *from, u64 skip)
{
        struct list *it = &from->node;
        struct task *found = NULL;

        do {
                it = it->next;
                if (it == &tasks)
                        continue;
                if (task_may_run(list_entry(it, struct task, node))) {
                        found = list_entry(it, struct task, node);
                        if (skip-- == 0)
                                return found;
                }
        } while (it != &from->node);
        return found;
}

static _Noreturn void report_deadlock(void)
{
        struct list *it;

        list_for_each (it, &tasks) {
                struct task *t = list_entry(it, struct task, node);

                if (t->state != PARKED)
                        continue;
                fprintf(stderr, "%s sleeps for good, holding:", t->name);
                for (unsigned i = 0; i < t->trace.nr; i++)
                        fprintf(stderr, " %s", t->trace.held[i].name);
                fputc('\n', stderr);
        }
        panic("deadlock: every thread sleeps and nobody will wake one");
}

/* No thread may run: go on to the earliest time that one waits for. */
static void clock_skip(void)
{
        u64 earliest = PARK_FOREVER;
        struct list *it;

        list_for_each (it, &tasks) {
                struct task *t = list_entry(it, struct task, node);

                if (t->state == PARKED)
                        earliest = min_u64(earliest, t->deadline);
        }
        if (earliest == PARK_FOREVER)
                report_deadlock();
        now_ns = max_u64(now_ns, earliest);
}

/* Pass the baton on and wait until it comes back (a task that is DONE does not wait). */
static void switch_away(struct task *self)
{
        struct task *next = find_next(self, seed ? next_random() % 8 : 0);

        while (!next) {
                clock_skip();
                next = find_next(self, 0);
        }
        if (next == self)
                return;
        self->irqs_off = !cpu_irqs_enabled();
        running = next;
        pthread_cond_signal(&next->turn);
        while (running != self && self->state != DONE)
                pthread_cond_wait(&self->turn, &lock);
        cpu_irq_restore(self->irqs_off);
}

static void *task_main(void *arg)
{
        struct task *self = arg;

        pthread_mutex_lock(&lock);
        while (running != self)
                pthread_cond_wait(&self->turn, &lock);
        pthread_mutex_unlock(&lock);
        cpu_irq_restore(false);
        self->fn(self->arg);
        lock_trace_check_none();
        pthread_mutex_lock(&lock);
        self->state = DONE;
        switch_away(self);
        pthread_mutex_unlock(&lock);
        return NULL;
}

struct task *host_task_create(const char *name, void (*fn)(void *arg), void *arg)
{
        struct task *t = calloc(1, sizeof(*t));

        CHECK(t);
        sched_start();
        t->name = name;
        t->cpu = next_cpu++ % HOST_CPUS;
        t->fn = fn;
        t->arg = arg;
        CHECK(pthread_cond_init(&t->turn, NULL) == 0);
        list_add_tail(&tasks, &t->node);
        CHECK(pthread_create(&t->thread, NULL, task_main, t) == 0);
        return t;
}

void host_run(void)
{
        struct list *it, *tmp;

        CHECK(running == &main_task);
        sched_start();
        list_for_each_safe (it, tmp, &tasks) {
                struct task *t = list_entry(it, struct task, node);

                if (t == &main_task)
                        continue;
                while (t->state != DONE) {
                        /* The main thread only waits here: it must not count as one that may run.
                         */
                        pthread_mutex_lock(&lock);
                        main_task.state = DONE;
                        if (!find_next(&main_task, 0))
                                clock_skip();
                        main_task.state = RUNNABLE;
                        switch_away(&main_task);
                        pthread_mutex_unlock(&lock);
                }
                pthread_join(t->thread, NULL);
                list_del(&t->node);
                pthread_cond_destroy(&t->turn);
                free(t);
        }
}

void host_yield(void)
{
        struct task *self = running;

        sched_start();
        pthread_mutex_lock(&lock);
        switch_away(self);
        pthread_mutex_unlock(&lock);
}

bool host_is_concurrent(void)
{
        return !list_empty(&tasks) && tasks.next->next != &tasks;
}

void host_sched_seed(u64 value)
{
        seed = value;
        preempt_every = 4UL << value % 4;
}

void host_task_signal(struct task *task, bool pending)
{
        task->signal = pending;
}

void host_clock_advance(u64 ns)
{
        now_ns += ns;
}

unsigned host_cpu(void)
{
        return running->cpu;
}

void host_cpu_set(unsigned cpu)
{
        CHECK(cpu < HOST_CPUS);
        running->cpu = cpu;
}

struct task *park_self(void)
{
        return running;
}

int park(bool interruptible, u64 deadline_ns)
{
        struct task *self = running;
        int err = 0;

        lock_trace_check_sleep();
        sched_start();
        pthread_mutex_lock(&lock);
        self->state = PARKED;
        self->interruptible = interruptible;
        self->deadline = deadline_ns;
        if (!task_may_run(self))
                switch_away(self);
        self->state = RUNNABLE;
        if (self->permit)
                self->permit = false;
        else if (interruptible && self->signal)
                err = -EINTR;
        else if (now_ns >= deadline_ns)
                err = -ETIMEDOUT;
        pthread_mutex_unlock(&lock);
        return err;
}

int park_killable(void)
{
        return park(true, PARK_FOREVER);
}

void unpark(struct task *task)
{
        task->permit = true;
}

struct lock_trace *lock_trace_self(void)
{
        if (seed && next_random() % preempt_every == 0)
                host_yield();
        return &running->trace;
}

u64 clock_ns(void)
{
        return now_ns;
}

void cpu_relax(void)
{
        host_yield();
}

void cpu_idle(void)
{
        host_yield();
}
