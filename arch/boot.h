/* SPDX-License-Identifier: MIT */
/* What the boot loader told us, as data. */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include "kernel/base/types.h"

struct mem_range {
        paddr start, end; /* bytes, not rounded */
};

struct boot_module {
        paddr start, end;
        const char *args; /* the module's string, without its file name */
};

#define BOOT_MAX_RANGES  64
#define BOOT_MAX_MODULES 8

struct boot_info {
        const char *cmdline; /* without the kernel's own path */
        const char *loader;
        unsigned nr_ranges; /* usable RAM, ascending, disjoint, less the first 1 MiB */
        struct mem_range ranges[BOOT_MAX_RANGES];
        unsigned nr_reserved; /* kernel image, modules, boot tables: not to be allocated from */
        struct mem_range reserved[BOOT_MAX_RANGES];
        unsigned nr_modules;
        struct boot_module modules[BOOT_MAX_MODULES];
};

/* The whole command line, without the kernel's own path. */
const char *boot_cmdline(void);
/* The value of `name=` on the command line copied to `buf`; false if it is not there. */
bool boot_param(const char *name, char *buf, size_t size);

/* Called by the machine, on the boot stack, with paging, traps and the console set up. */
_Noreturn void kernel_main(const struct boot_info *boot);

/*
 * With the parameter `selftest=NAME`: attack the kernel in that way, to show that it is stopped.
 * Every attack ends in a panic that names the protection; one that goes through says so and leaves
 * QEMU with MACHINE_SELFTEST_BROKEN. Returns without the parameter. Call it once page_alloc() and
 * kmalloc() work.
 */
#define MACHINE_SELFTEST_BROKEN 124
void machine_selftest(void);

/* Turn the machine off, or leave QEMU through isa-debug-exit with `code` (0..127). */
_Noreturn void machine_power_off(u8 code);
_Noreturn void machine_reset(void);

#endif
