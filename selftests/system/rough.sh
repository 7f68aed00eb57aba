#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 300
#
# A network between the nodes that is slow, and loses, repeats and reorders what it carries.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

behaviours=(mem_heap mem_shared_away file_transfer ipc_pipe signal_rt_order sleep_nanosleep
	thread_mutex fork_memory exec_chain)

for n in 1 2 3; do
	expect "node $n has a rough network" rig link "$n" netem \
		delay 8ms 4ms loss 1% duplicate 1% reorder 5%
done
for name in "${behaviours[@]}"; do
	for mode in once third; do
		expect "$name.$mode" node 1 env "MOVE_SLOW=$((4 * SLOW))" \
			/tmp/st/mover -t $((60 * SLOW)) "$mode" "/tmp/st/behaviour/$name"
	done
done
links='[ "$(procmig -j node show | grep -Eo "\"state\": *\"up\"" | wc -l)" = 2 ]'
expect "all links are up" node_sh 1 "$links"
for n in 1 2 3; do
	expect "node $n has a good one again" rig link "$n" netem
done
same "nobody is left at node 2" 0 "$(guests 2)"
same "nor at node 3" 0 "$(guests 3)"
finish
