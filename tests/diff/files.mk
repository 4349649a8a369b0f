# SPDX-License-Identifier: MIT
# The generator of calls, for any program; mm/ as a side; the comparison.
stream-src := tests/diff/stream.c tests/diff/stream_args.c
diff-src += $(stream-src) tests/diff/terrane.c
diff-src += tests/diff/random.c tests/diff/native.c tests/diff/model.c
