/* SPDX-License-Identifier: MIT */
/* Instructions that C has no words for, and the registers they take. Numbers are the SDM's. */
#ifndef ARCH_X86_64_X86_H
#define ARCH_X86_64_X86_H

#include "kernel/base/types.h"

#define MSR_APIC_BASE      0x1b
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_FMASK          0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define EFER_SCE 0x1UL

#define CR0_MP (1UL << 1)
#define CR0_EM (1UL << 2)
#define CR0_TS (1UL << 3)
#define CR0_NE (1UL << 5)
#define CR0_WP (1UL << 16)
#define CR0_AM (1UL << 18)

#define CR4_PGE        (1UL << 7)
#define CR4_OSFXSR     (1UL << 9)
#define CR4_OSXMMEXCPT (1UL << 10)
#define CR4_UMIP       (1UL << 11)
#define CR4_OSXSAVE    (1UL << 18)
#define CR4_SMEP       (1UL << 20)
#define CR4_SMAP       (1UL << 21)
#define CR4_PKE        (1UL << 22)

static inline u64 msr_read(u32 msr)
{
        u32 low, high;

        asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
        return (u64)high << 32 | low;
}

static inline void msr_write(u32 msr, u64 value)
{
        asm volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline u64 cr0_read(void)
{
        u64 v;

        asm volatile("mov %%cr0, %0" : "=r"(v));
        return v;
}

static inline void cr0_write(u64 v)
{
        asm volatile("mov %0, %%cr0" : : "r"(v) : "memory");
}

static inline u64 cr2_read(void)
{
        u64 v;

        asm volatile("mov %%cr2, %0" : "=r"(v));
        return v;
}

static inline u64 cr3_read(void)
{
        u64 v;

        asm volatile("mov %%cr3, %0" : "=r"(v));
        return v;
}

static inline void cr3_write(u64 v)
{
        asm volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}

static inline u64 cr4_read(void)
{
        u64 v;

        asm volatile("mov %%cr4, %0" : "=r"(v));
        return v;
}

static inline void invlpg(u64 addr)
{
        asm volatile("invlpg (%0)" : : "r"(addr) : "memory");
}

static inline u64 rdtsc(void)
{
        u32 low, high;

        asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
        return (u64)high << 32 | low;
}

static inline void irq_disable(void)
{
        asm volatile("cli" : : : "memory");
}

static inline void irq_enable(void)
{
        asm volatile("sti" : : : "memory");
}

static inline u64 eflags_read(void)
{
        u64 v;

        asm volatile("pushfq; popq %0" : "=r"(v) : : "memory");
        return v;
}

static inline u8 in8(u16 port)
{
        u8 v;

        asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
        return v;
}

static inline void out8(u16 port, u8 v)
{
        asm volatile("outb %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline void out16(u16 port, u16 v)
{
        asm volatile("outw %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

struct cpuid {
        u32 eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid_read(u32 leaf, u32 subleaf)
{
        struct cpuid r;

        asm volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
        return r;
}

#endif
