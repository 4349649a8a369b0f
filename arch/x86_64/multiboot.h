/* SPDX-License-Identifier: MIT */
/* Multiboot 1 (version 0.6.96), the parts that we read. Addresses are physical. */
#ifndef ARCH_X86_64_MULTIBOOT_H
#define ARCH_X86_64_MULTIBOOT_H

#include "kernel/base/types.h"

#define MULTIBOOT_LOADED 0x2badb002

#define MULTIBOOT_HAS_MEMORY  0x001u
#define MULTIBOOT_HAS_CMDLINE 0x004u
#define MULTIBOOT_HAS_MODULES 0x008u
#define MULTIBOOT_HAS_MMAP    0x040u
#define MULTIBOOT_HAS_LOADER  0x200u

struct multiboot_info {
        u32 flags;
        u32 mem_lower, mem_upper; /* KiB; the second from 1 MiB up */
        u32 boot_device;
        u32 cmdline;
        u32 mods_count, mods_addr;
        u32 syms[4];
        u32 mmap_length, mmap_addr;
        u32 drives_length, drives_addr;
        u32 config_table;
        u32 boot_loader_name;
};

struct multiboot_module {
        u32 start, end, string, reserved;
};

#define MULTIBOOT_RAM 1 /* other types: reserved, ACPI, bad, firmware */

struct multiboot_mmap {
        u32 size; /* of what follows this field */
        u64 addr, len;
        u32 type;
} __attribute__((packed));

#endif
