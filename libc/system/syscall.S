/* SPDX-License-Identifier: MIT */
/*
 * syscall(number, ...): any call by its number. The arguments are all one place further on than the
 * kernel wants them; which of them there are does not matter.
 */
        .text
        .global syscall
        .type syscall, @function
syscall:
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsi
        movq    %rcx, %rdx
        movq    %r8, %r10
        movq    %r9, %r8
        movq    8(%rsp), %r9
        syscall
        cmpq    $-4095, %rax
        jae     1f
        ret
1:      movq    %rax, %rdi
        jmp     call_failed
        .size syscall, . - syscall
        .section .note.GNU-stack, "", @progbits
