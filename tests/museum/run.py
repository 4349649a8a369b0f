#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants bugs of the museum in a scratch copy of the tree and shows that their tests fail.

usage: tests/museum/run [options] [NAME...]

Each folder NAME of tests/museum is one bug: bug.diff puts the defect into our code, page.md tells
the story and names the tests that must notice. For each bug, in a scratch copy (BUILD/museum): apply
the patch, rebuild what it touches, run its tests, which must fail; take the patch back, run them
again, and now they must pass. A crash, a report of a sanitizer, a panic or a failed validation is a
failure; a hang is one too, after a time. A patch that does not apply or does not compile is a fault
of the museum, not a caught bug. Prints KTAP: "ok N museum.NAME". NAMEs may be patterns of a shell.

  --check        only look: pages are whole, patches apply, the index is up to date; builds nothing
  --smoke        --check, and then as many bugs as fit into the time (--seconds, 30), beginning with
                 another one each day
  --seconds N    begin no bug after so many seconds
  --index        write tests/museum/README.md from the pages
  --list         print the names
  --jobs N, -jN  so many at a time (as many as there are processors)
  --build DIR    where the tree has been built (build); what is there is not built again
  --cc COMPILER  (gcc)
  --make ARG     hand this to make, e.g. newlib=DIR (repeatable)
  --keep         leave the scratch copies
  --verbose      show what the tests said about each planted bug
"""

import argparse
import collections
import errno
import fnmatch
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MUSEUM = os.path.join(TOP, "tests/museum")
INDEX = os.path.join(MUSEUM, "README.md")
WAITING = os.path.join(MUSEUM, "waiting.md")

HEADER = ["Bug", "Known as", "Class", "Test", "State"]
SECTIONS = ["What went wrong", "The trigger", "The picture", "The fix"]
CLASSES = {
    "T": "flush against lifetime",
    "E": "entry type assumed",
    "P": "partial work",
    "V": "stale VMA",
    "A": "arithmetic, limits",
}
PAGE_LINES = 70
TEST_SECONDS = 120  # a test that takes longer hangs: the slowest takes 5
GUEST_SECONDS = 900
BUILD_SECONDS = 900

INDEX_HEAD = """\
# Bug museum

Each folder here is a bug that memory-mapping code somewhere has had, put into our code as a patch
(`bug.diff`), with a page (`page.md`) that says what went wrong, what triggers it, and how it is done
right. `make museum` plants one after the other in a scratch copy of the tree and shows that the test
which the page names fails with it, and passes without.

    make museum                             all of them
    tests/museum/run --verbose NAME         one, with what the test said
    patch -p1 < tests/museum/NAME/bug.diff  to look at it yourself; -R takes it back

Classes: {classes}. What cannot be planted yet, or has no meaning here, is in
[waiting.md](waiting.md). This page is written by `tests/museum/run --index`.

| No. | Bug | Known as | Class | Test | State |
|---|---|---|---|---|---|
"""


class Bug:
    """One folder: its page's header, and what is wrong with it."""

    def __init__(self, name):
        self.name = name
        self.folder = os.path.join(MUSEUM, name)
        self.diff = os.path.join(self.folder, "bug.diff")
        self.header, self.faults = {}, []
        self.read_page()
        self.tests = self.header.get("Test", "").split()

    def read_page(self):
        path = os.path.join(self.folder, "page.md")
        if not os.path.exists(path):
            self.faults.append("there is no page.md")
            return
        with open(path, encoding="utf-8") as file:
            lines = file.read().rstrip("\n").split("\n")
        for key, line in zip(HEADER, lines):
            match = re.match(rf"{key}: *(\S.*?) *$", line)
            if not match:
                self.faults.append(f'page.md: "{key}: ..." expected, not "{line}"')
                continue
            self.header[key] = match.group(1)
        if len(lines) > PAGE_LINES:
            self.faults.append(f"page.md: {len(lines)} lines, at most {PAGE_LINES}")
        found = [line.lstrip("# ").strip() for line in lines if line.startswith("#")]
        if [title for title in found if title in SECTIONS] != SECTIONS:
            self.faults.append(f"page.md: sections must be {', '.join(SECTIONS)}; in this order")

    def check(self, unit_tests):
        """All that can be seen without building. Returns the faults."""
        faults = list(self.faults)
        if not re.match(r"[TEPVA]\b", self.header.get("Class", "T")):
            faults.append("page.md: Class: one of T, E, P, V, A, and its word")
        if self.header.get("State", "planted") != "planted":
            faults.append("page.md: State: planted; what is not is a row of waiting.md")
        for test in self.tests:
            kind, _, what = test.partition(":")
            if kind not in ("unit", "program", "guest") or not what:
                faults.append(f"page.md: {test}: unit:SUITE.TEST, program:NAME/CASE or guest:NAME")
            elif kind == "unit" and what not in unit_tests:
                faults.append(f"page.md: there is no unit test {what}")
        if not os.path.exists(self.diff):
            return faults + ["there is no bug.diff"]
        error = apply_patch(TOP, self.diff, "--dry-run")
        if error:
            faults.append("bug.diff does not apply; when the code has changed under it, plant the bug"
                          " anew and save the difference: " + error)
        return faults


def read_bugs():
    return [Bug(name) for name in sorted(os.listdir(MUSEUM))
            if os.path.isdir(os.path.join(MUSEUM, name)) and not name.startswith("_")]


def unit_tests():
    """The names of all unit tests, as SUITE.TEST, from their sources."""
    found, folder = set(), os.path.join(TOP, "tests/unit")
    for name in os.listdir(folder):
        if name.startswith("test_") and name.endswith(".c"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                for test in re.findall(r"^TEST(?:_BARE)?\((\w+)\)", file.read(), re.M):
                    found.add(f"{name[5:-2]}.{test}")
    return found


def apply_patch(tree, diff, *options):
    """Without fuzz. Returns what patch complained of, or None."""
    done = subprocess.run(["patch", "-p1", "-F0", "-f", "-s", "--no-backup-if-mismatch", "-r", "-",
                           *options, "-i", diff], cwd=tree, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return None if done.returncode == 0 else " ".join(done.stdout.split())


# ---------------------------------------------------------------- index

def index_text(bugs):
    classes = ", ".join(f"{letter} {word}" for letter, word in CLASSES.items())
    text = INDEX_HEAD.format(classes=classes)
    for number, bug in enumerate(bugs, 1):
        cell = {key: value.replace("|", "\\|") for key, value in bug.header.items()}
        tests = ", ".join(f"`{test}`" for test in bug.tests)
        text += (f"| {number} | [{cell.get('Bug')}]({bug.name}/page.md) | {cell.get('Known as')} "
                 f"| {cell.get('Class', '?')[0]} | {tests} | {cell.get('State')} |\n")
    return text


def check_index(bugs):
    try:
        with open(INDEX, encoding="utf-8") as file:
            if file.read() == index_text(bugs):
                return []
    except FileNotFoundError:
        pass
    return ["README.md is not up to date: tests/museum/run --index"]


# ---------------------------------------------------------------- scratch copies

children = set()  # that run now, to be ended with us


def end_children(*_):
    for child in list(children):
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    os._exit(130)


def start(command, cwd, env):
    """A program that has just been written may be busy: another thread was forking meanwhile, and
    its child, on the way to its own program, still has the file open."""
    for attempt in range(50):
        try:
            return subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                    errors="replace", start_new_session=True)
        except OSError as error:
            if error.errno != errno.ETXTBSY or attempt == 49:
                raise
            time.sleep(0.1)
    return None


def run_limited(command, cwd, seconds, env=None):
    """Exit status and output; a command that takes too long is ended with all its children."""
    with start(command, cwd, env) as child:
        children.add(child)
        try:
            output, _ = child.communicate(timeout=seconds)
            return child.returncode, output
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            output, _ = child.communicate()
            return -1, output + f"\nmuseum: ended after {seconds} seconds: a hang\n"
        finally:
            children.discard(child)


class Scratch:
    """A copy of the tree, built, to which patches are applied and taken back."""

    def __init__(self, path, options):
        self.path, self.options = path, options
        self.build = os.path.join(path, "build")
        self.saved = path + ".built"
        self.kernel_built = False

    def create(self):
        """Copy what git knows of the tree, with what has been built of it already."""
        for path in (self.path, self.saved):
            shutil.rmtree(path, ignore_errors=True)
        names = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=TOP,
                               stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
        for name in names:
            source, target = os.path.join(TOP, name), os.path.join(self.path, name)
            if name and os.path.isfile(source):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy2(source, target)
        self.take_along("host")
        self.make("build/host/unit")
        shutil.copytree(self.build, self.saved, symlinks=True)

    def take_along(self, name):
        source = os.path.join(self.options.build, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(self.build, name), symlinks=True,
                            dirs_exist_ok=True)

    def create_from(self, other):
        for source, target in ((other.path, self.path), (other.saved, self.saved)):
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, symlinks=True)

    def try_make(self, target):
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        return run_limited(["make", "BUILD=build", "CC=" + self.options.cc, *self.options.make,
                            target], self.path, BUILD_SECONDS, env)

    def make(self, target):
        status, output = self.try_make(target)
        if status:
            sys.exit(f"museum: the tree does not build without any patch:\n{output}")

    def need_kernel(self):
        """Programs of the tree need no building here: no patch is about them."""
        if self.kernel_built:
            return
        self.take_along("x86_64")
        for name in ("user", "tools", "tests"):
            os.symlink(os.path.join(self.options.build, name), os.path.join(self.build, name))
        self.make("kernel")
        shutil.rmtree(self.saved)
        shutil.copytree(self.build, self.saved, symlinks=True)
        self.kernel_built = True

    def keep(self, files):
        """The sources as they are now, for restore(): the tree itself may change meanwhile."""
        for name in files:
            target = os.path.join(self.saved, "source", name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(os.path.join(self.path, name), target)

    def restore(self, files):
        """The sources as they were, and all that was built anew as it was built."""
        for name in files:
            shutil.copy2(os.path.join(self.saved, "source", name), os.path.join(self.path, name))
        for at, _, names in os.walk(self.build):
            for name in names:
                path = os.path.join(at, name)
                saved = os.path.join(self.saved, os.path.relpath(path, self.build))
                if not os.path.lexists(saved):
                    os.remove(path)
                elif os.lstat(path).st_mtime_ns != os.lstat(saved).st_mtime_ns:
                    shutil.copy2(saved, path)

    def run_test(self, test):
        """(failed, output). The planted kernel or unit-test program has been built."""
        kind, _, what = test.partition(":")
        if kind == "unit":
            status, output = run_limited(["build/host/unit", "--verbose", what], self.path,
                                         TEST_SECONDS)
            return status != 0, output
        env = dict(os.environ, BUILD=self.build)
        if kind == "program":
            status, output = run_limited(["tests/compare", "--recorded", what.split("/")[0]],
                                         self.path, GUEST_SECONDS, env)
            return status != 0, output
        _, output = run_limited(["tests/boot/test-guest"], self.path, GUEST_SECONDS, env)
        name = re.escape(what).replace("_", "[ _]")
        return not re.search(rf"^ok \d+ guest\.{name}", output, re.M), output


def patched_files(diff):
    with open(diff, encoding="utf-8") as file:
        return sorted(set(re.findall(r"^\+\+\+ b/(\S+)", file.read(), re.M)))


# ---------------------------------------------------------------- planting

Result = collections.namedtuple("Result", "good lines log seconds")

REASON = re.compile(r"panic: |ERROR: AddressSanitizer|runtime error: |not so: |not equal: |no panic "
                    r"|pages were not given back|another end than|line \d+ differs|killed by|a hang"
                    r"|tests/unit/\S+:\d+: ")


def reason(output):
    """The line of a test's output that says why it failed."""
    for line in output.split("\n"):
        if REASON.search(line):
            return line.lstrip("# ").strip()[:160]
    return "it failed"


def plant(bug, scratch):
    """Apply, build, see the tests fail, take back, see them pass."""
    begin = time.monotonic()

    def result(good, lines, log=""):
        return Result(good, lines, log, time.monotonic() - begin)

    targets = {"build/host/unit" if test.startswith("unit:") else "kernel" for test in bug.tests}
    if "kernel" in targets:
        scratch.need_kernel()
    files = patched_files(bug.diff)
    scratch.keep(files)
    error = apply_patch(scratch.path, bug.diff)
    if error:
        scratch.restore(files)
        return result(False, ["bug.diff does not apply: " + error])
    caught, missed, log = [], [], ""
    try:
        for target in sorted(targets):
            status, output = scratch.try_make(target)
            if status:
                return result(False, ["the patched tree does not build"], output)
        for test in bug.tests:
            failed, output = scratch.run_test(test)
            log += output
            if failed:
                caught.append(f"caught by {test}: {reason(output)}")
            else:
                missed.append(f"not caught by {test}")
    finally:
        scratch.restore(files)
    for test in bug.tests:
        failed, output = scratch.run_test(test)
        if failed:
            missed.append(f"{test} fails without the bug, too: {reason(output)}")
            log += output
    return result(not missed, caught + missed, log)


class Hall:
    """Several workers, results in the order of the bugs."""

    def __init__(self, bugs, options, first_number):
        self.bugs, self.options, self.number = bugs, options, first_number
        self.work = queue.Queue()
        self.results = {}
        self.changed = threading.Condition()
        self.begin = time.monotonic()

    def worker(self, scratch):
        while True:
            try:
                bug = self.work.get_nowait()
            except queue.Empty:
                return
            late = self.options.seconds and (time.monotonic() - self.begin > self.options.seconds)
            try:
                result = None if late else plant(bug, scratch)
            except (Exception, SystemExit) as error:  # the others go on
                result = Result(False, [f"museum: {error}"], "", 0)
            with self.changed:
                self.results[bug.name] = result
                self.changed.notify_all()

    def show(self, bug, result):
        if result is None:
            return True
        lines = list(result.lines)
        if self.options.verbose or not result.good:
            lines += ["  " + line for line in result.log.rstrip("\n").split("\n")[-80:]]
        for line in lines:
            print("# " + line)
        print(f"{'ok' if result.good else 'not ok'} {self.number} museum.{bug.name}"
              f" # {result.seconds:.1f} s", flush=True)
        self.number += 1
        return result.good

    def run(self):
        """How many bugs were planted, and how many of them were not caught."""
        base = os.path.join(self.options.build, "museum")
        jobs = max(1, min(self.options.jobs, len(self.bugs)))
        scratches = [Scratch(os.path.join(base, f"tree{i}"), self.options) for i in range(jobs)]
        progress("museum: building without any bug")
        scratches[0].create()
        for scratch in scratches[1:]:
            scratch.create_from(scratches[0])
        for bug in self.bugs:
            self.work.put(bug)
        for scratch in scratches:
            threading.Thread(target=self.worker, args=(scratch,), daemon=True).start()
        shown = bad = 0
        for bug in self.bugs:
            with self.changed:
                while bug.name not in self.results:
                    progress(f"museum: {len(self.results)} of {len(self.bugs)} planted")
                    self.changed.wait(1)
            shown += self.results[bug.name] is not None
            progress("")
            bad += not self.show(bug, self.results[bug.name])
        if not self.options.keep:
            shutil.rmtree(base, ignore_errors=True)
        return shown, bad


def progress(text):
    """What is being done, on a line that the next overwrites; only for a terminal's reader."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
        sys.stderr.flush()


# ---------------------------------------------------------------- the command

def parse_options():
    parser = argparse.ArgumentParser(add_help=False, usage=__doc__.split("\n\n")[1][7:])
    for flag in ("--check", "--smoke", "--index", "--list", "--keep", "--verbose", "--help"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--jobs", "-j", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--build", default=os.path.join(TOP, "build"))
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--make", action="append", default=[])
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.help:
        print(__doc__)
        sys.exit(0)
    options.build = os.path.abspath(options.build)
    if options.smoke and not options.seconds:
        options.seconds = 30
    return options


def select(bugs, patterns):
    for pattern in patterns:
        if not any(fnmatch.fnmatch(bug.name, pattern) for bug in bugs):
            sys.exit(f"museum: there is no bug {pattern} (--list)")
    return [bug for bug in bugs
            if not patterns or any(fnmatch.fnmatch(bug.name, p) for p in patterns)]


def show_check(bugs):
    """One KTAP line for all that can be seen without building."""
    known = unit_tests()
    faults = [f"{bug.name}: {fault}" for bug in bugs for fault in bug.check(known)]
    faults += check_index(bugs)
    if not os.path.exists(WAITING):
        faults.append("there is no waiting.md")
    for fault in faults:
        print("# " + fault)
    print(f"{'not ok' if faults else 'ok'} 1 museum.pages # {len(bugs)} bugs", flush=True)
    return not faults


def rotate(bugs):
    """Begin with another bug each day, so that a short run comes to all of them in time."""
    at = int(time.time() / 86400) * 7 % len(bugs) if bugs else 0
    return bugs[at:] + bugs[:at]


def main():
    options = parse_options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_children)
    every = read_bugs()
    if options.index:
        with open(INDEX, "w", encoding="utf-8") as file:
            file.write(index_text(every))
        return 0
    bugs = select(every, options.names)
    if options.list:
        print("\n".join(bug.name for bug in bugs))
        return 0
    print("KTAP version 1")
    first, bad = 1, 0
    if options.check or options.smoke:
        bad = not show_check(every)
        first = 2
    if options.check:
        return 1 if bad else 0
    shown, missed = Hall(rotate(bugs) if options.smoke else bugs, options, first).run()
    total = shown + first - 1
    bad += missed
    print(f"1..{total}\n{total - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
