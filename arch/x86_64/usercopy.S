/* SPDX-License-Identifier: MIT */
/*
 * The instructions that touch user memory, each with a row in the exception table: a page fault
 * there that mm/ cannot resolve continues at the second address (fixup_find() in trap.c). The
 * callers have checked the range (user_may_touch()); nothing else in the kernel may execute STAC.
 *
 * Copies go by quadwords, then by bytes. A quadword may straddle into a bad page, so a fault in
 * the first part falls back to bytes, and the count of bytes not copied is exact.
 */
#include "arch/x86_64/smap.inc"

#define EFAULT 14

.macro may_fault fixup
        .pushsection .extable, "a"
        .quad 772f, \fixup
        .popsection
772:
.endm

        .text

/* size_t usercopy_bytes(void *dst, const void *src, size_t n): bytes not copied. */
        .globl usercopy_bytes
        .balign 16
usercopy_bytes:
        movq %rdx, %rcx
        andl $7, %edx
        shrq $3, %rcx
        STAC
        may_fault 1f
        rep movsq
        movl %edx, %ecx
2:      may_fault 3f
        rep movsb
3:      CLAC
        movq %rcx, %rax
        ret
1:      leaq (%rdx, %rcx, 8), %rcx
        jmp 2b

/* size_t usercopy_clear(void *dst, size_t n): bytes not cleared. */
        .globl usercopy_clear
        .balign 16
usercopy_clear:
        movq %rsi, %rcx
        movl %esi, %edx
        andl $7, %edx
        shrq $3, %rcx
        xorl %eax, %eax
        STAC
        may_fault 1f
        rep stosq
        movl %edx, %ecx
2:      may_fault 3f
        rep stosb
3:      CLAC
        movq %rcx, %rax
        ret
1:      leaq (%rdx, %rcx, 8), %rcx
        jmp 2b

/*
 * int usercopy_xsave(void *dst, u64 features, u64 shown), int usercopy_xrstor(const void *src, u64
 * features): 0 or -EFAULT. XSAVE leaves most of the header behind FXSAVE's 512 bytes as it was, so
 * that is cleared before; then its first word says what is there. XRSTOR raises #GP for an image that it does not like, which may be the doing of
 * another thread in the moment before: that ends in the same way.
 */
        .globl usercopy_xsave
        .balign 16
usercopy_xsave:
        movq %rdx, %r8
        movl %esi, %eax
        movq %rsi, %rdx
        shrq $32, %rdx
        xorl %ecx, %ecx
        STAC
        .irp offset, 512, 520, 528, 536, 544, 552, 560, 568
        may_fault usercopy_efault
        movq %rcx, \offset(%rdi)
        .endr
        may_fault usercopy_efault
        xsave64 (%rdi)
        may_fault usercopy_efault
        orq %r8, 512(%rdi)
        CLAC
        xorl %eax, %eax
        ret

        .globl usercopy_xrstor
        .globl usercopy_xrstor_insn
        .balign 16
usercopy_xrstor:
        movl %esi, %eax
        movq %rsi, %rdx
        shrq $32, %rdx
        STAC
        may_fault usercopy_efault
usercopy_xrstor_insn:
        xrstor64 (%rdi)
        CLAC
        xorl %eax, %eax
        ret

/* int usercopy_read_u32(const u32 *src, u32 *value): 0 or -EFAULT. */
        .globl usercopy_read_u32
        .balign 16
usercopy_read_u32:
        STAC
        may_fault usercopy_efault
        movl (%rdi), %eax
        CLAC
        movl %eax, (%rsi)
        xorl %eax, %eax
        ret

/* int usercopy_write_u32(u32 *dst, u32 value): 0 or -EFAULT. */
        .globl usercopy_write_u32
        .balign 16
usercopy_write_u32:
        STAC
        may_fault usercopy_efault
        movl %esi, (%rdi)
        CLAC
        xorl %eax, %eax
        ret

/* int usercopy_cmpxchg_u32(u32 *dst, u32 expected, u32 desired, u32 *old): 0 or -EFAULT. */
        .globl usercopy_cmpxchg_u32
        .balign 16
usercopy_cmpxchg_u32:
        movl %esi, %eax
        movq %rcx, %rsi
        STAC
        may_fault usercopy_efault
        lock cmpxchgl %edx, (%rdi)
        CLAC
        movl %eax, (%rsi)
        xorl %eax, %eax
        ret

usercopy_efault:
        CLAC
        movl $-EFAULT, %eax
        ret
