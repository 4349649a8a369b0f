/* SPDX-License-Identifier: MIT */
/* The program that makes the calls on Linux: where it begins, and what C cannot say. */

        .section .text.entry, "ax"
        .global entry
entry:
        xor     %ebp, %ebp
        call    native_main
        ud2

        .text
        .global load_byte
load_byte:
        movzbl  (%rdi), %eax
        ret

        .global store_byte
store_byte:
        mov     %sil, (%rdi)
        ret

/* The stack is shared memory: whoever goes on owns it, and the other must not touch it. */
        .global fork_leaving_child
fork_leaving_child:
        mov     $57, %eax
        syscall
        test    %rax, %rax
        jz      leave
        js      1f
        xor     %eax, %eax
1:      ret

        .global fork_leaving_parent
fork_leaving_parent:
        mov     $57, %eax
        syscall
        test    %rax, %rax
        jg      leave
        ret

leave:
        mov     %rdi, %rsp
        mov     %rax, %rdi
        xor     %ebp, %ebp
        call    *%rsi
        ud2

        .global signal_return
signal_return:
        mov     $15, %eax
        syscall
        ud2

        .section .note.GNU-stack, "", @progbits
