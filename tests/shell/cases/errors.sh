# SPDX-License-Identifier: MIT
# Syntax errors end with status 2, in a shell of their own.
for text in 'if' 'if true' 'for' 'for x in' 'case x' 'while true; do' ')' '(' '}' ';;' '| x' 'x |' '&& x' 'echo "' \
        "echo '" 'echo $(' 'echo `' 'f(' 'f() ' '<' '> ' 'echo ${' 'done' 'fi' 'esac' 'then' 'a; ; b' \
        '{ echo; ' 'for 1x in a; do :; done' 'echo $((1+' '& x' 'x & & y' 'case x in y' 'if ; then :; fi'; do
        sh -c "$text" > /dev/null 2>&1
        [ $? -eq 2 ] && echo "2: $text" || echo "not 2: $text"
done
sh -c 'echo before
if' 2>/dev/null; echo $?
