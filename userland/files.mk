# SPDX-License-Identifier: MIT
programs +=
