#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures operations in Terrane and in Debian's kernels 6.12 and 6.1, in instructions, and writes the page about it.

The program is userland/bench, the same file in each kernel. Without names of operations all are measured, and memory
and boot besides, and docs/performance.md and .svg are written: a few minutes. With names, just these, and a table is
printed. `build/user/bench --list` names them.

What was measured of the same kernel with the same program and QEMU before is not measured again: counts are exact.

For a Linux that cannot be had, its records in tests/bench/recorded stand, marked with a star, if they were made with
the same QEMU and processor; else it is not compared.

Exit status: 0; 1 if a guest did not do what it was to; 2 usage.
"""

import argparse
import concurrent.futures
import json
import os
import sys

sys.dont_write_bytecode = True
import figures as kept  # noqa: E402
import guests  # noqa: E402
import plot  # noqa: E402
from report import Report  # noqa: E402

LINUX = (("linux-6.12", "Linux 6.12", "6.12", guests.CPU),
         ("linux-6.1", "Linux 6.1", "6.1", guests.CPU),
         ("linux-6.12-noerms", "6.12, no ERMS", "6.12", guests.CPU + ",erms=off"))
BARE = LINUX[-1][0]
# How costs grow does not depend on how pages are cleared.
NOT_WITHOUT_ERMS = ("-among-", "maps-", "move-each-", "-vmas")


def arguments(argv):
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests/bench/main.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ops", metavar="OP", nargs="*", help="an operation (all)")
    parser.add_argument("--build", default="build/release", help="what was built with DEBUG=0 (%(default)s)")
    parser.add_argument("--linux", default="build/linux", metavar="FOLDER", help="where Linux goes (%(default)s)")
    parser.add_argument("--recorded", action="store_true", help="run no Linux: its records stand for it")
    parser.add_argument("--record", action="store_true", help="write records of what was measured")
    parser.add_argument("--records", default=kept.RECORDS, metavar="FOLDER",
                        help="where records are (tests/bench/recorded)")
    parser.add_argument("--fresh", action="store_true", help="measure anew what was measured before (BUILD/bench)")
    parser.add_argument("--native", action="store_true", help="measure nanoseconds on this machine, too")
    parser.add_argument("--json", metavar="FILE", help="write all figures (- is the output)")
    parser.add_argument("--output", metavar="FOLDER", help="where the page goes (docs, if everything is measured)")
    parser.add_argument("--repeats", type=int, default=5, help="how often each is measured (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="guests at a time (%(default)s)")
    parser.add_argument("--cpu", default=guests.CPU, help="QEMU's name of the processor (%(default)s)")
    parser.add_argument("--cc", default="gcc", help="what Terrane was built with (%(default)s)")
    options = parser.parse_args(argv)
    if not 5 <= options.repeats <= 100:
        parser.error("--repeats is 5 to 100")
    if options.record and options.ops:
        parser.error("--record is for all operations")
    return options


class Bench:
    """One run."""

    def __init__(self, options):
        self.options = options
        self.notes, self.failures = [], []
        self.progress = guests.Progress()
        self.compiler = guests.first_line(*options.cc.split(), "--version")
        terrane = guests.Guest("terrane", "Terrane", options.build, cpu=options.cpu)
        for path in (terrane.program, os.path.join(terrane.build, "terrane.elf")):
            if not os.path.exists(path):
                sys.exit(f"bench: {path} is missing: make bench builds it")
        self.program = terrane.program
        self.names = self.choose([name for name, _ in guests.operations(self.program)])
        self.whole = not options.ops
        self.guests = {"terrane": terrane}

    def choose(self, known):
        """The operations that are asked for, in their order."""
        strangers = [name for name in self.options.ops if name not in known]
        if strangers:
            print(f"bench: there is no operation {strangers[0]}: {os.path.relpath(self.program)} --list names them",
                  file=sys.stderr)
            sys.exit(2)
        return [name for name in known if not self.options.ops or name in self.options.ops]

    def note(self, text):
        """Said at once, and on the page."""
        self.notes.append(text)
        print(f"bench: {text}", file=sys.stderr)

    def find_linux(self):
        """The guests that can be had; the records of the others."""
        stand_ins = {}
        for key, title, version, cpu in LINUX:
            if self.options.cpu != guests.CPU:
                cpu = cpu.replace(guests.CPU, self.options.cpu)
            why = "not asked for"
            if not self.options.recorded:
                try:
                    image = guests.linux_image(version, self.options.linux)
                    self.guests[key] = guests.Guest(key, title, self.options.build, image, cpu)
                    continue
                except guests.Missing as missing:
                    why = str(missing)
            stand_ins[key] = self.stand_in(key, title, cpu, why)
        return {key: figures for key, figures in stand_ins.items() if figures}

    def stand_in(self, key, title, cpu, why):
        """The record of a kernel that is not run, if it is of this machine."""
        figures = kept.read_record(key, self.options.records)
        if figures is None:
            self.note(f"{title} is not run ({why}), and there is no record of it")
            return None
        figures.title = title
        qemu = guests.qemu_version()
        if not figures.same_machine(qemu, cpu):
            self.note(f"{title} is not run ({why}), and its record is of QEMU {figures.qemu} with -cpu {figures.cpu}; "
                      f"this is QEMU {qemu} with -cpu {cpu}: not compared")
            return None
        self.note(f"{title} is not run ({why}): figures with a star were recorded on {figures.date}, of "
                  f"{figures.release} with QEMU {figures.qemu}")
        return figures

    def measure(self, guest):
        """All figures of a guest."""
        figures = guest.figures(self.compiler)
        names = self.names
        bare = guest.key == BARE
        if bare:
            names = [name for name in names if not any(part in name for part in NOT_WITHOUT_ERMS)]
        kept_lines = guests.Kept(guest, self.options.repeats, self.options.fresh)
        guest.measure(names, figures, self.progress, kept_lines, self.options.repeats)
        if self.whole and not bare:
            guest.measure_memory(figures, self.progress, kept_lines)
        return figures

    def measure_all(self):
        """The columns, Terrane's first."""
        columns = self.find_linux()
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            # The slow ones first.
            jobs = {key: pool.submit(self.measure, guest) for key, guest in reversed(self.guests.items())}
            for key, job in jobs.items():
                columns[key] = job.result()
        for key, guest in self.guests.items():
            if self.whole and key != BARE:
                self.progress.say(guest.title, "boot", 1, 1)
                guest.measure_boot(columns[key])
            self.failures += [f"{guest.title}: {note}" for note in guest.notes]
        self.progress.end()
        order = ["terrane"] + [key for key, *_ in LINUX]
        return [columns[key] for key in order if key in columns]

    def run(self):
        """Measures, prints and writes; the exit status."""
        columns = self.measure_all()
        native = {}
        if self.options.native:
            native = guests.measure_native(self.program, self.names, self.options.repeats, self.progress)
            self.progress.end()
        for failure in self.failures:
            self.note(failure)
        report = Report(columns, native, self.notes, self.options.repeats)
        if self.options.json != "-":
            print(report.text())
        self.write(report, columns, native)
        self.progress.end()
        return 1 if self.failures or not columns[0].rows else 0

    def profiles(self, names):
        """Where the instructions of operations go, by name."""
        found = {}
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            jobs = {name: pool.submit(guests.hot_spots, self.guests["terrane"].build, name) for name in names}
            for name, job in jobs.items():
                found[name] = job.result()
                self.progress.say("profile", name, len(found), len(names))
        return {name: text for name, text in found.items() if text}

    def write(self, report, columns, native):
        """The files that are asked for."""
        if self.options.json:
            text = json.dumps({"kernels": [column.as_json() for column in columns], "native": native,
                               "notes": self.notes}, indent=1) + "\n"
            write_file(self.options.json, text)
        folder = self.options.output or (os.path.join(guests.TOP, "docs") if self.whole else None)
        if folder:
            write_file(os.path.join(folder, "performance.md"), report.markdown(self.profiles(report.examples())))
            write_file(os.path.join(folder, "performance.svg"), plot.svg(report.families, columns))
        if self.options.record and not self.failures:
            for column in columns:
                if not column.recorded:
                    print(f"  {os.path.relpath(kept.write_record(column, self.options.records))}")


def write_file(path, text):
    """A file and its name, or the output."""
    if path == "-":
        sys.stdout.write(text)
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"  {os.path.relpath(path)}")


if __name__ == "__main__":
    sys.exit(Bench(arguments(sys.argv[1:])).run())
