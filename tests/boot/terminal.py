#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Types at a guest's console and looks at what comes back, as a KTAP stream.

usage: tests/boot/terminal.py [--show]

Boots a guest and talks to its shell through the serial line. Then the program `keys`
(tests/boot/programs/keys.c) runs scene by scene on a pseudo-terminal of this machine's Linux and in
the guest, both get the same keys, and every byte that comes back must be the same. --show prints
what came back in full where it differs.
"""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get('BUILD', 'build'))
PATIENCE = 30.0  # seconds for anything to come back, on a busy machine too

# Until all that was typed is echoed: a signal throws away what has not come out yet.
ECHOED = None

# What is typed in each scene of keys.c; NOW and STOPPED are waited for. ^S is never the last.
KEYS = {
    'line': ['abc\r', '\r', '.\r'],
    'pieces': ['abcde\r.\r'],
    'erase': ['abx\x7fc\r.\r'],
    'erase control characters': ['a\x16\x01\x1bb\x7f\x7f\x7fc\r.\r'],
    'erase tabs': ['ab\tc\t\td\x7f\x7f\x7f\x7fe\x7f\x7fx\r.\r'],
    'erase nothing': ['\x7f\x15\x17a\x7f\x7fx\r.\r'],
    'erase other': ['ab#c\x7fd\r.\r'],
    'erase off': ['ab\x7f\r.\r'],
    'kill': ['rubb\tish\x01\x15clean\r.\r'],
    'word': ['one two\x17three  \x17x, y--\x17z\x17\x17\x17w_1\x17v\r.\r'],
    'reprint': ['abc\x01\x12d\x7f\x7fe\r.\r'],
    'literal': ['\x16\x03\x16\x04\x16\r\x16\x16\x16\x7fx\r.\r'],
    'end of file': ['ab\x04cd\r', '\x04', 'e\x04\x04', 'f\r.\r'],
    'no ICRNL': ['a\rb\n.\n'],
    'IGNCR': ['a\rb\n.\n'],
    'INLCR': ['a\nb\x04.\x04'],
    'ISTRIP': ['a\xe9b\r.\r'],
    'IUTF8': ['a\u00e4\u4e2d\x7f\x7fb\u00df\x17c\r.\r'],
    'no IUTF8': ['a\u00e4\x7fb\r.\r'],
    'no ECHO': ['secret\x7f\x15\x16\x01x\r.\r'],
    'ECHONL': ['secret\r.\r'],
    'no ECHOE': ['abc\x7f\x7fd\x17e\x15f\r.\r'],
    'no ECHOK': ['abc\x15d\r.\r'],
    'no ECHOKE': ['abc\x15d\r.\r'],
    'no ECHOCTL': ['a\x16\x01b\x7f\x7fc\x1bd\r.\r'],
    'ECHOPRT': ['abcd\x7f\x7fef\x7fg\r.\r'],
    'no IEXTEN': ['ab cd\x17\x16\x12x\r.\r'],
    'EOL': ['a;b\r.\r'],
    'EOL2': ['a;b\r.\r'],
    'a long line': ['x' * 5000 + '\x7fy\r', ('NOW', '.\r')],
    'stopped output': ['a\x13bc\x11d\r.\r'],
    'no IXON': ['a\x13b\x11c\r.\r'],
    'IXANY': ['a\x13b\r.\r'],
    'interrupt': ['abc', ECHOED, '\x03', ECHOED, 'def\r', ECHOED, '\x03', ECHOED, '.\r'],
    'quit and suspend': ['abc', ECHOED, '\x1cdef', ECHOED, '\x1a', ECHOED, '.\r'],
    'NOFLSH': ['abc', ECHOED, '\x03', ECHOED, 'def\r.\r'],
    'no ISIG': ['a\x03\x1c\x1ab\r.\r'],
    'raw': ['a\r\n\x03\x04\x7f\x13\x11\x16\x1a\x1c\xff.'],
    'no ICANON': ['a\r\x04\x7f\x15', ECHOED, '\x03', ECHOED, 'b\x16c.'],
    'no ICANON, no ISIG': ['\x03\x1a\t.'],
    'least and time': [('NOW', 'abc'), 'd.'],
    'poll': [('NOW', 'a\r.\r')],
    'a child interrupted': [('NOW', 'abc'), ECHOED, '\x03'],
    'a child quit': [('NOW', '\x1c')],
    'a child stopped': [('NOW', '\x1a'), ('STOPPED', '\x03')],
    'a child at its end of file': [('NOW', 'ab\r\x04')],
}


class Console:
    """A file descriptor to write keys to and one that answers come from."""

    def __init__(self, out, back, end):
        self.out, self.back, self.end = out, back, end
        self.text = b''

    def type(self, keys):
        # In small pieces: a serial line has no flow of its own, and drops what comes too fast.
        data = keys.encode('latin-1' if max(map(ord, keys), default=0) < 256 and '\u00e4' not in keys else 'utf-8')
        for i in range(0, len(data), 16):
            os.write(self.out, data[i:i + 16])

    def more(self, limit):
        ready, _, _ = select.select([self.back], [], [], limit)
        if not ready:
            return False
        try:
            got = os.read(self.back, 65536)
        except OSError:
            got = b''
        self.text += got
        return bool(got)

    def quiet(self):
        """What came until nothing does any more."""
        while self.more(0.5):
            pass
        seen, self.text = self.text, b''
        return seen

    def wait(self, pattern, limit=PATIENCE):
        """Everything up to the end of what matches, or None."""
        end = time.time() + limit
        while True:
            found = re.search(pattern, self.text, re.S)
            if found:
                before, self.text = self.text[:found.end()], self.text[found.end():]
                return before
            if time.time() > end or not self.more(max(0.0, end - time.time())):
                return None


def native(program):
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(program, [program])

    def end():
        os.close(fd)
        os.waitpid(pid, 0)
    return Console(fd, fd, end)


def guest(work, programs):
    image = os.path.join(work, 'initramfs')
    files = ['-f', '/init', os.path.join(BUILD, 'user/init')]
    for name, path in programs:
        files += ['-f', '/bin/' + name, path]
    for folder in '/tmp', '/dev', '/proc', '/sys':
        files += ['-d', folder]
    subprocess.run([os.path.join(BUILD, 'tools/newc'), image] + files, check=True)
    qemu = subprocess.Popen(
        ['timeout', '-k', '5', '300', os.environ.get('QEMU', 'qemu-system-x86_64'), '-machine', 'pc', '-cpu',
         'max,la57=off', '-m', '256M', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
         '-chardev', 'stdio,id=line,signal=off', '-serial', 'chardev:line',
         '-device', 'isa-debug-exit,iobase=0xf4',
         '-kernel', os.path.join(BUILD, 'terrane.elf'), '-initrd', image, '-append', 'panic=exit'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def end():
        qemu.stdin.close()
        qemu.terminate()
        qemu.wait()
        qemu.stdout.close()
    console = Console(qemu.stdin.fileno(), qemu.stdout.fileno(), end)
    console.process = qemu
    return console


class Results:
    def __init__(self):
        self.number = self.failed = 0

    def add(self, name, good, detail=''):
        self.number += 1
        if not good:
            self.failed += 1
            print('# ' + detail.replace('\n', '\n# '))
        print('%sok %d guest-terminal.%s' % ('' if good else 'not ', self.number, name.replace(' ', '-').replace(',', '')))
        sys.stdout.flush()


PROMPT = rb'# [^\n]*$'


def shell_session(console, results):
    def command(name, keys, expected, limit=PATIENCE):
        console.text = b''
        console.type(keys + '\r')
        seen = console.wait(expected.encode(), limit)
        results.add('shell ' + name, seen is not None, repr(console.text[-300:]))

    seen = console.wait(PROMPT)
    results.add('shell starts', seen is not None, repr(console.text[-500:]))
    command('prints', 'echo hello', '\nhello\r')
    command('backspace', 'echo abx\x7fc', '\nabc\r')
    command('kill line', 'rubbish\x15echo clean', '\nclean\r')
    command('kill word', 'echo one two\x17three', '\none three\r')
    console.type('cat\r')
    console.quiet()
    command('program reads a line', 'line', 'line\r\nline\r')
    console.type('\x04')
    console.quiet()
    command('knows how it ended', 'echo status $?', '\nstatus 0\r')
    console.type('sleep 100\r')
    console.quiet()
    console.type('\x03')
    console.quiet()
    command('goes on after the interrupt', 'echo status $?', '\nstatus 130\r')
    console.type('cat\r')
    console.quiet()
    console.type('abc\x03')
    console.quiet()
    command('the same while reading', 'echo status $?', '\nstatus 130\r')
    console.quiet()
    console.text = b''
    console.type('\x04')
    results.add('shell ends at end of file and comes again', console.wait(rb'\n.*' + PROMPT) is not None, repr(console.text[-300:]))
    console.text = b''


def play(console, name):
    """Types a scene's keys: what came back, or None."""
    head = console.wait(rb'BEGIN %s\r\n.*?GO\r?\n' % re.escape(name.encode()))
    if head is None:
        return None
    seen = b''
    for keys in KEYS.get(name, []):
        if keys is ECHOED:
            seen += console.quiet()
            continue
        if isinstance(keys, tuple):
            sign, keys = keys
            before = console.wait(sign.encode() + rb'\r?\n')
            if before is None:
                return None
            seen += before
        console.type(keys)
    rest = console.wait(rb'END %s\r\n' % re.escape(name.encode()))
    return None if rest is None else seen + rest


def scene_names():
    with open(os.path.join(TOP, 'tests/boot/programs/keys.c')) as source:
        return re.findall(r'\.name = "([^"]*)"', source.read())


def first_difference(a, b):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    start = max(0, at - 30)
    return 'at byte %d\nLinux   ...%r\nTerrane ...%r' % (at, a[start:at + 60], b[start:at + 60])


def compare_scenes(there, results, show):
    here = native(os.path.join(BUILD, 'tests/keys'))
    there.type('/bin/keys\r')
    for name in scene_names():
        a, b = play(here, name), play(there, name)
        if b is None:
            results.add('keys ' + name, False, 'no end: %r' % there.text[-300:])
            break
        if a is None:
            results.add('keys ' + name, False, 'no end on Linux: %r' % here.text[-300:])
            break
        results.add('keys ' + name, a == b, 'Linux   %r\nTerrane %r' % (a, b) if show else first_difference(a, b))
    else:
        results.add('keys ends', there.wait(rb'FINISHED\r\n') is not None)
    here.end()


def main():
    show = '--show' in sys.argv[1:]
    if set(sys.argv[1:]) - {'--show'}:
        print(__doc__.strip())
        return 2
    results = Results()
    print('KTAP version 1')
    with tempfile.TemporaryDirectory() as work:
        programs = [(n, os.path.join(BUILD, 'user', n)) for n in ('sh', 'cat', 'sleep', 'echo')]
        console = guest(work, programs + [('poweroff', os.path.join(BUILD, 'user/init')), ('keys', os.path.join(BUILD, 'tests/keys'))])
        try:
            shell_session(console, results)
            compare_scenes(console, results, show)
            console.wait(PROMPT, 5)
            console.type('poweroff\r')
            try:
                status = console.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                status = 'none'
            results.add('poweroff ends the machine', status == 1, 'status %s' % status)
        finally:
            console.end()
    print('1..%d' % results.number)
    print('%d passed, %d failed' % (results.number - results.failed, results.failed))
    return results.failed != 0


sys.exit(main())
