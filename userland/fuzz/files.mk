# SPDX-License-Identifier: MIT
#
# Programs that make calls at random. NAME is made of every .c file in userland/fuzz/NAME/.
fuzz-programs += same
fuzz-programs += stress
