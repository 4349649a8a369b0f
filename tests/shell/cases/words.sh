# SPDX-License-Identifier: MIT
# Quoting, parameters, splitting.
echo plain words   with    blanks
echo 'single "quoted" $HOME' "double 'quoted' $HOME" back\ slash\\ \$HOME "\$ \` \" \\"
echo "a"'b'c\d""''
echo "line one
line two" con\
tinued
a=1 b='two  words' c= d="x y"
echo $a $b "$b" [$c] "$c" $unset "$unset" $d
echo ${a} ${a}b $ab ${b}
echo ${unset-default} ${unset:-de fault} "${unset:-de  fault}" ${c-null} ${c:-was null} ${a:-set}
echo ${unset:=assigned} $unset ${a:+there} "${c:+not}" ${unset+set}
echo ${#a} ${#b} ${#unset} ${#}
f=path/to/file.tar.gz
echo ${f%.*} ${f%%.*} ${f#*/} ${f##*/} ${f%nothing} ${f#/*}
p='*.gz'; echo ${f%$p} "${f%"$p"}" ${f%"$p"}
echo $# $1 "$2" $2 $3 $0x > /dev/null; echo $# $1 "$2" $2
set -- a 'b c' '' d
echo $# "$@"; echo "$*"; for x in "$@"; do echo "<$x>"; done
for x in $@; do echo "<$x>"; done
for x in "$*"; do echo "<$x>"; done
for x in pre"$@"post; do echo "<$x>"; done
IFS=:; set -- $PATHX a:b:c:; v=a:b::c; for x in $v; do echo "[$x]"; done; echo "$*"
IFS=' :'; v=' a : b  c:d '; for x in $v; do echo "[$x]"; done
unset IFS; set --
for x in "$@"; do echo never; done
echo "$@" "[$*]" $#
shift_me() { shift; echo "$@"; shift 2 && echo "$@"; }
shift_me 1 2 3 4 5
echo ~ ~/x "~" a~
set -- 1 2 3 4 5 6 7 8 9 ten eleven
echo $10 ${10} ${11} ${#10}
echo "a#b" a#b #comment
echo '#no comment' \# "#"
echo $ "$" $'' | cat
x='a   b'; y=$x; echo "$y"; z="$x $x"; echo "$z"
echo "${x:-"nested quotes"}" "${undefined:-"nested quotes"}"
echo ${undefined:-$(echo from command)} "${undefined:-`echo back quoted`}"
echo "$(echo "inner  quotes")" $(echo "inner  quotes")
echo "$(echo ')' \) "(")" `echo "\`echo deep\`"`
v='$x `echo no` $(echo no)'; echo $v "$v"
