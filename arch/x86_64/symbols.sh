#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: CC= LD= NM= CFLAGS= symbols.sh OUT LINKER-SCRIPT OBJECT...
#
# Link the kernel with a table of its own functions, for backtraces: once without the table to learn
# the addresses, once with it. Fails if an address moved, or if the file is not flat (the loader
# copies it byte by byte from its first section on).
#
# The table: number of functions; for each the low half of its address and the offset of its name;
# then the names, each with a NUL.
set -eu

out=$1 script=$2
shift 2
link() { "$LD" -nostdlib -static --gc-sections -z max-page-size=4096 -z noexecstack --build-id=none -T "$script" -o "$@"; }
functions() { "$NM" -n "$1" | awk '$2 ~ /^[tT]$/ && $3 !~ /^\.L/ && length($1) == 16 { print $1, $3 }'; }

link "$out.1" "$@"
functions "$out.1" >"$out.sym"
awk '
        { low[NR] = substr($1, 9); name[NR] = $2 }
        END {
                print ".section .symbols, \"a\""
                print ".globl symbol_table"
                print "symbol_table:"
                print ".long " NR
                for (i = 1; i <= NR; i++) {
                        print ".long 0x" low[i] ", " at
                        at += length(name[i]) + 1
                }
                for (i = 1; i <= NR; i++)
                        print ".asciz \"" name[i] "\""
        }
' at=0 "$out.sym" >"$out.sym.S"
"$CC" -x assembler -c -o "$out.sym.o" "$out.sym.S"
link "$out.2" "$@" "$out.sym.o"

functions "$out.2" | cmp -s - "$out.sym" || {
        echo "symbols.sh: addresses differ between the two links" >&2
        exit 1
}
readelf -SW "$out.2" | sed -n 's/^ *\[ *[0-9]*\] *[^ ]* *PROGBITS *ffffffff\([0-9a-f]*\) \([0-9a-f]*\) .*/\1 \2/p' |
        while read -r address offset; do echo $((0x$address - 0x$offset)); done | sort -u |
        awk 'END { if (NR != 1) { print "symbols.sh: the image is not flat"; exit 1 } }' >&2
mv "$out.2" "$out"
rm -f "$out.1" "$out.sym" "$out.sym.S" "$out.sym.o"
