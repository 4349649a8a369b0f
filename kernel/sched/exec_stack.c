/* SPDX-License-Identifier: MIT */
/*
 * The initial stack of a program, from the top down:
 *
 *      0 (8 bytes) | file name | environment | arguments | "x86_64" | 16 random bytes
 *      | auxiliary vector | envp[] NULL | argv[] NULL | argc  <- stack pointer, 16-byte aligned
 *
 * The strings lie there already when stack_fill() is called.
 */
#include "arch/cpu.h"
#include "arch/sigframe.h"
#include "arch/usercopy.h"
#include "kernel/base/abi/rseq.h"
#include "kernel/base/abi/time.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/sched/exec_impl.h"
#include "kernel/sched/process.h"

static const char platform[] = "x86_64";

#define AUXV_MAX 26

struct auxv {
        unsigned nr; /* words */
        u64 words[2 * AUXV_MAX];
};

static void aux_add(struct auxv *v, u64 type, u64 value)
{
        v->words[v->nr++] = type;
        v->words[v->nr++] = value;
}

/* In Linux's order: programs may print it. */
static void auxv_build(struct auxv *v, const struct exec *x, const struct elf_loaded *prog,
                       u64 interp_base, u64 random, u64 platform_at)
{
        const struct cred *cred = current_cred();

        v->nr = 0;
        aux_add(v, AT_SYSINFO_EHDR, x->vdso);
        aux_add(v, AT_MINSIGSTKSZ, sigframe_min_stack());
        aux_add(v, AT_HWCAP, cpu_hwcap());
        aux_add(v, AT_PAGESZ, PAGE_SIZE);
        aux_add(v, AT_CLKTCK, USER_HZ);
        aux_add(v, AT_PHDR, prog->phdr);
        aux_add(v, AT_PHENT, sizeof(struct elf64_phdr));
        aux_add(v, AT_PHNUM, x->image.header.phnum);
        aux_add(v, AT_BASE, interp_base);
        aux_add(v, AT_FLAGS, 0);
        aux_add(v, AT_ENTRY, prog->entry);
        aux_add(v, AT_UID, cred->uid);
        aux_add(v, AT_EUID, cred->euid);
        aux_add(v, AT_GID, cred->gid);
        aux_add(v, AT_EGID, cred->egid);
        aux_add(v, AT_SECURE, x->secure);
        aux_add(v, AT_RANDOM, random);
        aux_add(v, AT_HWCAP2, cpu_hwcap2());
        aux_add(v, AT_EXECFN, x->strings + x->args.name_offset);
        aux_add(v, AT_PLATFORM, platform_at);
        aux_add(v, AT_RSEQ_FEATURE_SIZE, RSEQ_FEATURE_SIZE);
        aux_add(v, AT_RSEQ_ALIGN, RSEQ_ALIGN);
        aux_add(v, AT_NULL, 0);
}

int stack_fill(struct exec *x, const struct elf_loaded *prog, u64 interp_base, u64 *sp)
{
        u64 platform_at = (x->strings & ~15UL) - sizeof(platform), random_at = platform_at - 16;
        u64 words = 1 + x->args.argc + 1 + x->args.envc + 1, argc = x->args.argc;
        struct auxv v;
        u8 random[16];
        u64 bottom;

        cpu_random(random, sizeof(random));
        auxv_build(&v, x, prog, interp_base, random_at, platform_at);
        bottom = (random_at - (v.nr + words) * sizeof(u64)) & ~15UL;
        if (user_copy_out(platform_at, platform, sizeof(platform)) ||
            user_copy_out(random_at, random, sizeof(random)) ||
            user_copy_out(bottom, &argc, sizeof(argc)) ||
            args_write_pointers(&x->args, bottom + sizeof(u64), x->strings) ||
            user_copy_out(bottom + words * sizeof(u64), v.words, v.nr * sizeof(u64)))
                return -EFAULT;
        *sp = bottom;
        return 0;
}
