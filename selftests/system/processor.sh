#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 180
#
# A node whose processor lacks a feature, or that has another kernel, vdso or layout of the extended
# state, is refused before the freeze, and what differs is named. Where a process is
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

# What no two machines of a rig differ in is said by a member of the cluster; but for that it is as
# node 1. If it were asked for anything it would tell.
unlike=(kernel vdso xstate xmore pids)
named=("runs another kernel" "another vdso" "this xstate layout" "other extended state" pid_max)

all_linked() {
	[ "$(cat "$SHARE"/unlike.* | grep -cx linked)" = ${#unlike[@]} ]
}

rm -f "$SHARE"/unlike.*
for i in "${!unlike[@]}"; do
	node_script 2 member /run/rig/key $((9004 + i)) $((4 + i)) 10.77.0.1 unlike "${unlike[i]}" \
		>"$SHARE/unlike.${unlike[i]}" 2>&1 &
	node 1 procmig node add $((4 + i)) "10.77.0.2:$((9004 + i))"
done
expect "nodes that are unlike this one" within 30 all_linked
node_sh 1 '/procmig/build/selftests/system/counter /tmp/count 0 10 >/dev/null 2>&1 & echo $! >/tmp/pid; sleep 0.5'
for i in "${!unlike[@]}"; do
	said=$(node_sh 1 'p=$(cat /tmp/pid); /procmig/build/selftests/system/poke $p $1
		(echo $1 >/proc/$p/migrate) 2>&1 | sed "s/.*: //"
		procmig migrate $p $1 2>&1; a=$(wc -l </tmp/count); sleep 0.5
		sed -n "s/^moves: //p" /proc/$p/migrate; [ "$a" != "$(wc -l </tmp/count)" ] && echo runs' $((4 + i)))
	same "${unlike[i]}: EXDEV" "EXDEV Invalid cross-device link" "$(head -n 2 <<<"$said" | paste -sd " ")"
	expect "${unlike[i]}: the sentence says what differs, and where" \
		grep -Eq "node $((4 + i)).*(${named[i]})|(${named[i]}).*node $((4 + i))" <<<"$said"
	same "${unlike[i]}: it runs on" "0 runs" "$(tail -n 2 <<<"$said" | paste -sd " ")"
	same "${unlike[i]}: nothing was asked there" linked "$(cat "$SHARE/unlike.${unlike[i]}")"
	node 1 procmig node del $((4 + i))
done
same "it has counted right" 0 "$(node_sh 1 'kill $(cat /tmp/pid); sleep 0.2
	awk "\$1 != NR { exit 1 }" /tmp/count; echo $?')"
expect "no console shows trouble" rig down
finish
