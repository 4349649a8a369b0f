/* SPDX-License-Identifier: MIT */
/* The inline half of arch/cpu.h. */
#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

#include "arch/x86_64/x86.h"

#define CPU_IRQS_ENABLED (1UL << 9) /* the interrupt flag */

static inline bool cpu_irqs_enabled(void)
{
        return eflags_read() & CPU_IRQS_ENABLED;
}

static inline void cpu_irq_enable(void)
{
        irq_enable();
}

static inline unsigned long cpu_irq_save(void)
{
        unsigned long flags = eflags_read();

        irq_disable();
        return flags;
}

static inline void cpu_irq_restore(unsigned long state)
{
        if (state & CPU_IRQS_ENABLED)
                irq_enable();
        else
                irq_disable();
}

#endif
