# SPDX-License-Identifier: MIT
kernel-src += \
  kernel/fs/attributes.c \
  kernel/fs/build_id.c \
  kernel/fs/control.c \
  kernel/fs/dentry.c \
  kernel/fs/device.c \
  kernel/fs/device_mem.c \
  kernel/fs/directories.c \
  kernel/fs/eventfd.c \
  kernel/fs/fdtable.c \
  kernel/fs/file.c \
  kernel/fs/fs_context.c \
  kernel/fs/hugepages.c \
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
  kernel/fs/proc.c \
  kernel/fs/proc_cpu.c \
  kernel/fs/proc_maps.c \
  kernel/fs/proc_mem.c \
  kernel/fs/proc_meminfo.c kernel/fs/proc_vmstat.c \
  kernel/fs/proc_mmstat.c \
  kernel/fs/proc_mounts.c \
  kernel/fs/proc_number.c \
  kernel/fs/proc_pagetables.c \
  kernel/fs/proc_pid.c \
  kernel/fs/proc_query.c \
  kernel/fs/proc_root.c \
  kernel/fs/proc_status.c \
  kernel/fs/proc_sys.c \
  kernel/fs/proc_sysvipc.c \
  kernel/fs/proc_sys_vm.c \
  kernel/fs/rename.c \
  kernel/fs/rw.c \
  kernel/fs/seq.c \
  kernel/fs/shmem.c \
  kernel/fs/socket.c \
  kernel/fs/sysfs.c \
  kernel/fs/sysv_attach.c \
  kernel/fs/sysv_shm.c \
  kernel/fs/tmpfs.c \
  kernel/fs/tty.c \
  kernel/fs/tty_line.c \
  kernel/fs/uio.c \
  kernel/fs/userfaultfd.c kernel/fs/userfaultfd_ioctl.c \
  kernel/fs/walk.c
