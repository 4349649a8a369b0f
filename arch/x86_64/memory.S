/* SPDX-License-Identifier: MIT */
/* memcpy, memmove, memset, and the same for whole pages. */

        .text

/* void *memcpy(void *dst, const void *src, size_t n) */
        .globl memcpy
        .balign 16
memcpy:
        movq %rdi, %rax
        movq %rdx, %rcx
        andl $7, %edx
        shrq $3, %rcx
        rep movsq
        movl %edx, %ecx
        rep movsb
        ret

/* void *memmove(void *dst, const void *src, size_t n): backwards only if dst is inside [src, n). */
        .globl memmove
        .balign 16
memmove:
        movq %rdi, %rax
        subq %rsi, %rax
        cmpq %rdx, %rax
        jae memcpy
        movq %rdi, %rax
        movq %rdx, %rcx
        leaq -1(%rdi, %rdx), %rdi
        leaq -1(%rsi, %rdx), %rsi
        std
        andl $7, %ecx
        rep movsb
        movq %rdx, %rcx
        shrq $3, %rcx
        subq $7, %rsi
        subq $7, %rdi
        rep movsq
        cld
        ret

/* void *memset(void *dst, int c, size_t n) */
        .globl memset
        .balign 16
memset:
        movq %rdi, %r8
        movzbl %sil, %eax
        movabsq $0x0101010101010101, %rcx
        imulq %rcx, %rax
        movq %rdx, %rcx
        shrq $3, %rcx
        rep stosq
        movl %edx, %ecx
        andl $7, %ecx
        rep stosb
        movq %r8, %rax
        ret

/* void page_clear(void *page) */
        .globl page_clear
        .balign 16
page_clear:
        xorl %eax, %eax
        movl $512, %ecx
        rep stosq
        ret

/* void page_copy(void *dst, const void *src) */
        .globl page_copy
        .balign 16
page_copy:
        movl $512, %ecx
        rep movsq
        ret
