/* SPDX-License-Identifier: MIT */
/*
 * Floating-point and vector state of user code. The kernel itself is compiled without such
 * registers, so the state stays in them until the scheduler switches.
 *
 * With XSAVE the image is the standard (not compacted) format, because that is what signal frames
 * hold: 512 bytes of FXSAVE, a 64-byte header, then AVX and what else XCR0 enables. Without XSAVE
 * it is the 512 bytes alone.
 */
#include "arch/context.h"
#include "arch/mmu.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/assert.h"
#include "kernel/base/string.h"

#define XFEATURE_AVX    0x04UL
#define XFEATURE_AVX512 0xe0UL /* all three parts or none */

#define FXSAVE_SIZE   512
#define XSAVE_MINIMUM (512 + 64)

#define FCW_DEFAULT   0x037f
#define MXCSR_DEFAULT 0x1f80
#define PKRU_DEFAULT  0x55555554 /* no access by any key but 0, as on Linux */
#define MXCSR_MASK    0xffbf     /* what a CPU has that reports no mask */

/* The parts of the image that we read ourselves. */
struct fpu_image {
        u16 fcw, fsw;
        u8 ftw, reserved1;
        u16 fop;
        u64 rip, rdp;
        u32 mxcsr, mxcsr_mask;
        u8 registers[FXSAVE_SIZE - 32];
        struct xsave_header header; /* XSAVE only */
};

/* What a new program starts with, as fpu_init() has it. */
static u8 initial_image[4096] __attribute__((aligned(64)));

struct fpu_layout fpu_layout = { .features = XFEATURES_FXSAVE, .size = FXSAVE_SIZE };
static u32 mxcsr_mask = MXCSR_MASK;

static void mxcsr_mask_detect(void)
{
        static struct fpu_image image __attribute__((aligned(64)));

        asm volatile("fninit; fxsave64 %0" : "=m"(image));
        if (image.mxcsr_mask)
                mxcsr_mask = image.mxcsr_mask;
}

static void xsave_enable(void)
{
        struct cpuid can = cpuid_read(0xd, 0);
        u64 xcr0 = XFEATURES_FXSAVE;

        xcr0 |= can.eax & XFEATURE_AVX;
        if ((xcr0 & XFEATURE_AVX) && (can.eax & XFEATURE_AVX512) == XFEATURE_AVX512)
                xcr0 |= XFEATURE_AVX512;
        if (cpu_features.pku && (can.eax & XFEATURE_PKRU)) {
                xcr0 |= XFEATURE_PKRU;
                fpu_layout.pkru_offset = cpuid_read(0xd, 9).ebx;
        }
        fpu_layout.features = xcr0;
        asm volatile("xsetbv"
                     :
                     : "a"((u32)fpu_layout.features), "d"((u32)(fpu_layout.features >> 32)),
                       "c"(0));
        fpu_layout.size = cpuid_read(0xd, 0).ebx; /* for what XCR0 now enables */
}

void fpu_setup(void)
{
        mxcsr_mask_detect();
        if (cpu_features.xsave)
                xsave_enable();
        CHECK(fpu_layout.size <= sizeof(initial_image));
        fpu_init(initial_image);
        memory_init(fpu_layout.features & XFEATURE_AVX);
}

size_t fpu_size(void)
{
        return fpu_layout.size;
}

u64 fpu_features(void)
{
        return fpu_layout.features;
}

void fpu_init(void *area)
{
        struct fpu_image *image = area;

        memset(area, 0, fpu_layout.size);
        image->fcw = FCW_DEFAULT;
        image->mxcsr = MXCSR_DEFAULT;
        image->mxcsr_mask = mxcsr_mask;
        if (cpu_features.xsave) /* x87 and SSE as above, everything else initial */
                image->header.features = XFEATURES_FXSAVE;
        if (fpu_layout.pkru_offset) {
                u32 pkru = PKRU_DEFAULT;

                image->header.features |= XFEATURE_PKRU;
                memcpy((u8 *)area + fpu_layout.pkru_offset, &pkru, sizeof(pkru));
        }
}

/* ---- protection keys: two bits of PKRU for each, access disable and write disable */

bool mmu_has_keys(void)
{
        return fpu_layout.pkru_offset != 0;
}

bool mmu_key_denies(unsigned key, bool write)
{
        return pkru_read() >> 2 * key & (write ? 3 : 1);
}

/* The rights have the values of PKRU's bits. */
void mmu_key_set(unsigned key, unsigned rights)
{
        pkru_write((pkru_read() & ~(3u << 2 * key)) | (rights & 3) << 2 * key);
}

void fpu_save(void *area)
{
        if (cpu_features.xsave)
                asm volatile("xsave64 (%0)"
                             :
                             : "r"(area), "a"((u32)fpu_layout.features),
                               "d"((u32)(fpu_layout.features >> 32))
                             : "memory");
        else
                asm volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

void fpu_load(const void *area)
{
        if (cpu_features.xsave)
                asm volatile("xrstor64 (%0)"
                             :
                             : "r"(area), "a"((u32)fpu_layout.features),
                               "d"((u32)(fpu_layout.features >> 32))
                             : "memory");
        else
                asm volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

void fpu_reset(void)
{
        fpu_load(initial_image);
}

/*
 * For an image that came from user memory. What XRSTOR would refuse with #GP is refused here (SDM
 * vol. 1, 13.8): reserved MXCSR bits, components that XCR0 does not enable, bytes 8 to 23 of the
 * header that are not zero (a compacted format).
 */
bool fpu_takes(u32 mxcsr, const struct xsave_header *header)
{
        if (mxcsr & ~mxcsr_mask)
                return false;
        return !header ||
               (!(header->features & ~fpu_layout.features) && !header->compaction && !header->zero);
}

_Static_assert(offsetof(struct fpu_image, header) == FXSAVE_SIZE, "XSAVE header");
_Static_assert(sizeof(struct fpu_image) == XSAVE_MINIMUM, "XSAVE header");
