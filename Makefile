# SPDX-License-Identifier: GPL-2.0
# procmig: the module, the tools, the tests. `make help` lists the targets.

KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(shell ls -d /lib/modules/*/build 2>/dev/null | sort -V | tail -n 1))
# The kernel of the virtual machines need not be the one that runs.
RIG_KDIR = /lib/modules/$$(scripts/rig release)/build
RELEASE := $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h \
	2>/dev/null)
BUILD := $(CURDIR)/build
# The sources are linked into a folder for each kernel, so that builds do not disturb each other.
MODULE_DIR = $(BUILD)/$(RELEASE)
MODULE_SRC := Kbuild $(wildcard kernel/*.[ch] include/uapi/linux/*.h)

.PHONY: all module tools tests help lint demo check check-debug bench install clean

## make              build the module for the installed kernel headers (or KDIR=...) and the tools
all: module tools

help:
	@sed -n 's/^## //p' Makefile

module:
	@test -n "$(RELEASE)" || { \
		echo "no kernel headers found: install linux-headers-amd64, or give KDIR=..." >&2; \
		exit 1; }
	@for f in $(MODULE_SRC); do \
		mkdir -p $(MODULE_DIR)/$$(dirname $$f) && \
		ln -sfn $(CURDIR)/$$f $(MODULE_DIR)/$$f || exit 1; done
	@find $(MODULE_DIR) -xtype l -delete
	$(MAKE) -C $(KDIR) M=$(MODULE_DIR) $(if $(W),W=$(W)) $(if $(C),C=$(C)) modules

tools:
	$(MAKE) -C userspace OUT=$(BUILD)/bin

tests:
	$(MAKE) -C selftests BUILD=$(BUILD)

## make demo         see a program move between two virtual machines (installs what it needs)
demo:
	scripts/deps build rig demo
	$(MAKE) all KDIR=$(RIG_KDIR)
	scripts/demo

## make check        all tests, on virtual machines with the installed kernel (installs what it needs)
check:
	scripts/deps build rig check
	$(MAKE) all tests KDIR=$(RIG_KDIR)
	scripts/check

## make check-debug  the same on a kernel with KASAN, lockdep and kmemleak, which is built first
check-debug:
	scripts/deps build rig check debug
	scripts/debug-kernel
	$(MAKE) all tests KDIR=$$(scripts/debug-kernel --kdir)
	scripts/check --kernel debug

## make bench        tables of ratios: freeze time, calls, faults, unmoved tasks
bench:
	scripts/deps build rig bench
	$(MAKE) all KDIR=$(RIG_KDIR)
	scripts/bench

## make lint         checkpatch, sparse, W=1, shellcheck, man page, agreement of the ABI files
lint:
	scripts/deps build lint
	scripts/lint

## make install      module, tools and manual page onto this machine (DESTDIR=, PREFIX=)
install: all
	$(MAKE) -C $(KDIR) M=$(MODULE_DIR) INSTALL_MOD_PATH=$(DESTDIR) modules_install
	$(if $(DESTDIR),,depmod -a $(RELEASE))
	$(MAKE) -C userspace install OUT=$(BUILD)/bin

clean:
	rm -rf $(BUILD)
