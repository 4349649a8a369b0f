# SPDX-License-Identifier: MIT
# The VMA tree beside a red-black tree.
bench-src += tests/bench/vmtree.c tests/bench/rbtree.c mm/vmtree.c mm/vmtree_find.c mm/vmtree_gap.c
