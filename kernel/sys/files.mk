# SPDX-License-Identifier: MIT
kernel-src += kernel/sys/syscall.c kernel/sys/trap.c
kernel-src += kernel/sys/mm_map.c
