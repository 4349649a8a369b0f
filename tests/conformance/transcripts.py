# SPDX-License-Identifier: MIT
"""Transcripts of comparison programs, cut into cases, and how two of them compare case by case.

A case is what tests/rules.tsv can name behind "program:NAME/": a heading ("# title") with all lines
up to the next heading, or one line: the name at its beginning ("name: ..."), a step ("012 text -> result")
or a KTAP line ("ok 3 name"). Blanks are written as _ in names; this is the reading of tests/lint/rules.awk.

Numbers of steps say nothing about behaviour, so they do not count when lines are compared.
"""

import re

STEP = re.compile(r"[0-9]{3,} ")
# The flag "sd" of smaps, not the "sd 16" of a summary of Shared_Dirty.
SOFT_DIRTY = re.compile(r" sd\b(?! [0-9])")
KTAP = re.compile(r"(not )?ok [0-9]+ (- )?")

SAME, ALLOWED, PART, ABSENT, DIFFERS, MISSING = "same", "allowed", "part", "absent", "differs", "missing"
# From the best to the worst: a rule is as good as the worst of its cases. PART is of rules alone: some of their cases
# need what the kernel does not have, the others are the same.
VERDICTS = [SAME, ALLOWED, PART, ABSENT, DIFFERS, MISSING]


def names_of(line):
    """The names by which a rule may call a line: all of it, and what stands before a colon."""
    line = line.lstrip(" ")
    short = KTAP.sub("", line, count=1) if KTAP.match(line) else line
    if short == line and line.startswith("# "):
        short = line[2:]
    elif short == line:
        short = STEP.sub("", line, count=1) if STEP.match(line) else line
    name = re.sub(r" -> .*", "", short).replace(" ", "_")
    colon = name.find(":_")
    return [name, name[:colon]] if colon > 0 else [name]


def without_number(line):
    """A line without the number of its step."""
    return STEP.sub("", line, count=1) if STEP.match(line) else line


def clear_bit_55(word):
    """A word of pagemap, shown without its lower 55 bits, without the bit for soft-dirty pages."""
    return format(int(word, 16) & ~1, "x") if re.fullmatch("[0-9a-f]+", word) else word


class Transcript:
    """The cases of a transcript: their lines by name, each with the heading it stands under."""

    def __init__(self, text):
        self.blocks = {}
        self.lines = {}
        heading = ""
        block = []
        for line in text.splitlines():
            if line.startswith("# "):
                heading = line[2:]
                block = self.blocks.setdefault(names_of(line)[0], [])
            elif line.startswith(("exit status ", "stderr: ")):
                block = []
            if line:
                block.append((heading, line))
            for name in names_of(line):
                self.lines.setdefault(name, []).append((heading, line))

    def case(self, name):
        """The (heading, line) pairs of a case, or None if it is not there."""
        return self.blocks.get(name) or self.lines.get(name)

    def names(self):
        """Every name of a case."""
        return set(self.blocks) | set(self.lines)


class Kernel:
    """What has to be known of a kernel to read its transcripts."""

    def __init__(self, version=None, soft_dirty=False, features=()):
        self.version = version
        self.soft_dirty = soft_dirty
        self.features = features

    def plain(self, line):
        """A line as this kernel would write it, were it built without soft-dirty tracking as the reference is."""
        line = without_number(line)
        if self.soft_dirty:
            line = SOFT_DIRTY.sub("", line)
            if line.lstrip().startswith("words of "):
                head, _, words = line.rpartition(" -> ")
                line = head + " -> " + " ".join(clear_bit_55(word) for word in words.split(" "))
        return line

    def lacks(self, case, wanted, got):
        """The feature that the kernel does not have and that explains the difference, or None."""
        for feature in self.features:
            if self.version and self.version < feature.since and feature.explains(case, wanted, got):
                return feature.name
        return None


def first_difference(wanted, got, kernel):
    """The first two lines that differ, "" for one that is not there; None if all are equal."""
    for i in range(max(len(wanted), len(got))):
        left = without_number(wanted[i][1]) if i < len(wanted) else ""
        right = kernel.plain(got[i][1]) if i < len(got) else ""
        if left != right:
            return left, right
    return None


def take_allowed(program, pairs, other, allowed):
    """What `other` would be without the differences that are meant, and how many there were."""
    taken = 0
    result = list(other)
    for i, (heading, line) in enumerate(pairs[:len(other)]):
        if allowed.get((program, heading, line)) == other[i][1] != line:
            result[i] = (heading, line)
            taken += 1
    return result, taken


def compare_case(program, name, reference, other, kernel, allowed):
    """The verdict on a case: (verdict, note, line of the reference, line of the other)."""
    wanted = reference.case(name)
    got = other.case(name)
    if wanted is None:
        return MISSING, "no such case in the record", "", ""
    if got is None:
        got = []
    got, taken = take_allowed(program, wanted, got, allowed)
    found = first_difference(wanted, got, kernel)
    if found is None:
        return (ALLOWED if taken else SAME), "", "", ""
    lacking = kernel.lacks(f"{program}/{name}", *differing_commands(*found)[1:])
    if lacking:
        return ABSENT, lacking, *found
    return (DIFFERS if got else MISSING), "", *found


def differing_commands(left, right):
    """Of two lines of commands the first that differ, and whether they are not the first of all."""
    if "; " in left and "; " in right:
        a, b = left.split("; "), right.split("; ")
        for i, piece in enumerate(a):
            if i >= len(b) or piece != b[i]:
                return i > 0, piece, b[i] if i < len(b) else ""
    return False, left, right


def differing_part(left, right, room=160):
    """Of two long lines the commands, or else the stretches, in which they part."""
    if len(left) <= room and len(right) <= room:
        return left, right
    follows, left, right = differing_commands(left, right)
    if len(left) <= room and len(right) <= room:
        head = "... " if follows else ""
        return head + left, head + right
    at = next((i for i in range(min(len(left), len(right))) if left[i] != right[i]), 0)
    begin = max(0, left.rfind(" ", 0, max(0, at - 20)))
    head = "... " if begin or follows else ""
    return head + cut(left[begin:], room), head + cut(right[begin:], room)


def cut(text, room):
    """A text that is not longer than that."""
    text = text.strip()
    return text if len(text) <= room else text[:room].rstrip() + " ..."
