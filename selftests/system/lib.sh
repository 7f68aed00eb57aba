# shellcheck shell=bash disable=SC2034,SC2015
# SPDX-License-Identifier: GPL-2.0
#
# What the system tests share. They run on the host and speak TAP; scripts/check gives
# them RIG (the rig command), SHARE (the directory that nodes see as /share), SLOW
# (how many times slower the kernel is) and KERNEL.

set -uo pipefail

read -ra rig <<<"${RIG:?run me by scripts/check}"
tests=0
failures=0

# rig ARGS...
rig() {
	"${rig[@]}" "$@"
}

# node N COMMAND...: run it there.
node() {
	local n=$1

	shift
	rig run --no-stdin "$n" -- "$@"
}

# node_sh N 'SCRIPT' [ARGS...]
node_sh() {
	local n=$1

	shift
	node "$n" bash -c "$1" bash "${@:2}"
}

# node_script N FILE ARGS...: a file of selftests/system/node
node_script() {
	local n=$1 file=$2

	shift 2
	node "$n" "/procmig/selftests/system/node/$file" "$@"
}

pass() {
	tests=$((tests + 1))
	echo "ok $tests - $*"
}

fail() {
	tests=$((tests + 1))
	failures=$((failures + 1))
	echo "not ok $tests - $*"
}

# expect WHAT COMMAND...: it must succeed; what it says is told when it does not.
expect() {
	local what=$1 said

	shift
	if said=$("$@" 2>&1); then
		pass "$what"
	else
		fail "$what"
		printf '%s\n' "$said" | tail -n 25 | sed 's/^/# /'
		return 1
	fi
}

# same WHAT WANT GOT
same() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		echo "# wanted: $2"
		echo "# got:    $3"
		return 1
	fi
}

# within SECONDS COMMAND...: until it succeeds.
within() {
	local end=$((SECONDS + $1 * ${SLOW:-1}))

	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# relay N SCRIPT ARGS...: a TAP-speaking script on a node; its verdicts become ours.
relay() {
	local line plan=0 seen=0

	while read -r line; do
		case $line in
		"ok "*) pass "${line#ok * - }"; seen=$((seen + 1)) ;;
		"not ok "*) fail "${line#not ok * - }"; seen=$((seen + 1)) ;;
		1..*) plan=${line#1..} ;;
		*) echo "# ${line#\# }" ;;
		esac
	done < <(node_script "$@" 2>&1)
	[ "$plan" = "$seen" ] && [ "$plan" != 0 ] || fail "$2 ended early: $seen of $plan"
}

# guests N: number of processes that run on node N for others.
guests() {
	node "$1" procmig -j ps | jq '[.. | objects | select(.guest)] | length'
}

# no_guests N
no_guests() {
	[ "$(guests "$1")" = 0 ]
}

# program SECONDS CODE [ARGS...]: a Python program on node 1, which has said "ready" within that time.
# Sets pid, and job, which ends with it and leaves its status in /tmp/status of the node.
program() {
	local seconds=$1

	shift
	node 1 rm -f /tmp/ready
	node_sh 1 '/usr/bin/python3 -c "$@" >/tmp/ready & echo $! >/tmp/pid; wait $!
		echo $? >/tmp/status' "$@" &
	job=$!
	within "$seconds" node 1 grep -q ready /tmp/ready
	pid=$(node 1 cat /tmp/pid)
}

# all_there N: of the one program that runs there for others nothing is elsewhere.
all_there() {
	[ "$(node "$1" procmig -j ps | jq '.[].pages.left')" = 0 ]
}

# What tests leave running when they fail or take too long.
sweep() {
	node_sh 1 'pkill -KILL -x counter; pkill -KILL -x shuttle; true'
}

finish() {
	sweep
	echo "1..$tests"
	[ "$failures" = 0 ] && [ "$tests" -gt 0 ]
	exit
}

sweep
