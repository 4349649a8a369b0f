# SPDX-License-Identifier: MIT
# Compiled for the kernel and for the host machine.

# Physical memory
mm-src += mm/fail_alloc.c mm/page.c mm/buddy.c mm/page_alloc.c
mm-src += mm/slab.c mm/kmalloc.c
mm-src += mm/page_tree.c mm/object.c

# Address spaces: structure
mm-src += mm/vmtree.c mm/vmtree_find.c mm/vmtree_gap.c mm/vmtree_build.c mm/vmtree_validate.c
mm-src += mm/vma.c mm/vma_merge.c mm/vma_edit.c
mm-src += mm/interval.c mm/anon_vma.c
mm-src += mm/account.c mm/layout.c mm/rmap.c mm/shared_anon.c
mm-src += mm/mm.c mm/mmstat.c mm/report.c mm/page_scan.c mm/ptdump.c mm/clear_refs.c
mm-src += mm/validate.c mm/validate_vmas.c mm/validate_tables.c mm/validate_rmap.c \
  mm/validate_system.c
mm-src += mm/special.c

# Page tables and faults
mm-src += mm/pgwalk.c mm/pgmove.c mm/zap.c
mm-src += mm/fault.c mm/anon.c mm/cow.c mm/file.c mm/frame.c mm/stack_grow.c mm/populate.c
mm-src += mm/huge.c mm/huge_fault.c mm/huge_collapse.c
mm-src += mm/hugetlb.c mm/hugetlb_pool.c mm/hugetlb_fault.c
mm-src += mm/access.c
mm-src += mm/uffd.c mm/uffd_event.c mm/uffd_register.c mm/uffd_fill.c mm/uffd_wp.c mm/uffd_move.c

# The calls
mm-src += mm/mmap.c mm/munmap.c mm/exit.c mm/brk.c mm/mprotect.c mm/fork.c
mm-src += mm/mremap.c mm/mremap_check.c mm/mremap_plan.c mm/mremap_grow.c mm/mremap_commit.c
mm-src += mm/mlock.c mm/madvise.c mm/guard.c mm/mseal.c mm/msync.c mm/remap_file_pages.c
mm-src += mm/detach.c mm/keys.c mm/anon_name.c mm/reclaim.c
