/* SPDX-License-Identifier: MIT */
/*
 * A static-pie program relocates itself: it is linked at 0, runs at base, and every pointer in its
 * data is listed in a table of R_X86_64_RELATIVE entries. Runs before them, so it may use neither
 * global pointers nor thread-local storage.
 */
#include <elf.h>
#include <stddef.h>

#define RELATIVE 8 /* R_X86_64_RELATIVE */

void start_relocate(unsigned long base, const Elf64_Dyn *dynamic);

void start_relocate(unsigned long base, const Elf64_Dyn *dynamic)
{
        const Elf64_Rela *rela = NULL;
        size_t size = 0;

        for (; dynamic->d_tag != DT_NULL; dynamic++) {
                if (dynamic->d_tag == DT_RELA)
                        rela = (const Elf64_Rela *)(base + dynamic->d_un.d_ptr);
                else if (dynamic->d_tag == DT_RELASZ)
                        size = dynamic->d_un.d_val;
        }
        for (size_t i = 0; i < size / sizeof(*rela); i++)
                if (ELF64_R_TYPE(rela[i].r_info) == RELATIVE)
                        *(unsigned long *)(base + rela[i].r_offset) = base + rela[i].r_addend;
}
