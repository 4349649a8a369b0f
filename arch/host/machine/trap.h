/* SPDX-License-Identifier: MIT */
/* The host machine takes no traps: simulated accesses call the fault handler themselves. */
#ifndef ARCH_HOST_MACHINE_TRAP_H
#define ARCH_HOST_MACHINE_TRAP_H

struct trapframe {
        u64 ip;
};

#endif
