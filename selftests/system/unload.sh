#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 180
#
# Unloading the module while something is away, or while its file is held open.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

counting='[ "$(tail -n 1 /tmp/count)" != "$( (sleep 0.5; tail -n 1 /tmp/count) )" ]'

# The module as `rig up` loaded it.
reload() {
	local n=$1 peer

	node_sh "$n" 'insmod /procmig/build/$(uname -r)/procmig.ko &&
		procmig key set /run/rig/key && procmig self $1 10.77.0.$1' "$n" || return
	for peer in 1 2 3; do
		[ "$peer" = "$n" ] || node "$n" procmig node add "$peer" "10.77.0.$peer" || return
	done
	within 30 node_sh "$n" '[ "$(procmig -j node show | grep -Eo "\"state\": *\"up\"" | wc -l)" = 2 ]'
}

start() {
	node_sh 1 '/tmp/st/system/counter /tmp/count >/dev/null 2>&1 & echo $! >/tmp/pid'
	within 10 node_sh 1 "$counting"
}

migrate() {
	node_sh 1 'echo $1 >/proc/$(cat /tmp/pid)/migrate' "$1"
}

where() {
	node_sh 1 'sed -n "s/^node: //p" /proc/$(cat /tmp/pid)/migrate'
}

# rmmod_soon N: says what holds the module when it cannot.
rmmod_soon() {
	within 10 node "$1" rmmod procmig ||
		! node_sh "$1" 'rmmod procmig; lsmod | grep procmig; procmig ps'
}

# in_use N: unloading is refused there, with the reason
in_use() {
	local said

	! said=$(node "$1" rmmod procmig 2>&1) && grep -q "in use" <<<"$said"
}

start
expect "a process goes to node 2" migrate 2
for n in 1 2; do
	expect "unloading at node $n is refused" in_use $n
	same "the process is still away" 2 "$(where)"
	expect "it counts on" within 10 node_sh 1 "$counting"
done
node_sh 1 'kill -KILL $(cat /tmp/pid)'

# Somebody holds the file open, has it as an O_PATH, sits in the directory, reads and writes on.
within 20 node_sh 1 '! pgrep -x counter'
node_sh 1 'cat >/tmp/hold.py <<-"PYTHON"
	import os, sys, time
	a = os.open("/proc/self/migrate", os.O_RDWR)
	b = os.open("/proc/1/migrate", os.O_RDONLY)
	c = os.open("/proc/self/migrate", os.O_PATH)
	d = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
	print("held", flush=True)
	while not os.path.exists("/tmp/let-go"):
	    time.sleep(0.1)
	# The file may be gone or dead now; it may not crash.
	for fd in (a, b):
	    try:
	        os.lseek(fd, 0, 0)
	        os.read(fd, 100)
	        os.write(fd, b"2")
	    except OSError:
	        pass
	    os.close(fd)
	print(os.path.exists("/proc/self/fd/%d" % c), "migrate" in os.listdir(d))
	PYTHON
	rm -f /tmp/let-go
	/usr/bin/python3 /tmp/hold.py >/tmp/held 2>&1 &'
expect "somebody holds the file open" within 20 node_sh 1 'grep -q held /tmp/held'
expect "unloading is refused meanwhile" in_use 1
expect "the holder can go on" node_sh 1 'touch /tmp/let-go; ls /proc/1/ /proc/self/ >/dev/null'
expect "to its end" within 30 node_sh 1 '! pgrep -f "[h]old.py"'
expect "afterwards it works" rmmod_soon 1
same "there is no such file now" "No such file" \
	"$(node_sh 1 'cat /proc/1/migrate 2>&1 | grep -o "No such file"; ls /proc/1 | grep -x migrate')"
expect "the module can be loaded again" reload 1
expect "and the file is back" node 1 cat /proc/1/migrate
start
expect "and moves processes" migrate 2
same "to node 2" 2 "$(where)"
for n in 1 2 3; do
	same "node $n has no trouble" "" "$(node_sh "$n" 'dmesg | grep -E "BUG|WARNING|Oops"')"
done
finish
