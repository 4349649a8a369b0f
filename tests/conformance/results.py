# SPDX-License-Identifier: MIT
"""The verdicts on all cases and rules, computed from transcripts, kept in tests/golden/conformance.tsv.

The file is what the pages are made of, so that they can be made, and checked, without running anything.
It notes which records the verdicts were reached with: if one has changed since, they are out of date.
"""

import hashlib
import os
import re

import rules as tables
from transcripts import (ABSENT, ALLOWED, DIFFERS, MISSING, PART, SAME, VERDICTS, Kernel, Transcript,
                         compare_case, differing_part)

STORE = os.path.join(tables.TOP, "tests/golden/conformance.tsv")
HEAD = """\
# What the kernels answered, case by case: written by make conformance, read for docs/conformance.*; not edited.
#
# Tabs between: kernel KEY TITLE RELEASE HOW DATE; record PROGRAM CHECKSUM; case NAME VERDICT... (in the order of the
# kernels); detail KEY CASE NOTE LINE-OF-THE-RECORD ITS-LINE, where the verdict is not "same".
"""

# What rules without a case have in place of a verdict.
UNIT, GUEST, WAITING, UNKNOWN = "unit", "guest", "waiting", "unknown"


class KernelLine:
    """What is said of a kernel: its key, its name, its release, whether it ran or was recorded, when."""

    def __init__(self, key, title, release, how, date):
        self.key, self.title, self.release, self.how, self.date = key, title, release, how, date


def checksum(text):
    """A short checksum of a record."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


class Results:
    """All verdicts: of cases as they were reached, of rules as they follow."""

    def __init__(self):
        self.kernels = []
        self.records = {}
        self.cases = {}    # case -> {key: verdict}
        self.details = {}  # (key, case) -> (note, wanted, got)

    def of_rule(self, rule, key):
        """The verdict on a rule for a kernel."""
        if rule.waiting:
            return WAITING
        cases = rule.cases()
        if not cases:
            if key != "terrane":
                return UNIT
            return UNIT if any(test.startswith("unit:") for test in rule.tests) else GUEST
        verdicts = [self.cases.get("/".join(case), {}).get(key, UNKNOWN) for case in cases]
        if UNKNOWN in verdicts:
            return UNKNOWN
        worst = max(verdicts, key=VERDICTS.index)
        return PART if worst == ABSENT and SAME in verdicts else worst

    def notes_of(self, rule, key):
        """Where a kernel's answers differ: (case, note, wanted, got) in the order of the rule's cases."""
        names = ["/".join(case) for case in rule.cases()]
        return [(name, *self.details[key, name]) for name in names if (key, name) in self.details]

    def write(self, path=STORE):
        """Keep them."""
        lines = []
        for kernel in self.kernels:
            lines.append(["kernel", kernel.key, kernel.title, kernel.release, kernel.how, kernel.date])
        lines += [["record", name, self.records[name]] for name in sorted(self.records)]
        for case in sorted(self.cases):
            lines.append(["case", case] + [self.cases[case].get(k.key, UNKNOWN) for k in self.kernels])
        lines += [["detail", *place, *self.details[place]] for place in sorted(self.details)]
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(HEAD)
            for line in lines:
                file.write("\t".join(field.replace("\t", " ") for field in line) + "\n")

    @staticmethod
    def read(path=STORE):
        """Those that were kept."""
        results = Results()
        for row in tables.rows(path):
            if row[0] == "kernel":
                results.kernels.append(KernelLine(*row[1:]))
            elif row[0] == "record":
                results.records[row[1]] = row[2]
            elif row[0] == "case":
                results.cases[row[1]] = dict(zip((k.key for k in results.kernels), row[2:]))
            elif row[0] == "detail":
                results.details[row[1], row[2]] = tuple((row[3:] + ["", "", ""])[:3])
        return results


def evaluate(rules, programs, columns, texts, date):
    """Results from the transcripts {(key, program): text} of the columns."""
    results = Results()
    features = tables.read_features()
    allowed = {tuple(row[:3]): row[3] for row in tables.read_allowed()}
    results.kernels.append(KernelLine("native", "Linux 6.18", "", "records", date))
    for column in columns:
        line = KernelLine(column.key, column.title, re.sub(r"^([0-9.]+)-fc.*", r"\1", column.release), "run", date)
        if column.key == "native":
            results.kernels[0] = line
        else:
            results.kernels.append(line)
    wanted = sorted({case for rule in rules for case in rule.cases()})
    for name in sorted({program for program, _ in wanted}):
        record = programs.record_of(name)
        results.records[name] = checksum(record)
        reference = Transcript(record)
        cases = [case for program, case in wanted if program == name]
        judge(results, "native", name, cases, reference,
              Transcript(texts.get(("native", name), record)), Kernel(), {})
        for column in columns:
            if column.key == "native" or (column.key, name) not in texts:
                continue
            older = column.version is not None
            kernel = Kernel(column.version, older, features if older else ())
            judge(results, column.key, name, cases, reference,
                  Transcript(texts[column.key, name]), kernel, {} if older else allowed)
    return results


def judge(results, key, program, cases, reference, other, kernel, allowed):
    """Notes the verdicts on the cases of one transcript."""
    for case in cases:
        name = f"{program}/{case}"
        verdict, note, left, right = compare_case(program, case, reference, other, kernel, allowed)
        results.cases.setdefault(name, {})[key] = verdict
        if verdict != SAME:
            results.details[key, name] = (note, *differing_part(left, right))


def problems(rules, strays, results, programs_record):
    """What must not be, a sentence each: rules without section or result, outdated ones, differences."""
    found = [f"{rule_id} stands in no section: add a pattern to tests/conformance/sections.tsv"
             for rule_id in strays]
    for rule in rules:
        for kernel in results.kernels:
            verdict = results.of_rule(rule, kernel.key)
            if verdict == UNKNOWN:
                found.append(f"{rule.id} has no result on {kernel.title}: run make conformance")
            elif kernel.key in ("native", "terrane") and verdict in (PART, ABSENT, DIFFERS, MISSING):
                case, _, wanted, got = results.notes_of(rule, kernel.key)[0]
                found.append(f"{rule.id} differs on {kernel.title}: {case}: {wanted} is {got}")
            elif verdict == ALLOWED and kernel.key != "terrane":
                found.append(f"{rule.id}: a difference is allowed to Terrane alone")
    for name in sorted(results.records):
        if checksum(programs_record(name)) != results.records[name]:
            found.append(f"the record of {name} is not the one that was compared with: run make conformance")
    return found
