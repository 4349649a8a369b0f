/* SPDX-License-Identifier: MIT */
/*
 * Mapping an ELF file's segments. The file part of each is a private mapping of the file; what of
 * the last file page lies behind it is cleared; whole pages of bss are anonymous memory.
 *
 *      p_offset    |---- filesz ----|
 *      page        |.....|.....|....:00|      00: cleared by hand, if the segment is writable
 *      p_vaddr     |------------- memsz ------------|   the rest: anonymous
 *
 * An ET_EXEC file goes where it says. An ET_DYN file without interpreter (static PIE) goes where
 * mmap would put something of its size; one with an interpreter goes to mm_pie_base(). The whole
 * size is reserved with the first segment, so that the later ones find their place free.
 */
#include "arch/usercopy.h"
#include "kernel/base/abi/mman.h"
#include "kernel/base/errno.h"
#include "kernel/fs/file.h"
#include "kernel/sched/exec.h"
#include "kernel/sched/process.h"
#include "mm/object.h"

struct loader {
        const struct elf_image *image;
        struct file *file;
        struct backing *backing;
        struct mm_caller who;
        struct elf_loaded *out;
        bool first; /* no segment is mapped yet */
};

static u64 page_offset(u64 a)
{
        return a & ~PAGE_MASK;
}

static u64 segment_prot(const struct elf64_phdr *ph)
{
        return (ph->flags & PF_R ? PROT_READ : 0) | (ph->flags & PF_W ? PROT_WRITE : 0) |
               (ph->flags & PF_X ? PROT_EXEC : 0);
}

/*
 * Map the file part of a segment at `addr` (already biased). With `total`, that much is mapped and
 * what is beyond the segment is given back: it makes sure that there is room. Returns the address.
 */
static s64 map_file_part(struct loader *l, const struct elf64_phdr *ph, u64 addr, u64 flags,
                         u64 total)
{
        u64 size = page_align_up(ph->filesz + page_offset(ph->vaddr));
        struct mmap_request req = {
                .addr = page_align_down(addr),
                .len = total ? page_align_up(total) : size,
                .prot = segment_prot(ph),
                .flags = MAP_PRIVATE | flags,
                .offset = ph->offset - page_offset(ph->vaddr),
                .backing = l->backing,
                .readable = true,
                .noexec = file_is_noexec(l->file),
        };
        s64 at;

        if (ph->filesz > ph->filesz + page_offset(ph->vaddr) || (ph->filesz && !size))
                return -EINVAL;
        if (page_offset(req.offset))
                return -EINVAL;
        if (total && req.len < size)
                return -EINVAL;
        at = mm_mmap(current_mm(), &l->who, &req);
        if (at >= 0 && req.len > size)
                mm_munmap(current_mm(), &l->who, at + size, req.len - size);
        return at;
}

/* Zero-filled pages at [start, end), replacing what is there. */
static int map_bss(struct loader *l, u64 start, u64 end, bool exec)
{
        struct mmap_request req = {
                .addr = start,
                .len = end - start,
                .prot = PROT_READ | PROT_WRITE | (exec ? PROT_EXEC : 0),
                .flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
        };
        s64 at;

        if (end < start || end > TASK_SIZE)
                return -ENOMEM;
        if (start == end)
                return 0;
        at = mm_mmap(current_mm(), &l->who, &req);
        return at < 0 ? (int)at : 0;
}

/* One segment, whole. Returns the address of its first page. */
static s64 map_segment(struct loader *l, const struct elf64_phdr *ph, u64 addr, u64 flags,
                       u64 total)
{
        u64 zero_start, zero_end;
        s64 at = page_align_down(addr);
        int err;

        if (ph->filesz) {
                at = map_file_part(l, ph, addr, flags, total);
                if (at < 0)
                        return at;
                zero_start = at + page_offset(ph->vaddr) + ph->filesz;
        } else {
                zero_start = at;
        }
        /* An empty segment may be anywhere, also where nothing can be. */
        if (ph->memsz <= ph->filesz)
                return (u64)at < TASK_SIZE ? at : -EINVAL;
        zero_end = at + page_offset(ph->vaddr) + ph->memsz;
        if (zero_end < zero_start || page_align_up(zero_end) < zero_end)
                return -ENOMEM;
        if (ph->filesz && page_offset(zero_start) &&
            user_clear(zero_start, PAGE_SIZE - page_offset(zero_start)) && (ph->flags & PF_W))
                return -EFAULT;
        err = map_bss(l, page_align_up(zero_start), page_align_up(zero_end), ph->flags & PF_X);
        return err ? err : at;
}

/* Where the first segment of an ET_DYN file goes; sets the bias that makes it so. */
static int place_dyn(struct loader *l, const struct elf64_phdr *first, u64 *flags, u64 *total)
{
        u64 align = elf_alignment(l->image), bias = 0;

        *total = elf_total_size(l->image);
        if (!*total)
                return -EINVAL;
        if (l->image->interp) {
                bias = mm_pie_base(current_mm()) & ~(align - 1);
                *flags |= MAP_FIXED_NOREPLACE;
        } else if (align > PAGE_SIZE) {
                struct mmap_request req = {
                        .len = page_align_up(*total) + align,
                        .flags = MAP_PRIVATE | MAP_ANONYMOUS,
                };
                s64 at = mm_mmap(current_mm(), &l->who, &req);

                if (at < 0)
                        return at;
                mm_munmap(current_mm(), &l->who, at, req.len);
                bias = (at + align - 1) & ~(align - 1);
                *flags |= MAP_FIXED_NOREPLACE;
        }
        l->out->bias = page_align_down(bias - first->vaddr);
        return 0;
}

/* Linux's checks on a segment that has been mapped. */
static bool segment_is_sane(const struct elf64_phdr *ph)
{
        return ph->vaddr < TASK_SIZE && ph->filesz <= ph->memsz && ph->memsz <= TASK_SIZE &&
               ph->vaddr <= TASK_SIZE - ph->memsz;
}

/* Keep where code, data and the end are, unbiased. */
static void image_note(struct loader *l, const struct elf64_phdr *ph)
{
        struct mm_image *image = &l->out->image;
        u64 file_end = ph->vaddr + ph->filesz, phoff = l->image->header.phoff;

        if (phoff >= ph->offset && phoff - ph->offset < ph->filesz)
                l->out->phdr = phoff - ph->offset + ph->vaddr;
        if (ph->flags & PF_X) {
                image->start_code = min_u64(image->start_code, ph->vaddr);
                image->end_code = max_u64(image->end_code, file_end);
        }
        image->start_data = max_u64(image->start_data, ph->vaddr);
        image->end_data = max_u64(image->end_data, file_end);
        l->out->brk = max_u64(l->out->brk, ph->vaddr + ph->memsz);
}

static int load_segment(struct loader *l, const struct elf64_phdr *ph)
{
        u64 flags = 0, total = 0;
        bool dyn = l->image->header.type == ET_DYN;
        s64 at;
        int err;

        if (!l->first) {
                flags = MAP_FIXED;
        } else if (!dyn) {
                flags = MAP_FIXED_NOREPLACE;
        } else {
                err = place_dyn(l, ph, &flags, &total);
                if (err)
                        return err;
        }
        at = map_segment(l, ph, l->out->bias + ph->vaddr, flags, total);
        if (at < 0)
                return at;
        if (l->first && dyn)
                l->out->bias += at - page_align_down(l->out->bias + ph->vaddr);
        l->first = false;
        if (!segment_is_sane(ph))
                return -EINVAL;
        image_note(l, ph);
        return 0;
}

int elf_load(const struct elf_image *image, struct file *file, struct elf_loaded *out)
{
        struct loader l = {
                .image = image,
                .file = file,
                .backing = file_backing(file),
                .who = current_mm_caller(),
                .out = out,
                .first = true,
        };
        struct mm_image *im = &out->image;

        *out = (struct elf_loaded){ .image.start_code = ~0ULL };
        if (!l.backing)
                return -ENODEV;
        for (unsigned i = 0; i < image->header.phnum; i++) {
                int err;

                if (image->phdrs[i].type != PT_LOAD)
                        continue;
                err = load_segment(&l, &image->phdrs[i]);
                if (err)
                        return err;
        }
        out->entry = image->header.entry + out->bias;
        out->phdr += out->bias;
        out->brk += out->bias;
        im->start_code += out->bias;
        im->end_code += out->bias;
        im->start_data += out->bias;
        im->end_data += out->bias;
        return out->entry >= TASK_SIZE ? -EINVAL : 0;
}
