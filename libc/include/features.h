/* SPDX-License-Identifier: MIT */
#include <sys/features.h>
