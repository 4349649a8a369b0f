/* SPDX-License-Identifier: MIT */
/*
 * The order of events between boot.S and kernel_main(): traps first, so that a mistake in what
 * follows is reported; then the console, the loader's information, memory, the rest of the machine.
 */
#include "arch/boot.h"
#include "arch/cpu.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/log.h"
#include "kernel/base/string.h"

_Static_assert(offsetof(struct guarded_stacks, boot) + BOOT_STACK_SIZE == 4096 + 16384, "boot.S");

static const struct log_machine log_machine = { .now_ns = clock_ns,
                                                .irq_save = cpu_irq_save,
                                                .irq_restore = cpu_irq_restore };

static u64 number_of(const char *text)
{
        u64 n = 0;

        while (*text >= '0' && *text <= '9')
                n = n * 10 + (u64)(*text++ - '0');
        return n;
}

static void log_parameters(void)
{
        char value[16];

        if (boot_param("quiet", value, sizeof(value)))
                log_set_threshold(4);
        if (boot_param("loglevel", value, sizeof(value)))
                log_set_threshold((unsigned)number_of(value));
}

static u64 ram_bytes(void)
{
        u64 sum = 0;

        for (unsigned i = 0; i < boot_info.nr_ranges; i++)
                sum += boot_info.ranges[i].end - boot_info.ranges[i].start;
        return sum;
}

static void banner(void)
{
        const struct cpu_features *f = &cpu_features;

        log_info("Terrane on %s, %lu MiB, booted by %s", f->model[0] ? f->model : f->vendor,
                 ram_bytes() >> 20, boot_info.loader);
        log_info("command line: %s", boot_info.cmdline);
        log_info("protection: NX WP%s%s%s; state by %s", f->smep ? " SMEP" : "",
                 f->smap ? " SMAP" : "", f->umip ? " UMIP" : "", f->xsave ? "XSAVE" : "FXSAVE");
}

void boot_main(u32 magic, u32 info)
{
        desc_init();
        log_set_machine(&log_machine);
        trap_console_open();
        boot_parse(magic, info);
        log_parameters();
        cpu_init();
        banner();
        panic_init();
        paging_init();
        fpu_setup();
        apic_init();
        clock_init();
        kernel_main(&boot_info);
}
