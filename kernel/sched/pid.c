/* SPDX-License-Identifier: MIT */
/*
 * Numbers of threads, processes, groups and sessions. They are one kind of number: it stays taken
 * while anything is called by it, so that a group whose leader is gone keeps its name. Everything
 * here is under process_lock.
 */
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/sched/process.h"

#define HASH_SIZE    512
#define PID_RESERVED 300 /* numbers below are given out once only, before the first wrap */

static u32 uses[PID_MAX + 1];
static u64 used[PID_MAX / 64 + 1]; /* a bit for each that has uses */
static int last;
static struct list tasks[HASH_SIZE], processes[HASH_SIZE];

static struct list *bucket(struct list *table, int number)
{
        struct list *b = &table[(unsigned)number % HASH_SIZE];

        if (!b->next)
                list_init(b);
        return b;
}

int pid_alloc(void)
{
        int pid = last;

        for (int tries = 0; tries <= PID_MAX; tries++) {
                pid = pid >= PID_MAX - 1 ? PID_RESERVED : pid + 1;
                if (!uses[pid]) {
                        last = pid;
                        return pid;
                }
        }
        return -EAGAIN;
}

void pid_get(int pid)
{
        if (!uses[pid]++)
                used[pid / 64] |= 1UL << pid % 64;
}

void pid_put(int pid)
{
        CHECK(uses[pid]);
        if (!--uses[pid])
                used[pid / 64] &= ~(1UL << pid % 64);
}

bool pid_is_used(int pid)
{
        return pid > 0 && pid <= PID_MAX && uses[pid];
}

void task_hash(struct task *task)
{
        list_add(bucket(tasks, task->tid), &task->hash_node);
}

void task_unhash(struct task *task)
{
        list_del(&task->hash_node);
}

struct task *task_find_locked(int tid)
{
        struct list *b = bucket(tasks, tid), *it;

        list_for_each (it, b) {
                struct task *t = list_entry(it, struct task, hash_node);

                if (t->tid == tid)
                        return t;
        }
        return NULL;
}

void process_hash(struct process *process)
{
        list_add(bucket(processes, process->pid), &process->hash_node);
}

void process_unhash(struct process *process)
{
        list_del(&process->hash_node);
}

struct process *process_find_locked(int pid)
{
        struct list *b = bucket(processes, pid), *it;

        list_for_each (it, b) {
                struct process *p = list_entry(it, struct process, hash_node);

                if (p->pid == pid)
                        return p;
        }
        return NULL;
}

/* The lowest number of at least `pid` that is in use; above PID_MAX: none. */
static int pid_next(int pid)
{
        u64 word;

        if (pid > PID_MAX)
                return pid;
        word = used[pid / 64] >> pid % 64;
        if (word)
                return pid + __builtin_ctzl(word);
        for (unsigned i = (unsigned)pid / 64 + 1; i < ARRAY_SIZE(used); i++)
                if (used[i])
                        return (int)(i * 64) + __builtin_ctzl(used[i]);
        return PID_MAX + 1;
}

struct process *process_next_locked(int pid)
{
        struct process *p;

        for (pid = pid_next(pid < 1 ? 1 : pid); pid <= PID_MAX; pid = pid_next(pid + 1)) {
                p = process_find_locked(pid);
                if (p)
                        return p;
        }
        return NULL;
}
