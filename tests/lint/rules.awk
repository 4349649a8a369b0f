# SPDX-License-Identifier: MIT
#
# Checks tests/rules.tsv and tests/golden/allowed.tsv against the tests that there are. Reads, in this
# order, a list of unit tests (one suite.test a line) and of tests in a guest ("guest NAME"), records of programs (tests/golden/6.18/NAME.txt),
# and the two. Prints a line for each thing wrong. What a row must be is said at the head of each.

BEGIN { FS = "\t" }

function complain(text) { printf "%s:%d: %s\n", FILENAME, FNR, text }

# A case of a program is a heading ("# title"), the name at the beginning of a line ("name: ..."), a step
# ("012 text"), or the name of a KTAP line ("ok 3 name"); blanks are written as _ in the row.
function note_case(program, line) {
        sub(/^ +/, "", line)
        if (!sub(/^(not )?ok [0-9]+ (- )?/, "", line) && !sub(/^# /, "", line))
                sub(/^[0-9][0-9][0-9]+ /, "", line)
        sub(/ -> .*/, "", line)
        gsub(/ /, "_", line)
        cases[program "/" line] = 1
        if (match(line, /:_/))
                cases[program "/" substr(line, 1, RSTART - 1)] = 1
}

function check_test(test) {
        if (test ~ /^unit:/) {
                if (!(substr(test, 6) in units))
                        complain("no unit test " substr(test, 6))
        } else if (test ~ /^program:[^\/]+\/./) {
                if (!(substr(test, 9) in cases))
                        complain("no such case in the record: " substr(test, 9))
        } else if (test ~ /^guest:./) {
                if (!(substr(test, 7) in guests))
                        complain("no test in a guest: " substr(test, 7))
        } else
                complain("a test is unit:SUITE.TEST, program:NAME/CASE or guest:NAME, or all is waiting:REASON, not " test)
}

FILENAME ~ /\.txt$/ {
        program = FILENAME
        sub(/.*\//, "", program)
        sub(/\.txt$/, "", program)
        note_case(program, $0)
        if (/^# /)
                heading = substr($0, 3)
        lines[program, heading, $0] = 1
        next
}

FILENAME !~ /\.tsv$/ && sub(/^guest /, "") { gsub(/ /, "_"); guests[$0] = 1; next }

FILENAME !~ /\.tsv$/ { units[$0] = 1; next }

/^#/ || /^$/ || /^id\tsentence\t/ { next }

FILENAME ~ /allowed\.tsv$/ {
        if (NF != 6 || $5 == "" || $6 == "")
                complain("a row has six columns")
        else if (++meant > 10)
                complain("more than ten differences that are meant")
        else if ($1 == "-" && !($2 in units))
                complain("no unit test " $2)
        else if ($1 != "-" && !(($1, $2, $3) in lines))
                complain("no such line in the record of " $1)
        next
}

{
        rows++
        if (NF != 4) {
                complain("a row has four columns, this one has " NF)
                next
        }
        if ($1 !~ /^[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+$/)
                complain("not an id: " $1)
        if ($1 in seen)
                complain($1 " is already on line " seen[$1])
        seen[$1] = FNR
        if (length($2) < 12 || $2 !~ /\.$/)
                complain($1 " has no sentence")
        if ($3 == "")
                complain($1 " has no source")
        if ($4 ~ /^waiting:/) { # a rule of what is not built: all of the column is the reason
                if (length($4) < 30 || $4 ~ /(unit|program|guest):/)
                        complain($1 " waits without a reason")
                next
        }
        n = split($4, tests, " ")
        if (n == 0)
                complain($1 " has no test")
        for (i = 1; i <= n; i++)
                check_test(tests[i])
}

END { if (rows == 0) print "tests/rules.tsv: no rows" }
