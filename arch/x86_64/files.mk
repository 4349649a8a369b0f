# SPDX-License-Identifier: MIT
kernel-src += arch/x86_64/boot.S
kernel-src += arch/x86_64/entry.S
kernel-src += arch/x86_64/memory.S
kernel-src += arch/x86_64/usercopy.S
kernel-src += arch/x86_64/apic.c
kernel-src += arch/x86_64/attack.c
kernel-src += arch/x86_64/backtrace.c
kernel-src += arch/x86_64/boot.c
kernel-src += arch/x86_64/clock.c
kernel-src += arch/x86_64/context.c
kernel-src += arch/x86_64/cpu.c
kernel-src += arch/x86_64/desc.c
kernel-src += arch/x86_64/fpu.c
kernel-src += arch/x86_64/init.c
kernel-src += arch/x86_64/paging.c
kernel-src += arch/x86_64/panic.c
kernel-src += arch/x86_64/power.c
kernel-src += arch/x86_64/rtc.c
kernel-src += arch/x86_64/sigframe.c
kernel-src += arch/x86_64/tlb.c
kernel-src += arch/x86_64/trap.c
kernel-src += arch/x86_64/usercopy.c
kernel-src += arch/x86_64/vdso/image.S
kernel-src += arch/x86_64/vdso/kernel.c

# What the vdso is made of: it runs in programs.
vdso-src := arch/x86_64/vdso/vdso.c
