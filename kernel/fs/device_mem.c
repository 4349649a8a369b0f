/* SPDX-License-Identifier: MIT */
/*
 * /dev/mem: physical memory that is not RAM, for CAP_SYS_RAWIO. Firmware, option ROMs and device
 * registers can be mapped and read; RAM cannot (EPERM), as on a Linux with STRICT_DEVMEM, only that
 * Linux lets RAM below 1 MiB be mapped. Nothing is written by write(): that takes a mapping.
 *
 * An offset in the file is a physical address. Where nothing answers, the bus reads all ones.
 * read() reads whole pages, so registers that change when they are read are for mappings, too.
 */
#include "kernel/fs/device.h"

#include "arch/boot.h"
#include "kernel/fs/open_file.h"
#include "kernel/sched/cred.h"
#include "mm/page.h"
#include "mm/slab.h"

/* What every x86-64 processor can address. An entry beyond its limit would be a fault for ever. */
#define ADDRESS_END (1ULL << 36)

static const struct mem_range *ram;
static unsigned nr_ram;

void device_mem_init(const struct mem_range *ranges, unsigned nr)
{
        ram = ranges;
        nr_ram = nr;
}

/* Bytes that may be shown: 0, -EPERM (some of it is RAM), -EINVAL (no such addresses). */
static int range_check(u64 start, u64 len)
{
        u64 first = page_align_down(start), last = page_align_up(start + len);

        if (start >= ADDRESS_END || len > ADDRESS_END - start)
                return -EINVAL;
        for (unsigned i = 0; i < nr_ram; i++)
                if (first < ram[i].end && last > ram[i].start)
                        return -EPERM;
        return 0;
}

/* ---------------------------------------------------------------- mappings */

static int mem_may_map(struct backing *backing, u64 pgoff, u64 pages)
{
        (void)backing;
        if (pgoff >= ADDRESS_END >> PAGE_SHIFT || pages > ADDRESS_END >> PAGE_SHIFT)
                return -EINVAL;
        return range_check(pgoff << PAGE_SHIFT, pages << PAGE_SHIFT);
}

static bool mem_frame(struct backing *backing, u64 pgoff, pfn_t *frame)
{
        (void)backing;
        *frame = pgoff;
        return true; /* mem_may_map() has looked, and these mappings never grow */
}

static const struct backing_ops mem_backing_ops = {
        .may_map = mem_may_map,
        .frame = mem_frame,
};

int device_mem_open(struct file *file)
{
        if (!capable(CAP_SYS_RAWIO))
                return -EPERM;
        file->backing.ops = &mem_backing_ops;
        return 0;
}

/* ---------------------------------------------------------------- reading */

/* Up to the end of one page, through `buffer`: bytes moved or an errno. */
static ssize_t read_piece(struct uio *to, u64 at, u8 *buffer)
{
        u64 offset = at & ~PAGE_MASK;
        size_t n = min_u64(PAGE_SIZE - offset, to->left), moved;
        int err = range_check(at, n);

        if (err)
                return err == -EINVAL ? -EFAULT : err;
        frame_copy(buffer, at >> PAGE_SHIFT);
        moved = uio_put(to, (char *)buffer + offset, n);
        return moved ? (ssize_t)moved : -EFAULT;
}

static ssize_t mem_read(struct file *file, struct uio *to, s64 *pos)
{
        u8 *buffer = kmalloc(PAGE_SIZE);
        ssize_t done = 0, n = 1;

        (void)file;
        if (!buffer)
                return -ENOMEM;
        while (to->left && n > 0) {
                n = read_piece(to, (u64)*pos, buffer);
                if (n <= 0)
                        break;
                *pos += n;
                done += n;
        }
        kfree(buffer);
        return done ? done : n < 0 ? n : 0;
}

static ssize_t mem_write(struct file *file, struct uio *from, s64 *pos)
{
        (void)file;
        (void)from;
        (void)pos;
        return -EPERM;
}

static s64 mem_seek(struct file *file, s64 offset, int whence)
{
        if (whence != SEEK_SET && whence != SEEK_CUR)
                return -EINVAL;
        return seek_sized(file, offset, whence, 0);
}

const struct file_ops mem_ops = {
        .read = mem_read,
        .write = mem_write,
        .seek = mem_seek,
};
