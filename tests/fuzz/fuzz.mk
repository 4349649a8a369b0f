# SPDX-License-Identifier: MIT
#
# libFuzzer on what takes bytes from outside apart; always compiled by clang.
include tests/fuzz/files.mk
fuzz-cc     = clang
fuzz-cflags = $(filter-out -fsanitize=%,$(host-cflags)) -D_GNU_SOURCE -Wno-unknown-warning-option \
  -fsanitize=address,undefined,fuzzer-no-link
libfuzzer-bin   := $(fuzz-targets:%=$(BUILD)/fuzz/bin/%)
$(BUILD)/fuzz/:
	@mkdir -p $@
$(eval $(call flags-file,$(BUILD)/fuzz/cc.flags,fuzz-cflags))

$(BUILD)/fuzz/%.c.o: %.c $(BUILD)/fuzz/cc.flags
	$(call say,FUZZCC,$<)
	@mkdir -p $(@D)
	$(Q)$(fuzz-cc) $(fuzz-cflags) -MMD -MP -c -o $@ $<

define fuzz-rule
$(BUILD)/fuzz/bin/$(1): $(patsubst %,$(BUILD)/fuzz/%.o,tests/fuzz/fuzz_$(1).c $(fuzz-src-$(1)))
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(fuzz-cc) $$(fuzz-cflags) -fsanitize=fuzzer -o $$@ $$^
endef
$(foreach t,$(fuzz-targets),$(eval $(call fuzz-rule,$(t))))

.PHONY: fuzz
TARGET =
TIME   = 600
fuzz: $(if $(TARGET),$(BUILD)/fuzz/bin/$(TARGET),$(libfuzzer-bin)) | need-check ## libFuzzer for TIME=SECONDS on each target, or on TARGET=NAME
	$(Q)tests/fuzz/fuzz --time $(TIME) $(BUILD)/fuzz/bin $(or $(TARGET),$(fuzz-targets))
