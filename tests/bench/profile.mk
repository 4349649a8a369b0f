# SPDX-License-Identifier: MIT
# Where the instructions of an operation of userland/bench go: a plugin of QEMU counts them.

# The kernel as it is used: without ASSERTs, lock traces and validation.
release = $(if $(filter 0,$(DEBUG)),$(BUILD),$(BUILD)/release)

$(BUILD)/tools/count.so: tests/bench/count.c tests/bench/plugin.h | $(BUILD)/tools/
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(tool-cflags) -shared -fPIC -o $@ $<

OP =
.PHONY: profile profiler
profiler: runner $(BUILD)/user/bench $(BUILD)/tools/count.so

# What tests/bench/boot needs besides a kernel.
.PHONY: boot-parts bench-boot
boot-parts: runner $(BUILD)/tools/count.so $(BUILD)/iso/initramfs

bench-boot: | need-run ## how long booting takes, and how large the kernel is: OPTIONS=--help
	$(Q)$(MAKE) BUILD='$(release)' DEBUG=0 newlib='$(newlib)' boot-parts
	$(Q)tests/bench/boot --build '$(release)' $(OPTIONS)

profile: | need-run ## where instructions go: OP='NAME...' of `bench --list`; OPTIONS=--help
	$(Q)$(MAKE) BUILD='$(release)' DEBUG=0 newlib='$(newlib)' profiler
	$(Q)BUILD='$(release)' tests/bench/profile $(OPTIONS) $(OP)
