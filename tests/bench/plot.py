# SPDX-License-Identifier: MIT
"""Growth as a picture: a panel for each family, both axes logarithmic. SVG, drawn by hand."""

import html
import math

COLOURS = {"terrane": "#c2410c", "linux-6.12": "#1d4ed8", "linux-6.1": "#64748b"}
ACROSS, WIDTH, HEIGHT = 3, 330, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 30, 34
HEAD = 34
STYLE = ("text{font:11px sans-serif;fill:#334155}.t{font-weight:bold;font-size:12px}"
         ".g{stroke:#e2e8f0}.a{stroke:#94a3b8;fill:none}")


def short(value):
    """A number as a label: 1k, 64M."""
    for size, letter in ((1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")):
        if value >= size and value % size == 0:
            return f"{value // size:.0f} {letter}"
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


class Scale:
    """From numbers to places, by their logarithm; a whole power of ten at both ends for `whole`."""

    def __init__(self, values, start, end, whole):
        low, high = math.log10(min(values)), math.log10(max(values))
        if whole:
            low, high = math.floor(low), math.ceil(high)
        self.low, self.high = low, high if high > low else low + 1
        self.start, self.end = start, end

    def at(self, value):
        """The place of a number."""
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


def panel(family, columns, left, top):
    """The lines of SVG for one family."""
    shown = [(column, family.points[column.key]) for column in columns if family.points.get(column.key)]
    sizes = sorted({n for _, points in shown for n, _ in points})
    costs = [value for _, points in shown for _, value in points]
    x = Scale(sizes, left + LEFT, left + WIDTH - RIGHT, False)
    y = Scale(costs, top + HEIGHT - BOTTOM, top + TOP, True)
    out = [f'<text class="t" x="{left + LEFT}" y="{top + 18}">{html.escape(family.name)}</text>',
           f'<text x="{left + WIDTH - RIGHT}" y="{top + 18}" text-anchor="end">{family.unit}</text>']
    for power in range(int(y.low), int(y.high) + 1):
        place = y.at(10.0**power)
        out.append(f'<path class="g" d="M{x.start} {place:.1f}H{x.end}"/>'
                   f'<text x="{x.start - 5}" y="{place + 4:.1f}" text-anchor="end">{short(10**power)}</text>')
    for n in sizes:
        out.append(f'<text x="{x.at(n):.1f}" y="{y.start + 15}" text-anchor="middle">{short(n)}</text>')
    out.append(f'<path class="a" d="M{x.start} {y.end}V{y.start}H{x.end}"/>')
    for column, points in shown:
        colour = COLOURS.get(column.key, "#000")
        places = [(x.at(n), y.at(value)) for n, value in points]
        dashes = ' stroke-dasharray="5 3"' if column.recorded else ""
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2"{dashes} points="'
                   + " ".join(f"{a:.1f},{b:.1f}" for a, b in places) + '"/>')
        out.extend(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"><title>{html.escape(column.title)}: '
                   f'{n:,} {family.unit}: {value:,.0f} instructions</title></circle>'
                   for (a, b), (n, value) in zip(places, points))
    return out


def svg(families, columns):
    """The whole picture."""
    columns = [column for column in columns if column.key in COLOURS]
    rows = (len(families) + ACROSS - 1) // ACROSS
    width, height = ACROSS * WIDTH, HEAD + rows * HEIGHT
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
           f'<style>{STYLE}</style><rect width="{width}" height="{height}" fill="#fff"/>']
    at = LEFT
    for column in columns:
        title = column.title + (" (recorded)" if column.recorded else "")
        out.append(f'<path stroke="{COLOURS[column.key]}" stroke-width="2" d="M{at} 18h24"/>'
                   f'<text x="{at + 30}" y="22">{html.escape(title)}</text>')
        at += 170
    out.append(f'<text x="{at}" y="22">instructions by size, both axes logarithmic</text>')
    for number, family in enumerate(families):
        out += panel(family, columns, number % ACROSS * WIDTH, HEAD + number // ACROSS * HEIGHT)
    return "\n".join(out) + "\n</svg>\n"
