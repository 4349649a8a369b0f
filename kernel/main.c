/* SPDX-License-Identifier: MIT */
/*
 * The order in which the kernel comes up. Each line needs what stands above it:
 *
 *      pages -> slabs -> address spaces -> scheduler -> files -> console -> the first process
 *
 * Kernel parameters read here:
 *   init=PATH   the first program (/init)
 *   aslr=SEED   randomise addresses of programs, from this number; off by default
 *   selftest=NAME  attack the kernel and see it stopped (arch/x86_64/attack.c)
 *   seed=N      random bytes of the kernel follow from this number alone
 *   anonnames   let programs name anonymous memory: mm/anon_name.h; off by default
 *   softdirty   keep which pages were written: mm/soft_dirty.h; off by default
 *   strace=LIST log these system calls (names, or all), signals and ends: kernel/sched/strace.h
 *
 * What stands behind "--" on the command line is handed to the first program as arguments.
 */
#include "arch/boot.h"
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "kernel/base/assert.h"
#include "kernel/base/cmdline.h"
#include "kernel/base/log.h"
#include "kernel/base/string.h"
#include "kernel/dev/console.h"
#include "kernel/fs/file.h"
#include "kernel/sched/exec.h"
#include "kernel/sched/process.h"
#include "kernel/sched/vdso.h"
#include "kernel/sys/trap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/slab.h"

#define INIT_ARGS_MAX 64

static void unpack_modules(const struct boot_info *boot)
{
        if (!boot->nr_modules)
                panic("no initramfs: the boot loader gave no module, so there is no first program");
        for (unsigned i = 0; i < boot->nr_modules; i++) {
                const struct boot_module *m = &boot->modules[i];
                const char *at =
                        (const char *)pfn_to_virt(m->start >> PAGE_SHIFT) + (m->start & ~PAGE_MASK);

                if (initramfs_unpack(at, m->end - m->start))
                        panic("module %u is no cpio archive (newc), or a broken one", i);
                page_release_reserved(m->start, m->end);
        }
}

static void start_init(const struct boot_info *boot)
{
        static char path[256] = "/init", cmdline[4096];
        static char *argv[INIT_ARGS_MAX + 2], *envp[] = { "HOME=/", "TERM=linux", NULL };

        boot_param("init", path, sizeof(path));
        memcpy(cmdline, boot->cmdline, strnlen(boot->cmdline, sizeof(cmdline) - 1));
        argv[0] = path;
        cmdline_args(cmdline, argv + 1, INIT_ARGS_MAX);
        process_start_init(path, argv, envp);
}

/* What Linux decides when it is built. */
static void mm_options(void)
{
        char value[2];

        mm_sysctl.anon_names = boot_param("anonnames", value, sizeof(value));
        mm_sysctl.soft_dirty = boot_param("softdirty", value, sizeof(value));
}

static void start_strace(void)
{
        static char names[1024];

        if (boot_param("strace", names, sizeof(names)))
                syscall_strace(names);
}

_Noreturn void kernel_main(const struct boot_info *boot)
{
        struct memory_stats stats;

        page_init(boot->ranges, boot->nr_ranges, boot->reserved, boot->nr_reserved);
        slab_init();
        mm_init();
        mm_options();
        machine_selftest();
        task_init();
        sched_init();
        if (cmdline_number(boot_cmdline(), "seed"))
                cpu_random_seed(cmdline_number(boot_cmdline(), "seed"));
        exec_set_aslr(cmdline_number(boot_cmdline(), "aslr"));
        vdso_init();
        device_mem_init(boot->ranges, boot->nr_ranges);
        fs_init();
        trap_init();
        console_start();
        start_strace();
        memory_stats(&stats);
        log_info("terrane: %llu MiB of memory, %s", (unsigned long long)stats.total >> 8,
                 boot->loader);
        unpack_modules(boot);
        start_init(boot);
        sched_idle();
}
