# SPDX-License-Identifier: MIT
"""docs/conformance.html: the same page in one file, with a filter; page.css and page.js are put into it."""

import html
import os

import page
import rules as tables
from page import WORDS, word

# The classes of cells: the colour goes with a word, never alone.
CLASS = {name: key for key, (name, _) in WORDS.items()}


def text(value):
    """Text in HTML."""
    return html.escape(value, quote=True)


def part(name):
    """A file of this folder that the page holds."""
    with open(os.path.join(tables.FOLDER, name), encoding="utf-8") as file:
        return "".join(file.read().splitlines(keepends=True)[1:])


def cell(name, title):
    """A verdict."""
    return f'<td class="v {CLASS.get(name, "none")}" data-k="{text(title)}">{text(name)}</td>'


def difference(note, title):
    """What a kernel answered otherwise."""
    case, feature, wanted, got = note
    why = f" lacks <b>{text(feature)}</b>" if feature else ""
    return (f'<dt>{text(title)}{why}<span class="case">{text(case)}</span></dt>'
            f'<dd><code class="w">{text(wanted or "(nothing)")}</code>'
            f'<code class="g">{text(got or "(nothing)")}</code></dd>')


def row(rule, results):
    """A rule."""
    notes = "".join(difference(results.notes_of(rule, kernel.key)[0], kernel.title) for kernel in results.kernels
                    if results.notes_of(rule, kernel.key))
    tests = "".join(f"<li>{text(test)}</li>" for test in rule.tests)
    more = f"<p>{text(rule.waiting)}</p>" if rule.waiting else f"<ul>{tests}</ul>"
    label = "why" if rule.waiting else ("1 test" if len(rule.tests) == 1 else f"{len(rule.tests)} tests")
    if notes:
        more = f"<dl>{notes}</dl>{more}"
        label += ", differences"
    cells = "".join(cell(word(results, rule, kernel), kernel.title) for kernel in results.kernels)
    return (f'<tr id="{text(rule.id)}"><th scope="row"><a href="#{text(rule.id)}">{text(rule.id)}</a></th>'
            f'<td class="s">{text(rule.sentence)}<details><summary>{label}</summary>{more}'
            f'<p class="src">{text(rule.source)}</p></details></td>{cells}</tr>\n')


def section(entry, results):
    """A section with its rules."""
    level = "h2" if "." not in entry.number else "h3"
    head = f'<{level} id="s{entry.number}"><a href="#s{entry.number}">{entry.number}</a> {text(entry.title)}</{level}>\n'
    if not entry.rules:
        return head
    titles = "".join(f'<th scope="col">{text(kernel.title)}</th>' for kernel in results.kernels)
    return (f'<section>{head}<table class="rules"><thead><tr><th scope="col">Rule</th><th scope="col">Sentence</th>'
            f'{titles}</tr></thead><tbody>\n' + "".join(row(rule, results) for rule in entry.rules)
            + "</tbody></table></section>\n")


def bar(found):
    """Counts as a bar with words below it."""
    pieces = "".join(f'<i class="{key}" style="flex-grow:{found[name]}"></i>' for key, (name, _) in WORDS.items()
                     if found.get(name))
    if found.get(page.NOT_ASKED):
        pieces += f'<i class="none" style="flex-grow:{found[page.NOT_ASKED]}"></i>'
    return f'<div class="bar" aria-hidden="true">{pieces}</div>{text(page.brief(found))}'


def summary(sections, results):
    """The table of counts."""
    rules = [rule for entry in sections for rule in entry.rules]
    titles = "".join(f'<th scope="col">{text(kernel.title)}</th>' for kernel in results.kernels)

    def line(head, chosen):
        cells = "".join(f'<td data-k="{text(kernel.title)}">{bar(page.counts(results, chosen, kernel))}</td>'
                        for kernel in results.kernels)
        return f'<tr><th scope="row">{head}</th><td class="n" data-k="Rules">{len(chosen)}</td>{cells}</tr>\n'

    lines = line("all", rules) + "".join(
        line(f'<a href="#s{entry.number}">{entry.number} {text(entry.title)}</a>', entry.rules)
        for entry in sections if entry.rules)
    return (f'<table class="counts"><thead><tr><th scope="col">Section</th><th scope="col">Rules</th>{titles}</tr></thead>'
            f"<tbody>{lines}</tbody></table>\n")


def controls(results):
    """The filter."""
    words = "".join(f"<option>{text(name)}</option>" for name, _ in page.meanings())
    columns = "".join(f'<option value="{i}">{text(kernel.title)}</option>' for i, kernel in enumerate(results.kernels))
    return ('<form id="filter" hidden><label for="q">Filter</label><input type="search" id="q" '
            'aria-label="words of the id, the sentence or the tests">'
            f'<select id="c" aria-label="kernel"><option value="">any kernel</option>{columns}</select>'
            f'<select id="w" aria-label="verdict"><option value="">any verdict</option>{words}</select>'
            '<output id="n"></output></form>\n')


def meant():
    """The differences that are meant."""
    rows = "".join(f'<tr><td>{text(reason)}</td><td data-k="Commit">{text(commit)}</td>'
                   f'<td data-k="Seen by">{"<br>".join(text(case) for case in cases)}</td></tr>\n'
                   for reason, commit, cases, _, _ in page.allowed_lines())
    return ('<section><h2 id="meant">Differences that are meant</h2><p>The whole list, a defect of Linux 6.18 each.</p>'
            '<table class="plain"><thead><tr><th>Linux 6.18</th><th>Commit</th><th>Seen by</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></section>\n")


def soak():
    """The record of the differential fuzzer."""
    rows = page.soak_rows()
    head = f'<section><h2 id="random">Random calls compared</h2><p>{text(page.SOAK_TEXT)}</p>'
    if not rows:
        return f"{head}<p>{text(page.SOAK_NONE)}</p></section>\n"
    titles = "".join(f"<th>{name}</th>" for name in page.SOAK_HEAD)
    body = "".join("<tr>" + "".join(f'<td data-k="{name}">{text(value)}</td>' for name, value in zip(page.SOAK_HEAD, entry))
                   + "</tr>\n" for entry in rows)
    return f'{head}<table class="plain"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></section>\n'


def document(sections, results):
    """The text of docs/conformance.html."""
    words = "".join(f'<dt class="v {CLASS.get(name, "none")}">{text(name)}</dt><dd>{text(meaning)}</dd>'
                    for name, meaning in page.meanings())
    kernels = "".join(f"<li>{text(line)}</li>" for line in page.kernel_lines(results))
    return ("<!DOCTYPE html>\n<!-- generated by make conformance -->\n"
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Terrane: conformance</title><style>\n{part('page.css')}</style></head>\n<body><main>"
            f"<h1>Terrane and Linux 6.18</h1><p>{text(page.INTRO)}</p><p>{text(page.OLDER)}</p><ul>{kernels}</ul>"
            f'<details><summary>What the words mean</summary><dl class="words">{words}</dl></details>\n'
            + summary(sections, results) + controls(results)
            + "".join(section(entry, results) for entry in sections) + meant() + soak()
            + f"</main><script>\n{part('page.js')}</script></body></html>\n")
