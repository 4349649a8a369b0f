# SPDX-License-Identifier: MIT
unit-src += tests/unit/test_validate.c tests/unit/test_charge.c tests/unit/nth_world.c tests/unit/nth_state.c tests/unit/test_nth.c
unit-src += tests/unit/nth_remap.c tests/unit/nth_map.c tests/unit/nth_change.c \
  tests/unit/nth_fault.c tests/unit/nth_object.c tests/unit/nth_huge.c tests/unit/nth_hugetlb.c
unit-src += tests/unit/audit.c tests/unit/test_memory.c tests/unit/test_race.c
unit-src += tests/unit/test_interval.c tests/unit/family.c tests/unit/test_rmap.c \
  tests/unit/test_rmap_shapes.c tests/unit/test_rmap_random.c tests/unit/test_rmap_race.c
unit-src += tests/unit/harness.c tests/unit/test_buddy.c tests/unit/test_slab.c \
  tests/unit/test_sync.c tests/unit/test_object.c tests/unit/test_host.c tests/unit/test_vmtree.c tests/unit/test_vmtree_work.c tests/unit/test_vmtree_build.c \
  tests/unit/test_rbtree.c tests/bench/rbtree.c
unit-src += tests/unit/strip.c tests/unit/test_mmap.c tests/unit/test_fork.c tests/unit/test_mremap.c tests/unit/test_mremap_shared.c tests/unit/test_pgmove.c tests/unit/test_pgmove_work.c tests/unit/test_move_level.c
unit-src += tests/unit/test_backing.c tests/unit/test_pgmove_plan.c tests/unit/test_merge.c tests/unit/test_mremap_edges.c

# The calls on an address space, one a file
unit-src += tests/unit/fixture.c
unit-src += tests/unit/test_access.c
unit-src += tests/unit/test_anon_name.c
unit-src += tests/unit/test_account.c
unit-src += tests/unit/test_brk.c
unit-src += tests/unit/test_uffd_move.c
unit-src += tests/unit/test_detach.c
unit-src += tests/unit/test_diff_found.c
unit-src += tests/unit/test_fault.c
unit-src += tests/unit/test_hugetlb.c tests/unit/test_hugetlb_race.c
unit-src += tests/unit/test_huge.c tests/unit/test_huge_move.c tests/unit/test_huge_race.c tests/unit/huge_fixture.c
unit-src += tests/unit/test_keys.c
unit-src += tests/unit/test_digits.c kernel/base/digits.c
unit-src += tests/unit/test_layout.c
unit-src += tests/unit/test_madvise.c
unit-src += tests/unit/test_reclaim.c
unit-src += tests/unit/test_mlock.c
unit-src += tests/unit/test_mmap_file.c
unit-src += tests/unit/test_mremap_limits.c
unit-src += tests/unit/test_mprotect.c
unit-src += tests/unit/test_mseal.c
unit-src += tests/unit/test_page_scan.c
unit-src += tests/unit/test_ptdump.c
unit-src += tests/unit/test_soft_dirty.c
unit-src += tests/unit/test_report.c
unit-src += tests/unit/test_museum.c
unit-src += tests/unit/test_cmdline.c kernel/base/cmdline.c
unit-src += tests/unit/handler.c tests/unit/nth_uffd.c tests/unit/test_uffd.c tests/unit/test_uffd_events.c tests/unit/test_uffd_huge.c
unit-src += tests/unit/test_uffd_edges.c
