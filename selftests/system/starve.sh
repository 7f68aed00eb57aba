#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 1200
# debug
#
# Allocations and copies fail in the middle of a move, one at a time: at home all of them, at the other
# node many. The move fails, or works all the same; the program never notices.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
node_script 2 starver >"$SHARE/starver" 2>&1 &
within 20 grep -q ready "$SHARE/starver"
relay 1 starve
for n in 1 2; do
	expect "node $n has no surrogates" within 15 no_guests "$n"
done
wait
finish
