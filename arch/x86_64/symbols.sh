#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: CC= LD= NM= CFLAGS= symbols.sh OUT LINKER-SCRIPT OBJECT...
#
# Link the kernel with a table of its own functions, for backtraces: once without the table to learn
# the addresses, once with it. Fails if an address moved, or if the file is not flat (the loader
# copies it byte by byte from its first section on).
#
# The table: number of functions; for each how far behind the one before it begins (the first: behind
# KERNEL_BASE), in 16 bits; then for each how many characters its name has in common with the name
# before, the others, and a NUL. A distance that 16 bits cannot hold is 0xffff and 32 bits.
set -eu

out=$1 script=$2
shift 2
link() { "$LD" -nostdlib -static --gc-sections -z max-page-size=4096 -z noexecstack --build-id=none -T "$script" -o "$@"; }
functions() { "$NM" -n "$1" | awk '$2 ~ /^[tT]$/ && $3 !~ /^\.L/ && length($1) == 16 { print $1, $3 }'; }

link "$out.1" "$@"
functions "$out.1" >"$out.sym"
awk '
        # awk has no hexadecimal numbers.
        function number(hex,    i, n) {
                for (i = 1; i <= 8; i++)
                        n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
                return n
        }
        function common(a, b,    i) {
                while (i < length(a) && i < 255 && substr(a, i + 1, 1) == substr(b, i + 1, 1))
                        i++
                return i + 0
        }
        { at[NR] = number(substr($1, 9)); name[NR] = $2 }
        END {
                print ".section .symbols, \"a\""
                print ".globl symbol_table"
                print "symbol_table:"
                print ".long " NR
                at[0] = 2147483648
                for (i = 1; i <= NR; i++) {
                        step = at[i] - at[i - 1]
                        print step < 65535 ? ".short " step : ".short 0xffff\n.long " step
                }
                for (i = 1; i <= NR; i++) {
                        same = common(name[i - 1], name[i])
                        print ".byte " same "\n.asciz \"" substr(name[i], same + 1) "\""
                }
        }
' "$out.sym" >"$out.sym.S"
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
