# SPDX-License-Identifier: MIT
kernel-src +=
