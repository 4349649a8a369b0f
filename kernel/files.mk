# SPDX-License-Identifier: MIT
kernel-src += kernel/main.c
