#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: CC= LD= OBJCOPY= CFLAGS= build.sh OUT SOURCE
#
# Compile and link the vdso image. Fails if it needs relocations, which nobody would apply, or does
# not fit into its two pages.
set -eu

out=$1
folder=$(dirname "$0")
$CC $CFLAGS -MMD -MP -MT "$out" -MF "$out.d" -c -o "$out.o" "$2"
$LD -shared -Bsymbolic -soname linux-vdso.so.1 --hash-style=both --build-id=sha1 --eh-frame-hdr \
  -z max-page-size=4096 -z noexecstack -z now --no-undefined -T "$folder/vdso.ld" -o "$out.full" "$out.o"
! readelf -rW "$out.full" | grep 'R_X86_64' || { echo "vdso: needs relocations" >&2; exit 1; }
$OBJCOPY -S "$out.full" "$out"
[ "$(wc -c <"$out")" -le 8192 ] || { echo "vdso: larger than two pages" >&2; exit 1; }
