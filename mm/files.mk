# SPDX-License-Identifier: MIT
# Compiled for the kernel and for the host machine.
mm-src += mm/vmtree.c mm/vmtree_gap.c
mm-src += mm/account.c
