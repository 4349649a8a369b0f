/* SPDX-License-Identifier: MIT */
#include <dirent.h>
