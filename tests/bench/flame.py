# SPDX-License-Identifier: MIT
"""A flame graph as SVG: a row for each depth of calls, callers below, each function as wide as it is dear.

Green is the program, orange the kernel. Pointing at a function shows its figures.
"""
import zlib
from xml.sax.saxutils import escape

WIDTH, ROW, MARGIN, HEAD = 1200, 17, 10, 44
LETTER = 6.3  # mean width of one
NARROWEST = 0.3

STYLE = ('text{font:11px "DejaVu Sans",Verdana,sans-serif;pointer-events:none}'
         'rect{stroke:#fff;stroke-width:.4} g:hover rect{stroke:#000;stroke-width:1}')


def colour(name, is_kernel):
    tint = zlib.crc32(name.encode()) % 60
    if is_kernel:
        return f'rgb({215 + tint // 2},{110 + tint * 3 // 2},{50 + tint // 2})'
    return f'rgb({120 + tint},{190 + tint // 2},{90 + tint})'


def shown(tree):
    """[(depth, left, instructions, node)], left in instructions too."""
    rows, waiting = [], [(tree, 0, 0)]
    while waiting:
        node, depth, left = waiting.pop()
        total = node.total()
        rows.append((depth, left, total, node))
        for child in sorted(node.children, key=lambda n: n.func):
            if child.total() > 0:
                waiting.append((child, depth + 1, left))
                left += child.total()
    return rows


def box(x, y, width, name, tip, fill):
    text = ''
    room = int((width - 6) / LETTER)
    if room >= 3:
        short = name if len(name) <= room else name[:room - 1] + '…'
        text = f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(short)}</text>'
    return (f'<g><title>{escape(tip)}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
            f'height="{ROW - 1}" fill="{fill}"/>{text}</g>\n')


def flame_graph(tree, symbols, title):
    """The SVG of a tree of calls; `symbols.name` names its functions."""
    whole = max(tree.total(), 1)
    scale = (WIDTH - 2 * MARGIN) / whole
    rows = [row for row in shown(tree) if row[2] * scale >= NARROWEST]
    height = HEAD + (max(depth for depth, *_ in rows) + 1) * ROW + MARGIN
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
             f'viewBox="0 0 {WIDTH} {height}">\n<style>{STYLE}</style>\n'
             f'<rect width="100%" height="100%" fill="#fffdf5"/>\n'
             f'<text x="{MARGIN}" y="20" style="font-size:15px">{escape(title)}</text>\n'
             f'<text x="{MARGIN}" y="36">{whole:,} instructions; green: the program, orange: the kernel</text>\n']
    for depth, left, total, node in rows:
        name = symbols.name(node.func) if depth else 'all'
        tip = f'{name}: {total:,} instructions ({100 * total / whole:.1f} %), {node.own:,} of its own, {node.calls:,} calls'
        parts.append(box(MARGIN + left * scale, height - MARGIN - (depth + 1) * ROW, total * scale, name,
                         tip, colour(name, node.func >> 63)))
    return ''.join(parts) + '</svg>\n'
