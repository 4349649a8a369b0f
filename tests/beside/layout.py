# SPDX-License-Identifier: MIT
"""Two lists of lines beside each other, and where they part."""

import difflib

BEFORE, AFTER = 12, 24  # lines shown around the first difference
WINDOW = 400            # lines after it that are matched up with each other


def first_difference(left, right):
    """The index of the first line that differs, or None."""
    for i, (a, b) in enumerate(zip(left, right)):
        if a != b:
            return i
    return None if len(left) == len(right) else min(len(left), len(right))


def rows(left, right):
    """(mark, left line, right line): ' ' equal, '|' different, '<' '>' on one side only."""
    for tag, a, b, c, d in difflib.SequenceMatcher(None, left, right, False).get_opcodes():
        if tag == "equal":
            yield from ((" ", line, line) for line in left[a:b])
            continue
        for i in range(max(b - a, d - c)):
            x = left[a + i] if a + i < b else None
            y = right[c + i] if c + i < d else None
            yield ("|" if x is not None and y is not None else "<" if y is None else ">", x, y)


def cut(line, width):
    line = (line or "").replace("\t", "        ")
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    if len(line) <= width:
        return line
    call, equals, result = line.rpartition(" = ")
    tail = equals + result if call and len(result) < width // 2 else ""  # what a call returned
    return line[:width - 1 - len(tail)] + "\N{HORIZONTAL ELLIPSIS}" + tail


def beside(left, right, width, everything=False):
    """Lines of text `width` wide: both lists whole, or what lies around where they part."""
    column = max(20, (width - 3) // 2)
    part = first_difference(left, right)
    out = []

    def put(mark, x, y):
        out.append(f"{cut(x, column):<{column}} {mark} {cut(y, column)}".rstrip())

    if everything:
        for row in rows(left, right):
            put(*row)
        return out
    if part is None:
        shown = left if len(left) <= BEFORE + 4 else left[:BEFORE]
        for line in shown:
            put(" ", line, line)
        if len(shown) < len(left):
            out.append(f"... {len(left) - len(shown)} more lines, all equal (--all shows them)")
        return out
    start = max(0, part - BEFORE)
    if start:
        out.append(f"... {start} equal lines before")
    for line in left[start:part]:
        put(" ", line, line)
    following = list(rows(left[part:part + WINDOW], right[part:part + WINDOW]))
    for row in following[:AFTER]:
        put(*row)
    rest = max(len(left), len(right)) - part - AFTER
    if rest > 0:
        out.append(f"... about {rest} more lines (--all shows them)")
    return out
