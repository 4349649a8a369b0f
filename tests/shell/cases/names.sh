# SPDX-License-Identifier: MIT
# File name patterns and [ ].
mkdir d d/e; touch a.c b.c c.h .hidden d/x.c d/e/y.c 'sp ace'
echo *; echo *.c; echo *.none; echo d/*; echo */*.c; echo d/*/*; echo [ab].c; echo [!a].c; echo ?.h
echo .h*; echo "*.c" '*'.c \*.c; x='*.c'; echo $x "$x"; echo /et[c]; echo d*/
for f in *; do echo "<$f>"; done
set -f; echo *; set +f; echo *.h
echo *ace s*; rm -r d; echo d/*
[ -e a.c ] && echo exists; [ -f a.c ] && [ ! -d a.c ] && echo file; [ -d . ] && echo directory
[ -s a.c ] || echo empty; [ -x a.c ] || echo not executable; [ -e none ] || echo none
ln -s a.c l; [ -L l ] && [ -h l ] && echo link; [ -L a.c ] || echo no link
[ a = a ] && [ a != b ] && [ -n x ] && [ -z "" ] && echo strings
[ "" ] || echo "empty is false"; [ x ] && echo "word is true"; [ ] || echo nothing
[ 1 -eq 01 ] && [ 1 -ne 2 ] && [ 1 -lt 2 ] && [ 2 -le 2 ] && [ 3 -gt 2 ] && [ 3 -ge 3 ] && echo numbers
[ ! a = b ] && echo not; [ a = a -a b = b ] && echo and; [ a = b -o b = b ] && echo or
[ \( a = a \) ] && echo parentheses; [ ! "" ] && echo "not empty"
test 5 -gt 3; echo $?; test 5 -gt 7; echo $?; test x -gt 3 2>/dev/null; echo $?
[ a = a 2>/dev/null; echo $?
[ -n = ] && echo "operator as a word"; [ = = = ] && echo equal; [ ! ] && echo bang; [ -f ] && echo dash f
