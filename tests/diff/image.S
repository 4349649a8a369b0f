/* SPDX-License-Identifier: MIT */
/* As bytes: the program that makes the calls on Linux (own.h), the text of a program that stands alone. */
        .section .rodata
        .global native_image
native_image:
        .incbin NATIVE_IMAGE
        .global native_image_end
native_image_end:
        .global program_text
program_text:
        .incbin "tests/diff/program.c"
        .global program_text_end
program_text_end:
        .section .note.GNU-stack, "", @progbits
