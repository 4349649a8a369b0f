/* SPDX-License-Identifier: MIT */
/*
 * The processor itself: what it can do, which protections are on, interrupts, random numbers.
 *
 * Random numbers come from RDRAND. Without it, or after cpu_random_seed(), they come from a
 * generator (xoshiro256**) that is good enough for layouts and hash seeds and is no cipher.
 */
#include "arch/cpu.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"

struct cpu_features cpu_features;

struct smap_site {
        u8 *code;
        u64 last; /* third byte of the instruction */
};
extern const struct smap_site smap_sites_start[], smap_sites_end[];

static u64 cr4_pinned; /* bits that may not be cleared any more */

static u64 random_state[4];
static bool random_seeded; /* the state is in use; RDRAND is not */

static void cpu_detect(void)
{
        struct cpuid max = cpuid_read(0, 0), one = cpuid_read(1, 0);
        struct cpuid seven = { 0 };
        struct cpu_features *f = &cpu_features;

        if (max.eax >= 7)
                seven = cpuid_read(7, 0);
        f->huge_pages = cpuid_read(0x80000001, 0).edx >> 26 & 1;
        f->xsave = one.ecx >> 26 & 1;
        f->rdrand = one.ecx >> 30 & 1;
        f->smep = seven.ebx >> 7 & 1;
        f->smap = seven.ebx >> 20 & 1;
        f->umip = seven.ecx >> 2 & 1;
        f->pku = f->xsave && (seven.ecx >> 3 & 1);
        memcpy(f->vendor, &max.ebx, 4);
        memcpy(f->vendor + 4, &max.edx, 4);
        memcpy(f->vendor + 8, &max.ecx, 4);
        if (cpuid_read(0x80000000, 0).eax >= 0x80000004) {
                for (u32 i = 0; i < 3; i++) {
                        struct cpuid part = cpuid_read(0x80000002 + i, 0);

                        memcpy(f->model + 16 * i, &part, 16);
                }
        }
}

/* Until now the sites hold three-byte no-ops. Text is still writable. */
static void smap_enable(void)
{
        for (const struct smap_site *s = smap_sites_start; s < smap_sites_end; s++) {
                s->code[0] = 0x0f;
                s->code[1] = 0x01;
                s->code[2] = (u8)s->last;
        }
}

/*
 * The only place that writes CR4. Once the protections are on they stay: code that jumps to the
 * instruction, with bits of its own in `value`, does not get past the check behind it.
 */
static __attribute__((noinline)) void cr4_write(u64 value)
{
        asm volatile(".globl cpu_cr4_write\ncpu_cr4_write: mov %0, %%cr4"
                     :
                     : "r"(value)
                     : "memory");
        asm volatile("mov %%cr4, %0" : "=r"(value));
        if ((value & cr4_pinned) != cr4_pinned)
                panic("protection bits of CR4 were cleared (%#lx)", value);
}

void cpu_init(void)
{
        u64 cr4 = cr4_read() | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;

        cpu_detect();
        if (cpu_features.smep)
                cr4 |= CR4_SMEP;
        if (cpu_features.umip)
                cr4 |= CR4_UMIP;
        if (cpu_features.smap) {
                smap_enable();
                cr4 |= CR4_SMAP;
        }
        if (cpu_features.xsave)
                cr4 |= CR4_OSXSAVE;
        if (cpu_features.pku)
                cr4 |= CR4_PKE;
        cr4_write(cr4);
        cr4_pinned = cr4 & (CR4_SMEP | CR4_SMAP | CR4_UMIP);
        cr0_write((cr0_read() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE | CR0_WP | CR0_AM);
}

void cpu_idle(void)
{
        /* STI lets the next instruction begin before an interrupt is taken: no gap before HLT. */
        asm volatile("sti; hlt" : : : "memory");
}

void cpu_relax(void)
{
        asm volatile("pause");
}

void cpu_halt(void)
{
        for (;;)
                asm volatile("cli; hlt");
}

static u64 rotate_left(u64 x, unsigned n)
{
        return x << n | x >> (64 - n);
}

static u64 random_next(void)
{
        u64 *s = random_state;
        u64 result = rotate_left(s[1] * 5, 7) * 9, t = s[1] << 17;

        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = rotate_left(s[3], 45);
        return result;
}

void cpu_random_seed(u64 seed)
{
        /* SplitMix64 spreads the seed over the state, which must not be all zero. */
        for (unsigned i = 0; i < 4; i++) {
                u64 z = seed += 0x9e3779b97f4a7c15;

                z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
                z = (z ^ z >> 27) * 0x94d049bb133111eb;
                random_state[i] = z ^ z >> 31;
        }
        random_seeded = true;
}

/* The SDM's advice: RDRAND that fails ten times in a row is broken. */
static bool rdrand(u64 *value)
{
        for (unsigned i = 0; i < 10; i++) {
                bool ok;

                asm volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(ok) : : "cc");
                if (ok)
                        return true;
        }
        return false;
}

static u64 random_word(void)
{
        u64 value;

        if (!random_seeded && cpu_features.rdrand && rdrand(&value))
                return value;
        if (!random_seeded)
                cpu_random_seed(rdtsc() ^ clock_boot_unix_ns());
        return random_next();
}

void cpu_random(void *buf, size_t len)
{
        u8 *p = buf;

        while (len) {
                u64 word = random_word();
                size_t n = min_u64(len, sizeof(word));

                memcpy(p, &word, n);
                p += n;
                len -= n;
        }
}

u64 cpu_hwcap(void)
{
        return cpuid_read(1, 0).edx;
}

u64 cpu_hwcap2(void)
{
        return 0; /* bit 1 would say that user code may write FS and GS bases */
}
