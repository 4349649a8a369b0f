# SPDX-License-Identifier: MIT
# Long things.
x=a; i=0; while [ $i -lt 14 ]; do x=$x$x; i=$((i + 1)); done; echo ${#x}
echo "$x" | wc -c | tr -d ' '
y=$(echo "$x"); [ "$x" = "$y" ] && echo same
cat <<END | wc -c | tr -d ' '
$x$x
END
set -- $(seq 1 2000); echo $#; echo "$*" | wc -c | tr -d ' '; shift 1999; echo $1
i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); done; echo $i
f() { [ $1 -eq 0 ] || f $(($1 - 1)); }; f 200 && echo deep
echo $(echo $(echo $(echo $(echo $(echo nested)))))
echo a | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat
for i in $(seq 1 50); do true & done; wait; echo waited
s=; for i in 1 2 3 4 5 6 7 8 9 10; do s="$s$(echo $i),"; done; echo $s
