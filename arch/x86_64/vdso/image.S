/* SPDX-License-Identifier: MIT */
/* The bytes of the vdso image, as build.sh has made it. */
        .section .rodata
        .balign 16
        .globl vdso_image_start, vdso_image_end
vdso_image_start:
        .incbin VDSO_IMAGE
vdso_image_end:
