# SPDX-License-Identifier: MIT
#
# Faults and limits, beyond the unit tests: their harness and their tables are used.
fault-src += tests/fault/test_edges.c tests/fault/edges.c
fault-src += tests/unit/harness.c tests/unit/strip.c tests/unit/fixture.c tests/unit/audit.c \
  tests/unit/nth_world.c tests/unit/nth_state.c tests/unit/nth_remap.c tests/unit/nth_map.c \
  tests/unit/nth_change.c tests/unit/nth_fault.c tests/unit/nth_object.c tests/unit/nth_huge.c \
  tests/unit/nth_uffd.c tests/unit/handler.c
fault-src += tests/fault/test_streams.c tests/diff/terrane.c $(stream-src)
