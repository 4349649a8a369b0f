#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks Linux 6.18, Terrane and older kernels every rule of tests/rules.tsv, and writes the conformance page.

The programs of userland/tests run on this machine (or, if its kernel is not 6.18 or the caller is not root, their
records are taken), in Terrane, and in guests with Debian's kernels 6.12 and 6.1. Their transcripts are cut into the
cases that the rules name and compared case by case with the records of 6.18. Written are

  tests/golden/conformance.tsv   the verdicts, from which the pages are made
  docs/conformance.md, .html     the pages

With --linux there is a column more, and all three go to BUILD/conformance/ instead. Transcripts are kept there too,
by what they depend on, so that only what has changed is run again: a first run takes about ten minutes on two cores.

Exit status: 0; 1 if a rule has no section or no result, or Linux 6.18 or Terrane differ from the records; 2 usage.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import page  # noqa: E402
import page_html  # noqa: E402
import results as verdicts  # noqa: E402
import rules as tables  # noqa: E402
import selftest  # noqa: E402
from kernels import Programs, linux_column, native_column, terrane_column  # noqa: E402

OLDER = ["6.12", "6.1"]
MOST_ALLOWED = 10


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests/conformance/main.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--linux", action="append", default=[], metavar="VMLINUZ", help="a kernel more; repeatable")
    parser.add_argument("--no-older", action="store_true", help="without Debian's kernels (nothing is written to docs/)")
    parser.add_argument("--pages", action="store_true", help="run nothing: make the pages from the kept verdicts")
    parser.add_argument("--check", action="store_true",
                        help="run nothing: see whether verdicts and pages are up to date, as KTAP")
    parser.add_argument("--json", metavar="FILE", help="write all rules with their verdicts (- is the output)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="guests at a time (%(default)s)")
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"), help="what was built (%(default)s)")
    return parser.parse_args()


def get_older(build):
    """The older kernels that can be had."""
    columns = []
    for version in OLDER:
        found = subprocess.run([os.path.join(tables.TOP, "tests/boot/get-linux"), version, os.path.join(build, "linux")],
                               capture_output=True, text=True)
        if found.returncode == 0:
            columns.append(linux_column(found.stdout.strip(), version))
        else:
            why = (found.stderr.strip().splitlines() or ["it cannot be downloaded"])[-1]
            print(f"conformance: no kernel {version}: {why}", file=sys.stderr)
    return columns


def run(options, rules):
    """Asks all kernels."""
    programs = Programs(options.build)
    native = native_column()
    if not native:
        print("conformance: this is not Linux 6.18 with the rights of root: its records stand for it", file=sys.stderr)
    columns = ([native] if native else []) + [terrane_column(options.build)]
    columns += [] if options.no_older else get_older(options.build)
    columns += [linux_column(image) for image in options.linux]
    texts = programs.run_all(columns, options.jobs)
    for note in programs.notes:
        print(f"conformance: {note}", file=sys.stderr)
    return verdicts.evaluate(rules, programs, columns, texts, datetime.date.today().isoformat())


def write(path, text):
    """A file and its name."""
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    print(f"  {os.path.relpath(path)}")


def as_json(sections, results):
    """Everything for other programs."""
    return json.dumps({
        "kernels": [vars(kernel) for kernel in results.kernels],
        "rules": [{
            "id": rule.id, "section": section.number, "sentence": rule.sentence, "source": rule.source,
            "tests": rule.tests, "waiting": rule.waiting,
            "verdicts": {kernel.key: results.of_rule(rule, kernel.key) for kernel in results.kernels},
            "differences": {kernel.key: [dict(zip(("case", "note", "wanted", "got"), note))
                                         for note in results.notes_of(rule, kernel.key)]
                            for kernel in results.kernels if results.notes_of(rule, kernel.key)},
        } for section in sections for rule in section.rules],
    }, indent=1)


def allowed_problems():
    """What is wrong with the list of differences that are meant."""
    rows = tables.read_allowed()
    found = [f"a row of tests/golden/allowed.tsv has no reason or no commit: {row[:2]}" for row in rows
             if len(row) != 6 or not row[4] or not row[5]]
    if len(rows) > MOST_ALLOWED:
        found.append(f"tests/golden/allowed.tsv has {len(rows)} rows: {MOST_ALLOWED} are the most")
    return found


def pages_problems(sections, results):
    """Which pages are not what would be written now."""
    found = []
    for path, text in ((page.PAGE + ".md", page.markdown(sections, results)),
                       (page.PAGE + ".html", page_html.document(sections, results))):
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                if file.read() == text:
                    continue
        except FileNotFoundError:
            pass
        found.append(f"{os.path.relpath(path, tables.TOP)} is out of date: run make conformance, or "
                     "tests/conformance/main.py --pages if only sentences have changed")
    return found


def check(sections, strays, rules, results, programs_record):
    """All that can be seen without running anything, as KTAP."""
    suites = [("reading", selftest.problems()),
              ("results", verdicts.problems(rules, strays, results, programs_record)),
              ("allowed", allowed_problems()),
              ("pages", pages_problems(sections, results))]
    print(f"KTAP version 1\n1..{len(suites)}")
    for number, (name, found) in enumerate(suites, 1):
        for line in found[:40]:
            print(f"# {line}")
        if len(found) > 40:
            print(f"# and {len(found) - 40} more")
        print(f"{'not ok' if found else 'ok'} {number} conformance.{name}")
    failed = sum(1 for _, found in suites if found)
    print(f"{len(suites) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    """The program."""
    options = arguments()
    options.build = os.path.abspath(options.build)
    rules = tables.read_rules()
    sections, strays = tables.read_sections(rules)
    record = Programs.record_of
    if options.check:
        return check(sections, strays, rules, verdicts.Results.read(), record)
    for image in options.linux:
        if not os.path.isfile(image):
            print(f"conformance: there is no kernel {image}", file=sys.stderr)
            return 2
    try:
        results = verdicts.Results.read() if options.pages else run(options, rules)
    except FileNotFoundError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    aside = bool(options.linux or options.no_older or len(results.kernels) < 2 + len(OLDER))
    folder = os.path.join(options.build, "conformance") if aside else None
    print("written:")
    if not options.pages:
        path = os.path.join(folder, "conformance.tsv") if aside else verdicts.STORE
        results.write(path)
        results = verdicts.Results.read(path)
        print(f"  {os.path.relpath(path)}")
    base = os.path.join(folder, "conformance") if aside else page.PAGE
    write(base + ".md", page.markdown(sections, results))
    write(base + ".html", page_html.document(sections, results))
    if options.json == "-":
        print(as_json(sections, results))
    elif options.json:
        write(options.json, as_json(sections, results) + "\n")
    for kernel in results.kernels:
        print(f"{kernel.title:12} {page.brief(page.counts(results, rules, kernel))}")
    found = verdicts.problems(rules, strays, results, record)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
