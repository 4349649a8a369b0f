/* SPDX-License-Identifier: MIT */
/*
 * The kernel's command line: a byte for the size of the caller's buffer, a name that ends with a
 * NUL, and the line.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/base/cmdline.h"
#include "tests/fuzz/fuzz.h"

#define ARGS_MAX 8

static void must(bool so)
{
        if (!so)
                abort();
}

static void check_param(const char *line, const char *name, size_t size)
{
        char *buf = malloc(size + 1);

        must(buf);
        buf[size] = 'x'; /* the byte behind it */
        if (cmdline_param(line, name, buf, size) && size) {
                must(memchr(buf, '\0', size));
                must(!strchr(buf, '"'));
        }
        must(buf[size] == 'x');
        free(buf);
        cmdline_number(line, name);
}

static void check_args(char *line)
{
        char *argv[ARGS_MAX + 1] = { NULL };
        unsigned n = cmdline_args(line, argv, ARGS_MAX);

        must(n <= ARGS_MAX && !argv[ARGS_MAX]);
        for (unsigned i = 0; i < n; i++) {
                must(argv[i] && *argv[i]);
                must(i == ARGS_MAX - 1 || !strchr(argv[i], ' '));
                must(i == 0 || argv[i] > argv[i - 1] + strlen(argv[i - 1]));
        }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc, (void)argv;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *end = size ? memchr(data + 1, '\0', size - 1) : NULL;
        char *name, *line;

        if (!end)
                return 0;
        name = fuzz_string(data + 1, (size_t)(end - data - 1));
        line = fuzz_string(end + 1, (size_t)(data + size - end - 1));
        check_param(line, name, data[0]);
        check_args(line);
        free(line);
        free(name);
        return 0;
}
