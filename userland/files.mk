# SPDX-License-Identifier: MIT
programs += init
