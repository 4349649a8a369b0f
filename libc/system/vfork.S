/* SPDX-License-Identifier: MIT */
/*
 * vfork: the child runs on this very stack until it execs or exits, and would overwrite the return
 * address of a C function. So that address is kept in a register, which each process has its own of.
 */
        .text
        .global vfork
        .type vfork, @function
vfork:
        popq    %rdx
        movl    $58, %eax
        syscall
        pushq   %rdx
        testq   %rax, %rax
        js      1f
        ret
1:      movq    %rax, %rdi
        jmp     call_failed
        .size vfork, . - vfork
        .section .note.GNU-stack, "", @progbits
