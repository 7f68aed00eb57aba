#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 400
#
# Walk through every step of a move and let it fail, at each node that takes part, going out,
# going on and coming home: afterwards exactly one copy runs, and it can move again.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

fault=/sys/module/procmig/parameters/fault
last=$(node 1 cat "${fault}_max")

arm() {
	node_sh "$1" "echo $2 >$fault"
}

# armed N: has the fault of node N not struck?
armed() {
	[ "$(node "$1" cat $fault)" != 0 ]
}

# walk NODE STEP TO WAY: the step fails at NODE on the way to TO. Sets struck, error.
walk() {
	arm "$1" "$2"
	error=$(node_script 1 faults move "$3")
	if armed "$1"; then
		struck=0
		arm "$1" 0
	else
		struck=1
	fi
}

run_copy() {
	local what=$1 said

	if ! said=$(node_script 1 faults check 2>&1); then
		fail "$what: $said"
		return 1
	fi
}

declare -A reached
node_script 1 faults start
for ((step = 1; step <= last; step++)); do
	for way in "home 2" "2 3" "2 home"; do
		from=${way% *}
		to=${way#* }
		for n in 1 2 3; do
			# A node that has no part cannot fail.
			[[ $way == "home 2" && $n == 3 ]] && continue
			[[ $way == "2 home" && $n == 3 ]] && continue
			node_script 1 faults move "$from" >/dev/null
			walk "$n" "$step" "$to"
			[ $struck = 1 ] || continue
			reached[$step]=1
			what="step $step at node $n, from $from to $to ($error)"
			run_copy "$what" || { node_script 1 faults start; continue; }
			back=$(node_script 1 faults move home)
			if [ "$back" != 0 ]; then
				fail "$what: afterwards it does not come home: $back"
				continue
			fi
			run_copy "$what, then home" && pass "$what"
		done
	done
done
for ((step = 1; step <= last; step++)); do
	[ -n "${reached[$step]:-}" ] || fail "step $step was never reached"
done
expect "the process has never miscounted" node_script 1 faults stop
for n in 2 3; do
	same "node $n has no surrogates" 0 "$(guests "$n")"
done
finish
