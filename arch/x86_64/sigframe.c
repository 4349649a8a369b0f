/* SPDX-License-Identifier: MIT */
/*
 * Signal frames on the user stack, in Linux's layout (its struct rt_sigframe), because handlers
 * read and change them:
 *
 *      sp of the interrupted code, less the red zone; or the top of the alternate stack
 *      | XSAVE image, then MAGIC2          64-byte aligned, sigcontext.fpstate points here
 *      | siginfo | ucontext | return address = SA_RESTORER
 *      ^ rsp in the handler: 16-byte aligned, less 8
 *
 * sigreturn finds the frame by rsp alone, so every byte of it may be the user's invention.
 */
#include "arch/sigframe.h"
#include "arch/context.h"
#include "arch/usercopy.h"
#include "arch/x86_64/local.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "mm/slab.h"

#define UC_FP_XSTATE         1UL /* fpstate is an XSAVE image */
#define UC_SIGCONTEXT_SS     2UL /* ss is saved */
#define UC_STRICT_RESTORE_SS 4UL /* and restored */

/* Marks around an XSAVE image: in its 48 bytes for software, and behind it. */
#define XSTATE_MAGIC1 0x46505853u
#define XSTATE_MAGIC2 0x46505845u

#define FXSAVE_SIZE     512
#define FXSAVE_SOFTWARE 464 /* offset of the bytes for software */
#define XSAVE_HEADER    64
#define FPU_ALIGN       64
#define FXSAVE_ALIGN    16
#define FRAME_ALIGN     16

struct sigcontext {
        u64 r8, r9, r10, r11, r12, r13, r14, r15;
        u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
        u16 cs, gs, fs, ss;
        u64 error, trapno, oldmask, cr2;
        u64 fpstate; /* user address; 0: none */
        u64 reserved[8];
};

struct ucontext {
        u64 flags, link;
        struct stack_abi stack;
        struct sigcontext context;
        u64 sigmask;
};

struct sigframe {
        u64 return_address;
        struct ucontext uc;
        u8 info[SIGINFO_USER_SIZE];
};

struct xstate_software {
        u32 magic1;
        u32 extended_size; /* of the image with MAGIC2 */
        u64 features;
        u32 xstate_size;
        u32 padding[7];
};

_Static_assert(sizeof(struct sigcontext) == 256, "Linux's layout");
_Static_assert(sizeof(struct ucontext) == 304, "Linux's layout");
_Static_assert(sizeof(struct sigframe) == 440, "Linux's layout");
_Static_assert(FXSAVE_SOFTWARE + sizeof(struct xstate_software) == FXSAVE_SIZE, "XSAVE layout");

/* Bytes of the image on the user stack. */
static u64 image_space(void)
{
        return fpu_size() + (cpu_features.xsave ? sizeof(u32) : 0);
}

u64 sigframe_min_stack(void)
{
        u64 size = sizeof(struct sigframe) + FRAME_ALIGN + image_space() + FPU_ALIGN;

        return (size + FRAME_ALIGN - 1) & ~(FRAME_ALIGN - 1UL);
}

/* ---- pushing */

/*
 * XSAVE leaves out what is in its initial state. The frame has x87 and SSE all the same, and PKRU,
 * which handlers look for. The latter is that of the interrupted code: the register, and `fpu` with
 * it when the thread has slept since, is open at the moment.
 */
static int features_push(uaddr dst, const void *fpu, u32 pkru)
{
        u64 features = *(const u64 *)((const u8 *)fpu + FXSAVE_SIZE) | XFEATURES_FXSAVE;

        if (fpu_pkru_offset()) {
                features |= XFEATURE_PKRU;
                if (user_copy_out(dst + fpu_pkru_offset(), &pkru, sizeof(pkru)))
                        return -EFAULT;
        }
        return user_copy_out(dst + FXSAVE_SIZE, &features, sizeof(features)) ? -EFAULT : 0;
}

/* Copy the saved registers to user memory at `dst`, marked so that sigreturn knows them again. */
static int image_push(uaddr dst, void *fpu, u32 pkru)
{
        struct xstate_software software = { .magic1 = XSTATE_MAGIC1,
                                            .extended_size = (u32)image_space(),
                                            .features = fpu_features(),
                                            .xstate_size = (u32)fpu_size() };
        u32 magic2 = XSTATE_MAGIC2;

        if (!cpu_features.xsave)
                return user_copy_out(dst, fpu, fpu_size()) ? -EFAULT : 0;
        memcpy((u8 *)fpu + FXSAVE_SOFTWARE, &software, sizeof(software));
        if (user_copy_out(dst + fpu_size(), &magic2, sizeof(magic2)) ||
            user_copy_out(dst, fpu, fpu_size()))
                return -EFAULT;
        return features_push(dst, fpu, pkru);
}

static void context_fill(struct sigcontext *sc, const struct trapframe *tf,
                         const struct sigframe_request *req, uaddr image)
{
        *sc = (struct sigcontext){
                .r8 = tf->r8,
                .r9 = tf->r9,
                .r10 = tf->r10,
                .r11 = tf->r11,
                .r12 = tf->r12,
                .r13 = tf->r13,
                .r14 = tf->r14,
                .r15 = tf->r15,
                .rdi = tf->rdi,
                .rsi = tf->rsi,
                .rbp = tf->rbp,
                .rbx = tf->rbx,
                .rdx = tf->rdx,
                .rax = tf->rax,
                .rcx = tf->rcx,
                .rsp = tf->rsp,
                .rip = tf->rip,
                .eflags = tf->eflags,
                .cs = (u16)tf->cs,
                .ss = (u16)tf->ss,
                .error = req->fault_error,
                .trapno = req->fault_trap,
                .oldmask = req->mask,
                .cr2 = req->fault_addr,
                .fpstate = image,
        };
}

static int frame_push(uaddr dst, uaddr image, const struct trapframe *tf,
                      const struct sigframe_request *req)
{
        struct sigframe frame = { .return_address = req->action->restorer };
        size_t size = sizeof(frame);

        frame.uc.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
        if (cpu_features.xsave)
                frame.uc.flags |= UC_FP_XSTATE;
        frame.uc.stack = req->altstack;
        frame.uc.sigmask = req->mask;
        context_fill(&frame.uc.context, tf, req, image);
        if (req->action->flags & SA_SIGINFO)
                memcpy(frame.info, req->info, sizeof(*req->info));
        else
                size = offsetof(struct sigframe, info); /* Linux leaves what was there */
        return user_copy_out(dst, &frame, size) ? -EFAULT : 0;
}

int sigframe_push(struct trapframe *tf, const struct sigframe_request *req)
{
        uaddr image = (req->sp - image_space()) & ~(FPU_ALIGN - 1UL);
        uaddr frame = ((image - sizeof(struct sigframe)) & ~(FRAME_ALIGN - 1UL)) - 8;
        u32 pkru = pkru_read();

        if (!(req->action->flags & SA_RESTORER))
                return -EFAULT;
        fpu_save(req->fpu);
        /* The stack may have a protection key that was shut to the interrupted code. */
        pkru_write(0);
        if (image_push(image, req->fpu, pkru) || frame_push(frame, image, tf, req)) {
                pkru_write(pkru);
                return -EFAULT;
        }
        fpu_init(req->fpu);
        fpu_load(req->fpu);
        tf->rdi = (u64)req->signo;
        tf->rsi = frame + offsetof(struct sigframe, info);
        tf->rdx = frame + offsetof(struct sigframe, uc);
        tf->rax = 0;
        tf->rip = req->action->handler;
        tf->rsp = frame;
        tf->cs = X86_SEL_USER_CS;
        tf->ss = X86_SEL_USER_DS;
        tf->eflags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
        return 0;
}

/* ---- popping */

/* How much of the image at `src` to take: all that its marks vouch for, else FXSAVE's part. */
static int image_size(uaddr src, size_t *size)
{
        struct xstate_software software;
        u32 magic2;

        *size = FXSAVE_SIZE;
        if (!cpu_features.xsave)
                return 0;
        if (user_copy_in(&software, src + FXSAVE_SOFTWARE, sizeof(software)))
                return -EFAULT;
        if (software.magic1 != XSTATE_MAGIC1 || software.xstate_size != fpu_size() ||
            software.extended_size < software.xstate_size)
                return 0;
        if (user_copy_in(&magic2, src + software.xstate_size, sizeof(magic2)))
                return -EFAULT;
        if (magic2 == XSTATE_MAGIC2)
                *size = software.xstate_size;
        return 0;
}

/*
 * `fpu` is left loadable whatever happens. The image is read into memory of its own first: reading
 * may sleep, and a switch to another thread saves the registers to `fpu`.
 */
static int image_pop(uaddr src, void *fpu)
{
        u8 *buffer, *image;
        size_t size;
        int err = 0;

        if (!src) {
                fpu_init(fpu);
                return 0;
        }
        buffer = kzalloc(fpu_size() + FPU_ALIGN);
        if (!buffer)
                return -ENOMEM;
        image = (u8 *)(((u64)buffer + FPU_ALIGN - 1) & ~(FPU_ALIGN - 1UL));
        if (image_size(src, &size) || src % (size == FXSAVE_SIZE ? FXSAVE_ALIGN : FPU_ALIGN) ||
            user_copy_in(image, src, size) || !fpu_check(image, size))
                err = -EFAULT;
        if (err)
                fpu_init(fpu);
        else
                memcpy(fpu, image, fpu_size());
        kfree(buffer);
        return err;
}

static void context_restore(struct trapframe *tf, const struct sigcontext *sc)
{
        u64 old_eflags = tf->eflags;

        tf->r8 = sc->r8;
        tf->r9 = sc->r9;
        tf->r10 = sc->r10;
        tf->r11 = sc->r11;
        tf->r12 = sc->r12;
        tf->r13 = sc->r13;
        tf->r14 = sc->r14;
        tf->r15 = sc->r15;
        tf->rdi = sc->rdi;
        tf->rsi = sc->rsi;
        tf->rbp = sc->rbp;
        tf->rbx = sc->rbx;
        tf->rdx = sc->rdx;
        tf->rax = sc->rax;
        tf->rcx = sc->rcx;
        tf->rsp = sc->rsp;
        tf->rip = sc->rip;
        tf->eflags = sc->eflags;
        tf->orig_rax = ~0UL; /* no system call to restart */
        trapframe_sanitize(tf, old_eflags);
}

/*
 * A program has one code and one stack segment. Any other in the frame is a fault on the way out,
 * except that a frame need not vouch for ss.
 */
static bool segments_valid(const struct ucontext *uc)
{
        if ((uc->context.cs | 3) != X86_SEL_USER_CS)
                return false;
        return !(uc->flags & UC_STRICT_RESTORE_SS) || (uc->context.ss | 3) == X86_SEL_USER_DS;
}

int sigframe_pop(struct trapframe *tf, void *fpu, struct sigframe_state *out)
{
        struct ucontext uc;
        uaddr frame = tf->rsp - sizeof(u64); /* the handler's RET took the return address */
        int err;

        if (user_copy_in(&uc, frame + offsetof(struct sigframe, uc), sizeof(uc)))
                return -EFAULT;
        err = image_pop(uc.context.fpstate, fpu);
        fpu_load(fpu);
        if (err || !segments_valid(&uc))
                return -EFAULT;
        context_restore(tf, &uc.context);
        out->mask = uc.sigmask;
        out->altstack = uc.stack;
        return 0;
}
