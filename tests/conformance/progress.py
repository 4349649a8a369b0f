# SPDX-License-Identifier: MIT
"""Says how far the work is."""

import sys


def progress(text):
    """What is being done, on a line that the next overwrites; only for a terminal's reader."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
        sys.stderr.flush()
