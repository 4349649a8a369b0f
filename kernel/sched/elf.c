/* SPDX-License-Identifier: MIT */
/*
 * Reading an ELF file's headers. Nothing in the file is trusted: sizes are compared before they are
 * added, and what is not checked here (addresses) is refused by the mapping calls. This file knows
 * neither tasks nor memory, so it is also compiled for host tests.
 */
#include "arch/page.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/sched/exec.h"
#include "mm/slab.h"

#define PHDRS_MAX_BYTES 65536

static int header_check(const struct elf64_ehdr *h)
{
        static const u8 magic[4] = { 0x7f, 'E', 'L', 'F' };

        if (memcmp(h->ident, magic, sizeof(magic)) != 0)
                return -ENOEXEC;
        if (h->type != ET_EXEC && h->type != ET_DYN)
                return -ENOEXEC;
        if (h->machine != EM_X86_64 || h->phentsize != sizeof(struct elf64_phdr))
                return -ENOEXEC;
        if (!h->phnum || (size_t)h->phnum * sizeof(struct elf64_phdr) > PHDRS_MAX_BYTES)
                return -ENOEXEC;
        return 0;
}

static int interp_read(struct elf_image *image, const struct elf64_phdr *ph, elf_read_fn *read,
                       void *file)
{
        ssize_t n;

        if (ph->filesz < 2 || ph->filesz > ELF_INTERP_MAX)
                return -ENOEXEC;
        image->interp = kzalloc(ph->filesz);
        if (!image->interp)
                return -ENOMEM;
        n = read(file, image->interp, ph->filesz, ph->offset);
        if (n != (ssize_t)ph->filesz)
                return n < 0 ? (int)n : -EIO;
        return image->interp[ph->filesz - 1] ? -ENOEXEC : 0;
}

static int phdrs_look(struct elf_image *image, elf_read_fn *read, void *file)
{
        for (unsigned i = 0; i < image->header.phnum; i++) {
                const struct elf64_phdr *ph = &image->phdrs[i];

                if (ph->type == PT_GNU_STACK)
                        image->stack_executable = ph->flags & PF_X;
                if (ph->type == PT_INTERP && !image->interp) {
                        int err = interp_read(image, ph, read, file);

                        if (err)
                                return err;
                }
        }
        return 0;
}

int elf_open(struct elf_image *image, const u8 *head, elf_read_fn *read, void *file)
{
        size_t bytes;
        int err;

        memset(image, 0, sizeof(*image));
        memcpy(&image->header, head, sizeof(image->header));
        err = header_check(&image->header);
        if (err)
                return err;
        bytes = image->header.phnum * sizeof(struct elf64_phdr);
        image->phdrs = kmalloc(bytes);
        if (!image->phdrs)
                return -ENOMEM;
        if (read(file, image->phdrs, bytes, image->header.phoff) != (ssize_t)bytes)
                err = -ENOEXEC;
        else
                err = phdrs_look(image, read, file);
        if (err)
                elf_close(image);
        return err;
}

void elf_close(struct elf_image *image)
{
        kfree(image->phdrs);
        kfree(image->interp);
        image->phdrs = NULL;
        image->interp = NULL;
}

u64 elf_total_size(const struct elf_image *image)
{
        u64 low = ~0ULL, high = 0;

        for (unsigned i = 0; i < image->header.phnum; i++) {
                const struct elf64_phdr *ph = &image->phdrs[i];

                if (ph->type != PT_LOAD)
                        continue;
                low = min_u64(low, page_align_down(ph->vaddr));
                if (ph->vaddr + ph->memsz >= ph->vaddr)
                        high = max_u64(high, ph->vaddr + ph->memsz);
        }
        return high > low ? high - low : 0;
}

u64 elf_alignment(const struct elf_image *image)
{
        u64 align = PAGE_SIZE;

        for (unsigned i = 0; i < image->header.phnum; i++) {
                const struct elf64_phdr *ph = &image->phdrs[i];

                if (ph->type == PT_LOAD && ph->align && !(ph->align & (ph->align - 1)))
                        align = max_u64(align, ph->align);
        }
        return align;
}
