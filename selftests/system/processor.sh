#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 180
#
# A node whose processor lacks a feature is refused before the freeze, by name. Where a process is
# moved or started, it runs on the processors that it is bound to, and is scheduled as at home.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# A rig of its own.
rig=("${rig[@]:0:1}" --name "processor$$")
trap 'rig down >/dev/null 2>&1' EXIT
expect "a rig with a lesser second processor comes up" \
	rig up --nodes 2 --cpus 2 --kernel "$KERNEL" --cpu2 max,-avx2 || finish
said=$(node_sh 1 'sleep 1000 & p=$!; sleep 0.2; /procmig/build/selftests/system/poke $p 2; procmig migrate $p 2 2>&1
	sed -n "s/^moves: //p" /proc/$p/migrate; kill -0 $p && echo alive; kill $p')
same "EXDEV" EXDEV "$(head -n 1 <<<"$said")"
expect "the sentence names the feature" grep -qi avx2 <<<"$said"
same "it is as before" "0 alive" "$(tail -n 2 <<<"$said" | paste -sd ' ')"
said=$(node_sh 2 'sleep 1000 & p=$!; sleep 0.2; procmig migrate $p 1 && echo moved; kill $p' 2>&1)
same "the other way is no problem" moved "$said"
# bound NAME: of a guest on node 1 with this name
bound() {
	node_sh 1 'sed -n "s/^Cpus_allowed_list:[[:space:]]*//p" /proc/$(pgrep -x "$1")/status' "$1"
}
# But a program that starts there would choose its code by what home lacks.
said=$(node_sh 2 'procmig run 1 -- true 2>&1; echo $?')
same "unless it is to start there" 125 "$(tail -n 1 <<<"$said")"
expect "which is said" grep -q "processors or kernels" <<<"$said"
same "what a program there starts runs at home" "2 1" "$(node_sh 2 '
	bash -c "sleep 2; sed -n \"s/^node: //p\" /proc/self/migrate; :" >/tmp/where & p=$!
	sleep 0.5; procmig migrate $p 1; sed -n "s/^node: //p" /proc/$p/migrate >/tmp/where2
	wait $p; cat /tmp/where /tmp/where2' | paste -sd " ")"
node_sh 2 'cp /usr/bin/sleep /tmp/bound1; cp "$(readlink -f "$(command -v python3)")" /tmp/bound2
	cp /usr/bin/sleep /tmp/free
	taskset -c 1 /tmp/bound1 1000 & p=$!; /tmp/free 1000 & q=$!
	/tmp/bound2 -c "import os, time; time.sleep(2); os.sched_setaffinity(0, {0}); time.sleep(1000)" & r=$!
	sleep 1; for i in $p $q $r; do procmig migrate $i 1; done; sleep 2' >/dev/null 2>&1
same "who is bound to a processor is so where it moves" 1 "$(bound bound1)"
same "who is not is not" 0-1 "$(bound free)"
same "who binds itself where it runs is bound there" 0 "$(bound bound2)"
same "and at home" 0 "$(node_sh 2 'taskset -cp $(pgrep -x bound2)' | sed 's/.*: //')"

# scheduled NAME: nice value and policy of a guest on node 1, by number
scheduled() {
	node_sh 1 'cut -d" " -f19,41 "/proc/$(pgrep -x "$1")/stat"' "$1"
}
is_scheduled() {
	[ "$(scheduled "$1")" = "$2" ]
}
is_bound() {
	[ "$(bound "$1")" = "$2" ]
}
node_sh 2 'cp /usr/bin/bash /tmp/busy; nice -n 3 /tmp/busy -c "while :; do :; done" & p=$!
	cp "$(readlink -f "$(command -v python3)")" /tmp/nicer
	/tmp/nicer -c "import os, time; time.sleep(2); os.nice(4); time.sleep(1000)" & q=$!
	sleep 1; procmig migrate $p 1; procmig migrate $q 1; sleep 2' >/dev/null 2>&1
same "a nice value goes with it" "3 0" "$(scheduled busy)"
same "who changes its own changes it there" "4 0" "$(scheduled nicer)"
node_sh 2 'renice 7 $(pgrep -x busy); taskset -cp 1 $(pgrep -x busy)' >/dev/null 2>&1
expect "others do so too, at home" within 5 is_scheduled busy "7 0"
expect "and bind it to a processor" within 5 is_bound busy 1
node_sh 2 'chrt -i -p 0 $(pgrep -x busy)' >/dev/null 2>&1
expect "and choose its policy" within 5 is_scheduled busy "7 5"
node_sh 2 'chrt -f -p 10 $(pgrep -x busy)' >/dev/null 2>&1
expect "but not one that stops all else" within 5 is_scheduled busy "7 0"
expect "no console shows trouble" rig down
finish
