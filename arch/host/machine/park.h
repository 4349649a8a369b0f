/* SPDX-License-Identifier: MIT */
/* The tests' scheduler knows who runs. */
#ifndef ARCH_HOST_MACHINE_PARK_H
#define ARCH_HOST_MACHINE_PARK_H

struct task *park_self(void);

#endif
