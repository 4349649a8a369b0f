/* SPDX-License-Identifier: MIT */
/*
 * What the files of arch/x86_64 offer to each other. Boot calls the *_init() functions in the
 * order they stand in here.
 */
#ifndef ARCH_X86_64_LOCAL_H
#define ARCH_X86_64_LOCAL_H

#include <stdarg.h>

#include "arch/boot.h"
#include "arch/mmu.h"
#include "arch/pgtable.h"
#include "arch/trap.h"

/* ---- desc.c: GDT, IDT, TSS, and what entries from user mode need */

/* Reached through GS in kernel mode; entry.S and machine/park.h know the offsets. */
struct cpu_area {
        u64 kstack_top; /* where a SYSCALL puts its frame */
        u64 user_rsp;   /* scratch of the SYSCALL entry */
        struct task *running;
};
extern struct cpu_area cpu_area;

void desc_init(void);
/* Entries from user mode use the stack that ends at `top` from now on. */
void desc_set_kstack(u64 top);

/* Stacks with a guard page below each, in the image: unmapped by paging.c. */
#define BOOT_STACK_SIZE 16384
#define IST_STACK_SIZE  8192
struct guarded_stacks {
        u8 guard_boot[4096], boot[BOOT_STACK_SIZE];
        u8 guard_df[4096], df[IST_STACK_SIZE];
        u8 guard_nmi[4096], nmi[IST_STACK_SIZE];
        u8 guard_mc[4096], mc[IST_STACK_SIZE];
};
extern struct guarded_stacks guarded_stacks;

/* The name of the guard page or hole that `addr` lies in, or NULL. */
const char *stack_guard_name(u64 addr);

/* ---- cpu.c */

struct cpu_features {
        bool huge_pages; /* 1 GiB leaves */
        bool smep, smap, umip, xsave, rdrand, pku;
        char vendor[13];
        char model[49];
};
extern struct cpu_features cpu_features;

/* Detect, and turn protections on; patches STAC and CLAC in, so before text is read-only. */
void cpu_init(void);

/* ---- boot.c: the multiboot information */

extern struct boot_info boot_info;
void boot_parse(u32 magic, u32 info);
void boot_reserve(paddr start, paddr end);

/* ---- paging.c */

/* The final kernel half, from memory after image and modules; reserves what it took. */
void paging_init(void);
/* Panics if anything is mapped both writable and executable, or writable though it is text. */
void paging_check(void);

#define KMAP_W       0x1u
#define KMAP_X       0x2u
#define KMAP_UNCACHE 0x4u
/* The entry that translates kernel address `va`, for the page-table dump of a panic; 0: none. */
u64 paging_lookup(u64 va, unsigned *shift);
/* The page table of the PTE level above `va`; NULL if there is none. */
u64 *paging_table(u64 va);
/* Link a zeroed page in as the missing page table above `va` (kernel stacks), or take it out. */
void paging_link_table(u64 va, pfn_t table);
pfn_t paging_unlink_table(u64 va);

/* ---- fpu.c, apic.c, clock.c, rtc.c */

/* Components of an XSAVE image: those that FXSAVE saves, too (x87 and SSE), and PKRU. */
#define XFEATURES_FXSAVE 0x3UL
#define XFEATURE_PKRU    0x200UL

/* An XSAVE image: what is in it, its bytes, and where it has PKRU (0: nowhere). Set by fpu_setup().
 */
struct fpu_layout {
        u64 features;
        size_t size, pkru_offset;
};
extern struct fpu_layout fpu_layout;

/* Behind the 512 bytes of FXSAVE. */
struct xsave_header {
        u64 features, compaction, zero, ignored[5];
};

void fpu_setup(void);
/* memory.S: whether vector registers of 32 bytes can be used. */
void memory_init(bool has_avx);
/* PKRU, the rights of the thread by protection key; 0 and nothing where there are no keys. */
static inline u32 pkru_read(void)
{
        u32 pkru = 0;

        if (fpu_layout.pkru_offset)
                asm volatile("rdpkru" : "=a"(pkru) : "c"(0) : "rdx");
        return pkru;
}

static inline void pkru_write(u32 pkru)
{
        if (fpu_layout.pkru_offset)
                asm volatile("wrpkru" : : "a"(pkru), "c"(0), "d"(0) : "memory");
}

/* Would XRSTOR take an image with these? Without a header it is FXRSTOR's. */
bool fpu_takes(u32 mxcsr, const struct xsave_header *header);
/* The registers become those of a new program. */
void fpu_reset(void);
/*
 * usercopy.S: the pieces of which user copies are made, for ranges that user_may_touch(). Bytes not
 * copied; or 0 or -EFAULT, the words aligned. XSAVE and XRSTOR take 64-byte aligned images.
 *
 * XSAVE leaves out what is in its initial state; the header says of `shown` that it is there all
 * the same. XRSTOR fails for what the CPU does not take, too; some of the registers may have been
 * loaded then.
 */
bool user_may_touch(uaddr addr, size_t n);
size_t usercopy_bytes(void *dst, const void *src, size_t n);
int usercopy_read_u32(const u32 *src, u32 *value);
int usercopy_write_u32(u32 *dst, u32 value);
int usercopy_xsave(void *dst, u64 features, u64 shown);
int usercopy_xrstor(const void *src, u64 features);
extern char usercopy_xrstor_insn[];
void apic_init(void);
void clock_tsc(u64 *base, u64 *ns_per_tsc); /* ns = (TSC - base) * ns_per_tsc >> 32 */
void clock_init(void); /* calibrates the TSC and the local APIC's timer against the PIT */
u64 rtc_read(void);    /* seconds since 1970; 0: there is no clock */

#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PAGE_FAULT   14
#define VECTOR_TIMER        0x20
#define VECTOR_LINES        0x30 /* + ISA line */
#define VECTOR_SPURIOUS     0xff

u32 apic_timer_count(void); /* what is left of the current count */
void apic_timer_start(u32 count);
void apic_eoi(void);
void irq_dispatch(unsigned vector);
void clock_set_apic_rate(u64 hz);
void clock_timer_fired(struct trapframe *tf);

/* ---- context.c */

void context_swap(u64 *save_sp, u64 load_sp);
void context_start(void);
void context_start_user(void);

/* ---- trap.c */

void syscall_leave(struct trapframe *tf);
void syscall_check(void);
void trap_entered_user(unsigned vector, u64 error, struct trapframe *tf);
void trap_entered_kernel(unsigned vector, u64 error, struct trapframe *tf);
_Noreturn void trap_fatal(unsigned vector, u64 error, struct trapframe *tf);
void exit_to_user(struct trapframe *tf);
extern char entry_syscall[], entry_stubs[], entry_kernel_trap[];

/* ---- panic.c, backtrace.c */

void panic_init(void);
/* panic() with the registers of the code that is to blame. */
_Noreturn void panic_at(const struct trapframe *tf, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
/* "name+0xoffset" of a code address into `buf`; false if it is none of the kernel's. */
bool symbol_describe(u64 addr, char *buf, size_t size);
/* Print the calls that led to `rip`, running with these frame and stack pointers. */
void backtrace_print(u64 rip, u64 rbp, u64 rsp);

/* ---- boot.c */

_Noreturn void boot_main(u32 magic, u32 info);

#endif
