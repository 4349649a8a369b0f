# SPDX-License-Identifier: MIT
"""Runs userland/bench in a guest, or on this machine, and hands on the lines it prints."""

import datetime
import json
import os
import subprocess
import sys

from figures import Figures

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(TOP, "tests/conformance"))
from kernels import kernel_release  # noqa: E402

CPU = "max,la57=off"
MEMORY = ("1G", "4G")  # what a page of memory costs is seen from two sizes
LIMIT = 580  # seconds for a guest
MOST_ENDS = 5  # how often a guest may end before its last operation
NATIVE_MOST = 60000  # mappings: more need another vm.max_map_count


class Missing(Exception):
    """A kernel that cannot be had: why."""


class Progress:
    """Where each kernel is: a line that is written over on a terminal, else one now and then."""

    def __init__(self, quiet=False):
        self.at = {}
        self.quiet = quiet

    def say(self, title, name, done, of):
        """`title` is at its operation `name`, one of so many."""
        self.at[title] = f"{title} {done}/{of} {name}"
        if self.quiet:
            return
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K" + " | ".join(self.at.values())[:150])
        elif done % 20 == 0 or done == of:
            sys.stderr.write(f"bench: {self.at[title]}\n")
        sys.stderr.flush()

    def end(self):
        """The line is complete."""
        if sys.stderr.isatty() and self.at and not self.quiet:
            sys.stderr.write("\n")


def first_line(*command):
    """The first line that a command prints, or "" if it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout.splitlines() or [""])[0]


def qemu_version():
    """As in "7.2.22"."""
    words = first_line(os.environ.get("QEMU", "qemu-system-x86_64"), "--version").split()
    return words[3] if len(words) > 3 else "none"


def linux_image(version, build):
    """The path of Debian's kernel. Missing."""
    done = subprocess.run([os.path.join(TOP, "tests/boot/get-linux"), version, os.path.join(build, "linux")],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing((done.stderr.strip().splitlines() or ["it cannot be downloaded"])[-1])
    return done.stdout.strip()


def operations(program):
    """[(name, what)] of all operations, in their order."""
    done = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
    return [tuple(line.split(None, 1)) for line in done.stdout.splitlines()]


class Guest:
    """A kernel in the machine that all are measured in. `release` is what the kernel calls itself."""

    def __init__(self, key, title, build, image=None, cpu=CPU):
        self.key, self.title, self.image, self.cpu = key, title, image, cpu
        self.build = os.path.abspath(build)
        self.program = os.path.join(self.build, "user/bench")
        self.notes = []

    def figures(self, compiler):
        """Figures of this kernel, without any numbers."""
        figures = Figures(self.key, self.title)
        figures.release = kernel_release(self.image) if self.image else first_line(
            "git", "-C", TOP, "describe", "--always", "--dirty", "--abbrev=10")
        figures.qemu, figures.cpu, figures.compiler = qemu_version(), self.cpu, compiler
        figures.date = datetime.date.today().isoformat()
        return figures

    def lines(self, *args, memory=MEMORY[-1]):
        """The lines that the program prints with these arguments; then a note if the guest did not end well."""
        command = [os.path.join(TOP, "tests/boot/run"), "-t", str(LIMIT), "-m", memory, "--icount", "--live",
                   "--cpu", self.cpu, *(["--linux", self.image] if self.image else []), "--", self.program, *args]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=dict(os.environ, BUILD=self.build)) as guest:
            try:
                yield from guest.stdout
            except BaseException:
                guest.terminate()
                raise
            errors = guest.stderr.read().strip()
        if guest.returncode:
            self.notes.append(errors or f"the guest ended with status {guest.returncode}")

    def measure(self, names, figures, progress, repeats):
        """Runs the operations. After one that ends the program the others are run in a guest more."""
        todo = list(names)
        for _ in range(MOST_ENDS):
            noted = len(self.notes)
            for line in self.lines("--repeats", str(repeats), *todo):
                done = figures.add_line(line)
                progress.say(self.title, done, len(figures.rows), len(names))
            todo = [name for name in todo if name not in figures.rows]
            if len(self.notes) == noted or not todo or not figures.rows:
                break
            self.notes[-1] = f"{todo[0]}: {self.notes[-1]}"
            todo = todo[1:]

    def measure_memory(self, figures, progress):
        """What things cost in kernel memory, and what a page of memory does."""
        totals = []
        for memory in MEMORY:
            found = Figures(self.key, self.title)
            for line in self.lines("--ram" if memory != MEMORY[-1] else "--memory", memory=memory):
                progress.say(self.title, found.add_line(line), 0, 0)
            totals.append(found.memory.pop("ram", 0))
        figures.memory.update(found.memory)
        figures.slabs.update(found.slabs)
        sizes = [int(memory[:-1]) << 30 for memory in MEMORY]
        missing = [size - total for size, total in zip(sizes, totals)]
        figures.memory["page-of-ram"] = 4096 * (missing[1] - missing[0]) / (sizes[1] - sizes[0])
        figures.memory["fixed"] = missing[0] - figures.memory["page-of-ram"] * sizes[0] / 4096


def measure_native(program, names, repeats, progress):
    """Nanoseconds on this machine: {name: figure}. What needs more rights or memory than there is has none."""
    found = {}
    for count, name in enumerate(names, 1):
        size = name.rsplit("-", 1)[-1]
        if size.isdigit() and int(size) > NATIVE_MOST:
            continue
        try:
            done = subprocess.run([program, "--native", "--repeats", str(repeats), name], capture_output=True,
                                  text=True, check=False, timeout=60)
            said = json.loads(done.stdout)
            found[name] = min(said["repeats"]) / said["units"]
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            pass
        progress.say("native", name, count, len(names))
    return found
