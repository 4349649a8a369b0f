# SPDX-License-Identifier: MIT
# Variables, environment, builtins.
a=1; export a; b=2; sh -c 'echo "[$a] [$b]"'
export c=3 d; d=4; sh -c 'echo $c $d'
e=5 sh -c 'echo $e'; echo "[$e]"
e=6 true; echo "[$e]"; e=7 : ; echo "[$e]"
a=2 env | grep '^a='; unset a; sh -c 'echo "[$a]"'; env | grep -c '^a='
x=1 y=$x; echo "[$y]"
f() { echo "in f: $v"; v=inner; }; v=before f; echo "[$v]"
mkdir sub; cd sub; basename "$(pwd)"; cd ..; cd sub && cd - > /dev/null; basename "$PWD" | wc -l | tr -d ' '
cd /nonexistent 2>/dev/null || echo failed
cd /; pwd; cd /tmp; pwd; echo $PWD $OLDPWD
printf '%s-%d-%x|%5s|%-5s|%05d|%c\n' str 42 255 ab cd 7 xyz
printf '%s\n' a b c; printf '%d %d\n' 1 2 3; printf 'no newline'; printf '\n\t\\ \101\n'; printf '%%\n'
printf '%b\n' 'a\nb'; printf '%s' ''; printf '%5.2s|\n' abcdef
echo -n x; echo y
umask 027; umask; umask 022; umask
set -- x y z; shift; echo $*; shift 2; echo $#
set a b; echo $1 $2; set -- ; echo $#
type_check() { :; }
read x y <<END
one two three
END
echo "$x/$y"
IFS=, read x y <<END
one,two,three
END
echo "$x/$y"
echo 'echo sourced $#' > s; . ./s
echo 'return 3; echo never' > s; . ./s; echo $?
true; echo $?
(trap 'echo trapped' EXIT; echo before)
(trap 'echo trapped' EXIT; exit 3); echo $?
( set -e; false; echo never ); echo $?
( set -e; if false; then :; fi; false || true; ! true; echo survived; (exit 4); echo never ); echo $?
( set -u; echo $undefined_one; echo never ) 2>/dev/null; echo $?
( : ${undefined:?message} ) 2>/dev/null; echo $?
( exec echo replaced; echo never )
( exec /nonexistent ) 2>/dev/null; echo $?
sh -c 'kill -9 $$' 2>/dev/null; echo $?
sh -c 'echo $0 $1 $2' name a b; sh -c 'exit 300'; echo $?
eval; echo $?; eval false; echo $?
[ "$$" -gt 0 ] && echo pid; [ "$(sh -c 'echo $PPID')" ] && :
command_not() { nonexistent_xyz; }; command_not 2>/dev/null; echo $?
wait; echo $?
sleep 0 & p=$!; wait $p; echo $?
false & wait $!; echo $?
