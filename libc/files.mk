# SPDX-License-Identifier: MIT
#
# The port's own sources. libc-posix: from newlib's libc/posix and libc/unix, as they are there.
libc-src := $(addprefix libc/, \
  start/start.c start/relocate.c \
  system/memory.c system/file.c system/path.c system/time.c system/process.c system/sched.c \
  system/signal.c system/signal_return.S system/vfork.S system/syscall.S system/failed.c system/user.c \
  system/machine.c system/poll.c system/tty.c system/setjmp.S system/ipc.c system/process_vm.c \
  thread/tls.c thread/futex.c thread/locks.c thread/clone.S thread/create.c thread/atfork.c \
  thread/keys.c thread/cancel.c thread/mutex.c thread/cond.c thread/rwlock.c thread/barrier.c \
  thread/sem.c thread/attr.c \
  posix/dir.c posix/cwd.c posix/exec.c posix/err.c posix/conf.c posix/misc.c posix/glob.c posix/wordexp.c)

libc-posix := $(addsuffix .c, $(addprefix posix/, glob fnmatch regcomp regexec regerror regfree \
  collate collcmp posix_spawn popen execl execle execlp execv) \
  unix/basename unix/dirname unix/getpwent unix/sigset)
