# SPDX-License-Identifier: MIT
# Lists, conditions, loops, functions.
true && echo and; false && echo never; false || echo or; true || echo never
true && false || echo chain; ! true || echo negated; ! false && echo negated too
if true; then echo then; fi
if false; then echo no; else echo else; fi
if false; then echo no; elif true; then echo elif; else echo no; fi
if false; then echo; fi; echo "status $?"
if [ 1 = 1 ] && [ a != b ]
then
        echo multi
        echo line
fi
for i in 1 2 3; do for j in a b; do echo $i$j; done; done
for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done
for i in 1 2; do for j in 1 2 3; do [ $j = 2 ] && continue 2; echo $i.$j; done; done
for i in 1 2 3; do for j in 1 2; do [ $i = 2 ] && break 2; echo $i-$j; done; done
for x; do echo "arg $x"; done
n=3; while [ $n -gt 0 ]; do echo $n; n=$((n - 1)); done
until [ $n -ge 3 ]; do n=$((n + 1)); echo $n; done
while :; do break; done; echo "after break $?"
case hello in h*) echo h;; *) echo other;; esac
case x in a|b|x) echo alternatives;; esac
case "a b" in "a b") echo quoted;; esac
case '*' in '*') echo star;; esac
case abc in [a-c]??) echo set;; esac
case abc in [!a]*) echo no;; (a*) echo paren;; esac
case none in a) ;; esac; echo "status $?"
case x in x) ;; *) echo no;; esac
f() { echo "f $# $1"; return 3; }
f one two; echo "status $?"
g() { local_x=$1; if [ $1 -gt 0 ]; then g $(($1 - 1)); fi; echo "g $1"; }
g 3
h() ( echo subshell; exit 4 ); h; echo "status $?"
k() { for i in 1 2 3; do [ $i = 2 ] && return 7; echo k$i; done; }
k; echo "status $?"
{ echo group; echo again; } | cat
( echo sub; x=changed ); echo "x=$x"
(exit 5); echo "status $?"
{ false; }; echo "status $?"
a=$(false); echo "status $?"; a=$(exit 9) b=x; echo "status $?"
echo a; echo b & wait; echo c
sleep 0.01 & wait $!; echo "waited $?"
(exit 6) & wait $!; echo "waited $?"
false; echo $?; true; echo $?
: ${undefined:=by colon}; echo $undefined
eval 'echo evaluated $((1+1))'; x=echo; eval $x '"two  blanks"'
fn() { echo first; }; fn() { echo second; }; fn
while read line; do echo "got $line"; done <<END
one
two  words
END
echo end
if false; then :; else echo "done"; fi; echo if then else fi do done
nested() { if [ "$1" = 0 ]; then echo bottom; else nested $(($1-1)); fi; }; nested 20
set -- a b c; while [ $# -gt 0 ]; do echo $1; shift; done
exit 12
