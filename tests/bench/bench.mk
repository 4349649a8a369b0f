# SPDX-License-Identifier: MIT
# What operations cost in Terrane and in Linux, in instructions (tests/bench/main.py). `release`, the
# kernel as it is used, and OP are those of tests/bench/profile.mk.

.PHONY: bench bench-parts
bench-parts: profiler boot-parts

# RECORD=1 also writes tests/bench/recorded.
RECORD =
bench: | need-run ## Terrane and Linux in instructions: docs/performance.md and .svg; OP='NAME...', RECORD=1, OPTIONS=--help
	$(Q)$(MAKE) BUILD='$(release)' DEBUG=0 newlib='$(newlib)' bench-parts
	$(Q)tests/bench/main.py --build '$(release)' --linux '$(BUILD)/linux' --cc '$(CC)' \
	  $(if $(RECORD),--record) $(if $(OP),,--native) $(OPTIONS) $(OP)
