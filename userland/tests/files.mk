# SPDX-License-Identifier: MIT
test-programs +=
