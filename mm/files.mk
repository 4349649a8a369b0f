# SPDX-License-Identifier: MIT
# Compiled for the kernel and for the host machine.
mm-src += mm/vmtree.c
