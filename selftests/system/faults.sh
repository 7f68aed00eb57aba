#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 1200
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
for n in 2 3; do
	node_script "$n" switch >"$SHARE/switch.$n" 2>&1 &
	within 20 grep -q ready "$SHARE/switch.$n"
done
relay 1 faults "${FULL:-}"
for n in 2 3; do
	expect "node $n has no surrogates" within 15 no_guests "$n" ||
		node "$n" sh -c "procmig ps; ps -ef | grep [p]m-" 2>&1 | sed "s/^/# /"
done
finish
