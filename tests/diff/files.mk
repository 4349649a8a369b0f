# SPDX-License-Identifier: MIT
diff-src += tests/diff/random.c tests/diff/native.c tests/diff/model.c
