# SPDX-License-Identifier: MIT
# Compiled for the kernel and for the host machine.
sync-src += kernel/sync/trace.c kernel/sync/spinlock.c kernel/sync/wait.c \
  kernel/sync/mutex.c kernel/sync/rwsem.c
