# SPDX-License-Identifier: MIT
#
# vc: small Unix tools that exchange RTP over pipes and sockets.
#
# One Makefile for the whole tree. Sources are found by wildcard: put a .c file
# into a folder and it is built. Everything made lies under $(O).
#
#   common/*/*.c (but gst)   $(O)/libvc.a
#   common/gst/*.c           $(O)/lib/vc/libvc-gst.so, the only one that links
#                            GStreamer
#   cmd/TOOL/*.c             $(O)/bin/TOOL, which runs where it lies
#   tests/*/NAME.c           $(O)/tests/*/NAME, one program each; of
#                            preload_NAME.c a library

# ---- What may be set ---------------------------------------------------------

O      ?= build
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
SAN    ?=
COV    ?=
V      ?=
WERROR ?=
T      ?=
LIVE   ?=
TIME   ?= 10
AR     ?= ar

VERSION := 0.1.0

# Tools that use GStreamer. No other one links it; `make lint` looks.
GST_TOOLS := vc-capture vc-play

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

comma := ,
quote = '$(subst ','\'',$1)'

# ---- Sources -----------------------------------------------------------------

LAYERS   := base wire session media net codec engine tool link
TOOLS    := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard cmd/*/*.c)))))
LIB_SRC  := $(sort $(foreach l,$(LAYERS),$(wildcard common/$l/*.c)))
GST_SRC  := $(sort $(wildcard common/gst/*.c))
TOOL_SRC := $(sort $(wildcard cmd/*/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c tests/sim/test_*.c))
HELP_SRC := $(filter-out tests/unit/test_%,$(sort $(wildcard tests/unit/*.c)))
SIM_SRC  := $(filter-out tests/sim/test_%,$(sort $(wildcard tests/sim/*.c)))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
LOAD_SRC := $(sort $(wildcard tests/e2e/preload_*.c))
PROG_SRC := $(filter-out $(LOAD_SRC),$(sort $(wildcard tests/bench/*.c \
	tests/e2e/*.c tests/interop/*.c)))

obj = $(patsubst %.c,$(O)/obj/%.o,$1)

LIBVC  := $(O)/libvc.a
GST_SO := $(if $(GST_SRC),$(O)/lib/vc/libvc-gst.so)
BINS   := $(TOOLS:%=$(O)/bin/%)
UNITS  := $(UNIT_SRC:%.c=$(O)/%)
REPLAY := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(O)/tests/fuzz/replay_%)
FUZZ   := $(FUZZ_SRC:%.c=$(O)/%)
PROGS  := $(PROG_SRC:%.c=$(O)/%) $(LOAD_SRC:%.c=$(O)/%.so)

# ---- Flags -------------------------------------------------------------------

# Found out when first used, so that `make deps` and `make clean` need nothing.
pkg = $(or $(shell pkg-config $1 $2 2>/dev/null || echo MISSING),)
pkg_or_die = $(if $(filter MISSING,$(call pkg,$1,$2)),$(error not installed: \
	the libraries vc is built with ($2): run 'make deps'),$(call pkg,$1,$2))
once = $(eval $1 := $2)$($1)

LIB_PKGS := jansson zlib opus vpx openh264 aom dav1d pangocairo speexdsp \
	libsrtp2 openssl libpcap libmicrohttpd
GST_PKGS := gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0 \
	gstreamer-audio-1.0 gstreamer-rtp-1.0 xcb x11

# As system headers: their warnings are not ours.
LIB_CFLAGS = $(call once,LIB_CFLAGS,$(patsubst -I%,-isystem %,$(call \
	pkg_or_die,--cflags,$(LIB_PKGS))))
GST_CFLAGS = $(call once,GST_CFLAGS,$(patsubst -I%,-isystem %,$(call \
	pkg_or_die,--cflags,$(GST_PKGS))))
LIB_LIBS = $(call once,LIB_LIBS,$(call pkg_or_die,--libs,$(LIB_PKGS)) -lyuv)
GST_LIBS = $(call once,GST_LIBS,$(call pkg_or_die,--libs,$(GST_PKGS)))

# Sanitizers make gcc see uninitialised variables where there are none; clang
# warns of casts in the macros of system headers.
WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wvla -Wundef -Wformat=2 \
	$(if $(findstring clang,$(CC)),,-Wcast-qual $(if \
	$(SAN),-Wno-maybe-uninitialized)) \
	$(if $(filter 1,$(WERROR)),-Werror)

# Fused multiply-add would give other octets on machines that have it.
CODEGEN := -std=gnu11 -pthread -fPIC -fvisibility=hidden -ffp-contract=off \
	-ffunction-sections -fdata-sections -fno-common \
	-ffile-prefix-map=$(CURDIR)=.
HARDEN := $(if $(SAN)$(COV),,$(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),\
	-D_FORTIFY_SOURCE=2 -fstack-protector-strong))
INSTR := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer) $(if $(filter 1,$(COV)),--coverage -O0) \
	$(if $(FUZZING),-fsanitize=fuzzer-no-link)

VC_CPPFLAGS := -Icommon -D_GNU_SOURCE= -DVC_VERSION='"$(VERSION)"' \
	$(if $(filter 1,$(COV)),-DVC_COVERAGE)
VC_CFLAGS := $(CODEGEN) $(WARN) $(HARDEN) $(CFLAGS) $(INSTR)
VC_LDFLAGS := -pthread -Wl,--as-needed -Wl,--gc-sections -Wl,-z,relro,-z,now \
	$(INSTR) $(LDFLAGS)

COMPILE = $(CC) $(VC_CPPFLAGS) $(CPPFLAGS) $(LIB_CFLAGS) $(VC_CFLAGS)
LINK = $(CC) $(VC_LDFLAGS)
LIBS = $(LIB_LIBS) -lm @$(O)/argp.libs

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(Q),@printf '  %-6s %s\n' $1 $2)

# ---- Building ----------------------------------------------------------------

.PHONY: all FORCE
all: $(BINS) $(GST_SO) $(LIBVC)

# Holds what was compiled with, and changes only when that changes.
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$(COMPILE) | $(LINK) | $(LIB_LIBS)) | \
		cmp -s - $@ || printf '%s\n' \
		$(call quote,$(COMPILE) | $(LINK) | $(LIB_LIBS)) >$@
# The same for the list of objects: a deleted source leaves the library.
$(O)/sources: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(LIB_SRC) $(GST_SRC) $(TOOL_SRC) | cmp -s - $@ || \
		printf '%s\n' $(LIB_SRC) $(GST_SRC) $(TOOL_SRC) >$@

# argp is part of glibc; other C libraries have it beside them.
$(O)/argp.libs: $(O)/flags
	@printf '%s\n' '#include <argp.h>' 'int main(int c, char **v) {' \
		'return argp_parse(0, c, v, 0, 0, 0); }' >$(O)/argp.c
	@if $(CC) -o $(O)/argp.out $(O)/argp.c 2>/dev/null; \
		then : >$@; else echo -largp >$@; fi
	@rm -f $(O)/argp.c $(O)/argp.out

$(O)/obj/common/gst/%.o: EXTRA = -fvisibility=default $(GST_CFLAGS)
# What goes over each sample of each tick takes a quarter of the time so.
$(addprefix $(O)/obj/common/media/,level.o mixsum.o \
	picmeasure.o) $(O)/obj/common/codec/still.o: \
	EXTRA = $(if $(filter -O2,$(CFLAGS)),-O3)
$(O)/obj/tests/%.o: EXTRA = -Itests
$(O)/obj/tests/interop/gst%.o: EXTRA = -Itests $(GST_CFLAGS)
# What it depends on is noted under a name that fits however O is spelled.
$(O)/obj/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) $(EXTRA) -MMD -MP -MT '$$(O)/obj/$*.o' -c -o $@ $<

$(LIBVC): $(call obj,$(LIB_SRC)) $(O)/sources
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) qcsD $@ $(filter %.o,$^)

$(O)/lib/vc/libvc-gst.so: $(call obj,$(GST_SRC)) $(LIBVC) $(O)/argp.libs
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) -shared -Wl,-soname,libvc-gst.so -o $@ $(filter %.o,$^) \
		$(LIBVC) $(GST_LIBS) $(LIBS)

# One rpath serves the build folder and an installed tree.
gst_for = $(if $(filter $1,$(GST_TOOLS)),$(GST_SO))
define tool
$(O)/bin/$1: $(call obj,$(filter cmd/$1/%,$(TOOL_SRC))) \
		$(call gst_for,$1) $(LIBVC) $(O)/sources $(O)/argp.libs
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$$(LINK) -o $$@ $$(filter %.o,$$^) $(if $(call gst_for,$1),$(call \
		gst_for,$1) -Wl$(comma)-rpath$(comma)'$$$$ORIGIN/../lib/vc') \
		$$(LIBVC) $$(LIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$t)))

# Test programs. Those named test_gst* may use libvc-gst.so.
$(UNITS): $(O)/%: $(O)/obj/%.o $(call obj,$(HELP_SRC)) $(LIBVC) $(GST_SO) \
		$(O)/argp.libs
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBVC) $(if $(findstring \
		/test_gst,$@),$(GST_SO) -Wl$(comma)-rpath$(comma)'$$ORIGIN/../../lib/vc') \
		$(LIBS) -lcmocka
$(filter $(O)/tests/sim/%,$(UNITS)): $(call obj,$(SIM_SRC))

# What a test puts before a tool, and so before all else that it starts: never
# with a sanitizer in it.
$(LOAD_SRC:%.c=$(O)/%.so): $(O)/%.so: %.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -D_GNU_SOURCE= $(CODEGEN) $(WARN) -O2 -shared -o $@ $< -ldl

# Those of interop that are named gst* are peers made of GStreamer.
$(PROG_SRC:%.c=$(O)/%): $(O)/%: $(O)/obj/%.o $(LIBVC) $(O)/argp.libs
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $< $(LIBVC) $(if $(findstring \
		/interop/gst,$@),$(GST_LIBS)) $(LIBS)

$(REPLAY): $(O)/tests/fuzz/replay_%: $(O)/obj/tests/fuzz/fuzz_%.o \
		$(O)/obj/tests/fuzz/replay_main.o $(LIBVC) $(O)/argp.libs
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBVC) $(LIBS)

$(FUZZ): $(O)/%: $(O)/obj/%.o $(LIBVC) $(O)/argp.libs
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(LIBVC) $(LIBS)

# One of a whole tool, whose main is in it already.
$(O)/tests/fuzz/replay_mix $(O)/tests/fuzz/fuzz_mix: $(call obj,$(filter-out \
	%/main.c,$(filter cmd/vc-mix/%,$(TOOL_SRC))))

-include $(patsubst %.o,%.d,$(call obj,$(LIB_SRC) $(GST_SRC) $(TOOL_SRC) \
	$(UNIT_SRC) $(HELP_SRC) $(SIM_SRC) $(FUZZ_SRC) $(PROG_SRC) \
	tests/fuzz/replay_main.c))

# ---- Testing -----------------------------------------------------------------

# These make sure first that the packages they need are there, then start over
# with them: on a fresh machine each of them works as the first command.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc || echo 1))
with = @tests/deps.sh $1 && exec $(MAKE) --no-print-directory $(JOBS)

.PHONY: check demo bench fuzz lint check-interop deps
check: ; +$(call with,build demo test) run-check
check-interop: ; +$(call with,build demo test interop) run-interop
demo: ; +$(call with,build demo) run-demo
bench: ; +$(call with,build demo test bench) run-bench
lint: ; +$(call with,build test) run-lint
fuzz: ; +$(call with,build test) run-fuzz \
	O=$(O)/fuzz CC=clang SAN=address,undefined FUZZING=1
deps:
	@tests/deps.sh build demo test

RUN_ENV = VC_BUILD='$(abspath $(O))' PATH='$(abspath $(O))'/bin:"$$PATH"

.PHONY: tests run-check run-interop run-demo run-bench run-fuzz run-lint
tests: all $(UNITS) $(REPLAY) $(PROGS)

run-check: tests
	@T='$(T)' LIVE='$(LIVE)' SAN='$(SAN)' VC_BUILD='$(O)' \
		tests/run.sh $(UNITS) $(REPLAY) \
		$(wildcard tests/e2e/*.bats tests/interop/*.bats)

run-interop: tests
	@T='$(T)' VC_BUILD='$(O)' VC_JOBS=1 tests/run.sh \
		$(wildcard tests/interop/*.bats tests/interop/heavy/*.bats)

run-demo: all
	@$(RUN_ENV) tests/examples/conference.sh

run-bench: all $(PROGS)
	@$(RUN_ENV) tests/bench/run.sh

run-fuzz: $(FUZZ)
	@T='$(T)' VC_BUILD='$(O)' TIME='$(TIME)' tests/fuzz/run.sh $(FUZZ)

run-lint: all
	@$(RUN_ENV) VC_CPPFLAGS='$(VC_CPPFLAGS)' VC_WARN='$(WARN)' \
		VC_GST_TOOLS='$(GST_TOOLS)' tests/lint/run.sh

OURS = $(shell git ls-files -co --exclude-standard '*.c' '*.h')
.PHONY: format
format:
	clang-format -i $(OURS)

# ---- Installing --------------------------------------------------------------

# Tools find libvc-gst.so beside them, at ../lib/vc: one PREFIX for both.
BINDIR  := $(PREFIX)/bin
LIBDIR  := $(PREFIX)/lib/vc
MANDIR  := $(PREFIX)/share/man
DOCDIR  := $(PREFIX)/share/doc/vc
BASHDIR := $(PREFIX)/share/bash-completion/completions
ZSHDIR  := $(PREFIX)/share/zsh/site-functions
FISHDIR := $(PREFIX)/share/fish/vendor_completions.d

MAN      := $(sort $(wildcard man/*.1 man/*.7))
EXAMPLES := $(sort $(filter-out %/,$(wildcard tests/examples/*)))
to = $(foreach f,$2,'$(DESTDIR)$1/$(notdir $f)')

.PHONY: install uninstall
install: all
	install -d $(foreach d,$(BINDIR) $(LIBDIR) $(MANDIR)/man1 \
		$(MANDIR)/man7 $(DOCDIR)/examples $(BASHDIR) $(ZSHDIR) \
		$(FISHDIR),'$(DESTDIR)$d')
	$(if $(BINS),install -m 755 $(BINS) '$(DESTDIR)$(BINDIR)')
	$(if $(GST_SO),install -m 644 $(GST_SO) '$(DESTDIR)$(LIBDIR)')
	$(if $(filter %.1,$(MAN)),install -m 644 $(filter %.1,$(MAN)) \
		'$(DESTDIR)$(MANDIR)/man1')
	$(if $(filter %.7,$(MAN)),install -m 644 $(filter %.7,$(MAN)) \
		'$(DESTDIR)$(MANDIR)/man7')
	install -m 644 LICENSE $(wildcard README.md) '$(DESTDIR)$(DOCDIR)'
	$(if $(EXAMPLES),install -m 644 $(EXAMPLES) \
		'$(DESTDIR)$(DOCDIR)/examples')
	$(if $(filter %.sh,$(EXAMPLES)),chmod 755 $(call \
		to,$(DOCDIR)/examples,$(filter %.sh,$(EXAMPLES))))
	install -m 644 completions/vc.bash '$(DESTDIR)$(BASHDIR)/vc'
	install -m 644 completions/_vc '$(DESTDIR)$(ZSHDIR)/_vc'
	install -m 644 completions/vc.fish '$(DESTDIR)$(FISHDIR)/vc.fish'
	set -e; for tool in $(TOOLS); do \
		ln -sf vc '$(DESTDIR)$(BASHDIR)'/$$tool; \
		ln -sf vc.fish '$(DESTDIR)$(FISHDIR)'/$$tool.fish; \
	done

uninstall:
	rm -f $(call to,$(BINDIR),$(TOOLS)) \
		'$(DESTDIR)$(LIBDIR)/libvc-gst.so' \
		$(call to,$(MANDIR)/man1,$(filter %.1,$(MAN))) \
		$(call to,$(MANDIR)/man7,$(filter %.7,$(MAN))) \
		$(call to,$(DOCDIR),LICENSE README.md) \
		$(call to,$(DOCDIR)/examples,$(EXAMPLES)) \
		$(call to,$(BASHDIR),vc $(TOOLS)) \
		'$(DESTDIR)$(ZSHDIR)/_vc' \
		$(call to,$(FISHDIR),vc.fish $(TOOLS:%=%.fish))
	-rmdir $(foreach d,$(LIBDIR) $(DOCDIR)/examples $(DOCDIR),'$(DESTDIR)$d')

# ---- The rest ----------------------------------------------------------------

.PHONY: clean help
clean:
	rm -rf $(O)

define HELP
make                 the tools, in $(O)/bin; they run where they lie
make demo            a conference of three over loopback, judged
make check           all tests; T=PATTERN only those whose name contains it,
                     LIVE=no only those that do not measure time, LIVE=only the
                     others
make check-interop   tests with real programs, Chromium and Janus among them
make bench           measurements
make fuzz            each fuzz target for TIME=$(TIME) seconds, into $(O)/fuzz;
                     goes on from what earlier runs found, Ctrl-C loses nothing
make lint            layers, headers, options against pages, format, ...
make format          clang-format on all sources
make deps            install the Debian packages all this needs
make install         to PREFIX=$(PREFIX), below DESTDIR; make uninstall
make clean           remove $(O)

O=DIR  SAN=address,undefined  COV=1  V=1  WERROR=1  CC=clang  CFLAGS='-O2 -g'
endef
export HELP
help:
	@printf '%s\n' "$$HELP"
