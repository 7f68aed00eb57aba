#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 300
#
# A node that says no more at one step of a move, and sends heartbeats all the while; or not even these.
# There is one of them for each step, and all moves take place at once: each takes as long as a step
# is waited for.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

steps=(prepared ready running serving frozen image silence home)
first=20

linked() {
	[ "$(cat "$SHARE"/silent.* | grep -cx linked)" = ${#steps[@]} ]
}

# helpers N: processes of the helper of the silent home, which is one of them; another is a surrogate.
helpers() {
	[ "$(node 1 pgrep -cf "surrogate ${ids[-1]#*=}\$")" = "$1" ]
}

rm -f "$SHARE"/silent.*
ids=()
for i in "${!steps[@]}"; do
	id=$((first + i))
	ids+=("${steps[i]}=$id")
	node_script 3 member /run/rig/key $((9000 + id)) $id 10.77.0.1 silent "${steps[i]}" \
		>"$SHARE/silent.${steps[i]}" 2>&1 &
	node 1 procmig node add $id "10.77.0.3:$((9000 + id))"
done
expect "there are nodes that will fall silent" within 30 linked
expect "one has a surrogate made here" within 5 helpers 2
expect "it waits for the image" grep -qx prepared "$SHARE/silent.home"
relay 1 silent "${SLOW:-1}" "${ids[@]}"
expect "the surrogate is gone with the link" within 15 helpers 1
# The peers have been as far as they should be, and have been told what became of it.
told() {
	sort "$SHARE/silent.$1" | uniq -c | awk '{ print $2, $1 }' | paste -sd " "
}
same "asked to prepare" "linked 1" "$(told prepared)"
same "an image, but no order to run" "image 2 linked 1" "$(told ready)"
same "an order to run" "image 5 linked 1 run 5" "$(told running)"
same "no order to freeze" "image 1 linked 1 run 1" "$(told serving)"
same "an order to freeze, then to go on" "freeze 1 image 1 linked 1 resume 1 run 1" "$(told frozen)"
same "one to send the image in between" \
	"capture 1 freeze 1 image 1 linked 1 resume 1 run 1" "$(told image)"
for i in "${!steps[@]}"; do
	node 1 procmig node del $((first + i)) || fail "node $((first + i)) can be removed"
done
for n in 1 2; do
	expect "node $n has no surrogates" within 15 no_guests "$n"
done
wait
finish
