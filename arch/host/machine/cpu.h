/* SPDX-License-Identifier: MIT */
/* The host machine has a flag, and nothing that interrupts. */
#ifndef ARCH_HOST_MACHINE_CPU_H
#define ARCH_HOST_MACHINE_CPU_H

#include "kernel/base/types.h"

unsigned long cpu_irq_save(void);
void cpu_irq_restore(unsigned long state);
bool cpu_irqs_enabled(void);
void cpu_irq_enable(void);

#endif
