# SPDX-License-Identifier: MIT
kernel-src += kernel/sched/cred.c kernel/sched/deliver.c kernel/sched/elf.c kernel/sched/elf_load.c
kernel-src += kernel/sched/exec.c kernel/sched/exec_args.c kernel/sched/exec_script.c
kernel-src += kernel/sched/exec_stack.c kernel/sched/exit.c kernel/sched/fork.c kernel/sched/futex.c
kernel-src += kernel/sched/init.c kernel/sched/itimer.c kernel/sched/pid.c kernel/sched/pidfd.c kernel/sched/process.c kernel/sched/rseq.c kernel/sched/run.c
kernel-src += kernel/sched/sighand.c kernel/sched/signal.c kernel/sched/task.c kernel/sched/timer.c
kernel-src += kernel/sched/vdso.c
kernel-src += kernel/sched/strace.c kernel/sched/user.c kernel/sched/wait.c kernel/sched/uts.c
