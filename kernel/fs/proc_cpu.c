/* SPDX-License-Identifier: MIT */
/* /proc/cpuinfo: the one processor, as it describes itself. */
#include <cpuid.h>

#include "kernel/base/string.h"
#include "kernel/fs/proc.h"

struct flag {
        const char *name;
        u32 leaf;
        u8 reg, bit; /* reg: 0 eax, 1 ebx, 2 ecx, 3 edx */
};

static const struct flag flags[] = {
        { "fpu", 1, 3, 0 },
        { "vme", 1, 3, 1 },
        { "de", 1, 3, 2 },
        { "pse", 1, 3, 3 },
        { "tsc", 1, 3, 4 },
        { "msr", 1, 3, 5 },
        { "pae", 1, 3, 6 },
        { "mce", 1, 3, 7 },
        { "cx8", 1, 3, 8 },
        { "apic", 1, 3, 9 },
        { "sep", 1, 3, 11 },
        { "mtrr", 1, 3, 12 },
        { "pge", 1, 3, 13 },
        { "mca", 1, 3, 14 },
        { "cmov", 1, 3, 15 },
        { "pat", 1, 3, 16 },
        { "pse36", 1, 3, 17 },
        { "clflush", 1, 3, 19 },
        { "mmx", 1, 3, 23 },
        { "fxsr", 1, 3, 24 },
        { "sse", 1, 3, 25 },
        { "sse2", 1, 3, 26 },
        { "syscall", 0x80000001, 3, 11 },
        { "nx", 0x80000001, 3, 20 },
        { "pdpe1gb", 0x80000001, 3, 26 },
        { "rdtscp", 0x80000001, 3, 27 },
        { "lm", 0x80000001, 3, 29 },
        { "pni", 1, 2, 0 },
        { "pclmulqdq", 1, 2, 1 },
        { "ssse3", 1, 2, 9 },
        { "fma", 1, 2, 12 },
        { "cx16", 1, 2, 13 },
        { "sse4_1", 1, 2, 19 },
        { "sse4_2", 1, 2, 20 },
        { "movbe", 1, 2, 22 },
        { "popcnt", 1, 2, 23 },
        { "aes", 1, 2, 25 },
        { "xsave", 1, 2, 26 },
        { "avx", 1, 2, 28 },
        { "f16c", 1, 2, 29 },
        { "rdrand", 1, 2, 30 },
        { "hypervisor", 1, 2, 31 },
        { "lahf_lm", 0x80000001, 2, 0 },
        { "fsgsbase", 7, 1, 0 },
        { "bmi1", 7, 1, 3 },
        { "avx2", 7, 1, 5 },
        { "smep", 7, 1, 7 },
        { "bmi2", 7, 1, 8 },
        { "erms", 7, 1, 9 },
        { "adx", 7, 1, 19 },
        { "smap", 7, 1, 20 },
        { "umip", 7, 2, 2 },
};

static void show_flags(struct seq *seq)
{
        seq_printf(seq, "flags\t\t:");
        for (unsigned i = 0; i < ARRAY_SIZE(flags); i++) {
                u32 r[4] = { 0, 0, 0, 0 };

                __get_cpuid_count(flags[i].leaf, 0, &r[0], &r[1], &r[2], &r[3]);
                if (r[flags[i].reg] >> flags[i].bit & 1)
                        seq_printf(seq, " %s", flags[i].name);
        }
        seq_printf(seq, "\n");
}

static void model_name(char name[49])
{
        u32 *words = (u32 *)name;

        memset(name, 0, 49);
        for (u32 i = 0; i < 3; i++)
                __get_cpuid(0x80000002 + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2],
                            &words[4 * i + 3]);
}

int proc_show_cpuinfo(struct seq *seq, const struct proc_node *node, u64 *cookie)
{
        u32 a = 0, b = 0, c = 0, d = 0, family, model, max = 0;
        char vendor[13] = { 0 }, name[52];

        (void)node;
        if (!proc_first(cookie))
                return 0;
        __get_cpuid(0, &max, &b, &c, &d);
        memcpy(vendor, &b, 4);
        memcpy(vendor + 4, &d, 4);
        memcpy(vendor + 8, &c, 4);
        model_name(name);
        __get_cpuid(1, &a, &b, &c, &d);
        family = a >> 8 & 15;
        model = a >> 4 & 15;
        if (family == 6 || family == 15)
                model |= (a >> 16 & 15) << 4;
        if (family == 15)
                family += a >> 20 & 255;
        seq_printf(seq,
                   "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n"
                   "model name\t: %s\nstepping\t: %u\nphysical id\t: 0\nsiblings\t: 1\n"
                   "core id\t\t: 0\ncpu cores\t: 1\napicid\t\t: 0\nfpu\t\t: yes\n"
                   "cpuid level\t: %u\nwp\t\t: yes\n",
                   vendor, family, model, name, a & 15, max);
        show_flags(seq);
        a = 0;
        __get_cpuid(0x80000008, &a, &b, &c, &d);
        seq_printf(seq, "address sizes\t: %u bits physical, %u bits virtual\n\n", a & 255,
                   a >> 8 & 255);
        return 1;
}
