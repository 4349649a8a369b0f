# SPDX-License-Identifier: MIT
#
# Mutants of mm/, all compiled into one program, and the unit tests that ought to notice them
# (docs/mutation.md). What is not mutated is linked as it is in $(unit-bin).

mutated     := $(filter mm/mremap%.c mm/vma.c mm/vma_%.c mm/pgmove%.c mm/account%.c,$(mm-src))
mutate-bin  := $(BUILD)/mutate/unit
mutate-list := $(BUILD)/mutate/mutants.tsv
mutate-own  := $(mutated:%=$(BUILD)/mutate/%.o) \
  $(BUILD)/mutate/tests/unit/harness.c.o $(BUILD)/mutate/tests/mutate/serve.c.o
mutate-obj  := $(mutate-own) \
  $(filter-out $(BUILD)/host/tests/unit/harness.c.o $(mutated:%=$(BUILD)/host/%.o),$(host-obj))

$(mutate-list): $(mutated) $(wildcard tests/mutate/*.py)
	$(call say,MUTATE,$@)
	@mkdir -p $(@D)
	$(Q)python3 tests/mutate/generate.py $(@D) $(mutated)

# The copies keep their dates if they stay the same.
$(mutated:%=$(BUILD)/mutate/%): $(mutate-list) ;

$(BUILD)/mutate/mm/%.c.o: $(BUILD)/mutate/mm/%.c tests/mutate/mutant.h $(BUILD)/host/cc.flags
	$(call say,HOSTCC,$<)
	$(Q)$(CC) $(host-cflags) -w -include tests/mutate/mutant.h -MMD -MP -c -o $@ $<

$(BUILD)/mutate/tests/%.c.o: tests/%.c $(BUILD)/host/cc.flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(host-cflags) $(if $(filter %/harness.c,$<),-Dmain=unit_main -Wno-missing-prototypes) -MMD -MP -c -o $@ $<

$(mutate-bin): $(mutate-obj)
	$(call say,LINK,$@)
	$(Q)$(CC) $(host-cflags) -o $@ $(mutate-obj)

.PHONY: mutate
mutate: $(mutate-bin) ## does a test notice each of the mutants of mm/? resumes; OPTIONS='--help'
	$(Q)tests/mutate/run.py --folder $(BUILD)/mutate $(OPTIONS)
