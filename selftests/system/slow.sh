#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 400
#
# A program is called home while most of its memory is still at the node before, which has a slow link:
# that takes longer than any step of a move may take, and works, since it makes headway.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

code='
import os, signal, sys
x = bytearray(os.urandom(1 << 16)) * 672
for i in range(0, len(x), 4096): x[i] = (i >> 12) % 251
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("ready", flush=True)
signal.sigwait([signal.SIGTERM])
sys.exit(any(x[i] != (i >> 12) % 251 for i in range(0, len(x), 4096)))
'
where() {
	node 1 sed -n 's/^node: //p' "/proc/$pid/migrate"
}

program 30 "$code"
expect "it moves" node 1 procmig migrate "$pid" 2
expect "all of it comes" within 60 all_there 2
expect "its node gets a slow link" rig link 2 netem rate 5mbit
expect "it goes on to the next one" node 1 procmig migrate "$pid" 3
begin=$SECONDS
expect "and is called home before its memory has come" node 1 procmig migrate "$pid" home
took=$((SECONDS - begin))
[ "$took" -gt 60 ] && pass "which takes $took s" || fail "which takes $took s: it was not slow"
same "it is there" 1 "$(where)"
expect "its node has a good link again" rig link 2 netem
node 1 kill -TERM "$pid"
wait "$job"
same "it finds all as it was" 0 "$(node 1 cat /tmp/status)"
for n in 2 3; do
	expect "nobody is left at node $n" within 30 no_guests "$n"
done
finish
