# SPDX-License-Identifier: MIT
kernel-src += \
  kernel/fs/attributes.c \
  kernel/fs/control.c \
  kernel/fs/dentry.c \
  kernel/fs/device.c \
  kernel/fs/directories.c \
  kernel/fs/eventfd.c \
  kernel/fs/fdtable.c \
  kernel/fs/file.c \
  kernel/fs/fs_context.c \
  kernel/fs/init.c \
  kernel/fs/initramfs.c \
  kernel/fs/inode.c \
  kernel/fs/lock.c \
  kernel/fs/memfd.c \
  kernel/fs/mount.c \
  kernel/fs/names.c \
  kernel/fs/open.c \
  kernel/fs/pipe.c \
  kernel/fs/poll.c \
  kernel/fs/rename.c \
  kernel/fs/rw.c \
  kernel/fs/shmem.c \
  kernel/fs/socket.c \
  kernel/fs/tmpfs.c \
  kernel/fs/tty.c \
  kernel/fs/tty_line.c \
  kernel/fs/uio.c \
  kernel/fs/walk.c
