# SPDX-License-Identifier: MIT
#
# Faults and limits, beyond the unit tests: their harness and their tables are used.
fault-src += tests/fault/test_edges.c tests/fault/edges.c
fault-src += tests/unit/harness.c tests/unit/strip.c tests/unit/fixture.c tests/unit/audit.c \
  $(wildcard tests/unit/nth_*.c) tests/unit/handler.c
fault-src += tests/fault/test_streams.c $(terrane-src) $(stream-src)
