/* SPDX-License-Identifier: MIT */
/*
 * Signals and protection keys: a handler begins with the rights of a new program, the frame has
 * those of the interrupted code, and the end of the handler gives them back. The machine's own
 * words are here as well, because frames are the machine's.
 *
 *      signal      the rights in a handler, in its frame, and behind it
 *      nested      a handler that is interrupted by one
 *      change K r  a handler writes its frame: K may be used again, after it
 *      stack A     a handler on an alternate stack at page A
 *      legacy      a handler whose frame has no more than FXSAVE's part behind it
 */
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "userland/tests/keys/keys.h"
#include "userland/tests/lib/transcript.h"

#define FP_STATE_BV   512 /* offset in an XSAVE image */
#define FP_SOFTWARE   464
#define FEATURE_PKRU  0x200
#define RESTORER_FLAG 0x04000000
#define ON_STACK_FLAG 0x08000000
#define SIGINFO_FLAG  4
#define NODEFER_FLAG  0x40000000

/* What rt_sigaction takes. */
struct action {
        void *handler;
        unsigned long flags;
        void *restorer;
        unsigned long mask;
};

/* uc_mcontext begins behind uc_flags, uc_link and uc_stack, and fpstate is its 24th word. */
#define UC_FPSTATE (40 + 23 * 8)

unsigned pkru_read(void)
{
        unsigned pkru;

        __asm__ volatile(".byte 0x0f, 0x01, 0xee" : "=a"(pkru) : "c"(0) : "rdx");
        return pkru;
}

void pkru_write(unsigned pkru)
{
        __asm__ volatile(".byte 0x0f, 0x01, 0xef" : : "a"(pkru), "c"(0), "d"(0) : "memory");
}

/* rt_sigreturn, whatever the library has. */
__asm__(".text\nkeys_restorer:\n\tmov $15, %eax\n\tsyscall\n"
        /* A handler that opens all keys before it touches the stack. */
        "keys_opener:\n\txor %eax, %eax\n\txor %ecx, %ecx\n\txor %edx, %edx\n"
        "\t.byte 0x0f, 0x01, 0xef\n\tlock incl keys_opened(%rip)\n\tret\n");
extern char keys_restorer[], keys_opener[];
volatile int keys_opened;

static unsigned pkru_offset(void)
{
        unsigned a, b, c, d;

        __cpuid_count(0xd, 9, a, b, c, d);
        return b;
}

static char *frame_image(void *context)
{
        char *image;

        memcpy(&image, (char *)context + UC_FPSTATE, sizeof(image));
        return image;
}

static unsigned frame_pkru(void *context)
{
        unsigned pkru;

        memcpy(&pkru, frame_image(context) + pkru_offset(), sizeof(pkru));
        return pkru;
}

static int frame_says_pkru(void *context)
{
        uint64_t features;

        memcpy(&features, frame_image(context) + FP_STATE_BV, sizeof(features));
        return (features & FEATURE_PKRU) != 0;
}

static void set_handler(int signo, void *handler, unsigned long flags)
{
        struct action action = { handler, flags | RESTORER_FLAG, keys_restorer, 0 };

        raw_call(NR_rt_sigaction, signo, &action, 0, 8);
}

static void raise_signal(int signo)
{
        raw_call(NR_tgkill, raw_call(NR_getpid), raw_call(NR_gettid), signo);
}

/* ---------------------------------------------------------------- the rights of a handler */

static void tell(const char *what, void *context)
{
        say("    %s: denied%s", what, pkru_text(pkru_read()));
        say("    %s's frame%s: denied%s", what, frame_says_pkru(context) ? "" : " (not said)",
            pkru_text(frame_pkru(context)));
}

static void on_signal(int signo, void *info, void *context)
{
        (void)signo;
        (void)info;
        tell("handler", context);
        pkru_write(0); /* not for those behind it */
}

void do_signal(void)
{
        result(0);
        set_handler(SIGUSR1, on_signal, SIGINFO_FLAG);
        raise_signal(SIGUSR1);
        say("    behind it: denied%s", pkru_text(pkru_read()));
}

static void on_inner(int signo, void *info, void *context)
{
        (void)signo;
        (void)info;
        tell("inner", context);
}

static void on_outer(int signo, void *info, void *context)
{
        (void)signo;
        (void)info;
        tell("outer", context);
        pkru_write(0x55555550);
        raise_signal(SIGUSR2);
        say("    outer again: denied%s", pkru_text(pkru_read()));
}

void do_nested(void)
{
        result(0);
        set_handler(SIGUSR1, on_outer, SIGINFO_FLAG);
        set_handler(SIGUSR2, on_inner, SIGINFO_FLAG);
        raise_signal(SIGUSR1);
        say("    behind them: denied%s", pkru_text(pkru_read()));
}

/* ---------------------------------------------------------------- a handler that changes them */

static unsigned wanted;
static int forgets;

static void on_change(int signo, void *info, void *context)
{
        char *image = frame_image(context);
        uint64_t features;

        (void)signo;
        (void)info;
        memcpy(image + pkru_offset(), &wanted, sizeof(wanted));
        if (!forgets)
                return;
        memcpy(&features, image + FP_STATE_BV, sizeof(features));
        features &= ~(uint64_t)FEATURE_PKRU;
        memcpy(image + FP_STATE_BV, &features, sizeof(features));
}

/* "change HEX" sets the register, "change HEX forget" takes it out of the image, too. */
void do_change(void)
{
        wanted = (unsigned)strtoul(word[1], NULL, 16);
        forgets = words > 2;
        result(0);
        set_handler(SIGUSR1, on_change, SIGINFO_FLAG);
        raise_signal(SIGUSR1);
        say("    behind it: denied%s", pkru_text(pkru_read()));
}

static void on_legacy(int signo, void *info, void *context)
{
        (void)signo;
        (void)info;
        memset(frame_image(context) + FP_SOFTWARE, 0, 48);
}

void do_legacy(void)
{
        result(0);
        set_handler(SIGUSR1, on_legacy, SIGINFO_FLAG);
        raise_signal(SIGUSR1);
        say("    behind it: denied%s", pkru_text(pkru_read()));
}

/* ---------------------------------------------------------------- a stack with a key */

void do_stack(void)
{
        struct {
                unsigned long sp;
                int flags;
                unsigned long size;
        } stack = { place(word[1]), 0, 4 * PAGE };

        result(raw_call(NR_sigaltstack, &stack, 0));
        set_handler(SIGUSR1, words > 2 ? (void *)on_signal : (void *)keys_opener,
                    SIGINFO_FLAG | ON_STACK_FLAG);
        raise_signal(SIGUSR1);
        say("    handled %d, behind it: denied%s", keys_opened, pkru_text(pkru_read()));
}
