/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel enters a program: rsp points to argc, argv, envp and auxv (System V ABI,
 * x86-64 supplement, 3.4.1). The same source is crt1.o for programs at fixed addresses and, with
 * STATIC_PIE defined, rcrt1.o, which relocates the program to where it was put before anything
 * else runs.
 */
        .section .text._start, "ax", @progbits
        .global _start
        .type _start, @function
_start:
        .cfi_startproc
        .cfi_undefined rip
        xorl    %ebp, %ebp
        movq    %rsp, %rbx
        andq    $-16, %rsp
#ifdef STATIC_PIE
        .hidden _DYNAMIC
        .hidden __ehdr_start
        leaq    __ehdr_start(%rip), %rdi
        leaq    _DYNAMIC(%rip), %rsi
        call    start_relocate
#endif
        movq    %rbx, %rdi
        leaq    main(%rip), %rsi
        call    start_program
        hlt
        .cfi_endproc
        .size _start, . - _start
        .section .note.GNU-stack, "", @progbits
