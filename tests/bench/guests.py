# SPDX-License-Identifier: MIT
"""Runs userland/bench in a guest, or on this machine, and hands on the lines it prints."""

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

from figures import Figures

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(TOP, "tests/conformance"))
from kernels import digest, kernel_release  # noqa: E402

CPU = "max,la57=off"
MEMORY = "4G"
RAM = ("1G", "2G")  # what a page of memory costs is seen from two sizes; above 3G a PC has more to keep
LIMIT = 3000  # seconds for a guest: a machine may be busy
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


def linux_image(version, folder):
    """The path of Debian's kernel, which goes to `folder` if it is not there. Missing."""
    done = subprocess.run([os.path.join(TOP, "tests/boot/get-linux"), version, folder], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise Missing((done.stderr.strip().splitlines() or ["it cannot be downloaded"])[-1].removeprefix("get-linux: "))
    return done.stdout.strip()


def operations(program):
    """[(name, what)] of all operations, in their order."""
    done = subprocess.run([program, "--list"], capture_output=True, text=True, check=True)
    return [tuple(line.split(None, 1)) for line in done.stdout.splitlines()]


def program_digest(program):
    """A short name for what a program does, whatever its debugging information."""
    with tempfile.NamedTemporaryFile() as bare:
        subprocess.run(["strip", "-o", bare.name, program], check=True)
        return digest(bare.name)


class Kept:
    """Lines in BUILD/bench, under a name made of all that they depend on: what is there is not measured again."""

    def __init__(self, guest, repeats, fresh):
        kernel = guest.image or os.path.join(guest.build, "terrane.elf")
        made_of = f"{digest(kernel)} {program_digest(guest.program)} {qemu_version()} {guest.cpu} {repeats}"
        name = hashlib.sha256(made_of.encode()).hexdigest()[:16]
        self.path = os.path.join(guest.build, "bench", f"{guest.key}-{name}.jsonl")
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        if fresh and os.path.exists(self.path):
            os.remove(self.path)

    def lines(self):
        """All that is kept."""
        if not os.path.exists(self.path):
            return []
        with open(self.path, encoding="utf-8") as file:
            return [line for line in file if line.endswith("\n")]

    def add(self, line):
        """Keeps one more."""
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(line.rstrip("\n") + "\n")


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

    def lines(self, *args, memory=MEMORY):
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

    def measure(self, names, figures, progress, kept, repeats):
        """Runs the operations that are not kept. After one that ends the program the others are run in a guest more."""
        for line in kept.lines():
            if json.loads(line).get("op") in names:
                figures.add_line(line)
        todo = [name for name in names if name not in figures.rows]
        for _ in range(MOST_ENDS if todo else 0):
            noted = len(self.notes)
            for line in self.lines("--repeats", str(repeats), *todo):
                done = figures.add_line(line)
                kept.add(line)
                progress.say(self.title, done, len(figures.rows), len(names))
            todo = [name for name in todo if name not in figures.rows]
            if len(self.notes) == noted or not todo or not figures.rows:
                break
            self.notes[-1] = f"{todo[0]}: {self.notes[-1]}"
            todo = todo[1:]

    def measure_memory(self, figures, progress, kept):
        """What things cost in kernel memory, and what a page of memory does."""
        for line in kept.lines():
            if "op" not in json.loads(line):
                figures.add_line(line)
        if figures.memory:
            return
        progress.say(self.title, "memory", 1, 1)
        for line in self.lines("--memory"):
            figures.add_line(line)
        if not self.image:
            figures.memory.update(image_parts(os.path.join(self.build, "terrane.elf")))
        sizes, missing = [], []
        for memory in RAM:
            found = Figures(self.key, self.title)
            for line in self.lines("--ram", memory=memory):
                found.add_line(line)
            sizes.append(int(memory[:-1]) << 30)
            missing.append(sizes[-1] - found.memory.get("ram", 0))
        figures.memory.pop("ram", None)
        figures.memory["page-of-ram"] = 4096 * (missing[1] - missing[0]) / (sizes[1] - sizes[0])
        figures.memory["fixed"] = missing[0] - figures.memory["page-of-ram"] * sizes[0] / 4096
        if not self.notes:
            for name, value in figures.slabs.items():
                kept.add(json.dumps({"slab": name, "bytes": value}))
            for name, value in figures.memory.items():
                kept.add(json.dumps({"memory": name, "n": 1, "bytes": value}))


    def measure_boot(self, figures):
        """How long booting takes. Seconds mean something while nothing else runs."""
        command = [os.path.join(TOP, "tests/bench/boot"), "--build", self.build, "--cpu", self.cpu,
                   "--time", str(LIMIT), *(["--linux", self.image] if self.image else [])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            if "bytes of" not in line:  # of the image: figures.memory has them
                figures.add_line(line)
        if done.returncode:
            self.notes.append(done.stderr.strip() or f"tests/bench/boot ended with status {done.returncode}")


PARTS = {".text": "code", ".rodata": "rodata", ".symbols": "rodata", ".data": "data", ".bss": "bss"}


def image_parts(path):
    """The bytes of the parts of an ELF file, by the names that Linux has for them."""
    done = subprocess.run(["size", "-A", path], capture_output=True, text=True, check=False)
    found = {}
    for words in map(str.split, done.stdout.splitlines()):
        if words and words[0] in PARTS:
            part = PARTS[words[0]]
            found[part] = found.get(part, 0) + int(words[1])
    return found


HOT = 4  # functions
HOT_ROW = re.compile(r"\s*[\d,]+ +([\d.]+) .* [\d,]+  (\S+)$")


def hot_spots(build, name):
    """The functions in which most instructions of an operation are spent, as text."""
    command = [os.path.join(TOP, "tests/bench/profile"), "--build", build, "--repeats", "2", "--top", str(HOT), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [HOT_ROW.match(line) for line in done.stdout.splitlines()]
    return ", ".join(f"`{match[2]}` {float(match[1]):.0f} %" for match in found if match)


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
