# SPDX-License-Identifier: MIT
"""Whether transcripts are cut and compared as they should be: small ones, made up, with known verdicts."""

import results as verdicts
import rules as tables
from transcripts import (ABSENT, ALLOWED, DIFFERS, MISSING, PART, SAME, Kernel, Transcript, compare_case,
                         differing_part, names_of)

RECORD = """\

# merge.one
map 0 2 rw -> +0; seal 0 2 -> 0
     0-2 rw-p ac sl   00

# steps
001 unmap it -> 0
002 words of memory -> 102 100 0
     kind: a line
ok 1 works
exit status 0
"""

# What is changed in the record, the case, the verdict on the change for Linux 6.1 with soft-dirty pages.
CHANGES = [
    ("", "", "merge.one", SAME),
    ("ac sl   00", "ac sd sl   00", "merge.one", SAME),
    ("ac sl   00", "ac sl   0A", "merge.one", DIFFERS),
    ("ac sl   00\n", "ac sl   00\n     more\n", "merge.one", DIFFERS),
    ("seal 0 2 -> 0", "seal 0 2 -> ENOSYS", "merge.one", ABSENT),
    ("seal 0 2 -> 0", "seal 0 2 -> EINVAL", "merge.one", DIFFERS),
    ("# merge.one", "# merge.two", "merge.one", MISSING),
    ("001 unmap", "017 unmap", "unmap_it", SAME),
    ("unmap it -> 0", "unmap it -> EINVAL", "unmap_it", DIFFERS),
    ("102 100 0", "103 101 1", "words_of_memory", SAME),
    ("102 100 0", "103 101 3", "words_of_memory", DIFFERS),
    ("a line", "another", "kind", DIFFERS),
    ("ok 1 works", "not ok 1 works", "works", DIFFERS),
    ("exit status 0", "exit status 139", "steps", SAME),
]


def feature():
    """mseal, as features.tsv has it."""
    return tables.Feature(["6.10", "mseal", "*", "seal", "ENOSYS"])


def cutting():
    """Names of cases."""
    wanted = {"# a b": ["a_b"], "012 a b -> 3": ["a_b"], "     kind: a": ["kind:_a", "kind"], "not ok 3 a": ["a"]}
    return [f"the names of {line!r} are {names_of(line)}" for line, names in wanted.items() if names_of(line) != names]


def comparing():
    """Verdicts on cases."""
    found = []
    record = Transcript(RECORD)
    old = Kernel((6, 1), True, [feature()])
    for before, after, case, wanted in CHANGES:
        verdict = compare_case("made", case, record, Transcript(RECORD.replace(before, after, 1) if before else RECORD), old, {})
        if verdict[0] != wanted:
            found.append(f"{before!r} as {after!r} is {verdict[0]} in {case}, not {wanted}")
    changed = Transcript(RECORD.replace("ac sl   00", "ac sl   0A"))
    allowed = {("made", "merge.one", "     0-2 rw-p ac sl   00"): "     0-2 rw-p ac sl   0A"}
    for rows, wanted in ((allowed, ALLOWED), ({}, DIFFERS)):
        verdict = compare_case("made", "merge.one", record, changed, Kernel(), rows)[0]
        if verdict != wanted:
            found.append(f"with {len(rows)} allowed differences the verdict is {verdict}, not {wanted}")
    if compare_case("made", "merge.one", record, Transcript(RECORD.replace("-> 0", "-> ENOSYS", 1)),
                    Kernel((6, 12), True, [feature()]), {})[0] != DIFFERS:
        found.append("what a kernel has cannot be not there")
    return found


def judging():
    """Verdicts on rules, and how long lines are shown."""
    found = []
    results = verdicts.Results()
    rule = tables.Rule(["made.rule", "A sentence.", "made up", "program:made/a program:made/b"])
    for a, b, wanted in ((SAME, SAME, SAME), (SAME, ABSENT, PART), (ABSENT, ABSENT, ABSENT), (ABSENT, DIFFERS, DIFFERS),
                         (ALLOWED, SAME, ALLOWED), (SAME, MISSING, MISSING)):
        results.cases = {"made/a": {"x": a}, "made/b": {"x": b}}
        if results.of_rule(rule, "x") != wanted:
            found.append(f"a rule of {a} and {b} is {results.of_rule(rule, 'x')}")
    results.cases = {"made/a": {"x": SAME}}
    if results.of_rule(rule, "x") != verdicts.UNKNOWN:
        found.append("a rule with a case that was not run is known")
    if differing_part("a -> 0; " + "b" * 200 + " -> 0; c -> 1", "a -> 0; " + "b" * 200 + " -> 0; c -> 2") != \
            ("... c -> 1", "... c -> 2"):
        found.append("the commands that differ are not shown alone")
    return found


def problems():
    """What is wrong, a sentence each."""
    return cutting() + comparing() + judging()
