# SPDX-License-Identifier: MIT
kernel-src += kernel/sys/cred.c kernel/sys/futex.c kernel/sys/pidfd.c kernel/sys/prctl.c kernel/sys/process.c
kernel-src += kernel/sys/resource.c kernel/sys/sched.c kernel/sys/signal.c kernel/sys/syscall.c
kernel-src += kernel/sys/time.c kernel/sys/trap.c
kernel-src += kernel/sys/mm_map.c kernel/sys/mm_advise.c kernel/sys/mm_remote.c
kernel-src += kernel/sys/shm.c
kernel-src += kernel/sys/file.c kernel/sys/file_new.c kernel/sys/file_path.c
kernel-src += kernel/sys/file_poll.c kernel/sys/file_stat.c
