/* SPDX-License-Identifier: MIT */
/*
 * Signal frames that a handler has changed: what sigreturn makes of the image of the floating-point
 * and vector registers, which the program may have made up.
 */
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "userland/tests/lib/transcript.h"

static const char *image_change; /* what the handler does to it */
static char *image_edge;         /* nothing is mapped from here on */

#define MAGIC1   464 /* offsets in an image */
#define MXCSR    24
#define XMM0     160
#define FEATURES 512
#define FORMAT   520

static int changes(const char *what)
{
        return strcmp(image_change, what) == 0;
}

static void change_image(int signo, siginfo_t *info, void *context)
{
        ucontext_t *uc = context;
        char *image = (char *)uc->uc_mcontext.fpregs;
        uint32_t size;

        (void)signo;
        (void)info;
        memcpy(&size, image + MAGIC1 + 16, sizeof(size));
        memset(image + XMM0, 0x5a, 16);
        if (changes("without its first mark"))
                image[MAGIC1]++;
        else if (changes("without its second mark"))
                image[size]++;
        else if (changes("of another size"))
                image[MAGIC1 + 16] += 8;
        else if (changes("with a reserved bit of MXCSR"))
                image[MXCSR + 3] |= 0x80;
        else if (changes("with a feature that is none"))
                image[FEATURES + 5] = 1;
        else if (changes("without a feature"))
                image[FEATURES] = 0;
        else if (changes("in a compacted format"))
                image[FORMAT] = 1;
        else if (changes("gone"))
                uc->uc_mcontext.fpregs = NULL;
        else if (changes("16 bytes on"))
                uc->uc_mcontext.fpregs = memmove(image + 16, image, size + 4);
        else if (changes("8 bytes on"))
                uc->uc_mcontext.fpregs = (void *)(image + 8);
        else if (changes("cut off behind 512 bytes"))
                uc->uc_mcontext.fpregs = memcpy(image_edge - 512, image, 512);
        else if (changes("cut off there, and not marked"))
                uc->uc_mcontext.fpregs = memcpy(image_edge - 512, image, MAGIC1);
        else if (changes("where nothing is"))
                uc->uc_mcontext.fpregs = (void *)image_edge;
}

static void change_and_return(void)
{
        struct sigaction action = { .sa_flags = SA_SIGINFO };
        unsigned char ones[16], after[16];
        long result = SYS_kill;

        memset(ones, 0x11, sizeof(ones));
        action.sa_sigaction = change_image;
        sigaction(SIGUSR1, &action, NULL);
        asm volatile("movdqu %[ones], %%xmm0\n"
                     "syscall\n"
                     "movdqu %%xmm0, %[after]"
                     : "+a"(result), [after] "=m"(after)
                     : "D"(getpid()), "S"(SIGUSR1), [ones] "m"(ones)
                     : "rcx", "r11", "memory", "xmm0");
        say("     xmm0 is full of %02x", after[0]);
}

static void changed_images(void)
{
        static const char *const all[] = {
                "as it is",
                "without its first mark",
                "without its second mark",
                "of another size",
                "with a reserved bit of MXCSR",
                "with a feature that is none",
                "without a feature",
                "in a compacted format",
                "gone",
                "16 bytes on",
                "8 bytes on",
                "cut off behind 512 bytes",
                "cut off there, and not marked",
                "where nothing is",
        };
        char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        scene("sigreturn with an image of the registers");
        image_edge = pages + 4096;
        munmap(image_edge, 4096);
        for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
                image_change = all[i];
                in_child(change_and_return, all[i]);
        }
}

int main(void)
{
        changed_images();
        return 0;
}
