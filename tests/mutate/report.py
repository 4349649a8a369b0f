# SPDX-License-Identifier: MIT
"""What became of the mutants, as tables, and whether that is good enough."""

import collections

GOAL = 95.0
BEGIN = "<!-- made by make mutate -->\n"
END = "<!-- end -->\n"
KINDS = ("killed", "equivalent", "unseen", "not listed")


class Report:
    """Mutants, their results, and the rows of survivors.tsv by id."""

    def __init__(self, mutants, results, listed):
        self.mutants, self.results, self.listed = mutants, results, listed
        self.all = collections.Counter()
        self.by = {"file": collections.defaultdict(collections.Counter),
                   "operator": collections.defaultdict(collections.Counter)}
        self.new = []  # survivors that are not listed
        for mutant in mutants:
            kind = self.kind(mutant)
            if kind == "not listed":
                self.new.append(mutant)
            self.all[kind] += 1
            self.by["file"][mutant.file][kind] += 1
            self.by["operator"][mutant.operator][kind] += 1
        ids = {mutant.id for mutant in mutants}
        self.gone = [row for row in listed.values() if row[0] not in ids]
        self.dead = [row for row in listed.values()
                     if row[0] in results and results[row[0]].outcome == "killed"]

    def kind(self, mutant):
        result = self.results.get(mutant.id)
        if not result:
            return "untried"
        if result.outcome == "killed":
            return "killed"
        return self.listed[mutant.id][1] if mutant.id in self.listed else "not listed"

    @staticmethod
    def score(counts):
        """Per cent killed of those that can be."""
        able = sum(counts.values()) - counts["equivalent"]
        return 100.0 * counts["killed"] / able if able else 100.0

    def complete(self):
        return self.all["untried"] == 0

    def table(self, by):
        lines = [f"| {by} | mutants | killed | equivalent | unseen | of those not equivalent |",
                 "|---|---:|---:|---:|---:|---:|"]
        rows = sorted(self.by[by].items()) + [("all", self.all)]
        for name, counts in rows:
            lines.append(f"| {name} | {sum(counts.values())} | {counts['killed']} |"
                         f" {counts['equivalent']} | {counts['unseen'] + counts['not listed']} |"
                         f" {self.score(counts):.1f} % |")
        return "\n".join(lines) + "\n"

    def tables(self):
        return self.table("file") + "\n" + self.table("operator")

    def faults(self):
        """What is wrong, a line each."""
        lines = [f"{m.id}\t{m.file}:{m.line}:{m.function}\t{m.operator}: {m.change}"
                 "\tsurvives and is not in survivors.tsv" for m in self.new]
        lines += ["\t".join(row[:4]) + "\tsurvivors.tsv: there is no such mutant"
                  for row in self.gone]
        lines += ["\t".join(row[:4]) + "\tsurvivors.tsv: it is killed by "
                  + self.results[row[0]].test for row in self.dead]
        if self.score(self.all) < GOAL:
            lines.append(f"killed are {self.score(self.all):.1f} %, which is less than {GOAL} %")
        return lines

    def write(self, page, seconds):
        """Put the tables into a page, between the marks."""
        with open(page, encoding="utf-8") as old:
            text = old.read()
        head, rest = text.split(BEGIN)
        tail = rest.split(END)[1]
        said = (f"{sum(self.all.values())} mutants, {self.all['killed']} killed,"
                f" {self.all['equivalent']} equivalent, {self.all['unseen']} unseen;"
                f" {seconds:.0f} s of processor time.\n\n")
        new = head + BEGIN + said + self.tables() + END + tail
        with open(page, "w", encoding="utf-8") as out:
            out.write(new)
