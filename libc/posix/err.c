/* SPDX-License-Identifier: MIT */
/* err(3), and the texts of error numbers that newlib does not know. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *_user_strerror(int number, int internal, int *error);

void vwarn(const char *format, va_list ap)
{
        int number = errno;

        fprintf(stderr, "%s: ", program_invocation_short_name);
        if (format) {
                vfprintf(stderr, format, ap);
                fprintf(stderr, ": ");
        }
        fprintf(stderr, "%s\n", strerror(number));
}

void vwarnx(const char *format, va_list ap)
{
        fprintf(stderr, "%s: ", program_invocation_short_name);
        if (format)
                vfprintf(stderr, format, ap);
        fputc('\n', stderr);
}

void verr(int status, const char *format, va_list ap)
{
        vwarn(format, ap);
        exit(status);
}

void verrx(int status, const char *format, va_list ap)
{
        vwarnx(format, ap);
        exit(status);
}

void warn(const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vwarn(format, ap);
        va_end(ap);
}

void warnx(const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vwarnx(format, ap);
        va_end(ap);
}

void err(int status, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        verr(status, format, ap);
}

void errx(int status, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        verrx(status, format, ap);
}

/* Asked by newlib's strerror() when it has no text itself; null is "no such error". */
char *_user_strerror(int number, int internal, int *error)
{
        static const struct {
                int number;
                const char *text;
        } texts[] = {
                { ENOTBLK, "Block device required" },
                { ERESTART, "Interrupted system call should be restarted" },
                { EUCLEAN, "Structure needs cleaning" },
                { ENOTUNIQ, "Name not unique on network" },
                { EBADFD, "File descriptor in bad state" },
                { EREMCHG, "Remote address changed" },
                { EUSERS, "Too many users" },
                { ESOCKTNOSUPPORT, "Socket type not supported" },
                { EPFNOSUPPORT, "Protocol family not supported" },
                { ESHUTDOWN, "Cannot send after transport endpoint shutdown" },
                { EREMOTEIO, "Remote I/O error" },
                { EDQUOT, "Disk quota exceeded" },
                { ENOMEDIUM, "No medium found" },
                { EMEDIUMTYPE, "Wrong medium type" },
                { ENOKEY, "Required key not available" },
                { EHWPOISON, "Memory page has hardware error" },
        };

        (void)internal, (void)error;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                if (texts[i].number == number)
                        return (char *)texts[i].text;
        return NULL;
}
