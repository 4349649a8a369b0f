/* SPDX-License-Identifier: MIT */
/*
 * Non-local jumps. A jmp_buf holds rbx, rbp, r12-r15, rsp, rip, whether the signal mask was saved,
 * and the mask; setjmp() saves none.
 */
#ifndef _SETJMP_H_
#define _SETJMP_H_

#include <sys/cdefs.h>

typedef long jmp_buf[10];
typedef jmp_buf sigjmp_buf;

__BEGIN_DECLS
int setjmp(jmp_buf env) __attribute__((returns_twice));
int _setjmp(jmp_buf env) __attribute__((returns_twice));
int sigsetjmp(sigjmp_buf env, int save_mask) __attribute__((returns_twice));
void longjmp(jmp_buf env, int value) __attribute__((noreturn));
void _longjmp(jmp_buf env, int value) __attribute__((noreturn));
void siglongjmp(sigjmp_buf env, int value) __attribute__((noreturn));
__END_DECLS

#define setjmp(env)          setjmp(env)
#define sigsetjmp(env, save) sigsetjmp(env, save)

#endif
