# SPDX-License-Identifier: MIT
# Redirections, pipelines, here-documents.
echo one > f; cat f; echo two >> f; cat < f
cat f | sed 's/o/0/g' | tail -n 1
{ echo out; echo err >&2; } > both 2>&1; cat both
{ echo out; echo err >&2; } 2> err > out; cat out err
echo to stderr 2>/dev/null >&2; echo closed 2>&-
ls /nonexistent/file 2> e; [ -s e ] && echo "message kept"
cat <<END
plain $((1+1)) $(echo sub) `echo back` \$x "quotes" 'single'
END
x=value
cat <<'END'
literal $x $(echo no)
END
cat <<-END
	tabs stripped $x
		twice
	END
cat <<A <<B
first
A
second
B
cat <<END | tr a-z A-Z
piped
END
while read a b c; do echo "$a|$b|$c"; done <<END
1 2 3 4
x
  leading   blanks  $nothing
a\ b c
END
printf 'back\\slash\n' | while read -r x; do echo "$x"; done
printf 'no newline' | { read x; echo "status $? $x"; }
echo a b c | { read x y; echo "$y $x"; }
exec 3> third; echo three >&3; exec 3>&-; cat third
exec 4< f; read x <&4; read y <&4; echo "$x $y"; exec 4<&-
(echo in subshell; exit 3) > g; echo "status $? $(cat g)"
for i in 1 2 3; do echo $i; done > loop; cat loop
if true; then echo branch; fi > h; cat h
f() { echo "function $1"; }; f x > i; cat i
> empty; wc -c < empty | tr -d ' '
echo 3 4>j 5>&1 | cat
true | false; echo "status $?"; false | true; echo "status $?"; ! false | false; echo "status $?"
yes 2>/dev/null | head -n 2
seq 1 20000 | tail -n 1
seq 1 100 | while read n; do s=$((s + n)); done; echo "s=$s"
echo "$(seq 1 3)" $(seq 1 3)
cat < /nonexistent 2>/dev/null || echo failed
nonexistent_command 2>/dev/null; echo "status $?"
./f 2>/dev/null; echo "status $?"
/ 2>/dev/null; echo "status $?"
chmod +x f; echo 'echo script $1 $0' > f; ./f arg
echo text <f | cat
cat <<END
$(cat <<INNER
inner here
INNER
)
END
x=$(cat <<END
captured
  text
END
); echo "$x"
read x < empty || echo "end of file"
cat <<EOF2
$x ${x:-d} \\ \`
EOF2
