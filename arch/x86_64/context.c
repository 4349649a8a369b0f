/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks and the switch between them.
 *
 * Stacks live in an area of their own, in slots of 32 KiB: the lower half of a slot is never
 * mapped, the upper half is the stack. Running over the end therefore faults, with no stack to
 * push the fault on, and ends as a double fault on a stack of its own, which is reported.
 *
 *      slot n      |...... hole 16 KiB ......|====== stack 16 KiB =====[trapframe]|
 *                                            ^ what kstack_alloc() returns
 *
 * A bitmap of slots and a count for each page table (64 slots) tell what is in use; a table whose
 * count falls to zero is freed, so all memory comes back when threads end. `kstack_lock` guards
 * them.
 */
#include "arch/context.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/string.h"
#include "kernel/sync/spinlock.h"
#include "mm/page.h"

#define SLOT_SIZE       (2 * KSTACK_SIZE)
#define NR_SLOTS        (KSTACK_AREA_SIZE / SLOT_SIZE)
#define SLOTS_PER_TABLE (PT_ENTRIES * PAGE_SIZE / SLOT_SIZE)
#define STACK_PAGES     (KSTACK_SIZE / PAGE_SIZE)

#define KERNEL_RW (X86_PTE_P | X86_PTE_W | X86_PTE_A | X86_PTE_D | X86_PTE_G | X86_PTE_NX)

static struct spinlock kstack_lock = SPINLOCK_INIT(RANK_LEAF, "kstack");
static u64 slot_used[NR_SLOTS / 64]; /* one word is one page table */
_Static_assert(SLOTS_PER_TABLE == 64, "a word of slot_used is the count of its table");

static u64 slot_stack(unsigned slot)
{
        return KSTACK_AREA + slot * SLOT_SIZE + KSTACK_SIZE;
}

/* The lowest free slot, now taken; -1 if there is none. */
static int slot_take(void)
{
        unsigned long irq = spin_lock_irq(&kstack_lock);
        int slot = -1;

        for (unsigned word = 0; word < ARRAY_SIZE(slot_used) && slot < 0; word++) {
                if (slot_used[word] == ~0UL)
                        continue;
                slot = (int)(word * 64) + __builtin_ctzl(~slot_used[word]);
                slot_used[word] |= 1UL << slot % 64;
        }
        spin_unlock_irq(&kstack_lock, irq);
        return slot;
}

/* Gives the slot back; its page table too if that was the last of its 64. */
static void slot_give(unsigned slot)
{
        unsigned long irq = spin_lock_irq(&kstack_lock);
        pfn_t table = 0;

        slot_used[slot / 64] &= ~(1UL << slot % 64);
        if (!slot_used[slot / 64] && paging_table(slot_stack(slot)))
                table = paging_unlink_table(slot_stack(slot));
        spin_unlock_irq(&kstack_lock, irq);
        if (table)
                page_free(pfn_to_page(table), 0);
}

static bool slot_ensure_table(unsigned slot)
{
        struct page *table;
        unsigned long irq;
        bool needed;

        if (paging_table(slot_stack(slot)))
                return true;
        table = page_alloc(0, ALLOC_ZERO | ALLOC_KIND(PAGE_TABLE));
        if (!table)
                return false;
        irq = spin_lock_irq(&kstack_lock);
        needed = !paging_table(slot_stack(slot));
        if (needed)
                paging_link_table(slot_stack(slot), page_to_pfn(table));
        spin_unlock_irq(&kstack_lock, irq);
        if (!needed)
                page_free(table, 0);
        return true;
}

static void stack_unmap(u64 stack, unsigned pages)
{
        u64 *entries = paging_table(stack) + pt_index(stack, PT_PTE);

        for (unsigned i = 0; i < pages; i++) {
                pfn_t pfn = (entries[i] & X86_PTE_FRAME) >> PAGE_SHIFT;

                entries[i] = 0;
                invlpg(stack + i * PAGE_SIZE);
                page_free(pfn_to_page(pfn), 0);
        }
}

/* What the pages held before stays in them: a stack is written before it is read. */
static bool stack_map(u64 stack)
{
        u64 *entries = paging_table(stack) + pt_index(stack, PT_PTE);

        for (unsigned i = 0; i < STACK_PAGES; i++) {
                struct page *page = page_alloc(0, ALLOC_KIND(PAGE_KSTACK));

                if (!page) {
                        stack_unmap(stack, i);
                        return false;
                }
                entries[i] = page_to_pfn(page) << PAGE_SHIFT | KERNEL_RW;
        }
        return true;
}

void *kstack_alloc(void)
{
        int slot = slot_take();

        if (slot < 0)
                return NULL;
        if (slot_ensure_table((unsigned)slot) && stack_map(slot_stack((unsigned)slot)))
                return (void *)slot_stack((unsigned)slot);
        slot_give((unsigned)slot);
        return NULL;
}

void kstack_free(void *stack)
{
        unsigned slot = (unsigned)(((u64)stack - KSTACK_AREA) / SLOT_SIZE);

        stack_unmap((u64)stack, STACK_PAGES);
        slot_give(slot);
}

struct trapframe *kstack_frame(void *stack)
{
        return (struct trapframe *)((u8 *)stack + KSTACK_SIZE) - 1;
}

/* What context_swap() pops on the first switch. */
struct first_switch {
        u64 r15, r14, r13, r12, rbx, rbp;
        void (*start)(void);
};

static void context_prepare(struct context *ctx, void *stack, void (*fn)(void *), void *arg,
                            void (*start)(void))
{
        struct first_switch *first = (struct first_switch *)kstack_frame(stack) - 1;

        *first = (struct first_switch){ .r12 = (u64)fn, .r13 = (u64)arg, .start = start };
        ctx->sp = (u64)first;
}

void context_init(struct context *ctx, void *stack, void (*fn)(void *arg), void *arg)
{
        context_prepare(ctx, stack, fn, arg, context_start);
}

void context_init_user(struct context *ctx, void *stack, void (*fn)(void *arg), void *arg)
{
        context_prepare(ctx, stack, fn, arg, context_start_user);
}

void context_switch(struct context *from, struct context *to, void *stack)
{
        if (stack)
                desc_set_kstack((u64)stack + KSTACK_SIZE);
        context_swap(&from->sp, to->sp);
}

/* In the kernel the user's GS base waits in KERNEL_GS_BASE for SWAPGS. */
void context_set_user_tls(u64 fs_base, u64 gs_base)
{
        msr_write(MSR_FS_BASE, fs_base);
        msr_write(MSR_KERNEL_GS_BASE, gs_base);
}

void context_get_user_tls(u64 *fs_base, u64 *gs_base)
{
        *fs_base = msr_read(MSR_FS_BASE);
        *gs_base = msr_read(MSR_KERNEL_GS_BASE);
}
