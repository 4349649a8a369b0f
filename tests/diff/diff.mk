# SPDX-License-Identifier: MIT
#
# The comparison of mm/ with this machine's Linux: twice, as fast as it can be and with sanitizers
# and all checks of mm/ on. Both carry the program that makes the calls on Linux as bytes.

diff-all  := $(diff-src) $(mm-src) $(sync-src) $(host-src)
diff-bin  := $(BUILD)/diff/diff
diff-asan := $(BUILD)/diff/diff-asan
diff-cflags = $(filter-out -O1 -DDEBUG -fsanitize=% -fno-sanitize%,$(host-cflags)) -O2

native-bin = $(BUILD)/diff/native.bin
native-cflags = -std=gnu11 -O2 $(warnings) -ffreestanding -nostdlib -static -fno-pic -fno-pie \
  -mgeneral-regs-only -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
  -fno-strict-aliasing -fno-delete-null-pointer-checks -fno-builtin -I.

$(BUILD)/diff/:
	@mkdir -p $@
$(eval $(call flags-file,$(BUILD)/diff/cc.flags,diff-cflags))

$(native-bin): $(native-src) tests/diff/native/native.ld $(wildcard tests/diff/*.h tests/diff/native/*.h) | $(BUILD)/diff/
	$(call say,NATIVE,$@)
	$(Q)$(CC) $(native-cflags) -Wl,-T,tests/diff/native/native.ld,--build-id=none,-z,noexecstack -o $(@:.bin=.elf) $(native-src) 2>&1 | \
	  { grep -v 'RWX permissions' >&2 || true; }
	$(Q)$(OBJCOPY) -O binary $(@:.bin=.elf) $@

$(BUILD)/%/tests/diff/image.S.o: tests/diff/image.S $(native-bin) tests/diff/program.c
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -DNATIVE_IMAGE='"$(native-bin)"' -c -o $@ $<

$(BUILD)/diff/%.c.o: %.c $(BUILD)/diff/cc.flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(diff-cflags) -MMD -MP -c -o $@ $<

$(diff-bin): $(diff-all:%=$(BUILD)/diff/%.o) $(BUILD)/diff/tests/diff/image.S.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(diff-cflags) -o $@ $^

$(diff-asan): $(diff-all:%=$(BUILD)/host/%.o) $(BUILD)/host/tests/diff/image.S.o | $(BUILD)/diff/
	$(call say,LINK,$@)
	$(Q)$(CC) $(host-cflags) -o $@ $^

-include $(diff-all:%.c=$(BUILD)/diff/%.c.d)

.PHONY: diff soak
diff: $(diff-bin) $(diff-asan) ## random calls on this machine's Linux and on mm/, compared: OPTIONS='--help'
	$(Q)$(diff-bin) $(or $(OPTIONS),--time 60 --jobs 2)

# Seeds of their own, in chunks of 200; what is done is kept in $(BUILD)/soak, so that the next run goes on.
HOURS = 1
SOAK_JOBS = 2
soak: $(diff-bin) ## the same for HOURS=N; can be interrupted and goes on where it was
	@mkdir -p $(BUILD)/soak
	$(Q)$(diff-bin) --seed 1000000 --jobs $(SOAK_JOBS) --time $$(($(HOURS) * 3600)) \
	  --results $(BUILD)/soak/results.tsv --save $(BUILD)/soak/found --stop-after 1000 $(OPTIONS)
