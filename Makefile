# SPDX-License-Identifier: MIT
#
# One make graph. Every folder has a files.mk that lists its sources and nothing else; everything
# made goes under $(BUILD). `make help` lists the targets.

MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/sh

# ---------------------------------------------------------------- switches
BUILD = build
CC    = gcc
DEBUG = 1
V     = 0

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),@:,@printf '  %-7s %s\n' $(1) $(2))

LD      = ld
AR      = ar
NM      = nm
OBJCOPY = objcopy
HOSTCC  = $(CC)

.PHONY: all
all: kernel userland iso compile_commands.json ## the kernel, the programs, the image

# ---------------------------------------------------------------- what there is to build
kernel-src :=
mm-src     :=
sync-src   :=
host-src   :=
unit-src   :=
diff-src   :=
fault-src  :=
bench-src  :=
model-src  :=
include $(wildcard kernel/files.mk kernel/*/files.mk arch/*/files.mk mm/files.mk tests/unit/files.mk \
  tests/diff/files.mk tests/fault/files.mk tests/model/files.mk tests/bench/files.mk)
programs      :=
test-programs :=
fuzz-programs :=
include $(wildcard userland/files.mk userland/tests/files.mk userland/fuzz/files.mk)

# ---------------------------------------------------------------- flags
warnings = -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wshadow

include-gcc = $(shell $(CC) -print-file-name=include)
debug-flag  = $(if $(filter 1,$(DEBUG)),-DDEBUG)

kernel-cflags = -std=gnu11 -O2 -g $(warnings) $(debug-flag) -ffreestanding -nostdinc \
  -isystem $(include-gcc) -I. -Iarch/x86_64 -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
  -fno-pic -fno-pie -fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-strict-aliasing \
  -fno-asynchronous-unwind-tables -fcf-protection=none -fno-common \
  -fstack-protector-strong -mstack-protector-guard=global $(small-flags)

# The image is small: a function that nobody calls is left out by the linker, and none is padded.
small-flags = -ffunction-sections -fdata-sections -fno-align-functions -fno-align-jumps \
  -fno-align-loops -fno-align-labels -Wno-ignored-optimization-argument

host-cflags = -std=gnu11 -O1 -g $(warnings) -DDEBUG -DTERRANE_HOST -I. -Iarch/host \
  -fno-omit-frame-pointer -fno-strict-aliasing -fsanitize=address,undefined \
  -fno-sanitize-recover=all -fno-common

# A file that changes when the command line of a compiler does, so that objects are made again.
define flags-file
$(1): FORCE | $$(dir $(1))
	@printf '%s\n' '$$(CC) $$($(2))' | cmp -s - $$@ || printf '%s\n' '$$(CC) $$($(2))' > $$@
endef
.PHONY: FORCE
FORCE:
$(BUILD)/x86_64/ $(BUILD)/host/ $(BUILD)/tools/ $(BUILD)/iso/ $(BUILD)/user/:
	@mkdir -p $@
$(eval $(call flags-file,$(BUILD)/x86_64/cc.flags,kernel-cflags))
$(eval $(call flags-file,$(BUILD)/host/cc.flags,host-cflags))

# ---------------------------------------------------------------- kernel
kernel-all := $(kernel-src) $(mm-src) $(sync-src)
kernel-obj := $(kernel-all:%=$(BUILD)/x86_64/%.o)
kernel-elf := $(BUILD)/terrane.elf

.PHONY: kernel
kernel: $(kernel-elf)

$(BUILD)/x86_64/%.c.o: %.c $(BUILD)/x86_64/cc.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(kernel-cflags) -MMD -MP -c -o $@ $<

$(BUILD)/x86_64/%.S.o: %.S $(BUILD)/x86_64/cc.flags
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(kernel-cflags) -MMD -MP -c -o $@ $<

# What runs once, seldom, or to be looked at: small rather than fast. /proc/PID/maps is read often.
cold-fs    = attributes build_id control device% directories eventfd hugepages init lock memfd mount \
  proc_% rename socket sysfs sysv_% tty%
cold-sched = cred exec_script itimer pidfd strace user uts
cold-sys   = cred file_poll file_stat mm_remote pidfd prctl resource sched shm time
cold-mm    = anon_name clear_refs hugetlb% keys mlock mseal msync page_scan ptdump reclaim \
  remap_file_pages report validate%
cold-arch  = apic attack backtrace boot cpu desc init panic paging power rtc
cold-names = kernel/main.c kernel/dev/% $(cold-fs:%=kernel/fs/%.c) $(cold-sched:%=kernel/sched/%.c) \
  $(cold-sys:%=kernel/sys/%.c) $(cold-mm:%=mm/%.c) $(cold-arch:%=arch/x86_64/%.c)
cold-src   = $(filter-out %/proc_maps.c,$(filter $(cold-names),$(kernel-all)))
$(cold-src:%=$(BUILD)/x86_64/%.o): private kernel-cflags += -Os
$(eval $(call flags-file,$(BUILD)/x86_64/cold.flags,cold-src))
$(kernel-obj): $(BUILD)/x86_64/cold.flags

# The vdso runs in programs: built on its own, and carried by the kernel as bytes.
vdso-image  = $(BUILD)/x86_64/vdso.so
vdso-cflags = -std=gnu11 -O2 $(warnings) -ffreestanding -nostdinc -isystem $(include-gcc) -I. \
  -Iarch/x86_64 -fpic -fvisibility=default -mgeneral-regs-only -fno-stack-protector \
  -fcf-protection=none -fasynchronous-unwind-tables -fno-strict-aliasing -fno-builtin

$(vdso-image): $(vdso-src) arch/x86_64/vdso/vdso.ld arch/x86_64/vdso/build.sh \
  $(BUILD)/x86_64/cc.flags
	$(call say,VDSO,$@)
	$(Q)CC='$(CC)' LD='$(LD)' OBJCOPY='$(OBJCOPY)' CFLAGS='$(vdso-cflags)' sh arch/x86_64/vdso/build.sh $@ $(vdso-src)

$(BUILD)/x86_64/arch/x86_64/vdso/image.S.o: private kernel-cflags += -DVDSO_IMAGE='"$(vdso-image)"'
$(BUILD)/x86_64/arch/x86_64/vdso/image.S.o: $(vdso-image)

# The kernel carries its own symbol table for backtraces, so it is linked twice: once to learn the
# addresses, once with the table in place (the table lies behind everything it describes).
$(kernel-elf): $(kernel-obj) arch/x86_64/kernel.ld arch/x86_64/symbols.sh
	$(call say,LD,$@)
	$(Q)CC='$(CC)' LD='$(LD)' NM='$(NM)' CFLAGS='$(kernel-cflags)' \
	  sh arch/x86_64/symbols.sh $@ arch/x86_64/kernel.ld $(kernel-obj)

# ---------------------------------------------------------------- host: mm/ as a Unix program
host-all := $(mm-src) $(sync-src) $(host-src) $(unit-src)
host-obj := $(host-all:%=$(BUILD)/host/%.o)
unit-bin := $(BUILD)/host/unit

$(BUILD)/host/%.c.o: %.c $(BUILD)/host/cc.flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(host-cflags) -MMD -MP -c -o $@ $<

$(unit-bin): $(host-obj)
	$(call say,LINK,$@)
	$(Q)$(CC) $(host-cflags) -o $@ $(host-obj)

.PHONY: check-host
check-host: $(unit-bin)
	$(Q)$(unit-bin)

# Limits at their edges, and random calls without memory (tests/fault).
fault-all := $(mm-src) $(sync-src) $(host-src) $(fault-src)
fault-bin := $(BUILD)/host/fault

$(fault-bin): $(fault-all:%=$(BUILD)/host/%.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(host-cflags) -o $@ $^

TIMES = 30
.PHONY: faults
faults: $(fault-bin) runner boot-programs | need-run ## calls at every limit, and without memory at every allocation; TIMES=N as often as in `make check`
	$(Q)$(fault-bin) --verbose --operations $(TIMES)000000
	$(Q)for p in failer copier; do tests/boot/run -t 3000 -- $(BUILD)/tests/$$p 1 || exit; done

# libFuzzer's targets.
include tests/fuzz/fuzz.mk

# The same calls on this machine's Linux and on mm/.
include tests/diff/diff.mk

# Every state of a few pages, in a model and in mm/ (tests/model/main.c); compiled for speed.
model-all := $(model-src) $(mm-src) $(sync-src) $(host-src)
model-bin := $(BUILD)/model/model
model-cflags = -std=gnu11 -O2 -g $(warnings) -DTERRANE_HOST -I. -Iarch/host -fno-strict-aliasing
$(BUILD)/model/:
	@mkdir -p $@
$(eval $(call flags-file,$(BUILD)/model/cc.flags,model-cflags))

$(BUILD)/model/%.c.o: %.c $(BUILD)/model/cc.flags
	$(call say,MODELCC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(model-cflags) -MMD -MP -c -o $@ $<

$(model-bin): $(model-all:%=$(BUILD)/model/%.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(model-cflags) -o $@ $^

PAGES       = 4
CALLS       = all
TRANSITIONS = 10000000
.PHONY: model model-large model-native
model: $(model-bin) ## every state that memory calls can bring PAGES pages into, in a model and in mm/
	$(Q)$(model-bin) --pages $(PAGES) --calls $(CALLS) --transitions $(TRANSITIONS) $(OPTIONS)

model-large: $(model-bin) ## the largest searches that come to an end: minutes
	$(Q)$(model-bin) --large $(OPTIONS)

model-native: $(model-bin) ## the model against this machine's Linux: all pairs of calls, 10^6 of three
	$(Q)$(model-bin) --native --pairs 10000000 --triples 1000000 $(OPTIONS)

# What the unit tests, and random calls with a fixed seed, execute of mm/ (tests/cover/report.py).
# The address sanitizer stays, because some tests wait for its reports. gcov reads what gcc writes.
cover-cc     = gcc
cover-cflags = $(filter-out -fsanitize=% -fno-sanitize%,$(host-cflags)) -fsanitize=address
measured     = -O0 --coverage -fprofile-update=single -include tests/cover/measured.h
cover-wrap   = -Wl,--wrap=_exit,--wrap=abort
cover-diff  := $(mm-src) $(sync-src) $(host-src) $(diff-src) tests/cover/dump.c
cover-unit  := $(host-all) tests/cover/dump.c
cover-bin   := $(BUILD)/cover/unit $(BUILD)/cover/diff
cover-report = tests/cover/report.py
cover-runs   = $(BUILD)/cover $(BUILD)/cover/unit '$(BUILD)/cover/diff --alone --seed 1 --rounds 200'
$(BUILD)/cover/:
	@mkdir -p $@
$(eval $(call flags-file,$(BUILD)/cover/cc.flags,cover-cflags))

$(BUILD)/cover/%.c.o: %.c tests/cover/measured.h $(BUILD)/cover/cc.flags
	$(call say,COVER,$<)
	@mkdir -p $(@D)
	$(Q)$(cover-cc) $(cover-cflags) $(if $(filter mm/%,$<),$(measured)) -MMD -MP -c -o $@ $<

$(BUILD)/cover/unit: $(cover-unit:%=$(BUILD)/cover/%.o)
$(BUILD)/cover/diff: $(cover-diff:%=$(BUILD)/cover/%.o) $(BUILD)/cover/tests/diff/image.S.o
$(cover-bin):
	$(call say,LINK,$@)
	$(Q)$(cover-cc) $(cover-cflags) --coverage $(cover-wrap) -o $@ $^

.PHONY: cover
cover: $(cover-bin) ## how much of mm/ the tests execute, line by line
	$(Q)$(cover-report) $(OPTIONS) $(cover-runs)

# Old bugs put into the code, one after the other, and the tests that must notice (tests/museum).
museum-run = tests/museum/run --build $(BUILD) --cc '$(CC)'

.PHONY: museum
museum: $(unit-bin) ## plant every bug of the museum and see it caught: OPTIONS='NAME...'
	$(Q)$(museum-run) $(OPTIONS)

# Mutants of mm/, and the tests that notice them.
include tests/mutate/mutate.mk

# The VMA tree beside a red-black tree; as the kernel would be compiled for use, without DEBUG.
bench-bin = $(BUILD)/bench/vmtree
bench-cflags = -std=gnu11 -O2 -g $(warnings) -DTERRANE_HOST -I. -Iarch/host -fno-strict-aliasing

$(bench-bin): $(bench-src) $(wildcard mm/vmtree*.h tests/bench/*.h)
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(bench-cflags) -o $@ $(bench-src)

.PHONY: bench-vmtree
bench-vmtree: $(bench-bin) ## the VMA tree measured against a red-black tree
	$(Q)$(bench-bin)

# What operations cost, function by function.
include tests/bench/profile.mk
include tests/bench/bench.mk

# ---------------------------------------------------------------- C library of the programs
# newlib is built once (libc/build.sh says what makes it be built again), then the port's own
# sources are added to its libc.a. The sysroot holds what programs are built with.
newlib  = $(BUILD)/newlib
sysroot = $(BUILD)/sysroot

include libc/files.mk
libc-headers := $(shell find libc/include libc/override -name '*.h')
libc-base     = -nostdinc -Ilibc/override -Ilibc/include -I$(BUILD)/libc/include \
  -isystem $(newlib)/install/include -isystem $(include-gcc) -std=gnu11 -O2 -g -fPIE \
  -fno-stack-protector -fcf-protection=none -ffunction-sections -fno-strict-aliasing
libc-cflags   = -D_GNU_SOURCE $(libc-base) $(warnings) -Wno-missing-prototypes -fno-builtin
posix-cflags  = -D_GNU_SOURCE $(libc-base) -w -DHAVE_FCNTL \
  $(foreach f,close open fcntl execve,-D_$(f)=$(f)) -I$(newlib)/src/newlib/libc/posix
$(BUILD)/libc/:
	@mkdir -p $@
$(eval $(call flags-file,$(BUILD)/libc/cc.flags,libc-cflags))
$(eval $(call flags-file,$(BUILD)/libc/posix.flags,posix-cflags))
# glob() is wrapped; popen's child walks a list with the parent's variable, so it must not be a vfork.
posix-cflags-glob.c  = -Dglob=newlib_glob
posix-cflags-popen.c = -Dvfork=fork

libc-obj  := $(libc-src:libc/%=$(BUILD)/libc/%.o)
posix-obj := $(libc-posix:%=$(BUILD)/libc/newlib/%.o)
libc-lib  := $(sysroot)/lib/libc.a
libc-hdr  := $(BUILD)/libc/headers

.PHONY: newlib
newlib: $(libc-lib) ## the programs' C library: sysroot/bin/terrane-cc builds with it

$(newlib)/stamp: libc/build.sh libc/newlib.sed libc/include/sys/mman.h $(filter libc/override/%,$(libc-headers)) | need-build
	$(Q)sh libc/build.sh $(newlib)

$(BUILD)/libc/include/bits/syscall.h: libc/syscalls.tbl
	@mkdir -p $(@D)
	$(Q)awk '/^[0-9]/ { printf "#define SYS_%s %d\n#define __NR_%s %d\n", $$2, $$1, $$2, $$1 }' $< > $@

$(BUILD)/libc/%.c.o: libc/%.c $(BUILD)/libc/cc.flags $(newlib)/stamp $(BUILD)/libc/include/bits/syscall.h
	$(call say,LIBC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(libc-cflags) -MMD -MP -c -o $@ $<

$(BUILD)/libc/%.S.o: libc/%.S $(BUILD)/libc/cc.flags
	$(call say,LIBC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -MMD -MP -c -o $@ $<

$(BUILD)/libc/newlib/%.o: $(newlib)/stamp $(BUILD)/libc/posix.flags $(libc-headers)
	$(call say,LIBC,newlib/$*)
	@mkdir -p $(@D)
	$(Q)$(CC) $(posix-cflags) $(posix-cflags-$(*F)) -c -o $@ $(newlib)/src/newlib/libc/$*

$(libc-hdr): $(newlib)/stamp $(libc-headers) $(BUILD)/libc/include/bits/syscall.h
	@rm -rf $(sysroot)/include && mkdir -p $(sysroot)/include/newlib $(@D)
	@cp -R libc/include/. libc/override/. $(BUILD)/libc/include/. $(sysroot)/include/
	@cp -R $(newlib)/install/include/. $(sysroot)/include/newlib/
	@touch $@

# Functions that the port has too leave newlib's archive: its locks do nothing, its rename would call
# itself, its remove knows no directories, its setjmp no signal masks.
$(libc-lib): $(libc-obj) $(posix-obj) $(libc-hdr) libc/terrane-cc libc/start/crt1.S
	$(call say,AR,$@)
	@mkdir -p $(@D) $(sysroot)/bin
	$(Q)cp libc/terrane-cc $(sysroot)/bin/ && cp $(newlib)/install/lib/libm.a $(@D)/
	$(Q)$(CC) -c -o $(@D)/crt1.o libc/start/crt1.S
	$(Q)$(CC) -DSTATIC_PIE -c -o $(@D)/rcrt1.o libc/start/crt1.S
	$(Q)for l in pthread rt dl util; do rm -f $(@D)/lib$$l.a; $(AR) rc $(@D)/lib$$l.a; done
	$(Q)cp $(newlib)/install/lib/libc.a $@.part
	$(Q)$(AR) d $@.part lib_a-rename.o lib_a-remove.o lib_a-lock.o lib_a-setjmp.o lib_a-raise.o \
	  lib_a-u_strerr.o lib_a-environ.o
	$(Q)$(AR) rcs $@.part $(libc-obj) $(posix-obj)
	$(Q)mv $@.part $@

# ---------------------------------------------------------------- userland
program-bin := $(programs:%=$(BUILD)/user/%)

.PHONY: userland
userland: $(program-bin) ## the programs of the image

# A program NAME is made of the folder userland/NAME/, or of userland/NAME.c or userland/tools/NAME.c
# (with _ for -) and userland/lib/. A comparison program is made likewise under userland/tests/.
user-cc     = CC='$(CC)' sh $(sysroot)/bin/terrane-cc
user-cflags = -std=gnu11 -O2 -g $(warnings) -D_GNU_SOURCE -I.

define program-rule
$(BUILD)/user/$(1): $(wildcard $(addprefix userland/$(subst -,_,$(1)),.c /*.c /*.h)) $(2) $(libc-lib)
	$$(call say,USERCC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(user-cc) $$(user-cflags) -o $$@ $$(filter %.c,$$^)
endef
# $(call tool-parts,NAME): what a program that is one file consists of besides.
tool-parts = $(if $(wildcard userland/$(1)/*.c),,$(wildcard userland/tools/$(1).c userland/lib/*.[ch]))
$(foreach p,$(programs),$(eval $(call program-rule,$(p),$(call tool-parts,$(p)))))

# A comparison program whose name begins with X_ is also made of userland/tests/lib/X/, if there is one.
test-bin := $(test-programs:%=$(BUILD)/user/tests/%)
$(foreach p,$(test-programs),$(eval $(call program-rule,tests/$(p),\
  $(wildcard userland/tests/lib/*.[ch] userland/tests/lib/$(firstword $(subst _, ,$(p)))/*.[ch]) \
  kernel/sys/syscalls.def)))

.PHONY: test-programs
test-programs: $(test-bin)

# What `make bench` runs in each kernel.
$(eval $(call program-rule,bench))

fuzz-bin := $(fuzz-programs:%=$(BUILD)/user/fuzz/%)
$(foreach p,$(fuzz-programs),$(eval $(call program-rule,fuzz/$(p),\
  $(wildcard userland/tests/lib/transcript.[ch] userland/tests/lib/names.h tests/diff/*.h) \
  $(stream-src) kernel/sys/syscalls.def)))

.PHONY: fuzz-programs
fuzz-programs: $(fuzz-bin)

# ---------------------------------------------------------------- images
# What is missing of the Debian packages is installed, or named.
.PHONY: need-build need-run need-check need-debug
need-build need-run need-check need-debug: need-%:
	$(Q)tests/boot/need-packages $*

tool-cflags = -std=gnu11 -O2 -g $(warnings) -I.
tools := $(BUILD)/tools/newc $(BUILD)/tools/native
$(BUILD)/tools/newc: iso/newc.c
$(BUILD)/tools/native: tests/boot/native.c userland/init/job.c
$(tools): userland/init/job.h | $(BUILD)/tools/
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(tool-cflags) -o $@ $(filter %.c,$^)

# The initramfs of the image: init, every program in /bin, and busybox with `make run BUSYBOX=FILE`.
BUSYBOX =
initramfs := $(BUILD)/iso/initramfs
image     := $(BUILD)/iso/terrane.iso
packed     = $(program-bin:$(BUILD)/user/%=$(BUILD)/iso/bin/%)

$(BUILD)/iso/bin/%: $(BUILD)/user/%
	@mkdir -p $(@D)
	$(Q)strip -o $@ $<

$(initramfs): $(tools) $(packed) FORCE | $(BUILD)/iso/
	$(Q)$(BUILD)/tools/newc $@.new -f /init $(BUILD)/iso/bin/init -l /bin/poweroff /init \
	  $(foreach f,$(filter-out %/init,$(packed)) $(BUSYBOX),-f /bin/$(notdir $f) $f) -d /tmp -d /dev -d /proc -d /sys
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# APPEND= is more of the kernel's command line, e.g. APPEND='run=ls /'
APPEND =
$(image): $(kernel-elf) $(initramfs) iso/make-iso iso/grub.cfg FORCE | need-run
	$(call say,ISO,$@)
	$(Q)OBJCOPY=$(OBJCOPY) iso/make-iso $@ $(kernel-elf) $(initramfs) '$(APPEND)'

.PHONY: iso run runner exec debug
iso: $(image) ## an image that boots from CD, with a BIOS and (given GRUB's modules) with UEFI

QEMU_OPTIONS =
run: $(image) ## boot the image: a shell on this terminal, Ctrl-A x leaves
	@echo '  Ctrl-A x leaves QEMU'
	$(Q)iso/boot-iso $(image) $(QEMU_OPTIONS)

runner: $(kernel-elf) $(tools) $(BUILD)/user/init ## what tests/boot/run needs

# Programs for the tests of the runner and of the kernel's start and end: static, with musl.
boot-programs := $(patsubst tests/boot/programs/%.c,$(BUILD)/tests/%,$(wildcard tests/boot/programs/*.c))
$(BUILD)/tests/%: tests/boot/programs/%.c $(wildcard tests/boot/programs/*.h) | need-check
	$(call say,MUSLCC,$@)
	@mkdir -p $(@D)
	$(Q)musl-gcc -std=gnu11 -O2 -g $(warnings) -D_GNU_SOURCE -static -no-pie -pthread -o $@ $<

.PHONY: boot-programs
boot-programs: $(boot-programs)

.PHONY: check-boot
check-boot: runner $(boot-programs) $(image) | need-run ## the runner's tests, and booting in every way there is
	$(Q)BUILD='$(BUILD)' tests/boot/test-runner
	$(Q)BUILD='$(BUILD)' tests/boot/test-machines

ELF  =
ARGS =
exec: runner | need-run ## run one program in a guest: ELF=FILE ARGS='...' OPTIONS='...'
	$(Q)test -n '$(ELF)' || { echo "usage: make exec ELF=FILE [ARGS='...'] [OPTIONS='...']"; exit 2; }
	$(Q)BUILD='$(BUILD)' tests/boot/run $(OPTIONS) -- $(ELF) $(ARGS)

debug: $(image) | need-debug ## boot the image stopped, and attach gdb
	$(Q)iso/debug $(image) $(kernel-elf)

# ---------------------------------------------------------------- checks
.PHONY: check check-guest compare compare-old conformance golden lint same stress
check: | need-check ## every test: lint, unit tests, both compilers, boots, comparison with Linux
	$(Q)$(MAKE) -j2 runner userland test-programs fuzz-programs boot-programs $(unit-bin) $(fault-bin) $(libfuzzer-bin) $(diff-bin) $(diff-asan) $(model-bin) $(cover-bin) $(mutate-bin) $(image) profiler
	$(Q)$(MAKE) -j2 BUILD='$(release)' DEBUG=0 newlib='$(newlib)' bench-parts
	$(Q)BUILD='$(BUILD)' tests/check --log $(BUILD)/check --behind '$(stress-suite)' $(suites)

check-guest: | need-check ## the tests that boot a guest
	$(Q)$(MAKE) -j2 runner userland test-programs fuzz-programs boot-programs $(image) profiler
	$(Q)$(MAKE) -j2 BUILD='$(release)' DEBUG=0 newlib='$(newlib)' bench-parts
	$(Q)BUILD='$(BUILD)' tests/check --log $(BUILD)/check $(guest-suites)

# NAME=COMMAND, each printing KTAP.
host-suites := \
  "lint=tests/lint/lint" \
  "unit=$(unit-bin)" \
  "fault=$(fault-bin)" \
  "fuzz=tests/fuzz/fuzz --smoke $(BUILD)/fuzz/bin $(fuzz-targets)" \
  "diff=tests/diff/check $(diff-bin) $(diff-asan)" \
  "model=$(model-bin) --check --quiet" \
  "cover=$(cover-report) --ktap $(cover-runs)" \
  "museum=$(museum-run) --smoke" \
  "mutate=tests/mutate/run.py --folder $(BUILD)/mutate --smoke" \
  "compilers=tests/lint/compilers $(BUILD)/compilers" \
  "conformance=python3 tests/conformance/main.py --check" \
  "libc-abi=tests/libc/check-abi" \
  "libc-build=tests/libc/check-build" \
  "shell=tests/shell/run" \
  "terminal=python3 tests/shell/terminal.py $(BUILD)/user/sh"
guest-suites := \
  "runner=tests/boot/test-runner" \
  "machines=tests/boot/test-machines" \
  "attacks=tests/boot/test-attacks" \
  "foreign=tests/boot/test-foreign" \
  "guest=tests/boot/test-guest" \
  "console=python3 tests/boot/terminal.py" \
  "beside=tests/beside/test-beside" \
  "profile=tests/bench/test-profile" \
  "bench=CC='$(CC)' tests/bench/check --build $(release)" \
  "same=tests/same --ktap --seed 12 --rounds 60" \
  "transcripts=tests/compare --recorded --ktap"
suites = $(host-suites) $(guest-suites)
# Beside all the others: it takes its time, whatever the machine.
stress-suite = stress=tests/boot/test-stress --time 600

compare: runner $(if $(PROG),,test-programs) ## run the comparison programs on Linux and in Terrane; PROG=FILE [ARGS='...']: your own
ifdef PROG
	$(Q)BUILD='$(BUILD)' tests/beside/beside $(OPTIONS) -- '$(PROG)' $(ARGS)
else
	$(Q)BUILD='$(BUILD)' tests/compare $(OPTIONS)
endif

compare-old: runner test-programs ## the programs that Linux 6.1 answers alike, on Debian's kernel in a guest
	$(Q)BUILD='$(BUILD)' tests/compare --recorded --linux "$$(tests/boot/get-linux 6.1 $(BUILD)/linux)" $(old-linux-programs)
	$(Q)BUILD='$(BUILD)' tests/compare --recorded --linux "$$(tests/boot/get-linux 6.12 $(BUILD)/linux)" system_limits softdirty

# LINUX= is one more kernel, OPTIONS= more options of tests/conformance/main.py.
LINUX =
conformance: runner test-programs ## ask Linux, Terrane and older kernels every rule: docs/conformance.md and .html
	$(Q)BUILD='$(BUILD)' python3 tests/conformance/main.py $(addprefix --linux ,$(LINUX)) $(OPTIONS)

same: runner fuzz-programs ## random calls of real processes, on Linux and in Terrane: OPTIONS='--time 600'
	$(Q)BUILD='$(BUILD)' tests/same $(OPTIONS)

TIME = 600
stress: runner fuzz-programs ## eight threads at random in a guest, for TIME seconds: OPTIONS='--seed N'
	$(Q)BUILD='$(BUILD)' tests/boot/test-stress --show --time $(TIME) $(OPTIONS)

golden: runner test-programs ## record the transcripts of this machine's Linux (6.18)
	$(Q)BUILD='$(BUILD)' tests/compare --record

lint: ## the rules of the tree that a program can check
	$(Q)tests/lint/lint

# ---------------------------------------------------------------- for editors
# compile_commands.json, written from the lists above. $(file) runs when the recipe is expanded.
comma := ,
define newline


endef
command-json = {"directory":"$(CURDIR)"$(comma)"file":"$(1)"$(comma)"command":"$(CC) $(2) -c $(1)"}
commands-json = $(foreach s,$(filter %.c,$(kernel-all)),$(call command-json,$(s),$(kernel-cflags))) \
  $(foreach s,$(filter-out $(kernel-all),$(filter %.c,$(host-all))),$(call command-json,$(s),$(host-cflags)))

compile_commands.json: Makefile $(wildcard */files.mk */*/files.mk) ## for clangd and other tools
	$(call say,GEN,$@)
	$(file >$@,[$(subst } {,}$(comma)$(newline){,$(strip $(commands-json)))])

# ---------------------------------------------------------------- housekeeping
.PHONY: clean help
clean: ## remove everything that was built (newlib too)
	rm -rf $(BUILD) compile_commands.json

help: ## this list
	@awk -F ':.*## ' '/^[a-z_.-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
