/* SPDX-License-Identifier: MIT */
/*
 * Attacks of the kernel on itself, in the manner of Linux's LKDTM: `selftest=NAME` on the command
 * line runs one, on a kernel stack of its own. Each must end in a panic whose text is the second
 * column here:
 *
 *   EXEC_DATA EXEC_STACK EXEC_KMALLOC EXEC_RODATA     memory that is not code was executed (NX)
 *   EXEC_DIRECT_MAP (kernel text at its other address)  the same
 *   EXEC_USERSPACE                                    user memory was executed (SMEP)
 *   EXEC_NULL                                         NULL was called
 *   ACCESS_NULL                                       NULL was followed
 *   ACCESS_USERSPACE WRITE_USERSPACE                  user memory was touched outside a user copy
 *   ACCESS_NON_CANONICAL                              general protection fault
 *   WRITE_RO WRITE_KERN WRITE_RO_ALIAS WRITE_KERN_ALIAS  read-only memory was written
 *   WX_LEAF                                           is writable and executable
 *   UNSET_SMEP                                        protection bits of CR4 were cleared
 *   EXHAUST_STACK                                     double fault: a kernel stack has overflowed
 *   STACK_GUARD_PAGE_LEADING STACK_GUARD_PAGE_TRAILING  the guard of a stack was touched
 *   DOUBLE_FAULT                                      double fault
 *   CORRUPT_STACK                                     a stack canary was overwritten
 *   SLAB_FREE_DOUBLE                                  freed twice
 *   SLAB_FREE_CROSS                                   not of this cache
 *   SLAB_OVERFLOW                                     written past the end (debug builds)
 *   SLAB_WRITE_AFTER_FREE PAGE_WRITE_AFTER_FREE       was written after it was freed (the same)
 *   PAGE_FREE_DOUBLE                                  holders more
 *   PAGE_FREE_MAPPED                                  entries map it
 *   REFCOUNT_BELOW_ZERO                               CHECK
 *   LOCK_ORDER                                        taken while holding (debug builds)
 *   LOCK_TWICE                                        taken again (the same)
 *   LOCK_UNRANKED                                     has no rank (the same)
 *   LOCK_SLEEP                                        sleeping while holding (the same)
 *   LOCK_USERCOPY                                     user memory touched while holding (the same)
 *   NESTED_PANIC                                      PANIC while reporting a panic
 *   PANIC                                             asked for by selftest=PANIC
 *
 * Without SMEP or SMAP (`-cpu qemu64`) the CPU lets the two USERSPACE attacks pass where Linux
 * would, too; those then report that they went through.
 */
#include "arch/boot.h"
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/pgtable.h"
#include "arch/usercopy.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/assert.h"
#include "kernel/base/log.h"
#include "kernel/base/refcount.h"
#include "kernel/base/string.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/spinlock.h"
#include "mm/page.h"
#include "mm/slab.h"

#define USER_ADDRESS 0x400000UL

static const u8 code_ret[16] = { 0xc3 }; /* one RET: harmless where it runs */
static u8 data_ret[16] = { 0xc3 };
static void *attack_stack;
static char name[32];

extern char cpu_cr4_write[]; /* cpu.c: the instruction that loads CR4 */

/* Calls and accesses through an integer. Not inlined, so that the attacks appear among the calls.
 */
static __attribute__((noinline)) void call(u64 address)
{
        asm volatile("" : "+r"(address)); /* a call of a constant 0 would be compiled away */
        ((void (*)(void))address)();
}

static __attribute__((noinline)) void poke(u64 address)
{
        asm volatile("movb $0, (%0)" : : "r"(address) : "memory");
}

static __attribute__((noinline)) void peek(u64 address)
{
        asm volatile("movb (%0), %%al" : : "r"(address) : "rax", "memory");
}

static u64 alias(const void *image)
{
        return (u64)phys_to_virt(image_to_phys(image));
}

static void exec_data(void)
{
        call((u64)data_ret);
}

static void exec_stack(void)
{
        volatile u8 stack_ret[16] = { 0xc3 };

        call((u64)stack_ret);
}

static void exec_kmalloc(void)
{
        u8 *p = kmalloc(64);

        CHECK(p);
        *p = 0xc3;
        call((u64)p);
}

static void exec_rodata(void)
{
        call((u64)code_ret);
}

static void exec_direct_map(void)
{
        call(alias((const void *)(u64)cpu_relax));
}

static void exec_null(void)
{
        call(0);
}

/* An address space with one user page that holds a RET, loaded. */
static void map_user_page(void)
{
        static struct mmu mmu;
        pfn_t table = page_to_pfn(page_alloc(0, ALLOC_ZERO | ALLOC_NOFAIL));
        pfn_t code = page_to_pfn(page_alloc(0, ALLOC_ZERO | ALLOC_NOFAIL));
        unsigned prot = PTE_PROT_USER | PTE_PROT_W | PTE_PROT_X;

        mmu_init(&mmu, table);
        for (enum pt_level level = PT_TOP; level > PT_PTE; level--) {
                pfn_t below = page_to_pfn(page_alloc(0, ALLOC_ZERO | ALLOC_NOFAIL));

                pte_write((pte_t *)pfn_to_virt(table) + pt_index(USER_ADDRESS, level),
                          pte_table(below, level), level);
                table = below;
        }
        pte_write((pte_t *)pfn_to_virt(table) + pt_index(USER_ADDRESS, PT_PTE),
                  pte_leaf(code, prot, PT_PTE), PT_PTE);
        *(u8 *)pfn_to_virt(code) = 0xc3;
        mmu_activate(&mmu);
}

static void exec_userspace(void)
{
        map_user_page();
        call(USER_ADDRESS);
}

static void access_userspace(void)
{
        map_user_page();
        peek(USER_ADDRESS);
}

static void write_userspace(void)
{
        map_user_page();
        poke(USER_ADDRESS + 1);
}

static void access_null(void)
{
        peek(offsetof(struct trapframe, rip));
}

static void access_non_canonical(void)
{
        peek(0x8000000000000000);
}

static void write_ro(void)
{
        poke((u64)code_ret);
}

static void write_kern(void)
{
        poke((u64)cpu_relax);
}

static void write_ro_alias(void)
{
        poke(alias(code_ret));
}

static void write_kern_alias(void)
{
        poke(alias((const void *)(u64)cpu_relax));
}

static void wx_leaf(void)
{
        u64 *entry = paging_table((u64)attack_stack) + pt_index((u64)attack_stack, PT_PTE);

        *entry &= ~X86_PTE_NX;
        paging_check();
}

/* Any register may hold the operand, so all of them do. */
static void unset_smep(void)
{
        u64 bits = cr4_read() & ~(CR4_SMEP | CR4_SMAP | CR4_UMIP);

        asm volatile("mov %0, %%rdi; mov %0, %%rsi; mov %0, %%rdx; mov %0, %%rcx; mov %0, %%r8\n\t"
                     "jmp *%1"
                     :
                     : "a"(bits), "b"(cpu_cr4_write)
                     : "rdi", "rsi", "rdx", "rcx", "r8", "memory");
}

static __attribute__((noinline)) u64 recurse(u64 depth)
{
        volatile u8 filler[512];

        filler[depth % sizeof(filler)] = (u8)depth;
        if (!depth)
                return 0;
        return recurse(depth - 1) + filler[depth % sizeof(filler)];
}

static void exhaust_stack(void)
{
        recurse(2 * KSTACK_SIZE / 512);
}

static void stack_guard_page_leading(void)
{
        peek((u64)attack_stack - 1);
}

static void stack_guard_page_trailing(void)
{
        peek((u64)attack_stack + KSTACK_SIZE);
}

/* With no stack at all the first exception cannot be delivered. */
static void double_fault(void)
{
        log_debug("selftest: no stack from here on");
        asm volatile("mov %0, %%rsp; ud2" : : "r"(0x1000UL) : "memory");
}

static __attribute__((noinline)) void corrupt_stack(void)
{
        volatile char buffer[16];
        volatile char *p = buffer;

        for (volatile unsigned i = 0; i < 64; i++)
                p[i] = 'x';
}

/* ---- the heap */

static void slab_free_double(void)
{
        void *p = kmalloc(40);

        kfree(p);
        kfree(p);
}

static void slab_free_cross(void)
{
        slab_free(slab_cache_create("selftest", 64, 8), kmalloc(64));
}

static void slab_overflow(void)
{
        void *p = kmalloc(64);

        poke((u64)p + 64);
        kfree(p);
}

static void slab_write_after_free(void)
{
        void *p = kmalloc(64);

        kfree(p);
        poke((u64)p + 8);
        kmalloc(64);
}

static void page_write_after_free(void)
{
        struct page *page = page_alloc(0, ALLOC_ZERO);

        page_free(page, 0);
        poke((u64)page_to_virt(page) + 100);
        page_alloc(0, 0);
}

static void page_free_double(void)
{
        struct page *page = page_alloc(0, 0);

        page_free(page, 0);
        page_free(page, 0);
}

static void page_free_mapped(void)
{
        struct page *page = page_alloc(0, 0);

        page_map(page, false);
        page_put(page);
}

static void refcount_below_zero(void)
{
        struct refcount ref;

        refcount_init(&ref);
        if (refcount_put(&ref))
                refcount_put(&ref);
}

/* ---- locks */

static struct spinlock outer = SPINLOCK_INIT(RANK_TABLE, "outer");
static struct spinlock inner = SPINLOCK_INIT(RANK_LEAF, "inner");

static void lock_order(void)
{
        spin_lock(&inner);
        spin_lock(&outer);
}

static void lock_twice(void)
{
        spin_lock(&inner);
        spin_lock(&inner);
}

static void lock_unranked(void)
{
        static struct spinlock lock;

        spin_lock(&lock);
}

static void lock_sleep(void)
{
        static struct mutex sleeper;

        mutex_init(&sleeper, RANK_LEAF, "sleeper");
        spin_lock(&outer);
        mutex_lock(&sleeper);
}

static void lock_usercopy(void)
{
        u8 byte;

        map_user_page();
        spin_lock(&inner);
        user_copy_in(&byte, USER_ADDRESS, 1);
}

/* ---- the report */

/* A sink that fails in the middle of the report, once. */
static void failing_sink_write(const char *text, size_t len)
{
        static bool failed;
        const char *message = strchr(text, ']'); /* behind the time */

        if (!failed && message && len > 5 && !strncmp(message, "] rip", 5)) {
                failed = true;
                poke(0);
        }
}

static void nested_panic(void)
{
        static struct log_sink sink = { .write = failing_sink_write, .level = LOG_DEBUG };

        log_add_sink(&sink);
        access_null();
}

static void just_panic(void)
{
        panic("asked for by selftest=PANIC");
}

static const struct {
        const char *name;
        void (*run)(void);
} attacks[] = {
        { "EXEC_DATA", exec_data },
        { "EXEC_STACK", exec_stack },
        { "EXEC_KMALLOC", exec_kmalloc },
        { "EXEC_RODATA", exec_rodata },
        { "EXEC_DIRECT_MAP", exec_direct_map },
        { "EXEC_USERSPACE", exec_userspace },
        { "EXEC_NULL", exec_null },
        { "ACCESS_NULL", access_null },
        { "ACCESS_USERSPACE", access_userspace },
        { "WRITE_USERSPACE", write_userspace },
        { "ACCESS_NON_CANONICAL", access_non_canonical },
        { "WRITE_RO", write_ro },
        { "WRITE_KERN", write_kern },
        { "WRITE_RO_ALIAS", write_ro_alias },
        { "WRITE_KERN_ALIAS", write_kern_alias },
        { "WX_LEAF", wx_leaf },
        { "UNSET_SMEP", unset_smep },
        { "EXHAUST_STACK", exhaust_stack },
        { "STACK_GUARD_PAGE_LEADING", stack_guard_page_leading },
        { "STACK_GUARD_PAGE_TRAILING", stack_guard_page_trailing },
        { "DOUBLE_FAULT", double_fault },
        { "CORRUPT_STACK", corrupt_stack },
        { "SLAB_FREE_DOUBLE", slab_free_double },
        { "SLAB_FREE_CROSS", slab_free_cross },
        { "SLAB_OVERFLOW", slab_overflow },
        { "SLAB_WRITE_AFTER_FREE", slab_write_after_free },
        { "PAGE_WRITE_AFTER_FREE", page_write_after_free },
        { "PAGE_FREE_DOUBLE", page_free_double },
        { "PAGE_FREE_MAPPED", page_free_mapped },
        { "REFCOUNT_BELOW_ZERO", refcount_below_zero },
        { "LOCK_ORDER", lock_order },
        { "LOCK_TWICE", lock_twice },
        { "LOCK_UNRANKED", lock_unranked },
        { "LOCK_SLEEP", lock_sleep },
        { "LOCK_USERCOPY", lock_usercopy },
        { "NESTED_PANIC", nested_panic },
        { "PANIC", just_panic },
};

static void attack_run(void *run)
{
        ((void (*)(void))run)();
        log_error("selftest: %s went through", name);
        machine_power_off(MACHINE_SELFTEST_BROKEN);
}

void machine_selftest(void)
{
        static struct context here, there;

        if (!boot_param("selftest", name, sizeof(name)))
                return;
        for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
                if (strcmp(attacks[i].name, name))
                        continue;
                attack_stack = kstack_alloc();
                CHECK(attack_stack);
                log_info("selftest: %s", name);
                context_init(&there, attack_stack, attack_run, (void *)attacks[i].run);
                irq_disable();
                context_switch(&here, &there, attack_stack);
        }
        panic("selftest=%s: no such attack", name);
}
