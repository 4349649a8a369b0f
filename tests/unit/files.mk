# SPDX-License-Identifier: MIT
unit-src +=
