/* SPDX-License-Identifier: MIT */
/* Who runs on this CPU: its struct cpu_area (arch/x86_64/local.h), which GS leads to, knows. */
#ifndef MACHINE_PARK_H
#define MACHINE_PARK_H

struct task;
extern struct task idle_task; /* the scheduler's: the thread that boots */

#define CPU_AREA_RUNNING 16 /* offset of cpu_area.running */

/* Not volatile: on one kernel stack the answer is always the same. */
static inline struct task *park_self(void)
{
        struct task *self;

        asm("movq %%gs:%c1, %0" : "=r"(self) : "i"(CPU_AREA_RUNNING));
        return self;
}

/* The scheduler, as it switches: this is the calling thread from here on. */
static inline void park_set_self(struct task *task)
{
        asm volatile("movq %0, %%gs:%c1" : : "r"(task), "i"(CPU_AREA_RUNNING) : "memory");
}

#endif
