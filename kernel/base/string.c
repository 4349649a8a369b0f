/* SPDX-License-Identifier: MIT */
/*
 * The string functions whose speed does not matter. memcpy, memmove and memset are the machine's
 * (arch), because the fastest way to move bytes is its business.
 */
#include "kernel/base/string.h"
#include "kernel/base/types.h"

int memcmp(const void *a, const void *b, size_t n)
{
        const u8 *x = a, *y = b;

        for (; n >= 8; n -= 8, x += 8, y += 8)
                if (*(const u64 *)x != *(const u64 *)y)
                        break;
        for (; n; n--, x++, y++)
                if (*x != *y)
                        return *x - *y;
        return 0;
}

void *memchr(const void *s, int c, size_t n)
{
        const u8 *p = s;

        for (; n; n--, p++)
                if (*p == (u8)c)
                        return (void *)p;
        return NULL;
}

size_t strlen(const char *s)
{
        const char *p = s;

        while (*p)
                p++;
        return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max)
{
        size_t n = 0;

        while (n < max && s[n])
                n++;
        return n;
}

int strcmp(const char *a, const char *b)
{
        while (*a && *a == *b) {
                a++;
                b++;
        }
        return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
        for (; n; n--, a++, b++)
                if (*a != *b || !*a)
                        return (u8)*a - (u8)*b;
        return 0;
}

char *strchr(const char *s, int c)
{
        for (;; s++) {
                if (*s == (char)c)
                        return (char *)s;
                if (!*s)
                        return NULL;
        }
}

char *strrchr(const char *s, int c)
{
        const char *found = NULL;

        for (;; s++) {
                if (*s == (char)c)
                        found = s;
                if (!*s)
                        return (char *)found;
        }
}
