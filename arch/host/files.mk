# SPDX-License-Identifier: MIT
host-src += arch/host/memory.c arch/host/tlb.c arch/host/cpu.c arch/host/sched.c
host-src += arch/host/user.c
