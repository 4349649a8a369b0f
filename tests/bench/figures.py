# SPDX-License-Identifier: MIT
"""What was measured of a kernel, and the records of it in tests/bench/recorded/."""

import glob
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDS = os.path.join(HERE, "recorded")
FIELDS = ("title", "release", "qemu", "cpu", "compiler", "date")


class Row:
    """An operation: what userland/bench says of it, or what a record says."""

    def __init__(self, said):
        self.name = said["op"]
        self.what = said.get("what", "")
        self.n = said.get("n", 0)
        self.units = said.get("units", 1)
        self.family = said.get("family", "")
        self.repeats = said.get("repeats", [])
        self.work = said.get("work", {})
        self.error = said.get("error", "")
        self.value = min(self.repeats) / self.units if self.repeats else said.get("value")


class Figures:
    """All of a kernel. `key` names its record; `recorded` are figures that no run has just made."""

    def __init__(self, key, title):
        self.key, self.title = key, title
        self.release = self.qemu = self.cpu = self.compiler = self.date = ""
        self.recorded = False
        self.rows, self.memory, self.slabs, self.boot = {}, {}, {}, {}

    def add_line(self, line):
        """A line of JSON that the program, or tests/bench/boot, has printed. The name of what it is about."""
        said = json.loads(line)
        if "op" in said:
            self.rows[said["op"]] = Row(said)
            return said["op"]
        if "memory" in said:
            self.memory[said["memory"]] = said["bytes"] / said["n"]
            return said["memory"]
        if "slab" in said:
            self.slabs[said["slab"]] = said["bytes"]
            return said["slab"]
        self.boot[said["boot"]] = said["value"]
        return said["boot"]

    def value(self, name):
        """Instructions for an operation, or None."""
        row = self.rows.get(name)
        return row.value if row else None

    def same_machine(self, qemu, cpu):
        """Whether this was measured with that QEMU and that processor."""
        return (self.qemu, self.cpu) == (qemu, cpu)

    def tables(self):
        """Numbers by the word that a record has for their kind."""
        return {"op": {name: row.value for name, row in self.rows.items() if row.value is not None},
                "memory": self.memory, "slab": self.slabs, "boot": self.boot}

    def as_json(self):
        """Everything, for other programs."""
        return {"key": self.key, "recorded": self.recorded, **{field: getattr(self, field) for field in FIELDS},
                "operations": {name: {**vars(row)} for name, row in self.rows.items()},
                "memory": self.memory, "slabs": self.slabs, "boot": self.boot}


def number(text):
    """A number of a record: whole ones stay whole."""
    value = float(text)
    return int(value) if value.is_integer() else value


def write_record(figures, folder=RECORDS):
    """Writes the record of a kernel; its path."""
    path = os.path.join(folder, f"{figures.key}.tsv")
    os.makedirs(folder, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("# Written by make bench RECORD=1. Instructions for an operation; bytes.\n")
        file.writelines(f"# {field}: {getattr(figures, field)}\n" for field in FIELDS)
        for kind, table in figures.tables().items():
            file.writelines(f"{kind}\t{name}\t{round(value, 3):.15g}\n" for name, value in table.items())
    return path


def read_record(key, folder=RECORDS):
    """The record of a kernel, or None. ValueError: it cannot be read."""
    path = os.path.join(folder, f"{key}.tsv")
    if not os.path.exists(path):
        return None
    figures = Figures(key, key)
    figures.recorded = True
    with open(path, encoding="utf-8") as file:
        for count, line in enumerate(file, 1):
            head, _, rest = line[2:].rstrip("\n").partition(": ")
            if line.startswith("#"):
                if head in FIELDS:
                    setattr(figures, head, rest)
                continue
            try:
                kind, name, value = line.rstrip("\n").split("\t")
                value = number(value)
                if kind == "op":
                    figures.rows[name] = Row({"op": name, "value": value})
                else:
                    {"memory": figures.memory, "slab": figures.slabs, "boot": figures.boot}[kind][name] = value
            except (ValueError, KeyError):
                raise ValueError(f"{os.path.relpath(path)}:{count} is not KIND, NAME, NUMBER") from None
    return figures


def record_keys(folder=RECORDS):
    """The kernels of which there are records."""
    return sorted(os.path.basename(path)[:-4] for path in glob.glob(os.path.join(folder, "*.tsv")))
