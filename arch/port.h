/* SPDX-License-Identifier: MIT */
/* What drivers need of a PC: I/O ports, device memory, interrupt lines. */
#ifndef ARCH_PORT_H
#define ARCH_PORT_H

#include "kernel/base/types.h"

u8 port_in8(u16 port);
void port_out8(u16 port, u8 value);

/* Device memory [start, start + size), uncached; NULL: no room for it (63 pages in all). */
volatile void *device_map(paddr start, size_t size);

/*
 * Call `handler` with interrupts disabled whenever ISA line `line` is raised, and let the line
 * through. False: this machine has no interrupt controller that we know.
 */
bool irq_attach(unsigned line, void (*handler)(void));

#endif
