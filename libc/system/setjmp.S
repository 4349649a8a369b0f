/* SPDX-License-Identifier: MIT */
/*
 * setjmp and longjmp, with and without the signal mask. newlib's own know no masks, and let
 * longjmp(env, 0) return 0 where ISO C says 1.
 *
 *   0 rbx   8 rbp   16 r12   24 r13   32 r14   40 r15   48 rsp   56 rip   64 mask saved?   72 mask
 */
#define NR_rt_sigprocmask 14
#define SIG_SETMASK 2

        .text
        .global setjmp, _setjmp, sigsetjmp
        .type setjmp, @function
        .type _setjmp, @function
        .type sigsetjmp, @function
setjmp:
_setjmp:
        xorl    %esi, %esi
sigsetjmp:
        movq    %rbx, 0(%rdi)
        movq    %rbp, 8(%rdi)
        movq    %r12, 16(%rdi)
        movq    %r13, 24(%rdi)
        movq    %r14, 32(%rdi)
        movq    %r15, 40(%rdi)
        leaq    8(%rsp), %rax
        movq    %rax, 48(%rdi)
        movq    (%rsp), %rax
        movq    %rax, 56(%rdi)
        movslq  %esi, %rsi
        movq    %rsi, 64(%rdi)
        testl   %esi, %esi
        jz      1f
        leaq    72(%rdi), %rdx          /* where the old mask goes */
        xorl    %edi, %edi              /* SIG_BLOCK of nothing */
        xorl    %esi, %esi
        movl    $8, %r10d
        movl    $NR_rt_sigprocmask, %eax
        syscall
1:      xorl    %eax, %eax
        ret
        .size sigsetjmp, . - sigsetjmp
        .size _setjmp, . - _setjmp
        .size setjmp, . - setjmp

        .global longjmp, _longjmp, siglongjmp
        .type longjmp, @function
        .type _longjmp, @function
        .type siglongjmp, @function
longjmp:
_longjmp:
siglongjmp:
        movq    %rdi, %rbx
        movl    %esi, %ebp
        cmpq    $0, 64(%rdi)
        je      1f
        leaq    72(%rdi), %rsi
        movl    $SIG_SETMASK, %edi
        xorl    %edx, %edx
        movl    $8, %r10d
        movl    $NR_rt_sigprocmask, %eax
        syscall
1:      movl    %ebp, %eax
        cmpl    $1, %eax
        adcl    $0, %eax                /* 0 becomes 1 */
        movq    %rbx, %rdi
        movq    0(%rdi), %rbx
        movq    8(%rdi), %rbp
        movq    16(%rdi), %r12
        movq    24(%rdi), %r13
        movq    32(%rdi), %r14
        movq    40(%rdi), %r15
        movq    48(%rdi), %rsp
        jmp     *56(%rdi)
        .size siglongjmp, . - siglongjmp
        .size _longjmp, . - _longjmp
        .size longjmp, . - longjmp
        .section .note.GNU-stack, "", @progbits
