/* SPDX-License-Identifier: MIT */
/* The C library's text and files: formats, scanning, streams, strings, sorting. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/expect.h"
#include "lib/transcript.h"

#define FILE_NAME "/tmp/libc_stdio.txt"

#define FORMAT(want, ...)                                          \
        do {                                                       \
                char buf_[256];                                    \
                snprintf(buf_, sizeof(buf_), __VA_ARGS__);         \
                expect_text(buf_, want, "snprintf " #__VA_ARGS__); \
        } while (0)

static void formats(void)
{
        scene("formats");
        FORMAT("42 -42 +42 0042", "%d %d %+d %04d", 42, -42, 42, 42);
        FORMAT("ffffffff 0XFF 0377", "%x %#X %#o", ~0U, 255, 255);
        FORMAT("9223372036854775807 18446744073709551615", "%lld %llu", LLONG_MAX, ULLONG_MAX);
        FORMAT("-128 255 -1 7", "%hhd %hhu %hd %zu", (signed char)-128, (unsigned char)255,
               (short)-1, sizeof("123456"));
        FORMAT("[   ab][ab   ][abc]", "[%5s][%-5s][%.3s]", "ab", "ab", "abcdef");
        FORMAT("1.500000 1.5 1.50e+00 0x1.8p+0", "%f %g %.2e %a", 1.5, 1.5, 1.5, 1.5);
        FORMAT("3.14159265358979323851", "%.20Lf", 3.14159265358979323851L);
        FORMAT("inf -inf nan", "%f %f %f", (double)INFINITY, -(double)INFINITY, (double)NAN);
        FORMAT("0.1000000000000000055511151231257827", "%.34f", 0.1);
        FORMAT("100000 1e+06 1e-05", "%g %g %g", 1e5, 1e6, 1e-5);
        FORMAT("second first", "%2$s %1$s", "first", "second");
        FORMAT("  7|7  |", "%*d|%-*d|", 3, 7, 3, 7);
        FORMAT("%c x 100%", "%%c %c 100%%", 'x');
        FORMAT("0x1000", "%p", (void *)0x1000);
        {
                volatile size_t room = 4;
                char small[8];
                int n = snprintf(small, room, "%s", "longer");

                expect(n == 6 && strcmp(small, "lon") == 0, "snprintf cuts and says the length");
        }
}

static void scanning(void)
{
        int a, b, n;
        double d;
        char word[16], set[16];
        long long big;

        scene("scanning");
        expect(sscanf("12 0x1f", "%d %i", &a, &b) == 2 && a == 12 && b == 31, "%%d and %%i");
        expect(sscanf("2.5e3", "%lf", &d) == 1 && d == 2500, "%%lf");
        expect(sscanf("abc 123-", "%15s %15[0-9]%n", word, set, &n) == 2 && n == 7,
               "%%s, %%[, %%n");
        expect(sscanf("-9223372036854775808", "%lld", &big) == 1 && big == INT64_MIN, "%%lld");
        expect(sscanf("x", "%d", &a) == 0 && sscanf("", "%d", &a) == EOF, "no match, no input");
        expect(strtol("  -77zz", NULL, 10) == -77 && strtoul("0777", NULL, 0) == 0777, "strtol");
        errno = 0;
        expect(strtol("99999999999999999999", NULL, 10) == INT64_MAX && errno == ERANGE,
               "strtol out of range");
        expect(strtod("0x1p-3", NULL) == 0.125 && strtod("1e400", NULL) == (double)INFINITY,
               "strtod");
        expect(strtold("0.1", NULL) == 0.1L, "strtold");
}

static void streams(void)
{
        char line[64], *dyn = NULL, *out = NULL;
        size_t len = 0, out_len = 0;
        FILE *f;

        scene("streams");
        f = fopen(FILE_NAME, "w+");
        expect(f != NULL, "fopen w+");
        expect(fprintf(f, "one\ntwo\n%d\n", 3) == 10, "fprintf");
        expect(fseek(f, 4, SEEK_SET) == 0 && fgets(line, sizeof(line), f) != NULL, "fseek, fgets");
        expect_text(line, "two\n", "what it read");
        expect(ftell(f) == 8, "ftell");
        expect(getc(f) == '3' && ungetc('x', f) == 'x' && getc(f) == 'x', "getc, ungetc");
        rewind(f);
        expect(getline(&dyn, &len, f) == 4 && strcmp(dyn, "one\n") == 0, "getline");
        expect(fclose(f) == 0, "fclose");
        f = fopen(FILE_NAME, "a");
        expect(fputs("four\n", f) >= 0 && fclose(f) == 0, "append");
        f = fopen(FILE_NAME, "r");
        expect(fread(line, 1, sizeof(line), f) == 15 && feof(f) && !ferror(f), "fread to the end");
        expect(fputc('x', f) == EOF && ferror(f), "no writing to a stream for reading");
        fclose(f);
        expect(freopen("/nonexistent/x", "r", fopen(FILE_NAME, "r")) == NULL && errno == ENOENT,
               "freopen of nothing");
        f = open_memstream(&out, &out_len);
        fprintf(f, "%s", "memory");
        fclose(f);
        expect(out_len == 6 && strcmp(out, "memory") == 0, "open_memstream");
        f = fmemopen(out, 6, "r");
        expect(fgetc(f) == 'm' && fgetc(f) == 'e', "fmemopen");
        fclose(f);
        f = tmpfile();
        expect(f && fputs("x", f) >= 0 && fclose(f) == 0, "tmpfile");
        expect(remove(FILE_NAME) == 0 && access(FILE_NAME, F_OK) == -1, "remove");
        free(dyn);
        free(out);
}

static int compare_ints(const void *a, const void *b)
{
        return *(const int *)a - *(const int *)b;
}

static void strings(void)
{
        int v[200], key = 77, sorted = 1;
        char buf[32] = "a,b,,c", *save, *first, *second;

        scene("strings");
        for (int i = 0; i < 200; i++)
                v[i] = (i * 7919) % 200;
        qsort(v, 200, sizeof(*v), compare_ints);
        for (int i = 0; i < 200; i++)
                sorted &= v[i] == i;
        expect(sorted, "qsort");
        expect(bsearch(&key, v, 200, sizeof(*v), compare_ints) == &v[77], "bsearch");
        first = strtok_r(buf, ",", &save);
        second = strtok_r(NULL, ",", &save);
        expect(strcmp(first, "a") == 0 && strcmp(second, "b") == 0, "strtok_r");
        expect(memmem("abcdef", 6, "cd", 2) && !memmem("abc", 3, "x", 1), "memmem");
        expect(strcasecmp("HeLLo", "hEllO") == 0 && strncmp("abc", "abd", 2) == 0, "comparing");
        expect(strchrnul("abc", 'x')[0] == '\0' && strrchr("a/b/c", '/')[1] == 'c', "searching");
        expect_text(strerror(ENOSYS), "Function not implemented", "strerror(ENOSYS)");
        expect_text(strerror(EUCLEAN), "Structure needs cleaning", "strerror(EUCLEAN)");
        expect(setenv("LIBC_TEST", "v", 1) == 0 && strcmp(getenv("LIBC_TEST"), "v") == 0 &&
                       unsetenv("LIBC_TEST") == 0 && !getenv("LIBC_TEST"),
               "the environment");
        expect(setlocale(LC_ALL, "C") != NULL, "setlocale");
        expect(fabs(sqrt(2) * sqrt(2) - 2) < 1e-15 && floor(-1.5) == -2 && pow(2, 10) == 1024,
               "mathematics");
}

int main(void)
{
        formats();
        scanning();
        streams();
        strings();
        return expect_result();
}
