# SPDX-License-Identifier: MIT
# Compiled for the kernel and for the host machine.

# Physical memory
mm-src += mm/fail_alloc.c mm/page.c mm/buddy.c mm/page_alloc.c
mm-src += mm/slab.c mm/kmalloc.c
mm-src += mm/page_tree.c mm/object.c

mm-src += mm/vmtree.c mm/vmtree_gap.c
mm-src += mm/account.c
