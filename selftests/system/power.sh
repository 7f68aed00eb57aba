#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 400
#
# Nodes lose power, and cables are pulled.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# A parent at home that tells what becomes of its child.
launch() {
	node_sh 1 'rm -f /tmp/fate /tmp/count
		cat >/tmp/parent.sh <<-"SCRIPT"
		/tmp/st/system/counter /tmp/count & echo $! >/tmp/pid
		wait $!
		echo $? >/tmp/fate
		SCRIPT
		setsid bash /tmp/parent.sh >/dev/null 2>&1 </dev/null &
		sleep 0.5
		echo 2 >/proc/$(cat /tmp/pid)/migrate'
}

fate() {
	node_sh 1 'cat /tmp/fate 2>/dev/null'
}

expect "a process goes to node 2" launch
same "node 2 has it" 1 "$(guests 2)"
rig kill 2
start=$SECONDS
expect "node 2 loses power: the process dies at home within 15 s" within 15 node 1 test -s /tmp/fate
echo "# after $((SECONDS - start)) s"
same "its parent sees SIGKILL" 137 "$(fate)"
expect "the log at home says why" node_sh 1 'dmesg | grep -q "procmig: process $(cat /tmp/pid) .* is killed: "'
same "moving there is refused now" EHOSTUNREACH "$(node_sh 1 '
	sleep 1000 & /tmp/st/system/poke $! 2; kill $!')"
expect "node 2 comes back" rig start 2
node 2 cp -r /procmig/build/selftests /tmp/st
expect "and takes processes again" launch
same "node 2 has it" 1 "$(guests 2)"

# A node that it has left, and where nothing of it is any more, is no matter.
counts='a=$(wc -l </tmp/count); sleep 1; [ "$a" -lt "$(wc -l </tmp/count)" ]'
expect "it goes on to node 3" node_sh 1 'procmig migrate $(cat /tmp/pid) 3'
sleep $((3 * SLOW))
rig kill 2
expect "node 2 loses power: the process runs on" node_sh 1 "$counts"
sleep 12
expect "also when node 2 counts as dead" node_sh 1 "$counts"
expect "and comes home" node_sh 1 'procmig migrate $(cat /tmp/pid) home'
expect "with all that it has" node_sh 1 "$counts"
node_sh 1 'kill $(cat /tmp/pid)'
expect "node 2 comes back" rig start 2
node 2 cp -r /procmig/build/selftests /tmp/st
expect "and takes processes again" launch

# The cable: with no word for longer than the dead time, both ends give up.
rig link 2 down
expect "the cable is pulled: the process dies at home" within 30 node 1 test -s /tmp/fate
same "its parent sees SIGKILL" 137 "$(fate)"
expect "the surrogate is dead too" within 30 no_guests 2
rig link 2 up
expect "plugged in again, the link comes back" within 60 node_sh 1 \
	'[ "$(procmig -j node show | grep -Eo "\"state\": *\"up\"" | wc -l)" = 2 ]'
expect "and takes processes again" launch

# A cluster whose cables are pulled now and then says how long it waits.
# patience SECONDS: for connections that are made from now on
patience() {
	for n in 1 2; do
		node_sh "$n" 'echo "$1" >/sys/module/procmig/parameters/dead_after' "$1"
	done
	node_sh 1 'kill "$(cat /tmp/pid)"'
	within 20 no_guests 2
	node_sh 1 'procmig node del 2 && procmig node add 2 10.77.0.2'
	within 60 node_sh 1 'procmig node show 2 | grep -q " up "'
}

patience 120
expect "with dead_after of two minutes it is away" launch
rig link 2 down
sleep 20
rig link 2 up
expect "and goes on after 20 s without a cable" within 60 node_sh 1 "$counts"
same "at node 2" 1 "$(guests 2)"
patience 10
expect "as before" launch

# Home dies: nothing is left at node 2.
same "node 2 has it" 1 "$(guests 2)"
rig kill 1
expect "home loses power: its surrogate at node 2 is gone within 15 s" within 15 no_guests 2
expect "home comes back" rig start 1
node 1 cp -r /procmig/build/selftests /tmp/st
expect "and moves processes again" launch
finish
