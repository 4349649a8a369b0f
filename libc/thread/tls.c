/* SPDX-License-Identifier: MIT */
/* Thread-local storage: found through the program headers, laid out below struct pthread. */
#include <elf.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <stdlib.h>
#include <unistd.h>
#include "thread.h"
#include "../system/raw.h"

#define ARCH_SET_FS 0x1002
#define MIN_ALIGN   64

static const char *tls_image;
static unsigned long tls_file_size;
static unsigned long tls_size; /* rounded up to tls_align */
static unsigned long tls_align = MIN_ALIGN;

/* Programs with up to this much TLS need no mapping for their first thread. */
static struct {
        char tls[1024] __attribute__((aligned(MIN_ALIGN)));
        struct pthread thread __attribute__((aligned(MIN_ALIGN)));
} first;

extern const Elf64_Dyn _DYNAMIC[] __attribute__((weak, visibility("hidden")));

/* How far the program lies from where it was linked: not at all, unless it is a static-pie. */
static unsigned long load_bias(const Elf64_Phdr *ph, unsigned long count)
{
        if (_DYNAMIC)
                for (unsigned long i = 0; i < count; i++)
                        if (ph[i].p_type == PT_DYNAMIC)
                                return (unsigned long)_DYNAMIC - ph[i].p_vaddr;
        return 0;
}

static void find_tls(void)
{
        const Elf64_Phdr *ph = (const Elf64_Phdr *)getauxval(AT_PHDR);
        unsigned long count = getauxval(AT_PHNUM);
        unsigned long bias;

        if (!ph)
                return;
        bias = load_bias(ph, count);
        for (unsigned long i = 0; i < count; i++) {
                if (ph[i].p_type != PT_TLS)
                        continue;
                if (ph[i].p_align > tls_align)
                        tls_align = ph[i].p_align;
                tls_image = (const char *)(bias + ph[i].p_vaddr);
                tls_file_size = ph[i].p_filesz;
                /* the linker counts from a block rounded to the segment's own alignment */
                tls_size = ph[i].p_memsz;
                if (ph[i].p_align > 1)
                        tls_size = (tls_size + ph[i].p_align - 1) & ~(ph[i].p_align - 1);
        }
}

unsigned long thread_tls_size(void)
{
        return tls_size;
}

unsigned long thread_tls_align(void)
{
        return tls_align;
}

struct pthread *thread_init_block(void *tp)
{
        struct pthread *t = tp;
        const unsigned long *random = (const unsigned long *)getauxval(AT_RANDOM);

        memset(t, 0, sizeof(*t));
        memset((char *)tp - tls_size, 0, tls_size);
        if (tls_file_size)
                memcpy((char *)tp - tls_size, tls_image, tls_file_size);
        t->self = t;
        t->self_again = t;
        t->canary = random ? random[1] & ~0xffUL : 0x5bd1e995a6b7c800UL;
        return t;
}

/* A block for a first thread whose TLS does not fit into `first`. */
static void *map_first(void)
{
        unsigned long size = tls_size + sizeof(struct pthread) + 2 * tls_align;
        long base = raw6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (base < 0 && base >= -4095)
                raw1(SYS_exit_group, 127);
        return (void *)(((unsigned long)base + tls_size + tls_align - 1) & ~(tls_align - 1));
}

void thread_init_first(void)
{
        struct pthread *t;
        void *tp = &first.thread;

        find_tls();
        if (tls_size > sizeof(first.tls) || tls_align > MIN_ALIGN)
                tp = map_first();
        t = thread_init_block(tp);
        if (raw2(SYS_arch_prctl, ARCH_SET_FS, (long)t) != 0)
                raw1(SYS_exit_group, 127);
        /* stdio is closed through the global struct _reent at exit, so it is this thread's */
        t->reent = _global_impure_ptr;
        t->tid = (int)raw1(SYS_set_tid_address, (long)&t->tid);
}

struct _reent *__getreent(void)
{
        return thread_self()->reent;
}
