# The port's own sources. libc-posix: from newlib's libc/posix and libc/unix, as they are there.
libc-src := $(addprefix libc/, \
  start/start.c start/relocate.c \
  system/memory.c system/file.c system/path.c system/time.c system/process.c system/sched.c \
  system/signal.c system/signal_return.S system/vfork.S system/syscall.c system/user.c \
  system/machine.c system/poll.c system/tty.c system/setjmp.S \
  thread/tls.c thread/futex.c thread/locks.c thread/clone.S thread/create.c thread/atfork.c \
  thread/keys.c thread/cancel.c)

libc-posix :=
