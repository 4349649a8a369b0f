# SPDX-License-Identifier: MIT
"""The memory calls of a program, read from what `tests/boot/run --strace` wrote.

Linux's strace and Terrane's kernel write system calls with raw numbers. Here both become the same
text, with the names that <sys/mman.h> has, so that a difference in the text is one in the calls.
Threads are numbered in the order in which they were made, and so are System V segments: their
numbers on a machine depend on what ran there before.
"""

import errno
import os
import re
import signal

PROT = {1: "PROT_READ", 2: "PROT_WRITE", 4: "PROT_EXEC", 0x01000000: "PROT_GROWSDOWN",
        0x02000000: "PROT_GROWSUP"}
MAP = {0x10: "MAP_FIXED", 0x20: "MAP_ANONYMOUS", 0x40: "MAP_32BIT", 0x100: "MAP_GROWSDOWN",
       0x800: "MAP_DENYWRITE", 0x1000: "MAP_EXECUTABLE", 0x2000: "MAP_LOCKED",
       0x4000: "MAP_NORESERVE", 0x8000: "MAP_POPULATE", 0x10000: "MAP_NONBLOCK",
       0x20000: "MAP_STACK", 0x40000: "MAP_HUGETLB", 0x80000: "MAP_SYNC",
       0x100000: "MAP_FIXED_NOREPLACE"}
MAP_TYPE = {1: "MAP_SHARED", 2: "MAP_PRIVATE", 3: "MAP_SHARED_VALIDATE", 8: "MAP_DROPPABLE"}
MREMAP = {1: "MREMAP_MAYMOVE", 2: "MREMAP_FIXED", 4: "MREMAP_DONTUNMAP"}
MSYNC = {1: "MS_ASYNC", 2: "MS_INVALIDATE", 4: "MS_SYNC"}
MLOCK2 = {1: "MLOCK_ONFAULT"}
MLOCKALL = {1: "MCL_CURRENT", 2: "MCL_FUTURE", 4: "MCL_ONFAULT"}
MEMFD = {1: "MFD_CLOEXEC", 2: "MFD_ALLOW_SEALING", 4: "MFD_HUGETLB", 8: "MFD_NOEXEC_SEAL",
         16: "MFD_EXEC"}
FALLOCATE = {1: "FALLOC_FL_KEEP_SIZE", 2: "FALLOC_FL_PUNCH_HOLE", 8: "FALLOC_FL_COLLAPSE_RANGE",
             16: "FALLOC_FL_ZERO_RANGE", 32: "FALLOC_FL_INSERT_RANGE"}
SHMAT = {0o10000: "SHM_RDONLY", 0o20000: "SHM_RND", 0o40000: "SHM_REMAP", 0o100000: "SHM_EXEC"}
ADVICE = dict(enumerate("NORMAL RANDOM SEQUENTIAL WILLNEED DONTNEED".split())) | dict(
    enumerate("FREE REMOVE DONTFORK DOFORK MERGEABLE UNMERGEABLE HUGEPAGE NOHUGEPAGE DONTDUMP "
              "DODUMP WIPEONFORK KEEPONFORK COLD PAGEOUT POPULATE_READ POPULATE_WRITE "
              "DONTNEED_LOCKED COLLAPSE".split(), 8)) | {
    100: "HWPOISON", 101: "SOFT_OFFLINE", 102: "GUARD_INSTALL", 103: "GUARD_REMOVE"}
CODES = {signal.SIGSEGV: {1: "SEGV_MAPERR", 2: "SEGV_ACCERR", 4: "SEGV_PKUERR"},
         signal.SIGBUS: {1: "BUS_ADRALN", 2: "BUS_ADRERR", 3: "BUS_OBJERR"}}


def flags(names, rest=hex):
    """A function that names the bits of a number; what has no name follows as `rest` writes it."""

    def name(value):
        value &= 0xffffffff
        out = [text for bit, text in names.items() if value & bit]
        unknown = value & ~sum(names)
        if unknown or not out:
            out.append(rest(unknown) if unknown else "0")
        return "|".join(out)

    return name


def map_flags(value):
    kind = MAP_TYPE.get(value & 0xf, hex(value & 0xf))
    more = value & 0xfffffff0
    return kind + ("|" + flags(MAP)(more) if more else "")


def protection(value):
    return flags(PROT)(value) if value & 0xffffffff else "PROT_NONE"


def advice(value):
    name = ADVICE.get(value & 0xffffffff)
    return f"MADV_{name}" if name else signed(value)


def pointer(value):
    return hex(value) if value else "NULL"


def signed(value):
    value &= 0xffffffff
    return str(value - (1 << 32) if value >> 31 else value)


# What an argument is, by the system call. "segment" is looked up by the reader.
ARGUMENTS = {
    "mmap": (pointer, str, protection, map_flags, signed, hex),
    "munmap": (pointer, str),
    "mprotect": (pointer, str, protection),
    "mremap": (pointer, str, str, flags(MREMAP), pointer),
    "brk": (pointer,),
    "madvise": (pointer, str, advice),
    "mincore": (pointer, str, pointer),
    "msync": (pointer, str, flags(MSYNC)),
    "mlock": (pointer, str),
    "mlock2": (pointer, str, flags(MLOCK2)),
    "munlock": (pointer, str),
    "mlockall": (flags(MLOCKALL),),
    "munlockall": (),
    "mseal": (pointer, str, hex),
    "remap_file_pages": (pointer, str, protection, str, map_flags),
    "process_madvise": (signed, pointer, str, advice, hex),
    "shmget": (hex, str, oct),
    "shmat": ("segment", pointer, flags(SHMAT)),
    "shmctl": ("segment", signed, pointer),
    "shmdt": (pointer,),
    "memfd_create": (None, flags(MEMFD)),
    "ftruncate": (signed, str),
    "fallocate": (signed, flags(FALLOCATE), str, str),
    "fork": (),
    "vfork": (),
    "clone": (hex,),
    "clone3": (None, str),
    "execve": (),
}
RESULTS = {"mmap": hex, "mremap": hex, "brk": hex, "shmat": hex, "shmget": "segment",
           "fork": "thread", "vfork": "thread", "clone": "thread", "clone3": "thread"}
NAMES = {"syscall_0x1ce": "mseal"}  # newer than Debian's strace

LINE = re.compile(r"(\d+) +(.*)")
CALL = re.compile(r"(\w+)\((.*)\) += (.*)$")
UNFINISHED = re.compile(r"(\w+)\((.*?),? <unfinished \.\.\.>$")
RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)$")
SIGNAL = re.compile(r"--- SIG(\w+) \{si_signo=\w+, si_code=(\w+)(?:, si_addr=(\w+))?")
RAW_SIGNAL = re.compile(r"--- signal (\d+) code (-?\d+) addr (\w+) ---")
KILLED = re.compile(r"\+\+\+ killed by (SIG\w+|\d+)")


class Reader:
    """Lines of a trace into lists of readable lines, one for each thread of the program."""

    def __init__(self, program):
        """`program` is the file that is run: as a guest has it, or from its own place."""
        name = os.path.basename(program)
        self.paths = tuple(f'"{path}",' for path in (f"/run/{name}", os.path.abspath(program)))
        self.threads = {}   # number on that machine -> our number
        self.lines = []     # of each thread
        self.segments = {}
        self.begun = {}     # calls that wait for their end, by thread
        self.started = False

    def read(self, text):
        for line in text.splitlines():
            match = LINE.match(line)
            if match:
                self.event(int(match[1]), match[2])
        return self.lines

    def event(self, thread, text):
        match = UNFINISHED.match(text)
        if match:
            self.begun[thread] = f"{match[1]}({match[2]}"
            return
        match = RESUMED.match(text)
        if match:
            text = self.begun.pop(thread, f"{match[1]}(") + match[2]
        match = CALL.match(text)
        if match:
            self.call(thread, NAMES.get(match[1], match[1]), match[2], match[3])
        elif thread in self.threads:
            self.other(thread, text)

    def number(self, thread):
        if thread not in self.threads:
            self.threads[thread] = len(self.threads)
            self.lines.append([])
        return self.threads[thread]

    def call(self, thread, name, args, result):
        if not self.started:
            # init runs the program, and nothing before it; natively its path tells it apart.
            if name == "execve" and result.split()[0] in ("0", "0x0") and \
                    (args.startswith("0x") or args.startswith(self.paths)):
                self.started = True
                self.number(thread)
            return
        if thread not in self.threads or name not in ARGUMENTS:
            return
        self.lines[self.threads[thread]].append(
            f"{name}({self.arguments(name, args)}) = {self.result(name, result)}")

    def segment(self, value):
        return f"segment {self.segments.setdefault(value, len(self.segments))}"

    def arguments(self, name, text):
        kinds = ARGUMENTS[name]
        out = []
        for kind, word in zip(kinds, text.split(", ")):
            if kind is None:
                continue
            try:
                value = int(word, 0)
            except ValueError:
                out.append(word)
                continue
            out.append(self.segment(value) if kind == "segment" else kind(value))
        if name == "mremap" and len(out) == 5 and not int(text.split(", ")[3], 0) & 6:
            out.pop()
        return ", ".join(out)

    def result(self, name, text):
        word = text.split()[0]
        match = re.match(r"-1 (E\w+)", text)
        if match:
            return match[1]
        try:
            value = int(word, 0)
        except ValueError:
            return word
        if value < 0:
            return errno.errorcode.get(-value, str(value))
        kind = RESULTS.get(name, str)
        if kind == "thread":
            return f"thread {self.number(value)}" if value else "0"
        return self.segment(value) if kind == "segment" else kind(value)

    def other(self, thread, text):
        lines = self.lines[self.threads[thread]]
        match = SIGNAL.match(text)
        if match and "SIG" + match[1] in ("SIGSEGV", "SIGBUS"):
            address = match[3] or "NULL"
            lines.append(f"signal SIG{match[1]} {match[2]} at "
                         f"{pointer(0 if address == 'NULL' else int(address, 0))}")
            return
        match = RAW_SIGNAL.match(text)
        if match and int(match[1]) in CODES:
            number = signal.Signals(int(match[1]))
            code = CODES[number].get(int(match[2]), "SI_KERNEL" if match[2] == "128" else match[2])
            where = "" if code == "SI_KERNEL" else " at " + pointer(int(match[3], 0))
            lines.append(f"signal {number.name} {code}{where or ' at NULL'}")
            return
        match = KILLED.match(text)
        if match:
            name = match[1] if match[1].startswith("SIG") else signal.Signals(int(match[1])).name
            lines.append(f"killed by {name}")
        elif text.startswith("+++ exited with "):
            lines.append(f"exited with {text.split()[3]}")


def read(path, program):
    """The readable lines of each thread, from the trace at `path` of the file `program`."""
    with open(path, encoding="utf-8", errors="replace") as trace:
        return Reader(program).read(trace.read())
