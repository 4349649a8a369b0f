/* SPDX-License-Identifier: MIT */
#include <bits/syscall.h>
