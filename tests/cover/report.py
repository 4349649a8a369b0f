#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the measured test programs and prints what of mm/ they execute.

usage: tests/cover/report.py [--ktap] [--lines FILE] BUILD-FOLDER COMMAND...

Each COMMAND is run with sh; BUILD-FOLDER holds the objects and their notes (*.gcno). A line counts
as covered if any function it is part of ran it, a branch if that side of a condition was ever
taken. Not counted: assertions (compiled to nothing), branches of a CHECK(), which ends in a panic,
and what tests/cover/exclusions names, with its reason; an exclusion that hides nothing is an error.

The goals are in GOALS below. The exit status is 1 if one is missed.

  --ktap        one "ok" or "not ok" line a file instead of a table
  --lines FILE  only this file's lines and branches that were not covered, with their text
"""

import argparse
import collections
import fnmatch
import json
import os
import subprocess
import sys
import time

EXCLUSIONS = "tests/cover/exclusions"

# The first pattern that fits a file decides: per cent of lines, per cent of branches.
GOALS = [
    ("mm/mremap*", 100, 95),
    ("mm/vma*", 100, 95),
    ("mm/vmtree*", 100, 95),
    ("mm/pgmove*", 100, 95),
    ("mm/*", 95, 0),
]


def progress(text):
    """What is being done, on a line that the next overwrites; only for a terminal's reader."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
        sys.stderr.flush()


class Exclusion:
    """One line of the file: FILE | KIND | TEXT | REASON."""

    def __init__(self, number, text):
        fields = [field.strip() for field in text.split(" | ")]
        if len(fields) != 4 or fields[1] not in ("function", "line", "branch"):
            sys.exit(f"{EXCLUSIONS}:{number}: not FILE | function, line or branch | TEXT | REASON")
        self.file, self.kind, self.text, self.reason = fields
        self.number = number
        self.hidden = 0

    def hides(self, kind, file, function, text):
        """`kind` is what is to be hidden: a "line" or a "branch"."""
        if file != self.file:
            return False
        if self.kind == "function":
            return function == self.text
        return self.text in text and (self.kind == kind or self.kind == "line")


def read_exclusions():
    with open(EXCLUSIONS, encoding="utf-8") as lines:
        return [
            Exclusion(number, line)
            for number, line in enumerate(lines, 1)
            if line.strip() and not line.startswith("#")
        ]


class Source:
    """One file: how often each line ran, and each side of each of its conditions."""

    def __init__(self, name):
        self.name = name
        with open(name, encoding="utf-8") as lines:
            self.text = lines.read().split("\n")
        self.checks = self.find_checks()
        self.lines = collections.defaultdict(int)
        self.branches = collections.defaultdict(dict)
        self.functions = {}

    def find_checks(self):
        """The numbers of the lines that belong to a CHECK()."""
        found, inside = set(), False
        for number, line in enumerate(self.text, 1):
            inside = inside or line.lstrip().startswith("CHECK(")
            if inside:
                found.add(number)
                inside = not line.rstrip().endswith(";")
        return found

    def add(self, record):
        """What one object file says of one line."""
        number = record["line_number"]
        self.lines[number] += record["count"]
        self.functions.setdefault(number, record.get("function_name", ""))
        for side, branch in enumerate(record["branches"]):
            sides = self.branches[number]
            # Copies of an inline function may have been compiled with unlike conditions.
            key = (len(record["branches"]), side)
            sides[key] = sides.get(key, 0) + branch["count"]

    def exclude(self, exclusions):
        """Take out what is excluded; what is covered all the same stays counted."""
        for number in list(self.lines):
            text, function = self.text[number - 1], self.functions[number]
            for exclusion in exclusions:
                if self.lines[number] == 0 and exclusion.hides("line", self.name, function, text):
                    exclusion.hidden += 1
                    del self.lines[number]
                    self.branches.pop(number, None)
                    break
                untaken = [k for k, n in self.branches.get(number, {}).items() if n == 0]
                if untaken and exclusion.hides("branch", self.name, function, text):
                    exclusion.hidden += len(untaken)
                    for key in untaken:
                        del self.branches[number][key]

    def sides(self):
        return [
            (number, count)
            for number, sides in sorted(self.branches.items())
            if number not in self.checks
            for count in sides.values()
        ]


def read_counts(folder):
    """All sources of mm/, from gcov's reports of all objects."""
    notes = []
    for at, _, names in os.walk(folder):
        for name in sorted(names):
            source = os.path.relpath(os.path.join(at, name), folder)[: -len(".gcno")]
            # Of a file that has been removed since, the notes are still there.
            if name.endswith(".c.gcno") and os.path.exists(source):
                notes.append(os.path.join(at, name))
                if os.path.getmtime(source) > os.path.getmtime(notes[-1]):
                    sys.exit(f"cover: {source} has changed since it was measured: make cover")
    sources = {}
    for i, note in enumerate(notes):
        progress(f"cover: reading {i + 1} of {len(notes)}: {note}")
        out = subprocess.run(["gcov", "-b", "-j", "-t", note], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=True)
        for file in json.loads(out.stdout)["files"]:
            name = os.path.relpath(file["file"])
            if not name.startswith("mm/"):
                continue
            source = sources.setdefault(name, Source(name) if name not in sources else None)
            for record in file["lines"]:
                source.add(record)
    return [sources[name] for name in sorted(sources)]


def ranges(numbers):
    """3-5,9 for [3, 4, 5, 9]."""
    parts = []
    for number in sorted(set(numbers)):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def percent(part, whole):
    return 100.0 if whole == 0 else 100.0 * part / whole


class Row:
    """What the table says of one file."""

    def __init__(self, source):
        sides = source.sides()
        self.name = source.name
        self.missed_lines = [n for n, count in source.lines.items() if count == 0]
        self.missed_branches = [n for n, count in sides if count == 0]
        self.lines = len(source.lines)
        self.branches = len(sides)
        self.line_goal, self.branch_goal = next(
            (goal[1], goal[2]) for goal in GOALS if fnmatch.fnmatch(self.name, goal[0]))
        self.line_percent = percent(self.lines - len(self.missed_lines), self.lines)
        self.branch_percent = percent(self.branches - len(self.missed_branches), self.branches)
        self.good = (self.line_percent >= self.line_goal
                     and self.branch_percent >= self.branch_goal)

    def missed(self):
        parts = []
        if self.missed_lines:
            parts.append(ranges(self.missed_lines))
        rest = set(self.missed_branches) - set(self.missed_lines)
        if rest:
            parts.append("sides of " + ranges(rest))
        return "; ".join(parts)


def print_table(rows, exclusions):
    print(f"{'file':24} {'lines':>6} {'covered':>8} {'branches':>8} {'covered':>8}  not covered")
    for row in rows:
        mark = " " if row.good else "!"
        print(f"{row.name:24} {row.lines:6} {row.line_percent:7.1f}% {row.branches:8} "
              f"{row.branch_percent:7.1f}% {mark}{row.missed()}")
    lines = sum(row.lines for row in rows)
    branches = sum(row.branches for row in rows)
    print(f"{'all':24} {lines:6} "
          f"{percent(lines - sum(len(r.missed_lines) for r in rows), lines):7.1f}% {branches:8} "
          f"{percent(branches - sum(len(r.missed_branches) for r in rows), branches):7.1f}%")
    if exclusions:
        print("\nnot counted:")
        for e in exclusions:
            print(f"  {e.file}: {e.kind} '{e.text}' ({e.hidden}): {e.reason}")
    print("\ngoals (lines, branches):",
          ", ".join(f"{pattern} {lines} % {branches} %" for pattern, lines, branches in GOALS))


def print_ktap(rows):
    print("KTAP version 1")
    print(f"1..{len(rows)}")
    for number, row in enumerate(rows, 1):
        if not row.good:
            print(f"# lines {row.line_percent:.1f} % of {row.line_goal}, "
                  f"branches {row.branch_percent:.1f} % of {row.branch_goal}: {row.missed()}")
        print(f"{'ok' if row.good else 'not ok'} {number} cover.{row.name}")


def print_lines(source):
    """Every line of one file that is not covered, or not in both directions."""
    sides = collections.defaultdict(list)
    for number, count in source.sides():
        sides[number].append(count)
    for number in sorted(set(source.lines) | set(sides)):
        counts = sides.get(number, [])
        if source.lines.get(number) == 0:
            print(f"{number:5} never      {source.text[number - 1]}")
        elif 0 in counts:
            taken = "".join("-" if count == 0 else "+" for count in counts)
            print(f"{number:5} {taken:10} {source.text[number - 1]}")


def print_failures(lines):
    """What failed, each with its diagnostics; the end of the output if nothing says so."""
    shown, diagnostics = False, []
    for line in lines:
        if line.startswith("#"):
            diagnostics.append(line)
            continue
        if line.startswith("not ok"):
            print("\n".join(diagnostics[-40:] + [line]))
            shown = True
        diagnostics = []
    if not shown:
        print("\n".join(lines[-40:]))


def run_programs(commands):
    for command in commands:
        began = time.monotonic()
        progress(f"cover: running {command}")
        done = subprocess.run(command, shell=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            print_failures(done.stdout.decode(errors="replace").split("\n"))
            sys.exit(f"cover: {command}: exit status {done.returncode}")
        progress("")
        sys.stderr.write(f"cover: {command}: {time.monotonic() - began:.0f} s\n")


def forget_counts(folder):
    for at, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".gcda"):
                os.unlink(os.path.join(at, name))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--ktap", action="store_true")
    parser.add_argument("--lines", metavar="FILE")
    parser.add_argument("folder")
    parser.add_argument("commands", nargs="*")
    options = parser.parse_args()
    exclusions = read_exclusions()
    if options.commands:
        forget_counts(options.folder)
        run_programs(options.commands)
    sources = read_counts(options.folder)
    progress("")
    for source in sources:
        source.exclude(exclusions)
    if options.lines:
        print_lines(next(source for source in sources if source.name == options.lines))
        return 0
    rows = [Row(source) for source in sources]
    if options.ktap:
        print_ktap(rows)
    else:
        print_table(rows, exclusions)
    idle = [e for e in exclusions if e.hidden == 0]
    for e in idle:
        print(f"{EXCLUSIONS}:{e.number}: excludes nothing: {e.file} {e.kind} '{e.text}'")
    bad = [row for row in rows if not row.good]
    if not options.ktap:
        print(f"{len(rows) - len(bad)} of {len(rows)} files reach their goal")
    return 1 if bad or idle else 0


if __name__ == "__main__":
    sys.exit(main())
