#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does a unit test notice each mutant of mm/?

usage: tests/mutate/run.py [--folder DIR] [--jobs N] [--fresh] [--thorough] [--max-ms N]
                           [--only TEXT] [--list] [--smoke]

First each test runs once with no mutant chosen, to see which mutants it reaches. Then for each
mutant the tests that reach it run, the likeliest to notice it first, until one fails: the mutant is
killed. What is known is appended to DIR/results.tsv at once, so an interrupted run goes on where it
was; when the program has changed all are tried again, with the test that killed the mutant last
time in front. tests/mutate/survivors.tsv lists the mutants that survive, and why; the run fails if
one survives that is not listed, if one that is listed does not, or if fewer than 95 % of those that
are not equivalent to the program are killed. A complete run renews the table in docs/mutation.md.

  --folder DIR  where `make build/mutate/unit` has put everything (build/mutate)
  --jobs N      so many tests at a time (2)
  --fresh       forget earlier results, and which test killed what
  --thorough    survivors that are listed meet all tests, not only those below 300 ms
  --max-ms N    leave out tests that take longer
  --only TEXT   only mutants whose line in mutants.tsv contains TEXT
  --list        print the mutants and what is known of each, run nothing
  --smoke       KTAP: does the program with no mutant chosen pass, are those of smoke.tsv killed?
"""

import argparse
import collections
import hashlib
import os
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
from report import GOAL, Report  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SURVIVORS = os.path.join(HERE, "survivors.tsv")
SMOKE = os.path.join(HERE, "smoke.tsv")
PAGE = os.path.join(HERE, "..", "..", "docs", "mutation.md")
SMOKE_SUITES = ("account", "mremap", "pgmove", "mmap")
NO_LIMIT = 10**9
QUICK_MS = 300  # what tests of a mutant that is listed as a survivor may take

Mutant = collections.namedtuple("Mutant", "number id file line function operator change")
Result = collections.namedtuple("Result", "outcome test how ms text")


def read_rows(name, fields, torn=False):
    """The lines of a table, without comments; none if there is no such file. One that an
    interrupted run has left half written is left out if `torn`."""
    try:
        with open(name, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and not line.startswith("#"):
                    row = line.rstrip("\n").split("\t")
                    if len(row) != fields and torn:
                        continue
                    if len(row) != fields:
                        sys.exit(f"{name}:{number}: {len(row)} fields, not {fields}")
                    yield row
    except FileNotFoundError:
        return


def read_mutants(folder):
    return [Mutant(int(row[0]), row[1], row[2], int(row[3]), *row[4:])
            for row in read_rows(os.path.join(folder, "mutants.tsv"), 7)]


class Progress:
    """What is being done: a line that the next overwrites, for a log one a minute."""

    def __init__(self):
        self.last = time.monotonic()

    def show(self, text, end=False):
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K" + text + ("\n" if end else ""))
            sys.stderr.flush()
        elif end or time.monotonic() - self.last > 60:
            self.last = time.monotonic()
            print(text, file=sys.stderr, flush=True)


class Server:
    """A process that runs tests in copies of itself (tests/mutate/serve.c)."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, errors="replace", bufsize=1)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("mutate: the server has died")
        return answer.rstrip("\n").split(" ")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Tests:
    """Every test, the time it takes, and the mutants that it reaches."""

    def __init__(self, folder, names, key):
        self.file = os.path.join(folder, "trace.tsv")
        self.names, self.key = names, key
        self.ms, self.reached, self.failed = {}, {}, []
        rows = list(read_rows(self.file, 4, torn=True))
        if rows and rows[0][0] == key:
            for _, name, ms, numbers in rows:
                self.keep(name, int(ms), [int(n) for n in numbers.split()])

    def keep(self, name, ms, numbers):
        self.ms[name] = ms
        for number in numbers:
            self.reached.setdefault(number, []).append(name)

    def missing(self):
        return [name for name in self.names if name not in self.ms]

    def trace(self, server, name):
        answer = server.ask(f"trace 600000 {name}:300000")
        if answer[1] != "ok":
            self.failed.append(name)
        return name, int(answer[2]), answer[3:]

    def write(self, row):
        name, ms, numbers = row
        with open(self.file, "a" if self.ms else "w", encoding="utf-8") as out:
            out.write(f"{self.key}\t{name}\t{ms}\t{' '.join(numbers)}\n")
        self.keep(name, ms, [int(n) for n in numbers])

    def limit(self, name):
        """Processor time that a test gets: enough that a slow moment is not taken for a kill."""
        ms = self.ms[name]
        return 1000 + 10 * ms if ms < 1000 else 8000 + 3 * ms


class Results:
    """What became of the mutants, on disk at any time."""

    def __init__(self, folder, key, fresh):
        self.file = os.path.join(folder, "results.tsv")
        self.key = key
        self.known, self.hints = {}, {}
        self.rows = {}  # by id: the last of each mutant
        for row in [] if fresh else read_rows(self.file, 7, torn=True):
            result = Result(row[2], row[3], row[4], int(row[5]), row[6])
            if row[0] == key:
                self.known[row[1]] = result
            if result.outcome == "killed":
                self.hints[row[1]] = result.test
            else:
                self.hints.pop(row[1], None)
            self.rows[row[1]] = row

    def prune(self):
        """Leave one row of each mutant in the file."""
        with open(self.file + ".new", "w", encoding="utf-8") as out:
            out.writelines("\t".join(row) + "\n" for row in self.rows.values())
        os.replace(self.file + ".new", self.file)

    def add(self, mutant, result):
        self.known[mutant.id] = result
        with open(self.file, "a", encoding="utf-8") as out:
            out.write("\t".join([self.key, mutant.id, result.outcome, result.test, result.how,
                                 str(result.ms), result.text]) + "\n")


class Order:
    """Which test is likely to kill a mutant: it is of the same name as the file, it has killed
    others nearby, it is fast."""

    def __init__(self, tests, results):
        self.tests, self.results = tests, results
        self.kills = collections.Counter()

    def note(self, mutant, test):
        self.kills[mutant.function, test] += 1
        self.kills[mutant.file, test] += 1

    def of(self, mutant, max_ms):
        stem = os.path.basename(mutant.file)[:-2]
        family = stem.split("_")[0]

        def cost(name):
            suite = name.split(".")[0]
            weight = 1 + 8 * self.kills[mutant.function, name] + self.kills[mutant.file, name]
            weight *= 8 if suite == stem else 4 if suite.startswith(family) else 1
            return (self.tests.ms[name] + 2) / weight

        names = [name for name in self.tests.reached.get(mutant.number, ())
                 if self.tests.ms[name] <= max_ms]
        names.sort(key=cost)
        hint = self.results.hints.get(mutant.id)
        if hint in names:
            names.remove(hint)
            names.insert(0, hint)
        return names


class Workers:
    """Threads with a server each, that take work from one list."""

    def __init__(self, program, jobs):
        self.program, self.jobs = program, jobs
        self.lock = threading.Lock()

    def run(self, work, do, done):
        """done(do(server, item)) for each item; done() in one thread at a time."""
        work = collections.deque(work)
        errors = []

        def loop():
            server = Server(self.program)
            try:
                while not errors:
                    with self.lock:
                        if not work:
                            break
                        item = work.popleft()
                    result = do(server, item)
                    with self.lock:
                        done(item, result)
            except BaseException as error:  # the other threads are to end, too
                errors.append(error)
            server.close()

        threads = [threading.Thread(target=loop, daemon=True) for _ in range(self.jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]


class Run:
    """One call of this program."""

    def __init__(self, options):
        self.options = options
        self.program = os.path.join(options.folder, "unit")
        self.mutants = read_mutants(options.folder)
        with open(self.program, "rb") as program:
            self.key = hashlib.sha256(program.read()).hexdigest()[:16]
        self.listed = {row[0]: row for row in read_rows(SURVIVORS, 5)}
        self.progress = Progress()
        self.workers = Workers(self.program, options.jobs)
        self.results = Results(options.folder, self.key, options.fresh)
        self.tests = None
        self.order = None

    def trace(self):
        self.tests = Tests(self.options.folder, self.test_names(), self.key)
        missing = self.tests.missing()
        begun = len(self.tests.names) - len(missing)

        def done(item, row):
            self.tests.write(row)
            self.progress.show(f"mutate: {len(self.tests.ms)} of {len(self.tests.names)} tests"
                               f" traced: {item}")

        self.workers.run(missing, self.tests.trace, done)
        if self.tests.failed:
            os.remove(self.tests.file)
            sys.exit("mutate: with no mutant chosen these fail: " + " ".join(self.tests.failed))
        if missing:
            self.progress.show(f"mutate: {len(missing)} tests traced, {begun} known", end=True)
        self.order = Order(self.tests, self.results)

    def wanted(self):
        return [m for m in self.mutants
                if self.options.only in "\t".join(str(field) for field in m)]

    def max_ms(self, mutant):
        if mutant.id in self.listed and not self.options.thorough:
            return min(QUICK_MS, self.options.max_ms)
        return self.options.max_ms

    def tried(self, mutant):
        """What is known of it already: the tests that it has survived take less than this; none
        are left of one that was killed."""
        result = self.results.known.get(mutant.id)
        if not result:
            return -1
        return NO_LIMIT if result.outcome == "killed" else int(result.test)

    def attack(self, server, mutant):
        """Run the tests on one mutant. Of a survivor, `test` says how long a test could take."""
        limit, tried = self.max_ms(mutant), self.tried(mutant)
        with self.workers.lock:
            names = [name for name in self.order.of(mutant, limit) if self.tests.ms[name] > tried]
        if not names:
            return Result("survived", str(limit), "-", 0, "no test more comes to it")
        tests = " ".join(f"{name}:{self.tests.limit(name)}" for name in names)
        answer = server.ask(f"run {mutant.number} 600000 {tests}")
        if answer[0] == "survived":
            return Result("survived", str(limit), "-", int(answer[1]), f"{len(names)} tests")
        return Result("killed", answer[1], answer[2], int(answer[3]), " ".join(answer[4:]))

    def run(self):
        self.results.prune()
        work = [m for m in self.wanted() if self.tried(m) < self.max_ms(m)]
        began, total = time.monotonic(), len(work)
        counts = collections.Counter()

        def done(mutant, result):
            self.results.add(mutant, result)
            counts[result.outcome] += 1
            if result.outcome == "killed":
                self.order.note(mutant, result.test)
            self.progress.show(
                f"mutate: {sum(counts.values())} of {total}, {counts['killed']} killed,"
                f" {counts['survived']} survived, {time.monotonic() - began:.0f} s: {mutant.file}")

        # Those with a survivor's run ahead come last, so that kills teach the order first.
        work.sort(key=lambda m: m.id in self.listed)
        self.workers.run(work, self.attack, done)
        if work:
            self.progress.show(f"mutate: {total} mutants tried, {counts['killed']} killed, in"
                               f" {time.monotonic() - began:.0f} s", end=True)

    def list(self):
        for mutant in self.wanted():
            result = self.results.known.get(mutant.id)
            said = "-" if not result else " ".join(result[:4] + result[4:])
            print(mutant.id, f"{mutant.file}:{mutant.line}", mutant.function,
                  f"{mutant.operator}: {mutant.change}", said, sep="\t")

    def report(self):
        """Tables, faults, exit status."""
        report = Report(self.mutants, self.results.known, self.listed)
        if not report.complete():
            for mutant in self.wanted():
                result = self.results.known.get(mutant.id)
                if result and result.outcome == "survived" and mutant.id not in self.listed:
                    print(mutant.id, f"{mutant.file}:{mutant.line}:{mutant.function}",
                          f"{mutant.operator}: {mutant.change}", "survives", sep="\t")
            print(f"{report.all['untried']} mutants are not tried yet")
            return 0
        print(report.tables())
        seconds = sum(result.ms for result in self.results.known.values()) / 1000
        if self.options.max_ms == NO_LIMIT:
            report.write(PAGE, seconds)
        faults = report.faults()
        print("\n".join(faults) or f"mutate: {report.score(report.all):.1f} % killed"
              f" ({GOAL} % wanted), every survivor is listed with its reason")
        return 1 if faults else 0

    # ---------------------------------------------------------------- the short form

    def smoke(self):
        """KTAP: the tests of a few suites with no mutant, then one test for each of some mutants."""
        by_id = {mutant.id: mutant for mutant in self.mutants}
        names = [name for name in self.test_names() if name.split(".")[0] in SMOKE_SUITES]
        rows = list(read_rows(SMOKE, 3))
        bad, gone, number = 0, 0, 0
        server = Server(self.program)

        def say(good, text):
            nonlocal bad, number
            number += 1
            bad += not good
            print(f"{'ok' if good else 'not ok'} {number} {text}", flush=True)

        print(f"KTAP version 1\n1..{len(rows) + 2}")
        answer = server.ask("run 0 60000 " + " ".join(f"{name}:20000" for name in names))
        say(answer[0] == "survived", f"{len(names)} tests pass with no mutant chosen # "
            + " ".join(answer))
        for mutant_id, test, change in rows:
            mutant = by_id.get(mutant_id)
            if not mutant:
                gone += 1
                say(True, f"{mutant_id} {change} # SKIP its line has changed")
                continue
            answer = server.ask(f"run {mutant.number} 60000 {test}:5000")
            say(answer[0] == "killed", f"{mutant.function}: {mutant.change} is noticed by {test}")
        say(gone <= 5, "most mutants of smoke.tsv are still there")
        server.close()
        return 1 if bad else 0

    def test_names(self):
        listing = subprocess.run([self.program, "--list"], stdout=subprocess.PIPE, text=True,
                                 check=True)
        return listing.stdout.split()


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0],
                                     add_help=False)
    parser.add_argument("--help", "-h", action="store_true")
    parser.add_argument("--folder", default="build/mutate")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--thorough", action="store_true")
    parser.add_argument("--max-ms", type=int, default=NO_LIMIT)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if options.help:
        print(__doc__.strip())
        return 0
    run = Run(options)
    if options.list:
        run.list()
        return 0
    if options.smoke:
        return run.smoke()
    run.trace()
    run.run()
    return run.report()


if __name__ == "__main__":
    sys.exit(main())
