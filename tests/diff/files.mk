# SPDX-License-Identifier: MIT
# The generator of calls, for any program; mm/ as a side of the comparison, for any host program;
# the comparison; the program that makes the calls on Linux.
stream-src := tests/diff/stream.c tests/diff/stream_args.c
terrane-src := tests/diff/terrane.c tests/diff/terrane_uffd.c
diff-src += $(stream-src) $(terrane-src)
diff-src += tests/diff/main.c tests/diff/options.c tests/diff/engine.c tests/diff/linux.c
diff-src += tests/diff/report.c tests/diff/strips.c tests/diff/trial.c tests/diff/shrink.c
diff-src += tests/diff/replay.c tests/diff/tell.c tests/diff/campaign.c tests/diff/results.c
diff-src += tests/diff/records.c
native-src := tests/diff/native/entry.S tests/diff/native/native.c tests/diff/native/look.c
