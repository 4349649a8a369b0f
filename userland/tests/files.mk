# SPDX-License-Identifier: MIT
#
# The comparison programs. NAME is made of userland/tests/NAME.c, or of every .c file in
# userland/tests/NAME/, and of userland/tests/lib/.
test-programs += mremap mmap mprotect faults fork_cow brk badptr mremap_multi proc_maps pipes exec files time map_count elf_mutations
test-programs += move_level
test-programs += merge
test-programs += mremap_cases
test-programs += signals processes identities clocks threads mounts
test-programs += sysv_shm
test-programs += libc_stdio libc_malloc libc_signals libc_threads libc_posix

# Of these, the ones that an older kernel (6.1) answers as 6.18 does.
old-linux-programs := faults fork_cow brk pipes exec files time signals processes identities threads \
  libc_stdio libc_malloc libc_signals libc_threads libc_posix
