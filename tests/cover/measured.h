/* SPDX-License-Identifier: MIT */
/*
 * Included before every file whose coverage is measured: assertions compile to nothing, so that a
 * condition that always holds is not half a branch. The rest of a debug build stays as it is.
 */
#ifndef TESTS_COVER_MEASURED_H
#define TESTS_COVER_MEASURED_H

#include "kernel/base/assert.h"

#undef ASSERT
#define ASSERT(c) ((void)sizeof(c))

#endif
