/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables: segments, interrupt gates, the task state segment with its stacks, and the
 * SYSCALL registers. All static; one CPU. The IDT is filled once and then only read.
 */
#include "arch/context.h"
#include "arch/park.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"

struct tss {
        u32 reserved0;
        u64 rsp[3];
        u64 reserved1;
        u64 ist[7];
        u64 reserved2;
        u16 reserved3;
        u16 iomap;       /* where the bitmap of ports begins; beyond the limit: none is open */
        u8 ports[8192];  /* all zero: every port is open */
        u8 end_of_ports; /* must be all ones (SDM vol. 1, 19.5.2) */
} __attribute__((packed));

struct gate {
        u16 offset_low, selector;
        u8 ist, type;
        u16 offset_mid;
        u32 offset_high, reserved;
};

struct table_pointer {
        u16 limit;
        u64 base;
} __attribute__((packed));

#define GATE_INTERRUPT 0x8e
#define GATE_USER      0xee /* `int n` may use it: breakpoint and overflow */

enum { IST_DF = 1, IST_NMI, IST_MC };

/* Everything a program could change with SYSCALL still set: the kernel starts with none of it. */
#define FMASK_FLAGS \
        (X86_EFLAGS_USER | X86_EFLAGS_IF | X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_ID)

struct cpu_area cpu_area = { .running = &idle_task };
_Static_assert(offsetof(struct cpu_area, running) == CPU_AREA_RUNNING, "park_self()");
struct guarded_stacks guarded_stacks __attribute__((section(".bss.pages"), aligned(4096)));

static struct tss tss;
static struct gate idt[256] __attribute__((aligned(16)));

/*
 * 0x20, the 32-bit code segment of Linux's layout, is left empty: there are no 32-bit programs,
 * and nothing but 0x33 can then be loaded into a user's cs.
 */
static u64 gdt[10] = {
        [X86_SEL_KERNEL_CS / 8] = 0x00af9b000000ffff,
        [X86_SEL_KERNEL_DS / 8] = 0x00cf93000000ffff,
        [X86_SEL_USER_DS / 8] = 0x00cff3000000ffff,
        [X86_SEL_USER_CS / 8] = 0x00affb000000ffff,
};

static void gate_set(unsigned vector, u8 type, u8 ist)
{
        u64 stub = (u64)entry_stubs + vector * 16;

        idt[vector] = (struct gate){ .offset_low = (u16)stub,
                                     .selector = X86_SEL_KERNEL_CS,
                                     .ist = ist,
                                     .type = type,
                                     .offset_mid = (u16)(stub >> 16),
                                     .offset_high = (u32)(stub >> 32) };
}

static void idt_init(void)
{
        struct table_pointer pointer = { sizeof(idt) - 1, (u64)idt };

        for (unsigned v = 0; v < 256; v++)
                gate_set(v, GATE_INTERRUPT, 0);
        gate_set(2, GATE_INTERRUPT, IST_NMI);
        gate_set(3, GATE_USER, 0);
        gate_set(4, GATE_USER, 0);
        gate_set(8, GATE_INTERRUPT, IST_DF);
        gate_set(18, GATE_INTERRUPT, IST_MC);
        asm volatile("lidt %0" : : "m"(pointer));
}

static void gdt_init(void)
{
        struct table_pointer pointer = { sizeof(gdt) - 1, (u64)gdt };
        u64 base = (u64)&tss;

        tss.iomap = sizeof(tss);
        tss.end_of_ports = 0xff;
        tss.ist[IST_DF - 1] = (u64)(guarded_stacks.df + IST_STACK_SIZE);
        tss.ist[IST_NMI - 1] = (u64)(guarded_stacks.nmi + IST_STACK_SIZE);
        tss.ist[IST_MC - 1] = (u64)(guarded_stacks.mc + IST_STACK_SIZE);
        gdt[X86_SEL_TSS / 8] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89UL << 40 |
                               (base >> 24 & 0xff) << 56;
        gdt[X86_SEL_TSS / 8 + 1] = base >> 32;
        asm volatile("lgdt %0" : : "m"(pointer));
        asm volatile("ltr %w0" : : "r"(X86_SEL_TSS));
        /* At reset the LDT lies at 0, where a program could map descriptors of its own making. */
        asm volatile("lldt %w0" : : "r"(0));
}

void desc_init(void)
{
        gdt_init();
        idt_init();
        msr_write(MSR_GS_BASE, (u64)&cpu_area);
        msr_write(MSR_KERNEL_GS_BASE, 0);
        msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SCE);
        msr_write(MSR_STAR, (u64)(X86_SEL_USER_DS - 8) << 48 | (u64)X86_SEL_KERNEL_CS << 32);
        msr_write(MSR_LSTAR, (u64)entry_syscall);
        msr_write(MSR_FMASK, FMASK_FLAGS);
        desc_set_kstack((u64)(guarded_stacks.boot + BOOT_STACK_SIZE));
}

void desc_set_kstack(u64 top)
{
        cpu_area.kstack_top = top;
        tss.rsp[0] = top;
}

void context_set_user_ports(bool open)
{
        tss.iomap = open ? offsetof(struct tss, ports) : sizeof(tss);
}

static bool in_page(u64 addr, const u8 *page)
{
        return addr - (u64)page < PAGE_SIZE;
}

const char *stack_guard_name(u64 addr)
{
        if (in_page(addr, guarded_stacks.guard_boot))
                return "the boot stack";
        if (in_page(addr, guarded_stacks.guard_df))
                return "the double-fault stack";
        if (in_page(addr, guarded_stacks.guard_nmi))
                return "the NMI stack";
        if (in_page(addr, guarded_stacks.guard_mc))
                return "the machine-check stack";
        if (addr - KSTACK_AREA < KSTACK_AREA_SIZE &&
            (addr - KSTACK_AREA) % (2 * KSTACK_SIZE) < KSTACK_SIZE)
                return "a kernel stack";
        return NULL;
}
