/* SPDX-License-Identifier: MIT */
/*
 * From the boot loader's 32-bit protected mode (Multiboot 1, no paging, interrupts off) to C in the
 * higher half.
 *
 * Until paging_init() builds the real tables, 2 MiB pages map the low 4 GiB of physical memory
 * three times: at 0 (this code runs there when paging comes on), as the direct map, and the first
 * 1 GiB as the kernel image.
 */
#include "arch/x86_64/layout.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_FLAGS 0x00010003 /* page-aligned modules, memory map, address fields */

#define PHYS(sym) ((sym) - KERNEL_BASE)

#define PTE_TABLE 0x003 /* present, writable */
#define PTE_LARGE 0x083 /* present, writable, 2 MiB */

#define CR0_PE    0x00000001
#define CR0_WP_PG 0x80010000
#define CR4_PAE   0x20
#define EFER      0xc0000080
#define EFER_LME_NXE 0x900

/* In struct guarded_stacks: a guard page, then the boot stack. boot.c asserts it. */
#define BOOT_STACK_TOP (4096 + 16384)

        .section .multiboot, "a"
        .balign 4
multiboot_header:
        .long MULTIBOOT_MAGIC
        .long MULTIBOOT_FLAGS
        .long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
        .long PHYS(multiboot_header)
        .long PHYS(image_start)
        .long PHYS(symbols_end)         /* end of what is in the file */
        .long PHYS(image_end)           /* end of what is to be zero */
        .long PHYS(boot_entry)

        .section .text.boot, "ax"
        .code32
        .globl boot_entry
boot_entry:
        cli
        cld
        movl $PHYS(guarded_stacks + BOOT_STACK_TOP), %esp
        movl %eax, %esi                 /* the loader's magic number */
        movl %ebx, %edi                 /* Multiboot information */

        movl $0x80000000, %eax          /* long mode and NX, or nothing */
        cpuid
        cmpl $0x80000001, %eax
        jb no_long_mode
        movl $0x80000001, %eax
        cpuid
        andl $0x20100000, %edx
        cmpl $0x20100000, %edx
        jne no_long_mode

        /* Four page directories: 2048 entries of 2 MiB. The upper halves are zero as in .bss. */
        xorl %ecx, %ecx
        movl $PTE_LARGE, %eax
1:      movl %eax, PHYS(boot_pd)(, %ecx, 8)
        addl $0x200000, %eax
        incl %ecx
        cmpl $2048, %ecx
        jne 1b
        xorl %ecx, %ecx
        movl $PHYS(boot_pd) + PTE_TABLE, %eax
2:      movl %eax, PHYS(boot_pdpt_low)(, %ecx, 8)
        addl $4096, %eax
        incl %ecx
        cmpl $4, %ecx
        jne 2b
        movl $PHYS(boot_pd) + PTE_TABLE, PHYS(boot_pdpt_high) + 510 * 8
        movl $PHYS(boot_pdpt_low) + PTE_TABLE, PHYS(boot_pml4)
        movl $PHYS(boot_pdpt_low) + PTE_TABLE, PHYS(boot_pml4) + 256 * 8
        movl $PHYS(boot_pdpt_high) + PTE_TABLE, PHYS(boot_pml4) + 511 * 8

        movl %cr4, %eax
        orl $CR4_PAE, %eax
        movl %eax, %cr4
        movl $PHYS(boot_pml4), %eax
        movl %eax, %cr3
        movl $EFER, %ecx
        rdmsr
        orl $EFER_LME_NXE, %eax
        wrmsr
        movl %cr0, %eax
        orl $CR0_WP_PG | CR0_PE, %eax
        movl %eax, %cr0
        lgdt PHYS(boot_gdt_pointer)
        ljmp $0x10, $PHYS(long_mode)

/* Say why on COM1, which needs no set-up in QEMU, and stop. */
no_long_mode:
        movl $PHYS(no_long_mode_text), %esi
        movw $0x3f8, %dx
3:      lodsb
        testb %al, %al
        jz 4f
        outb %al, %dx
        jmp 3b
4:      hlt
        jmp 4b

        .code64
long_mode:
        movl $0x18, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        xorl %eax, %eax
        movl %eax, %fs
        movl %eax, %gs
        movq $guarded_stacks + BOOT_STACK_TOP, %rsp
        xorl %ebp, %ebp
        xchgl %edi, %esi                /* magic, information: boot_main's arguments */
        movq $boot_main, %rax
        call *%rax
        ud2

        .section .rodata
no_long_mode_text:
        .asciz "Terrane needs a 64-bit processor with NX.\r\n"
        .balign 8
boot_gdt:
        .quad 0, 0
        .quad 0x00af9b000000ffff        /* 0x10: 64-bit code */
        .quad 0x00cf93000000ffff        /* 0x18: data */
boot_gdt_pointer:
        .word . - boot_gdt - 1
        .long PHYS(boot_gdt)

        .section .bss.pages, "aw", @nobits
        .balign 4096
boot_pml4:      .skip 4096
boot_pdpt_low:  .skip 4096
boot_pdpt_high: .skip 4096
boot_pd:        .skip 4 * 4096
