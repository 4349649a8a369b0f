# SPDX-License-Identifier: MIT
kernel-src += kernel/dev/serial.c
kernel-src += kernel/dev/vga.c
