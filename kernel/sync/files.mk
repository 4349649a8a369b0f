# SPDX-License-Identifier: MIT
# Compiled for the kernel and for the host machine.
sync-src +=
