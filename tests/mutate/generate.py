#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the mutated copies of source files, and the list of their mutants.

usage: tests/mutate/generate.py FOLDER FILE...

FILE becomes FOLDER/FILE, if that is not what it was already; FOLDER/mutants.tsv has a line for each
mutant: number, id, file, line, function, operator, change.
"""

import os
import sys

sys.dont_write_bytecode = True
from mutants import Mutator  # noqa: E402


def write(name, text):
    """Only if it changes, so that make compiles nothing anew without need."""
    try:
        with open(name, encoding="utf-8") as old:
            if old.read() == text:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w", encoding="utf-8") as new:
        new.write(text)


def main():
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    folder, names = sys.argv[1], sys.argv[2:]
    rows, first = [], 1
    for name in names:
        with open(name, encoding="utf-8") as source:
            mutator = Mutator(name, source.read(), first)
        first += len(mutator.mutants)
        write(os.path.join(folder, name), mutator.output())
        rows += [(m.number, m.id, m.file, m.line, m.function, m.operator, m.change())
                 for m in mutator.mutants]
    text = "".join("\t".join(str(field) for field in row) + "\n" for row in rows)
    with open(os.path.join(folder, "mutants.tsv"), "w", encoding="utf-8") as out:
        out.write(text)


if __name__ == "__main__":
    main()
