# SPDX-License-Identifier: MIT
"""The kernels that are compared, and what the programs say on each.

A transcript is kept in BUILD/conformance/ under a name made of what it depends on: the kernel, the
program, and what starts it. What is there already is not run again.
"""

import concurrent.futures
import glob
import hashlib
import os
import platform
import re
import subprocess

from progress import progress
from rules import TOP

# Seconds for one program. Some calls hang an older Linux (a vdso away from its data), so less is given to it.
LIMIT = 900
LIMIT_OLDER = 240

# What a distribution configures unlike the reference, as far as the command line can tell the kernel.
AS_REFERENCE = "transparent_hugepage=madvise vsyscall=xonly"


def digest(*paths):
    """A short name for the contents of files."""
    total = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            total.update(hashlib.sha256(file.read()).digest())
    return total.hexdigest()[:16]


def kernel_release(image):
    """The release that a bzImage says it is ("6.12.117+deb12-cloud-amd64"), or "" for another file."""
    with open(image, "rb") as file:
        head = file.read(0x8000)
    if head[0x202:0x206] != b"HdrS":
        return ""
    at = int.from_bytes(head[0x20e:0x210], "little") + 0x200
    return head[at:head.index(b"\0", at)].split(b" ")[0].decode("ascii", "replace")


def version_of(release):
    """The first two numbers of a release, as (6, 12); None if it does not begin with them."""
    match = re.match(r"([0-9]+)\.([0-9]+)", release)
    return (int(match.group(1)), int(match.group(2))) if match else None


class Column:
    """A kernel: its short name, what it is, and the options of tests/boot/run that start it."""

    def __init__(self, key, title, release, options, identity):
        self.key = key
        self.title = title
        self.release = release
        self.version = version_of(release)
        self.options = options
        self.identity = identity


def native_column():
    """This machine, if its kernel is the reference; else None."""
    release = platform.release()
    if version_of(release) != (6, 18) or os.geteuid() != 0:
        return None
    return Column("native", "Linux 6.18", release, ["--native"],
                  hashlib.sha256(release.encode()).hexdigest()[:16])


def terrane_column(build):
    """Terrane as it was built."""
    image = os.path.join(build, "terrane.elf")
    return Column("terrane", "Terrane", "", [], digest(image))


def linux_column(image, key=None):
    """A kernel image of Linux."""
    release = kernel_release(image)
    version = version_of(release)
    name = key or (f"{version[0]}.{version[1]}" if version else os.path.basename(image))
    return Column(name, f"Linux {name}", release or os.path.basename(image),
                  ["--linux", image, "-a", AS_REFERENCE], digest(image))


class Programs:
    """The comparison programs, their records, and their transcripts on the kernels."""

    def __init__(self, build):
        self.build = build
        self.kept = os.path.join(build, "conformance")
        self.runner = digest(os.path.join(TOP, "tests/boot/run"),
                             *sorted(glob.glob(os.path.join(TOP, "userland/init/*.[ch]"))))
        self.names = subprocess.run([os.path.join(TOP, "tests/compare"), "--list"], check=True,
                                    capture_output=True, text=True).stdout.split()
        self.notes = []
        os.makedirs(self.kept, exist_ok=True)

    def path(self, name):
        """Where a built program is."""
        return os.path.join(self.build, "user/tests", name)

    @staticmethod
    def record_of(name):
        """The record of a program, of 6.18 or of the older kernel that it needs; "" if there is none."""
        found = glob.glob(os.path.join(TOP, "tests/golden/6.18", name + ".txt")) + \
            glob.glob(os.path.join(TOP, "tests/golden/*", name + ".txt"))
        if not found:
            return ""
        with open(found[0], encoding="utf-8", errors="surrogateescape") as file:
            return file.read()

    @staticmethod
    def has_own_record(name):
        """Whether the record is one of 6.18."""
        return os.path.exists(os.path.join(TOP, "tests/golden/6.18", name + ".txt"))

    @staticmethod
    def options_of(column, name):
        """The options of tests/boot/run for a program: the kernel's, and what the program needs of the command line."""
        with open(os.path.join(TOP, "tests/golden/boot-args.tsv"), encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
        words = [row[2 if "--linux" in column.options else 1] for row in rows if row[0] == name]
        if not words or column.key == "native":
            return column.options
        return [*column.options, "-a", words[0]]

    def kept_path(self, column, name):
        """Where the transcript of a program on a kernel is kept."""
        made_of = f"{column.identity} {digest(self.path(name))} {self.runner} {self.options_of(column, name)[2:]}"
        key = hashlib.sha256(made_of.encode()).hexdigest()[:16]
        return os.path.join(self.kept, f"{name}-{column.key}-{key}")

    def transcript(self, column, name):
        """What a program says on a kernel: its output, its errors, its end, as tests/compare has it."""
        kept = self.kept_path(column, name)
        try:
            with open(kept, encoding="utf-8", errors="surrogateescape") as file:
                return file.read()
        except FileNotFoundError:
            pass
        command = [os.path.join(TOP, "tests/boot/run"), *self.options_of(column, name), "-t",
                   str(LIMIT_OLDER if "--linux" in column.options else LIMIT), "--", self.path(name)]
        done = subprocess.run(command, capture_output=True, env={**os.environ, "BUILD": self.build})
        text = done.stdout.decode("utf-8", "surrogateescape")
        if text and not text.endswith("\n"):
            text += "\n"
        for line in done.stderr.decode("utf-8", "surrogateescape").splitlines():
            text += f"stderr: {line}\n"
        text += f"exit status {done.returncode}\n"
        if done.returncode in (124, 125):
            self.notes.append(f"{name} on {column.title}: " + ("no end within the time" if
                              done.returncode == 124 else "the machine ended before the program"))
            if "--linux" not in column.options:
                return text  # not kept: the machine may have been busy
            # What hangs is kept, or each run would wait for it.
        with open(kept + ".part", "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        os.replace(kept + ".part", kept)
        return text

    def run_all(self, columns, jobs):
        """The transcripts of all programs on all kernels, as {(key, name): text}."""
        missing = [name for name in self.names if not os.path.exists(self.path(name))]
        if missing:
            raise FileNotFoundError(f"there is no program {self.path(missing[0])} (make test-programs)")
        wanted = [(column, name) for column in columns for name in self.names
                  if column.key != "native" or self.has_own_record(name)]
        result = {}
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            runs = {pool.submit(self.transcript, column, name): (column, name) for column, name in wanted}
            for run in concurrent.futures.as_completed(runs):
                column, name = runs[run]
                result[column.key, name] = run.result()
                progress(f"{len(result)} of {len(wanted)}: {name} on {column.title}")
        progress("")
        return result
