# SPDX-License-Identifier: MIT
kernel-src += kernel/base/cmdline.c
kernel-src += kernel/base/digits.c
kernel-src += kernel/base/log.c
kernel-src += kernel/base/printf.c
kernel-src += kernel/base/string.c
