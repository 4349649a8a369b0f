# SPDX-License-Identifier: MIT
#
# The comparison programs. NAME is made of userland/tests/NAME.c, or of every .c file in
# userland/tests/NAME/, and of userland/tests/lib/.
# A line each, so that branches that add programs do not collide.
test-programs += mremap
test-programs += mmap
test-programs += mprotect
test-programs += faults
test-programs += fork_cow
test-programs += brk
test-programs += badptr
test-programs += mremap_multi
test-programs += proc_maps
test-programs += maps_lines
test-programs += map_cases
test-programs += pipes
test-programs += exec
test-programs += files
test-programs += time
test-programs += map_count
test-programs += elf_mutations
test-programs += move_level
test-programs += mm_work
test-programs += procmap_query
test-programs += proc_status
test-programs += proc_meminfo
test-programs += sys_vm
test-programs += clear_refs
test-programs += proc_smaps
test-programs += pagemap
test-programs += merge
test-programs += mremap_cases
test-programs += mremap_selftests
test-programs += addresses
test-programs += signals
test-programs += signal_frames
test-programs += processes
test-programs += identities
test-programs += clocks
test-programs += threads
test-programs += mounts
test-programs += mm_args
test-programs += range_calls
test-programs += odd_memory
test-programs += mm_accounting
test-programs += sysv_shm
test-programs += shm_args
test-programs += rmap
test-programs += libc_stdio
test-programs += libc_malloc
test-programs += libc_signals
test-programs += libc_threads
test-programs += libc_posix
test-programs += vdso
test-programs += pfn_map
test-programs += dev_zero
test-programs += rest_cases
test-programs += found
test-programs += system_limits
test-programs += rlimits
test-programs += use_ring
test-programs += use_array
test-programs += use_checkpoint
test-programs += huge_pages
test-programs += uffd_guards
test-programs += uffd_reclaim
test-programs += use_collector
test-programs += use_snapshot
test-programs += use_swapper
test-programs += uffd_mremap
test-programs += uffd_events
test-programs += uffd_faults
test-programs += keys
test-programs += uffd_api
test-programs += uffd_wp
test-programs += uffd_huge
test-programs += hugetlb
test-programs += softdirty

# waiting-programs: recorded from Linux, and not run by `make check` yet. Each becomes one of those
# above when its transcript is equal (tests/compare --recorded NAME).

# Of these, the ones that an older kernel (6.1) answers as 6.18 does.
old-linux-programs := faults fork_cow brk pipes exec files time signals processes identities threads \
  libc_stdio libc_malloc libc_signals libc_threads libc_posix pfn_map
