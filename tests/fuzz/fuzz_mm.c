/* SPDX-License-Identifier: MIT */
/*
 * Memory calls: the bytes are the decisions of the stream that the comparison with Linux makes from
 * a seed (tests/diff/stream.h), so the fuzzer finds its own way through mm/. Every invariant holds
 * after it, and all memory is back.
 */
#include "kernel/base/assert.h"
#include "tests/diff/stream.h"
#include "tests/diff/terrane.h"
#include "tests/fuzz/fuzz.h"

#define CALLS_MAX      120
#define VALIDATE_EVERY 40

static union {
        struct snapshot snapshot;
        unsigned char room[SNAPSHOT_MAX];
} seen;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc, (void)argv;
        terrane_boot(TERRANE_RAM);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct stream_options options = stream_defaults;
        uint64_t before = fuzz_free_pages();
        struct stream stream;
        struct op op;

        options.length = CALLS_MAX;
        stream_start_bytes(&stream, &options, data, size);
        terrane_start(stream.root);
        for (unsigned i = 1; stream_next(&stream, &op); i++) {
                terrane_do(&op, &seen.snapshot);
                if (i % VALIDATE_EVERY == 0)
                        terrane_validate();
        }
        terrane_look(&seen.snapshot, true);
        terrane_validate();
        terrane_end();
        CHECK(fuzz_free_pages() == before);
        return 0;
}
