/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "transcript.h"

static int wrong;

void expect(int holds, const char *fmt, ...)
{
        char text[256];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        check(holds, "%s", text);
        if (!holds)
                __atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
}

void expect_text(const char *got, const char *want, const char *what)
{
        if (strcmp(got, want) == 0) {
                step_text(want, "%s", what);
                return;
        }
        expect(0, "%s: \"%s\", not \"%s\"", what, got, want);
}

int expect_result(void)
{
        return wrong != 0;
}
