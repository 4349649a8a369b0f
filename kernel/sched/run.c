/* SPDX-License-Identifier: MIT */
/*
 * Who runs: one run queue, round robin, threads of the kernel and of programs alike.
 *
 * Kernel code is not preempted. A thread gives up the CPU in park(), or on its way to user mode
 * when its quantum is over and somebody else is ready. The timer is one-shot: it is set to the
 * first kernel timer or, if another thread is ready, to the end of the quantum, whichever comes
 * first; an idle machine has no tick. The interrupt only notes that it came; timers are run by
 * threads.
 *
 * The run queue's lock is not held across the switch itself: interrupts are off there, which on one
 * CPU keeps everybody out. Floating-point state and TLS bases of a program live in the registers
 * while its thread is in the kernel, and move to the task when it is switched out.
 */
#include "arch/cpu.h"
#include "arch/park.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"

#define QUANTUM_NS 10000000ULL

struct task idle_task = { .state = TASK_RUNNABLE, .comm = "idle" };

static struct {
        struct spinlock lock;
        struct list ready; /* runnable tasks but for the running one */
        unsigned nr_ready;
        struct task *dead; /* has just been switched away from for the last time */
        struct mm *mm;     /* loaded; the idle thread keeps the last one, see sched_switch_mm() */
        u64 slice_end;     /* of the running task */
        u64 armed;         /* what the hardware timer is set to; ~0: not */
        bool tick;         /* it has fired */
        bool in_interrupt;
        struct lock_trace interrupt_locks;
} rq = {
        .lock = SPINLOCK_INIT(RANK_RUNQUEUE, "runqueue"),
        .ready = LIST_INIT(rq.ready),
        .armed = ~0ULL,
};

struct lock_trace *lock_trace_self(void)
{
        return rq.in_interrupt ? &rq.interrupt_locks : &current_task()->locks;
}

void sched_interrupt_enter(void)
{
        rq.in_interrupt = true;
}

void sched_interrupt_leave(void)
{
        rq.in_interrupt = false;
}

/*
 * CPU time is charged as a whole, to the mode in which the last tick found the thread: an entry
 * into the kernel costs no look at the clock, and over many ticks each mode gets its share.
 */
void sched_account(struct task *task, u64 now)
{
        if (task->in_kernel)
                task->stime_ns += now - task->since;
        else
                task->utime_ns += now - task->since;
        task->since = now;
}

void sched_timer_interrupt(bool user)
{
        struct task *me = current_task();

        rq.tick = true;
        rq.armed = ~0ULL;
        if (!me->process)
                return;
        me->in_kernel = !user;
        sched_account(me, clock_ns());
        context_ask_exit(&me->context);
}

unsigned sched_nr_runnable(void)
{
        return rq.nr_ready + (current_task() != &idle_task);
}

/*
 * Set the hardware timer to the next thing to do while `task` runs. A quantum ends for the sake of
 * other threads, and of the time that a program's thread is charged. An earlier setting stays: when
 * it comes to that, it is set again. Interrupts are off.
 */
static void timer_program(const struct task *task)
{
        u64 when = timer_next();

        if ((rq.nr_ready || task->process) && rq.slice_end < when)
                when = rq.slice_end;
        if (when >= rq.armed)
                return;
        rq.armed = when;
        timer_arm(when);
}

void timer_first_changed(void)
{
        timer_program(current_task());
}

/* ------------------------------------------------------------------ switching */

void sched_switch_mm(struct mm *mm)
{
        rq.mm = mm;
        mm_activate(mm);
}

static void user_state_save(struct task *task)
{
        if (!task->fpu || task->state == TASK_DEAD)
                return;
        fpu_save(task->fpu);
        context_get_user_tls(&task->fs_base, &task->gs_base);
}

static void user_state_load(struct task *task)
{
        if (!task->fpu)
                return;
        fpu_load(task->fpu);
        context_set_user_tls(task->fs_base, task->gs_base);
        context_set_user_ports(task->iopl == 3);
        if (task->mm != rq.mm)
                sched_switch_mm(task->mm);
}

/* The first thing after a switch, on the new thread's stack. */
static void switch_finish(void)
{
        struct task *dead = rq.dead;

        rq.dead = NULL;
        if (dead)
                task_free(dead);
}

/* Let the next ready task run; this one goes to the tail if it still can. Interrupts are off. */
static void schedule(void)
{
        struct task *prev = current_task(), *next = &idle_task;
        unsigned long irq = spin_lock_irq(&rq.lock);
        u64 now;

        if (prev->state == TASK_RUNNABLE && prev != &idle_task) {
                list_add_tail(&rq.ready, &prev->run_node);
                rq.nr_ready++;
        }
        if (rq.nr_ready) {
                next = list_first(&rq.ready, struct task, run_node);
                list_del(&next->run_node);
                rq.nr_ready--;
        }
        spin_unlock_irq(&rq.lock, irq);
        now = clock_ns();
        rq.slice_end = now + QUANTUM_NS;
        if (next != prev) {
                sched_account(prev, now);
                user_state_save(prev);
                next->since = now;
                next->rseq.interrupted = true;
                if (next->rseq.area || rq.tick)
                        context_ask_exit(&next->context);
                park_set_self(next);
                user_state_load(next);
                timer_program(next);
                context_switch(&prev->context, &next->context, next->stack);
                switch_finish();
        } else {
                timer_program(prev);
        }
}

void task_first_run(void *arg)
{
        (void)arg;
        switch_finish();
        cpu_irq_enable();
}

void task_yield(void)
{
        unsigned long irq = cpu_irq_save();

        if (rq.nr_ready) {
                current_task()->nr_switches_forced++;
                schedule();
        }
        cpu_irq_restore(irq);
}

_Noreturn void task_leave(void)
{
        cpu_irq_save();
        current_task()->state = TASK_DEAD;
        rq.dead = current_task();
        schedule();
        panic("a dead thread runs");
}

/* ------------------------------------------------------------------ sleeping and waking */

/* Make a sleeping task runnable. The run queue is locked. */
static void task_make_ready(struct task *task)
{
        task->state = TASK_RUNNABLE;
        list_add_tail(&rq.ready, &task->run_node);
        rq.nr_ready++;
        if (current_task() != &idle_task)
                timer_program(current_task());
}

void task_start(struct task *task)
{
        unsigned long irq = spin_lock_irq(&rq.lock);

        task_make_ready(task);
        spin_unlock_irq(&rq.lock, irq);
}

void unpark(struct task *task)
{
        unsigned long irq = spin_lock_irq(&rq.lock);

        task->permit = true;
        if (task->state == TASK_SLEEPING)
                task_make_ready(task);
        spin_unlock_irq(&rq.lock, irq);
}

void task_interrupt(struct task *task, enum sleep_kind kind)
{
        unsigned long irq;

        if (task == current_task()) { /* it does not sleep */
                context_ask_exit(&task->context);
                return;
        }
        irq = spin_lock_irq(&rq.lock);
        context_ask_exit(&task->context);
        if (task->state == TASK_SLEEPING && task->sleep >= kind)
                task_make_ready(task);
        spin_unlock_irq(&rq.lock, irq);
}

static void park_timeout(struct timer *timer)
{
        struct task *task = container_of(timer, struct task, park_timer);
        unsigned long irq = spin_lock_irq(&rq.lock);

        task->timed_out = true;
        if (task->state == TASK_SLEEPING)
                task_make_ready(task);
        spin_unlock_irq(&rq.lock, irq);
}

static bool sleep_is_over(struct task *task, enum sleep_kind kind)
{
        if (kind == SLEEP_LIGHT)
                return task->process && signal_pending();
        if (kind == SLEEP_KILLABLE)
                return task->process && signal_fatal_pending(task);
        return false;
}

int task_sleep(enum sleep_kind kind, u64 deadline_ns)
{
        struct task *task = current_task();
        unsigned long irq;
        int err = 0;

        CHECK(task != &idle_task && !rq.in_interrupt);
        lock_trace_check_sleep();
        irq = cpu_irq_save();
        if (!task->permit && sleep_is_over(task, kind)) {
                err = -EINTR;
        } else if (!task->permit && deadline_ns != PARK_FOREVER && clock_ns() >= deadline_ns) {
                err = -ETIMEDOUT;
        } else if (!task->permit) {
                task->timed_out = false;
                if (deadline_ns != PARK_FOREVER) {
                        timer_init(&task->park_timer, park_timeout);
                        timer_start(&task->park_timer, deadline_ns);
                }
                task->sleep = kind;
                task->state = TASK_SLEEPING;
                task->nr_switches_wanted++;
                schedule();
                if (deadline_ns != PARK_FOREVER)
                        timer_stop(&task->park_timer);
                if (!task->permit && task->timed_out)
                        err = -ETIMEDOUT;
                else if (!task->permit && sleep_is_over(task, kind))
                        err = -EINTR;
        }
        if (!err)
                task->permit = false;
        else if (err == -EINTR)
                context_ask_exit(&task->context); /* the signal may have been sent to another */
        cpu_irq_restore(irq);
        return err;
}

int park(bool interruptible, u64 deadline_ns)
{
        return task_sleep(interruptible ? SLEEP_LIGHT : SLEEP_DEEP, deadline_ns);
}

int park_killable(void)
{
        return task_sleep(SLEEP_KILLABLE, PARK_FOREVER);
}

/* ------------------------------------------------------------------ work before user mode */

bool sched_work_pending(void)
{
        return rq.tick;
}

void sched_work(void)
{
        unsigned long irq;
        u64 now;

        rq.tick = false;
        now = clock_ns();
        timer_run(now);
        if (itimer_cpu_armed(current_task()->process))
                itimer_cpu_check(current_task()->process);
        irq = cpu_irq_save();
        if (now >= rq.slice_end) {
                rq.slice_end = now + QUANTUM_NS;
                task_yield();
        }
        timer_program(current_task());
        cpu_irq_restore(irq);
}

void sched_init(void)
{
        idle_task.since = clock_ns();
}

_Noreturn void sched_idle(void)
{
        for (;;) {
                cpu_irq_save();
                if (rq.tick) {
                        rq.tick = false;
                        cpu_irq_enable();
                        timer_run(clock_ns());
                        cpu_irq_save();
                }
                timer_program(current_task());
                if (rq.nr_ready)
                        schedule();
                else if (!rq.tick)
                        cpu_idle();
        }
}
