# SPDX-License-Identifier: MIT
"""What both pages say: the words for verdicts, the counts, the texts around the tables, and docs/conformance.md."""

import os

import rules as tables
from results import GUEST, UNIT, UNKNOWN, WAITING
from transcripts import ABSENT, ALLOWED, DIFFERS, MISSING, PART, SAME

PAGE = os.path.join(tables.TOP, "docs/conformance")

# The word in a cell, and what it means.
WORDS = {
    SAME: ("same", "every line of the rule's test cases is that of the record of Linux 6.18"),
    ALLOWED: ("meant", "differs where Linux 6.18 has a defect; in the list of differences that are meant"),
    PART: ("in part", "some test cases need what came with a later version, the others are the same"),
    ABSENT: ("not there", "the call, the flag or the file came with a later version"),
    DIFFERS: ("differs", "the first line that differs stands with the rule"),
    MISSING: ("no answer", "the test did not get so far"),
    UNIT: ("unit test", "no program can see it; Terrane's own tests check it"),
    GUEST: ("guest test", "shown by a test that boots the whole system"),
    WAITING: ("waiting", "not built yet; the reason stands with the rule"),
    UNKNOWN: ("not run", "has not been compared yet"),
}
# On Linux there is nothing to ask where no program can see a rule.
NOT_ASKED = "unseen"

INTRO = (
    "What Linux 6.18 does with memory, a rule a row, and what each kernel answered when the rule's test cases were run on "
    "it. A case is a piece of a program in userland/tests, compiled once and started alike on every kernel; what it prints "
    "is compared, line by line, with what Linux 6.18 printed. Rules that no program can see are shown by Terrane's unit tests "
    "alone.")
OLDER = (
    "The older kernels are Debian's, run in the same virtual machine as Terrane. They are built with soft-dirty "
    "tracking, the reference without; the flag sd is left out of the comparison. Where one differs, the behaviour came with a "
    "later version.")


def meanings():
    """All words with what they mean."""
    return list(WORDS.values()) + [(NOT_ASKED, "no program can see it, so no other kernel can be asked")]


def word(results, rule, kernel):
    """The word of a cell."""
    verdict = results.of_rule(rule, kernel.key)
    if verdict in (UNIT, GUEST) and kernel.key != "terrane":
        return NOT_ASKED
    return WORDS[verdict][0]


def counts(results, rules, kernel):
    """How many rules have each word, as {word: number}."""
    found = {}
    for rule in rules:
        name = word(results, rule, kernel)
        found[name] = found.get(name, 0) + 1
    return found


def brief(found):
    """Counts in a cell: "58 same, 2 differs"."""
    names = [name for name, _ in WORDS.values()] + [NOT_ASKED]
    return ", ".join(f"{found[name]} {name}" for name in names if found.get(name))


def kernel_lines(results):
    """A sentence for each kernel: what it is and when it was asked."""
    lines = []
    for kernel in results.kernels:
        what = kernel.release or "this tree"
        if kernel.how == "records":
            lines.append(f"{kernel.title}: the records in tests/golden/6.18; this machine's kernel is another")
        elif kernel.key == "native":
            lines.append(f"{kernel.title}: {what}, run again on {kernel.date} and compared with the records")
        else:
            lines.append(f"{kernel.title}: {what}, run on {kernel.date}")
    return lines


def allowed_lines():
    """The differences that are meant, those of one defect together: (reason, commit, [cases], linux, terrane)."""
    groups = {}
    for row in tables.read_allowed():
        program, case, linux, terrane, reason, commit = (row + [""] * 6)[:6]
        entry = groups.setdefault((reason, commit), ([], linux, terrane))
        entry[0].append(case if program == "-" else f"{program}/{case}")
    return [(reason, commit, cases, linux, terrane) for (reason, commit), (cases, linux, terrane) in groups.items()]


def note_text(note):
    """(case, note, wanted, got) as a line of plain text."""
    case, feature, wanted, got = note
    said = f"{wanted or '(nothing)'}  here  {got or '(nothing)'}"
    return f"{case}: {feature + ' - ' if feature else ''}{said}"


def tests_text(rule, room=3):
    """The first tests of a rule and how many more there are."""
    shown = [test.replace("program:", "") for test in rule.tests[:room]]
    more = len(rule.tests) - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more > 0 else "")


# ---------------------------------------------------------------- Markdown

def plain(text):
    """Text that Markdown and a table leave as it is."""
    for sign in "\\`*_|<>[]~":
        text = text.replace(sign, "\\" + sign)
    return text


def code(text):
    """Text as it was printed."""
    return "`" + text.replace("`", "'").replace("|", "\\|") + "`" if text else "(nothing)"


def table(head, lines):
    """A table."""
    return ["| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head)] + lines]


def markdown_section(section, results):
    """The rules of a section, and below them what differs where."""
    kernels = results.kernels
    level = "##" if "." not in section.number else "###"
    lines = ["", f"{level} {section.number} {section.title}", ""]
    if not section.rules:
        return lines
    lines += table(["Rule", "Sentence"] + [kernel.title for kernel in kernels] + ["Test"],
                   [[code(rule.id), plain(rule.sentence)] + [word(results, rule, kernel) for kernel in kernels]
                    + [plain(rule.waiting or tests_text(rule, 2))] for rule in section.rules])
    notes = []
    for rule in section.rules:
        for kernel in kernels:
            found = results.notes_of(rule, kernel.key)
            if not found:
                continue
            case, feature, wanted, got = found[0]
            why = f" ({plain(feature)})" if feature else ""
            notes.append(f"- {code(rule.id)} on {kernel.title}{why}: {code(wanted)} is {code(got)} there")
    return lines + ([""] + notes if notes else [])


def markdown(sections, results):
    """The text of docs/conformance.md."""
    rules = [rule for section in sections for rule in section.rules]
    kernels = results.kernels
    lines = ["<!-- generated by make conformance: edit tests/rules.tsv and the tests it names instead -->",
             "# Conformance", "", INTRO, "", OLDER, ""]
    lines += [f"- {line}" for line in kernel_lines(results)]
    lines += ["", "[conformance.html](conformance.html) is the same with a filter. `make conformance` writes both; "
              "`make conformance LINUX=vmlinuz` adds any other kernel and writes to `build/conformance/`.", ""]
    lines += table(["Word", "Meaning"], [[name, plain(text)] for name, text in meanings()])
    lines += ["", "## Counts", ""]
    lines += table(["Section", "Rules"] + [kernel.title for kernel in kernels],
                   [[f"{section.number} {section.title}", str(len(section.rules))]
                    + [brief(counts(results, section.rules, kernel)) for kernel in kernels]
                    for section in sections if section.rules]
                   + [["all", str(len(rules))] + [brief(counts(results, rules, kernel)) for kernel in kernels]])
    for section in sections:
        lines += markdown_section(section, results)
    lines += ["", "## Differences that are meant", "",
              "The whole list (tests/golden/allowed.tsv), a defect of Linux 6.18 each.", ""]
    lines += table(["Linux 6.18", "Commit", "Seen by"],
                   [[plain(reason), plain(commit), plain(", ".join(cases))]
                    for reason, commit, cases, _, _ in allowed_lines()])
    lines += ["", "## Random calls compared", ""]
    lines += markdown_soak()
    return "\n".join(lines) + "\n"


SOAK_HEAD = ["Date", "Command", "Seeds", "Calls compared", "Differences", "Note"]
SOAK_TEXT = ("Runs of the differential fuzzer (tests/diff): random streams of memory calls, each applied to Linux 6.18 and "
             "to Terrane at the same addresses, with all visible state compared after each call.")
SOAK_NONE = "No long run is recorded yet."


def soak_rows():
    """The recorded runs, each with all columns."""
    return [(row + [""] * 6)[:6] for row in tables.read_soak() if row[0] != "date"]


def markdown_soak():
    """The record of the differential fuzzer."""
    rows = soak_rows()
    if not rows:
        return [SOAK_TEXT, "", SOAK_NONE]
    return [SOAK_TEXT, ""] + table(SOAK_HEAD, [[row[0], code(row[1])] + [plain(text) for text in row[2:]]
                                               for row in rows])
