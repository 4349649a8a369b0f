/* SPDX-License-Identifier: MIT */
/*
 * The runner's protocol: the bytes are the description of a job (userland/init/job.h), as init in a
 * guest and tests/boot/native take it apart. What they then go by lies in the text and ends.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "userland/init/job.h"

static const char *text;
static size_t text_len;

static void must(int so)
{
        if (!so)
                abort();
}

static void check_string(const char *string)
{
        must(string >= text && string < text + text_len);
        must(memchr(string, '\0', (size_t)(text + text_len - string)) != NULL);
}

static void check_strings(char **strings)
{
        for (size_t i = 0; strings && strings[i]; i++) {
                must(i < text_len);
                check_string(strings[i]);
        }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc, (void)argv;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *copy = malloc(size);
        struct job job;

        must(copy || !size);
        if (size)
                memcpy(copy, data, size);
        text = copy;
        text_len = size;
        if (!job_parse(&job, copy, size)) {
                check_string(job.path);
                must(job.argv[0] != NULL);
        }
        check_strings(job.argv);
        check_strings(job.envp);
        check_strings(job.puts);
        free(job.argv);
        free(job.envp);
        free(job.puts);
        free(copy);
        return 0;
}
