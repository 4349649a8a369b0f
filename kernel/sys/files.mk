# SPDX-License-Identifier: MIT
kernel-src += kernel/sys/syscall.c kernel/sys/trap.c
kernel-src += kernel/sys/mm_map.c
kernel-src += kernel/sys/file.c kernel/sys/file_new.c kernel/sys/file_path.c
kernel-src += kernel/sys/file_poll.c kernel/sys/file_stat.c
