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
#define FXSAVE_MXCSR    24  /* offset of MXCSR */
#define FXSAVE_SOFTWARE 464 /* offset of the bytes for software */
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
        return fpu_layout.size + (cpu_features.xsave ? sizeof(u32) : 0);
}

u64 sigframe_min_stack(void)
{
        u64 size = sizeof(struct sigframe) + FRAME_ALIGN + image_space() + FPU_ALIGN;

        return (size + FRAME_ALIGN - 1) & ~(FRAME_ALIGN - 1UL);
}

/* ---- pushing */

/* FXSAVE leaves some bytes of its image as they were: the program is not to see the kernel's. */
static int legacy_push(uaddr dst)
{
        u8 image[FXSAVE_SIZE] __attribute__((aligned(FXSAVE_ALIGN))) = { 0 };

        fpu_save(image);
        return user_copy_out(dst, image, sizeof(image)) ? -EFAULT : 0;
}

/*
 * Save the registers to user memory at `dst`, marked so that sigreturn knows them again. The image
 * has x87 and SSE in any state, and PKRU, which handlers look for: that of the interrupted code, as
 * the register is open at the moment.
 */
static int image_push(uaddr dst, u32 pkru)
{
        const struct fpu_layout *fpu = &fpu_layout;
        struct xstate_software software = { .magic1 = XSTATE_MAGIC1,
                                            .extended_size = (u32)image_space(),
                                            .features = fpu->features,
                                            .xstate_size = (u32)fpu->size };
        u64 shown = XFEATURES_FXSAVE | (fpu->pkru_offset ? XFEATURE_PKRU : 0);
        char *image = (char *)dst;

        if (!cpu_features.xsave)
                return legacy_push(dst);
        if (!user_may_touch(dst, image_space()) || usercopy_xsave(image, fpu->features, shown) ||
            usercopy_bytes(image + FXSAVE_SOFTWARE, &software, sizeof(software)))
                return -EFAULT;
        if (fpu->pkru_offset && usercopy_write_u32((u32 *)(image + fpu->pkru_offset), pkru))
                return -EFAULT;
        return usercopy_write_u32((u32 *)(image + fpu->size), XSTATE_MAGIC2);
}

static void context_fill(struct sigcontext *sc, const struct trapframe *tf,
                         const struct sigframe_request *req, uaddr image)
{
        sc->r8 = tf->r8;
        sc->r9 = tf->r9;
        sc->r10 = tf->r10;
        sc->r11 = tf->r11;
        sc->r12 = tf->r12;
        sc->r13 = tf->r13;
        sc->r14 = tf->r14;
        sc->r15 = tf->r15;
        sc->rdi = tf->rdi;
        sc->rsi = tf->rsi;
        sc->rbp = tf->rbp;
        sc->rbx = tf->rbx;
        sc->rdx = tf->rdx;
        sc->rax = tf->rax;
        sc->rcx = tf->rcx;
        sc->rsp = tf->rsp;
        sc->rip = tf->rip;
        sc->eflags = tf->eflags;
        sc->cs = (u16)tf->cs;
        sc->ss = (u16)tf->ss;
        sc->gs = sc->fs = 0;
        sc->error = req->fault_error;
        sc->trapno = req->fault_trap;
        sc->oldmask = req->mask;
        sc->cr2 = req->fault_addr;
        sc->fpstate = image;
        for (unsigned i = 0; i < ARRAY_SIZE(sc->reserved); i++)
                sc->reserved[i] = 0;
}

static int frame_push(uaddr dst, uaddr image, const struct trapframe *tf,
                      const struct sigframe_request *req)
{
        struct sigframe frame;
        size_t size = sizeof(frame);

        frame.return_address = req->action->restorer;
        frame.uc.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
        if (cpu_features.xsave)
                frame.uc.flags |= UC_FP_XSTATE;
        frame.uc.link = 0;
        frame.uc.stack = req->altstack;
        frame.uc.sigmask = req->mask;
        context_fill(&frame.uc.context, tf, req, image);
        if (req->action->flags & SA_SIGINFO) {
                memset(frame.info, 0, sizeof(frame.info));
                memcpy(frame.info, req->info, sizeof(*req->info));
        } else {
                size = offsetof(struct sigframe, info); /* Linux leaves what was there */
        }
        return user_copy_out(dst, &frame, size) ? -EFAULT : 0;
}

int sigframe_push(struct trapframe *tf, const struct sigframe_request *req)
{
        uaddr image = (req->sp - image_space()) & ~(FPU_ALIGN - 1UL);
        uaddr frame = ((image - sizeof(struct sigframe)) & ~(FRAME_ALIGN - 1UL)) - 8;
        u32 pkru = pkru_read();

        if (!(req->action->flags & SA_RESTORER))
                return -EFAULT;
        /* The stack may have a protection key that was shut to the interrupted code. */
        pkru_write(0);
        if (image_push(image, pkru) || frame_push(frame, image, tf, req)) {
                pkru_write(pkru);
                return -EFAULT;
        }
        fpu_reset();
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

/* The middle of an image: what tells whether it may be loaded, and how. */
struct image_marks {
        struct xstate_software software;
        struct xsave_header header;
};

_Static_assert(sizeof(struct image_marks) == FXSAVE_SIZE + 64 - FXSAVE_SOFTWARE, "XSAVE layout");

static bool is_marked(const struct xstate_software *software)
{
        return software->magic1 == XSTATE_MAGIC1 && software->xstate_size == fpu_layout.size &&
               software->extended_size >= software->xstate_size;
}

/* FXSAVE's part alone: the rest becomes what it is in a new program. */
static int legacy_pop(uaddr src)
{
        u8 *buffer = kzalloc(fpu_layout.size + FPU_ALIGN);
        u8 *image = (u8 *)(((u64)buffer + FPU_ALIGN - 1) & ~(FPU_ALIGN - 1UL));
        int err = -EFAULT;

        if (!buffer)
                return -ENOMEM;
        if (!user_copy_in(image, src, FXSAVE_SIZE) &&
            fpu_takes(*(u32 *)(image + FXSAVE_MXCSR), NULL)) {
                if (cpu_features.xsave)
                        ((struct xsave_header *)(image + FXSAVE_SIZE))->features = XFEATURES_FXSAVE;
                fpu_load(image);
                err = 0;
        }
        kfree(buffer);
        return err;
}

/*
 * Load the registers from the image at `src`; on failure they may be anything the program's. With
 * the first mark all of it has to be there; the second vouches for what is beyond FXSAVE's part.
 */
static int image_pop(uaddr src)
{
        const char *image = (const char *)src;
        struct image_marks marks;
        size_t missing;
        u32 magic2, mxcsr;

        if (src % FXSAVE_ALIGN || !user_may_touch(src, image_space()))
                return -EFAULT;
        if (!cpu_features.xsave)
                return legacy_pop(src);
        missing = usercopy_bytes(&marks, image + FXSAVE_SOFTWARE, sizeof(marks));
        if (missing > sizeof(marks.header) || !is_marked(&marks.software))
                return legacy_pop(src);
        if (missing || usercopy_read_u32((const u32 *)(image + fpu_layout.size), &magic2))
                return -EFAULT;
        if (magic2 != XSTATE_MAGIC2)
                return legacy_pop(src);
        if (src % FPU_ALIGN || usercopy_read_u32((const u32 *)(image + FXSAVE_MXCSR), &mxcsr) ||
            !fpu_takes(mxcsr, &marks.header))
                return -EFAULT;
        return usercopy_xrstor(image, fpu_layout.features);
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

int sigframe_pop(struct trapframe *tf, struct sigframe_state *out)
{
        struct ucontext uc;
        uaddr frame = tf->rsp - sizeof(u64); /* the handler's RET took the return address */
        int err = 0;

        if (user_copy_in(&uc, frame + offsetof(struct sigframe, uc), sizeof(uc)))
                return -EFAULT;
        if (uc.context.fpstate)
                err = image_pop(uc.context.fpstate);
        if (err || !uc.context.fpstate)
                fpu_reset();
        if (err || !segments_valid(&uc))
                return -EFAULT;
        context_restore(tf, &uc.context);
        out->mask = uc.sigmask;
        out->altstack = uc.stack;
        return 0;
}
