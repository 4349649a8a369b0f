/* SPDX-License-Identifier: MIT */
/* Complaints to stderr that begin with the program's name. The *x forms add no errno text. */
#ifndef _ERR_H
#define _ERR_H

#include <stdarg.h>
#include <sys/cdefs.h>

#define ERR_FORMAT_(f, a) __attribute__((format(printf, f, a)))

__BEGIN_DECLS
void warn(const char *format, ...) ERR_FORMAT_(1, 2);
void warnx(const char *format, ...) ERR_FORMAT_(1, 2);
void vwarn(const char *format, va_list ap) ERR_FORMAT_(1, 0);
void vwarnx(const char *format, va_list ap) ERR_FORMAT_(1, 0);
void err(int status, const char *format, ...) ERR_FORMAT_(2, 3) __attribute__((noreturn));
void errx(int status, const char *format, ...) ERR_FORMAT_(2, 3) __attribute__((noreturn));
void verr(int status, const char *format, va_list ap) ERR_FORMAT_(2, 0) __attribute__((noreturn));
void verrx(int status, const char *format, va_list ap) ERR_FORMAT_(2, 0) __attribute__((noreturn));
__END_DECLS

#endif
