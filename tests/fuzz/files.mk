# SPDX-License-Identifier: MIT
#
# The targets, and what each is made of besides fuzz_NAME.c.
fuzz-targets := mm elf cpio cmdline job
fuzz-machine := $(mm-src) $(sync-src) $(host-src) $(stream-src) $(terrane-src) tests/fuzz/pages.c
fuzz-src-mm      := $(fuzz-machine)
fuzz-src-elf     := $(fuzz-machine) kernel/sched/elf.c kernel/sched/elf_load.c
fuzz-src-cpio    := $(fuzz-machine) kernel/fs/initramfs.c kernel/fs/tmpfs.c kernel/fs/dentry.c \
  kernel/fs/inode.c kernel/fs/mount.c
fuzz-src-cmdline := kernel/base/cmdline.c tests/fuzz/string.c
fuzz-src-job     := userland/init/job.c
