# SPDX-License-Identifier: MIT
model-src += tests/model/ref.c tests/model/call.c tests/model/canonical.c tests/model/search.c
model-src += tests/model/machine.c tests/model/compare.c tests/model/report.c tests/model/main.c
model-src += tests/model/linux.c tests/model/validate.c
