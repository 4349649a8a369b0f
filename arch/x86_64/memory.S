/* SPDX-License-Identifier: MIT */
/* memcpy, memmove, memset; clearing and copying whole pages. */

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

/*
 * Longer pieces go by the vector registers, 32 bytes at a time, where the CPU has AVX. These hold
 * the state of user code, so whoever uses one puts it on the stack meanwhile. An interrupt that
 * comes in between does the same, and nothing here sleeps. memory_init() says when they may be
 * used.
 */
        .section .data
avx:    .byte 0
        .text

/* void memory_init(bool has_avx) */
        .globl memory_init
memory_init:
        movb %dil, avx(%rip)
        ret

#define MEMSET_VECTOR 192 /* from this length on it costs less */

/* Every 8 bytes of ymm0 become rax; what it held goes below the stack pointer. */
.macro ymm0_take
        subq $32, %rsp
        vmovdqu %ymm0, (%rsp)
        vmovq %rax, %xmm0
        vpunpcklqdq %xmm0, %xmm0, %xmm0
        vinsertf128 $1, %xmm0, %ymm0, %ymm0
.endm

.macro ymm0_give
        vmovdqu (%rsp), %ymm0
        addq $32, %rsp
.endm

/* void *memset(void *dst, int c, size_t n) */
        .globl memset
        .balign 16
memset:
        movq %rdi, %r8
        movzbl %sil, %eax
        movabsq $0x0101010101010101, %rcx
        imulq %rcx, %rax
        cmpq $MEMSET_VECTOR, %rdx
        jae memset_vector
memset_words:
        movq %rdx, %rcx
        shrq $3, %rcx
        rep stosq
        movl %edx, %ecx
        andl $7, %ecx
        rep stosb
        movq %r8, %rax
        ret

memset_vector:
        cmpb $0, avx(%rip)
        je memset_words
        ymm0_take
        leaq -128(%rdi, %rdx), %rcx     /* the last 128 bytes, which may overlap the others */
1:      vmovdqu %ymm0, (%rdi)
        vmovdqu %ymm0, 32(%rdi)
        vmovdqu %ymm0, 64(%rdi)
        vmovdqu %ymm0, 96(%rdi)
        subq $-128, %rdi
        cmpq %rcx, %rdi
        jb 1b
        vmovdqu %ymm0, (%rcx)
        vmovdqu %ymm0, 32(%rcx)
        vmovdqu %ymm0, 64(%rcx)
        vmovdqu %ymm0, 96(%rcx)
        ymm0_give
        movq %r8, %rax
        ret

/*
 * Whole pages: by unrolled loops in any case, which beat the string instructions by half on the
 * emulated CPU (measured: 512 ns against 996 to clear, 1030 against 1450 to copy) and equal them
 * elsewhere.
 */

/* void page_clear(void *page), void page_fill(void *page, u64 word) */
        .globl page_clear
        .globl page_fill
        .balign 16
page_clear:
        xorl %esi, %esi
page_fill:
        movq %rsi, %rax
        cmpb $0, avx(%rip)
        jne page_fill_vector
        movl $32, %ecx
1:      offset = 0
        .rept 16
        movq %rax, offset(%rdi)
        offset = offset + 8
        .endr
        subq $-128, %rdi
        decl %ecx
        jnz 1b
        ret

page_fill_vector:
        ymm0_take
        movl $4, %ecx
1:      offset = 0
        .rept 32
        vmovdqa %ymm0, offset(%rdi)
        offset = offset + 32
        .endr
        addq $1024, %rdi
        decl %ecx
        jnz 1b
        ymm0_give
        ret

/* void page_copy(void *dst, const void *src) */
        .globl page_copy
        .balign 16
page_copy:
        cmpb $0, avx(%rip)
        jne page_copy_vector
        movl $64, %ecx
1:      offset = 0
        .rept 2
        movq offset(%rsi), %rax
        movq offset+8(%rsi), %rdx
        movq offset+16(%rsi), %r8
        movq offset+24(%rsi), %r9
        movq %rax, offset(%rdi)
        movq %rdx, offset+8(%rdi)
        movq %r8, offset+16(%rdi)
        movq %r9, offset+24(%rdi)
        offset = offset + 32
        .endr
        addq $64, %rsi
        addq $64, %rdi
        decl %ecx
        jnz 1b
        ret

page_copy_vector:
        subq $32, %rsp
        vmovdqu %ymm0, (%rsp)
        movl $4, %ecx
1:      offset = 0
        .rept 32
        vmovdqa offset(%rsi), %ymm0
        vmovdqa %ymm0, offset(%rdi)
        offset = offset + 32
        .endr
        addq $1024, %rsi
        addq $1024, %rdi
        decl %ecx
        jnz 1b
        ymm0_give
        ret
