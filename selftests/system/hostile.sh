#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 240
#
# Bytes from a stranger, and a node with the wrong key.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

links() {
	node_sh "$1" 'procmig -j node show | grep -Eo "\"state\": *\"up\"" | wc -l'
}

said() {
	node_sh 1 'dmesg | grep -q "procmig: .*not authentic"' ||
		node_sh 3 'dmesg | grep -q "procmig: .*not authentic"'
}

# counted N WHAT: has node N counted any?
counted() {
	[ "$(node "$1" procmig -j stats | jq "[.. | .$2? // empty][0]")" -gt 0 ]
}

node 3 cp -r /procmig/build/selftests /tmp/st
node_sh 1 '/tmp/st/system/counter /tmp/count >/dev/null 2>&1 & echo $! >/tmp/pid'
expect "a process is away meanwhile" node_sh 1 'sleep 0.3; echo 2 >/proc/$(cat /tmp/pid)/migrate'
before=$(node_sh 1 'sed -n "s/^SUnreclaim: *\([0-9]*\).*/\1/p" /proc/meminfo')
for seed in 1 ${FULL:+2 3 4}; do
	expect "a stranger gets nowhere (seed $seed)" node 3 /tmp/st/system/hostile 10.77.0.1 7453 "$seed"
done
expect "nor one with an address that no node has" node_sh 1 '
	/procmig/build/selftests/system/hostile 10.77.0.1 7453 5'
for what in unknown auth_failed timeout refused; do
	expect "which is counted: $what" counted 1 "$what"
done
after=$(node_sh 1 'sleep 1; sed -n "s/^SUnreclaim: *\([0-9]*\).*/\1/p" /proc/meminfo')
[ $((after - before)) -lt 4096 ] && pass "and costs no memory ($((after - before)) KiB)" ||
	fail "and costs no memory: $((after - before)) KiB"
same "the links of others stand" 2 "$(links 1)"
expect "the process runs on, and comes home" node_sh 1 'echo home >/proc/$(cat /tmp/pid)/migrate &&
	a=$(wc -l </tmp/count); sleep 0.5; [ "$a" != "$(wc -l </tmp/count)" ]'
same "the log does not flood" "few" "$(node_sh 1 '[ "$(dmesg | grep -c procmig)" -lt 200 ] && echo few')"

# A member of the cluster, with the key, asks for pages of a process that is not on its way to it.
proc=$(node_sh 1 'echo 2 >/proc/$(cat /tmp/pid)/migrate; sleep 1; ps -e -o comm= |
	sed -n "s,^pm-fetch/,,p" | head -n 1')
node 1 procmig node add 4 10.77.0.3:9999
for what in "fetch fetch" "push drained" "fetch file" "spare-fetch fetch"; do
	read -r kind type <<<"$what"
	same "a member may not ask: $what" refused \
		"$(node_script 3 member /run/rig/key 9999 4 10.77.0.1 "$kind" "$type" "$proc")"
done
# What it says of its files concerns nobody else's, and may not be nonsense.
for what in "grown answered" "nonsense refused"; do
	read -r type reply <<<"$what"
	same "a member's files have changed: $type" "$reply" \
		"$(node_script 3 member /run/rig/key 9999 4 10.77.0.1 changed "$type" 0)"
done
# Nor does it get more with a channel that it has kept ready, or keep more of them than it may.
for what in half unknown spare link; do
	same "a spare channel that says something wrong: $what" refused \
		"$(node_script 3 member /run/rig/key 9999 4 10.77.0.1 spare "$what" "$proc")"
done
same "of forty spare channels a few are kept, each time" "24 24" \
	"$(node_script 3 member /run/rig/key 9999 4 10.77.0.1 spare crowd)"
node 1 procmig node del 4
same "each attempt is counted" 4 "$(node 1 procmig -j stats | jq '[.. | .foreign? // empty][0]')"
expect "the process is none the worse for it" node_sh 1 'a=$(wc -l </tmp/count); sleep 0.5
	[ "$a" != "$(wc -l </tmp/count)" ] && echo home >/proc/$(cat /tmp/pid)/migrate'

# No key: no link. Another key: neither, and a word in the log. The right key: it is back.
no_links() {
	[ "$(links "$1")" = 0 ]
}

node 3 procmig key clear
expect "without a key node 3 has no links" within 30 no_links 3
expect "and takes no calls" node_sh 1 '! timeout 5 bash -c "</dev/tcp/10.77.0.3/7453" 2>/dev/null'
node_sh 3 'umask 077; rm -f /run/rig/wrong; head -c 32 /dev/urandom | od -An -tx1 | tr -d " \n" >/run/rig/wrong; procmig key set /run/rig/wrong'
expect "with a wrong key node 3 has no links" within 30 no_links 3
sleep 3
same "nor has node 1 to it" 1 "$(links 1)"
expect "the log of who has found it out says why" within 30 said
node 3 procmig key set /run/rig/key
expect "with the right key the links come back" within 60 node_sh 3 \
	'[ "$(procmig -j node show | grep -Eo "\"state\": *\"up\"" | wc -l)" = 2 ]'
node_sh 1 'kill -TERM $(cat /tmp/pid)'
finish
