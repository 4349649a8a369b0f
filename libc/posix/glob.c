/* SPDX-License-Identifier: MIT */
/* POSIX's glob() around newlib's, which is compiled under another name. */
#include <glob.h>

int newlib_glob(const char *restrict pattern, int flags, int (*error)(const char *, int),
                glob_t *restrict g);

int glob(const char *restrict pattern, int flags, int (*error)(const char *, int),
         glob_t *restrict g)
{
        int r;

        if (flags & GLOB_NOESCAPE)
                flags &= ~(GLOB_NOESCAPE | GLOB_QUOTE);
        else
                flags |= GLOB_QUOTE;
        r = newlib_glob(pattern, flags, error, g);
        if (r == 0 && g->gl_matchc == 0 && !(flags & (GLOB_NOCHECK | GLOB_NOMAGIC)))
                return GLOB_NOMATCH;
        return r;
}
