#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Types at the shell through a pseudo-terminal and looks at what comes back, as a KTAP stream.

usage: tests/shell/terminal.py [SHELL]      (build/user/sh)
"""
import os
import pty
import re
import select
import sys
import tempfile
import time

UP, DOWN, RIGHT, LEFT = '\033[A', '\033[B', '\033[C', '\033[D'
HOME, END, DELETE = '\033[H', '\033[F', '\033[3~'

# What is typed, and what the command that comes of it must print.
CASES = [
    ('plain', 'echo hello\r', 'hello'),
    ('backspace', 'echo abx\x7fc\r', 'abc'),
    ('arrows', 'echo ad' + LEFT + 'bc' + RIGHT + 'e\r', 'abcde'),
    ('home and end', 'ho x' + HOME + 'ec' + END + 'y\r', 'xy'),
    ('ctrl-a and ctrl-e', 'ho x\x01ec\x05z\r', 'xz'),
    ('delete', 'echo abc' + LEFT * 2 + DELETE + '\r', 'ac'),
    ('ctrl-u', 'rubbish\x15echo clean\r', 'clean'),
    ('ctrl-k', 'echo one two' + LEFT * 4 + '\x0b\r', 'one'),
    ('ctrl-w', 'echo one two\x17three\r', 'one three'),
    ('ctrl-l', 'echo cl\x0cear\r', 'clear'),
    ('utf-8', 'echo \u00e4\u00f6\u00fc\x7f\u00df' + LEFT + 'x\r', '\u00e4\u00f6x\u00df'),
    ('up', 'echo recalled\r' + UP + '\r', 'recalled'),
    ('up, edited', 'echo first\r' + UP + ' again\r', 'first again'),
    ('up and down', 'echo new' + UP + UP + DOWN + DOWN + '\r', 'new'),
    ('ctrl-c', 'echo given up\x03echo kept\r', 'kept'),
    ('two lines', 'if true\rthen echo inside; fi\r', 'inside'),
    ('quote over two lines', "echo 'a\rb'\r", 'b'),
    ('syntax error goes on', ')\recho on\r', 'on'),
    ('completion', 'touch zz_unique_name\recho zz_u\t\r', 'zz_unique_name'),
    ('a long line', 'echo ' + 'x' * 300 + '\r', 'x' * 300),
    ('unset is no end', 'set -u; echo $nothing_here\rset +u; echo alive\r', 'alive'),
    ('status', 'false\recho $?\r', '1'),
]


class Terminal:
    def __init__(self, shell):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(tempfile.mkdtemp())
            os.execve(shell, ['sh'], {'PATH': os.environ['PATH'], 'PS1': 'READY> ', 'PS2': 'MORE> '})
        self.pid = pid

    def until_quiet(self, limit=5.0):
        text, end = b'', time.time() + limit
        while time.time() < end:
            ready, _, _ = select.select([self.fd], [], [], 0.15)
            if ready:
                try:
                    text += os.read(self.fd, 65536)
                except OSError:
                    break
            elif text.rstrip().endswith((b'>', b'C')) or not text:
                break
        return text.decode('utf-8', 'replace')

    def type(self, keys):
        os.write(self.fd, keys.encode())
        return self.until_quiet()


def lines_of(text):
    text = re.sub(r'\033\[[0-9;]*[A-Za-z]', '', text)
    return [line.strip() for line in re.split(r'[\r\n]+', text)]


def main():
    shell = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else 'build/user/sh')
    terminal = Terminal(shell)
    terminal.until_quiet()
    failed = 0
    print('KTAP version 1\n1..%d' % (len(CASES) + 2))
    number = 0

    def result(name, good, detail=''):
        nonlocal number, failed
        number += 1
        if not good:
            failed += 1
            print('# ' + detail)
        print('%sok %d terminal.%s' % ('' if good else 'not ', number, name.replace(' ', '-')))

    for name, keys, expected in CASES:
        seen = terminal.type(keys)
        result(name, expected in lines_of(seen), repr(seen[-300:]))

    os.write(terminal.fd, b'sleep 30\r')
    time.sleep(0.5)
    began = time.time()
    seen = terminal.type('\x03') + terminal.type('echo back $?\r')
    result('ctrl-c ends the command', 'back 130' in lines_of(seen) and time.time() - began < 10, repr(seen))

    os.write(terminal.fd, b'\x04')
    ended = False
    for _ in range(50):
        pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        if pid:
            ended = os.WIFEXITED(status)
            break
        terminal.until_quiet(0.1)
        time.sleep(0.1)  # when it has closed the terminal, reading returns at once
    result('ctrl-d leaves', ended)
    print('%d passed, %d failed' % (number - failed, failed))
    return failed != 0


sys.exit(main())
