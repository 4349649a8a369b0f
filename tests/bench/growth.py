# SPDX-License-Identifier: MIT
"""How costs grow: operations of one family, which differ in n alone, in the order of n.

Between two sizes the exponent is log(cost ratio) / log(size ratio): 0 is flat, 1 linear, 2 quadratic.
"""

import math

FLAT_FROM, FLAT_TO, FLAT_MOST = 1000, 1000000, 2.0
LINEAR_MOST = 1.1  # a logarithm on top of linear stays below this from one power of ten to the next


class Family:
    """The points [(n, instructions)] of a family, for each kernel."""

    def __init__(self, name):
        self.name = name
        self.points = {}  # key of a kernel -> [(n, value)]

    @property
    def is_among(self):
        """Whether the cost should not grow."""
        return self.name.endswith("among")

    @property
    def unit(self):
        """What n counts."""
        words = ("among", "many", "each", "maps", "mappings")
        return "mappings" if any(word in self.name for word in words) else "bytes"

    def exponent(self, key):
        """Between the two largest sizes; None without two."""
        points = self.points.get(key, [])[-2:]
        if len(points) < 2 or min(value for _, value in points) <= 0:
            return None
        (n1, v1), (n2, v2) = points
        return math.log(v2 / v1) / math.log(n2 / n1)

    def flatness(self, key):
        """The cost among FLAT_TO mappings, in costs among FLAT_FROM; None if one is missing."""
        points = dict(self.points.get(key, []))
        if not points.get(FLAT_FROM) or FLAT_TO not in points:
            return None
        return points[FLAT_TO] / points[FLAT_FROM]

    def is_met(self, key):
        """Whether the growth is what it should be; None if that cannot be said."""
        figure, most = (self.flatness(key), FLAT_MOST) if self.is_among else (self.exponent(key), LINEAR_MOST)
        return None if figure is None else figure <= most


def families(rows, columns):
    """The families of `rows` (those of the program), with the figures of all columns."""
    found = {}
    for row in rows.values():
        if not row.family:
            continue
        family = found.setdefault(row.family, Family(row.family))
        for column in columns:
            value = column.value(row.name)
            if value is not None:
                family.points.setdefault(column.key, []).append((row.n, value))
    for family in found.values():
        for points in family.points.values():
            points.sort()
    return [family for family in found.values() if any(len(points) > 1 for points in family.points.values())]
