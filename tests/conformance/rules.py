# SPDX-License-Identifier: MIT
"""What is to be compared: the rules, their sections, the differences that are meant, the features.

All of it is read from tables with tabs between their columns; each says at its head what its columns are.
"""

import fnmatch
import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(FOLDER))


def rows(path):
    """The rows of a table as lists, without comments; none if there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


class Rule:
    """A rule: a row of tests/rules.tsv."""

    def __init__(self, row):
        self.id, self.sentence, self.source = row[:3]
        parts = row[3]
        # A reason for waiting is a sentence, so it is all of the column.
        self.waiting = parts[len("waiting:"):] if parts.startswith("waiting:") else None
        self.tests = [] if self.waiting else parts.split()

    def cases(self):
        """The cases of programs that show it, as (program, case)."""
        return [tuple(test[len("program:"):].split("/", 1)) for test in self.tests
                if test.startswith("program:")]


class Section:
    """A section of the page and its rules."""

    def __init__(self, number, title, patterns):
        self.number = number
        self.title = title
        self.patterns = patterns
        self.rules = []


class Feature:
    """Something that Linux has had since a version: a row of features.tsv."""

    def __init__(self, row):
        since, what, cases, wanted, got = row
        self.name = f"{what}, since {since}"
        self.since = tuple(int(number) for number in since.split("."))
        self.cases = cases.split()
        self.wanted = re.compile(wanted)
        self.got = re.compile(got)

    def explains(self, case, wanted, got):
        """Whether a difference of a case is what its absence looks like."""
        return bool(any(fnmatch.fnmatchcase(case, pattern) for pattern in self.cases)
                    and self.wanted.search(wanted) and self.got.search(got))


def read_rules(path=os.path.join(TOP, "tests/rules.tsv")):
    """All rules in the order of the file."""
    return [Rule(row) for row in rows(path) if row[0] != "id" and len(row) == 4]


def read_sections(rules, path=os.path.join(FOLDER, "sections.tsv")):
    """The sections with their rules, and the ids that belong to none."""
    sections = [Section(row[0], row[1], row[2].split() if len(row) > 2 else []) for row in rows(path)]
    patterns = sorted(((len(pattern), pattern, section) for section in sections
                       for pattern in section.patterns), key=lambda entry: -entry[0])
    strays = []
    for rule in rules:
        for _, pattern, section in patterns:
            if fnmatch.fnmatchcase(rule.id, pattern):
                section.rules.append(rule)
                break
        else:
            strays.append(rule.id)
    return sections, strays


def read_allowed(path=os.path.join(TOP, "tests/golden/allowed.tsv")):
    """The differences that are meant: rows of program, case, Linux's line, Terrane's, reason, commit."""
    return rows(path)


def read_features(path=os.path.join(FOLDER, "features.tsv")):
    """What came to Linux when."""
    return [Feature(row) for row in rows(path)]


def read_soak(path=os.path.join(TOP, "tests/diff/soak.tsv")):
    """The long runs of the differential fuzzer."""
    return rows(path)
