/* SPDX-License-Identifier: MIT */
/*
 * What the boot loader handed over, copied out of its memory into struct boot_info, and the kernel
 * parameters. Runs on the boot tables, where the low 4 GiB are mapped.
 */
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/multiboot.h"
#include "kernel/base/assert.h"
#include "kernel/base/cmdline.h"
#include "kernel/base/log.h"
#include "kernel/base/string.h"

#define CMDLINE_SIZE 4096
#define LOADER_SIZE  64
#define MODULE_ARGS  256
#define LOW_MEMORY   0x100000UL /* the first 1 MiB is the firmware's */

struct boot_info boot_info;

static char cmdline[CMDLINE_SIZE], loader[LOADER_SIZE];
static char module_args[BOOT_MAX_MODULES][MODULE_ARGS];

/* A string of the loader's; cut if it is too long, which is reported once the log is open. */
static void copy_string(char *dst, size_t size, u32 address, const char *what)
{
        const char *src = phys_to_virt(address);
        size_t len = strnlen(src, size);

        if (len == size) {
                log_warn("boot: %s cut to %lu characters", what, size - 1);
                len--;
        }
        memcpy(dst, src, len);
        dst[len] = '\0';
}

/* ---- memory */

static void ranges_remove(unsigned i)
{
        memmove(&boot_info.ranges[i], &boot_info.ranges[i + 1],
                (boot_info.nr_ranges - i - 1) * sizeof(struct mem_range));
        boot_info.nr_ranges--;
}

static void ranges_insert(unsigned i, struct mem_range r)
{
        if (boot_info.nr_ranges == BOOT_MAX_RANGES) {
                log_warn("boot: memory map too long, %#lx-%#lx ignored", r.start, r.end);
                return;
        }
        memmove(&boot_info.ranges[i + 1], &boot_info.ranges[i],
                (boot_info.nr_ranges - i) * sizeof(struct mem_range));
        boot_info.ranges[i] = r;
        boot_info.nr_ranges++;
}

/* Add RAM, in order, joined with what it touches. */
static void ranges_add(paddr start, paddr end)
{
        struct mem_range r = { max_u64(start, LOW_MEMORY), min_u64(end, DIRECT_MAP_SIZE) };
        unsigned i = 0;

        if (r.start >= r.end)
                return;
        while (i < boot_info.nr_ranges && boot_info.ranges[i].end < r.start)
                i++;
        while (i < boot_info.nr_ranges && boot_info.ranges[i].start <= r.end) {
                r.start = min_u64(r.start, boot_info.ranges[i].start);
                r.end = max_u64(r.end, boot_info.ranges[i].end);
                ranges_remove(i);
        }
        ranges_insert(i, r);
}

/* Take out what some entry of the map calls anything but RAM, should entries overlap. */
static void ranges_cut(paddr start, paddr end)
{
        for (unsigned i = 0; i < boot_info.nr_ranges;) {
                struct mem_range r = boot_info.ranges[i];

                if (r.end <= start || r.start >= end) {
                        i++;
                        continue;
                }
                ranges_remove(i);
                if (r.start < start)
                        ranges_insert(i++, (struct mem_range){ r.start, start });
                if (end < r.end)
                        ranges_insert(i++, (struct mem_range){ end, r.end });
        }
}

static void parse_mmap(const struct multiboot_info *mbi, bool ram)
{
        const u8 *p = phys_to_virt(mbi->mmap_addr);
        const u8 *limit = p + mbi->mmap_length;

        while (p < limit) {
                const struct multiboot_mmap *m = (const void *)p;
                paddr end = m->addr + m->len;

                if (end < m->addr)
                        end = ~0UL;
                if (ram && m->type == MULTIBOOT_RAM)
                        ranges_add(m->addr, end);
                if (!ram && m->type != MULTIBOOT_RAM)
                        ranges_cut(page_align_down(m->addr), page_align_up(end));
                p += m->size + sizeof(m->size);
        }
}

static void parse_memory(const struct multiboot_info *mbi)
{
        if (mbi->flags & MULTIBOOT_HAS_MMAP) {
                parse_mmap(mbi, true);
                parse_mmap(mbi, false);
        } else if (mbi->flags & MULTIBOOT_HAS_MEMORY) {
                ranges_add(LOW_MEMORY, LOW_MEMORY + mbi->mem_upper * 1024UL);
        }
        if (!boot_info.nr_ranges)
                panic("the boot loader reports no memory");
}

/* Kept in ascending order. */
void boot_reserve(paddr start, paddr end)
{
        struct mem_range *r = boot_info.reserved;
        unsigned i = boot_info.nr_reserved;

        if (i == BOOT_MAX_RANGES)
                panic("too many reserved ranges");
        for (; i && r[i - 1].start > start; i--)
                r[i] = r[i - 1];
        r[i] = (struct mem_range){ start, end };
        boot_info.nr_reserved++;
}

/* ---- modules and strings */

static void parse_modules(const struct multiboot_info *mbi)
{
        const struct multiboot_module *m = phys_to_virt(mbi->mods_addr);

        for (u32 i = 0; i < mbi->mods_count; i++) {
                struct boot_module *module = &boot_info.modules[i];
                const char *space;

                if (i == BOOT_MAX_MODULES) {
                        log_warn("boot: only the first %u modules are used", i);
                        return;
                }
                copy_string(module_args[i], MODULE_ARGS, m[i].string, "module string");
                space = strchr(module_args[i], ' ');
                module->start = m[i].start;
                module->end = m[i].end;
                module->args = space && loader[0] == 'q' ? space + 1 : module_args[i];
                boot_reserve(page_align_down(m[i].start), page_align_up(m[i].end));
                boot_info.nr_modules++;
        }
}

/*
 * `qemu -kernel` puts the kernel's path first, GRUB puts nothing there, but a menu may repeat the
 * path for equality: a first word that begins with `/` is a path, as no parameter does.
 */
static void parse_cmdline(u32 address)
{
        char *rest = cmdline;

        copy_string(cmdline, sizeof(cmdline), address, "command line");
        if (*rest == '/' || !strcmp(loader, "qemu")) {
                while (*rest && *rest != ' ')
                        rest++;
        }
        while (*rest == ' ')
                rest++;
        boot_info.cmdline = rest;
}

void boot_parse(u32 magic, u32 info)
{
        const struct multiboot_info *mbi = phys_to_virt(info);

        boot_info.cmdline = cmdline;
        boot_info.loader = loader;
        if (magic != MULTIBOOT_LOADED)
                panic("not started by a Multiboot loader (magic %#x)", magic);
        if (mbi->flags & MULTIBOOT_HAS_LOADER)
                copy_string(loader, sizeof(loader), mbi->boot_loader_name, "loader name");
        if (mbi->flags & MULTIBOOT_HAS_CMDLINE)
                parse_cmdline(mbi->cmdline);
        parse_memory(mbi);
        boot_reserve(image_to_phys(image_start), image_to_phys(image_end));
        if (mbi->flags & MULTIBOOT_HAS_MODULES)
                parse_modules(mbi);
}

/* ---- parameters */

const char *boot_cmdline(void)
{
        return boot_info.cmdline ? boot_info.cmdline : "";
}

bool boot_param(const char *name, char *buf, size_t size)
{
        return cmdline_param(boot_cmdline(), name, buf, size);
}
