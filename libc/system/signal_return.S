/* SPDX-License-Identifier: MIT */
/* Where a signal handler returns to: rt_sigreturn takes the frame that rsp points to. */
        .text
        .global signal_return
        .type signal_return, @function
signal_return:
        movl    $15, %eax
        syscall
        .size signal_return, . - signal_return
        .section .note.GNU-stack, "", @progbits
