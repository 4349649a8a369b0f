# SPDX-License-Identifier: MIT
"""Tests of trace.py and layout.py: python3 tests/beside/test_trace.py"""

import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import layout  # noqa: E402
import trace  # noqa: E402

START = '5 execve("/run/p", ["p"], 0x7f /* 1 var */) = 0\n'


def read(text):
    return trace.Reader("/somewhere/p").read(START + text)


class Calls(unittest.TestCase):
    def test_both_forms_become_one(self):
        linux = read("5 mmap(0, 0x2000, 0x3, 0x22, 0xffffffff, 0) = 0x7ffff7ff5000\n"
                     "5 munmap(0x1, 0x1000)   = -1 EINVAL (Invalid argument)\n"
                     "5 syscall_0x1ce(0x1000, 0x1000, 0, 0xff, 0, 0x7f) = 0\n"
                     "5 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---\n"
                     "5 +++ killed by SIGSEGV (core dumped) +++\n")
        terrane = trace.Reader("p").read(
            "2 execve(0x1, 0x2, 0x3) = 0x0\n"
            "2 mmap(0x0, 0x2000, 0x3, 0x22, 0xffffffffffffffff, 0x0) = 0x7ffff7ff5000\n"
            "2 munmap(0x1, 0x1000) = -22\n"
            "2 mseal(0x1000, 0x1000, 0x0) = 0x0\n"
            "2 --- signal 11 code 1 addr 0x0 ---\n"
            "2 +++ killed by 11 +++\n")
        self.assertEqual(linux, terrane)
        self.assertEqual(linux[0][0], "mmap(NULL, 8192, PROT_READ|PROT_WRITE, "
                                      "MAP_PRIVATE|MAP_ANONYMOUS, -1, 0x0) = 0x7ffff7ff5000")

    def test_a_call_that_was_interrupted_by_another_thread(self):
        lines = read("5 clone(0x11, 0) = 0x6\n"
                     "5 mremap(0x1000, 0x1000, 0x2000, 0x1, 0 <unfinished ...>\n"
                     "6 brk(0) = 0x5000\n"
                     "5 <... mremap resumed>) = 0x9000\n")
        self.assertEqual(lines, [["clone(0x11) = thread 1",
                                  "mremap(0x1000, 4096, 8192, MREMAP_MAYMOVE) = 0x9000"],
                                 ["brk(NULL) = 0x5000"]])

    def test_what_others_did_is_left_out(self):
        self.assertEqual(read("4 brk(0) = 0x1\n5 getpid() = 0x5\n"), [[]])
        self.assertEqual(trace.Reader("p").read("5 brk(0) = 0x1\n"), [])

    def test_a_new_address_that_does_not_count_is_not_shown(self):
        self.assertIn("MREMAP_FIXED, 0x5000)", read("5 mremap(0x1, 1, 1, 3, 0x5000) = 0x5000\n")[0][0])
        self.assertNotIn("0x5000)", read("5 mremap(0x1, 1, 1, 1, 0x5000) = 0x1\n")[0][0])

    def test_numbers_of_segments_do_not_count(self):
        self.assertEqual(read("5 shmget(0, 0x1000, 0x380) = 0x8001\n5 shmat(0x8001, 0, 0) = 0x1000\n"),
                         [["shmget(0x0, 4096, 0o1600) = segment 0",
                           "shmat(segment 0, NULL, 0) = 0x1000"]])

    def test_unknown_bits_are_shown(self):
        self.assertIn("MREMAP_MAYMOVE|0x40", read("5 mremap(1, 1, 1, 0x41, 0) = -1 EINVAL (x)\n")[0][0])


class Layout(unittest.TestCase):
    def test_where_lists_part(self):
        self.assertIsNone(layout.first_difference(["a"], ["a"]))
        self.assertEqual(layout.first_difference(["a", "b"], ["a", "c"]), 1)
        self.assertEqual(layout.first_difference(["a"], ["a", "c"]), 1)

    def test_marks(self):
        self.assertEqual(layout.beside(["a", "b", "c"], ["a", "c"], 43, True),
                         ["a" + " " * 22 + "a", "b" + " " * 20 + "<", "c" + " " * 22 + "c"])

    def test_long_lists_are_cut_around_the_difference(self):
        left = [str(i) for i in range(1000)]
        right = left[:500] + ["x"] + left[501:]
        text = layout.beside(left, right, 80)
        self.assertLess(len(text), 50)
        self.assertIn("|", "".join(text))

    def test_the_result_of_a_long_call_stays(self):
        self.assertTrue(layout.cut("mmap(" + "x" * 99 + ") = 0x1", 30).endswith(" = 0x1"))


if __name__ == "__main__":
    unittest.main()
