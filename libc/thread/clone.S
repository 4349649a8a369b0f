/* SPDX-License-Identifier: MIT */
/* The few places where a thread has no C stack to stand on. Numbers are Linux x86-64's. */

#define NR_munmap 11
#define NR_clone  56
#define NR_exit   60

        .text
        .global thread_clone
        .type thread_clone, @function
/* rdi entry, rsi stack, rdx flags, rcx arg, r8 parent_tid, r9 tls, 8(%rsp) child_tid */
thread_clone:
        movq    %rdi, %r11              /* the kernel does not keep r11: */
        andq    $-16, %rsi
        subq    $16, %rsi
        movq    %r11, 0(%rsi)           /* so entry and arg travel on the new stack */
        movq    %rcx, 8(%rsi)
        movq    %rdx, %rdi              /* flags */
        movq    %r8, %rdx               /* parent_tid */
        movq    8(%rsp), %r10           /* child_tid */
        movq    %r9, %r8                /* tls */
        movl    $NR_clone, %eax
        syscall
        testq   %rax, %rax
        jnz     1f
        xorl    %ebp, %ebp
        popq    %rax
        popq    %rdi
        call    *%rax                   /* rsp is a multiple of 16 here, as the ABI wants */
        hlt
1:      ret
        .size thread_clone, . - thread_clone

        .global thread_unmap_and_exit
        .type thread_unmap_and_exit, @function
thread_unmap_and_exit:
        movl    $NR_munmap, %eax
        syscall
        xorl    %edi, %edi
        movl    $NR_exit, %eax
        syscall
        hlt
        .size thread_unmap_and_exit, . - thread_unmap_and_exit

        .section .note.GNU-stack, "", @progbits
