# SPDX-License-Identifier: MIT
host-src +=
