#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 180
#
# What the command line says as JSON, what it refuses while a process is away, and what it says of one
# that is just moving.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# json FILTER ARGS...: what FILTER makes of what `procmig -j ARGS` says on node 1
json() {
	local filter=$1

	shift
	node 1 procmig -j "$@" | jq -cr "$filter"
}

node_sh 1 '/tmp/st/system/counter /tmp/count >/dev/null 2>&1 & echo $! >/tmp/pid'
pid=$(node 1 cat /tmp/pid)
within 10 node 1 test -s /tmp/count
same "this node, the others, what is away" "1 [2,3] array" \
	"$(json '"\(.self.node) \([.nodes[].node]) \(.processes | type)"')"
same "self" "1 7453 true" "$(json '"\(.node) \(.port) \(.key)"' self)"
same "key set" "1 true" "$(json '"\(.node) \(.key)"' key set /run/rig/key)"
same "node add" "4 10.77.0.9:7453" "$(json '"\(.node) \(.address)"' node add 4 10.77.0.9)"
same "node show" "[2,3,4]" "$(json '[.[].node]' node show)"
same "node show ID" 3 "$(json .node node show 3)"
same "node del" 4 "$(json .node node del 4)"
same "migrate" "$pid 2 away" "$(json '"\(.pid) \(.node) \(.state)"' migrate "$pid" 2)"
same "ps" "1 2 counter" "$(json ".[] | select(.pid == $pid) | \"\(.home) \(.node) \(.command)\"" ps)"
same "ps where it runs" "1 2" "$(node 2 procmig -j ps | jq -r '.[] | "\(.home) \(.node)"')"
same "show" "away 0" "$(json '"\(.state) \(.reason_count)"' show "$pid")"
same "policy" "$pid stay" "$(json '"\(.pid) \(.policy)"' policy "$pid" stay)"
same "stats" "true 0" "$(json '"\(.moved > 0) \(.lost)"' stats)"
same "why something cannot move" "1 it is the init process" \
	"$(json '"\(.reason_count) \(.reasons[0])"' show 1)"
for what in "migrate 1 2" "migrate $pid 9" "node del 77" "show 99999"; do
	# shellcheck disable=SC2086 # several words
	same "an error is a sentence, and no JSON: $what" "1 procmig:" \
		"$(node_sh 1 'said=$(procmig -j "$@" 2>&1); echo $? ${said%% *}' $what)"
done

# What would end it is refused; it goes on.
for what in "node del 2" "self none" "self 7" "key clear"; do
	# shellcheck disable=SC2086 # several words
	same "with a process away: procmig $what" "1 they have to go home first" "$(node_sh 1 '
		said=$(procmig "$@" 2>&1); echo "$? ${said##*: }"' $what)"
done
same "the same where it is a guest" "1 they have to go home first" "$(node_sh 2 '
	said=$(procmig node del 1 2>&1); echo "$? ${said##*: }"')"
same "it is still there" "away 2" "$(json '"\(.state) \(.node)"' show "$pid")"

# What is printed as it happens.
node_sh 1 'timeout 60 procmig -j monitor >/tmp/events & echo $! >/tmp/monitor; sleep 0.5'
node 1 procmig migrate "$pid" home
expect "monitor: it has come home" within 10 node_sh 1 \
	'jq -e "select(.pid == $1 and .node == 1)" /tmp/events' "$pid"
expect "the module lets go of whoever watches" node_sh 1 'kill "$(cat /tmp/monitor)"'

# A move that hangs: node 2 says nothing any more. Home gives it up after 10 s.
node_sh 2 'echo 14 >/sys/module/procmig/parameters/fault'
node_sh 1 '/tmp/st/system/poke "$1" 2 >/tmp/first &' "$pid"
within 5 node_sh 2 'grep -qx 0 /sys/module/procmig/parameters/fault'
same "it is moving" moving "$(node_sh 1 'sed -n "s/^state: //p" "/proc/$1/migrate"' "$pid")"
same "which is so as JSON" moving "$(json .state show "$pid")"
same "it cannot move meanwhile" EBUSY "$(node 1 /tmp/st/system/poke "$pid" 3)"
expect "which the command line says in a sentence" node_sh 1 \
	'procmig migrate "$1" 3 2>&1 | grep -q "another move of it is going on"' "$pid"
expect "the first move fails" within 20 node 1 grep -qx EHOSTUNREACH /tmp/first
same "and it is at home" home "$(json .state show "$pid")"
expect "where it counts on" node_sh 1 'a=$(wc -l </tmp/count); sleep 1; [ "$a" != "$(wc -l </tmp/count)" ]'
node 1 kill "$pid"
finish
