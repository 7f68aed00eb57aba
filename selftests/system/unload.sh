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

gone() {
	! node "$1" test -d /sys/module/procmig
}

# rmmod_soon N: says what holds the module when it cannot.
rmmod_soon() {
	within 10 node "$1" rmmod procmig ||
		! node_sh "$1" 'rmmod procmig; lsmod | grep procmig; procmig ps'
}

# Home unloads: home or refused; either way the process counts on.
start
expect "a process goes to node 2" migrate 2
if node 1 rmmod procmig 2>/dev/null; then
	pass "unloading at home brings it home"
	expect "it counts on" within 10 node_sh 1 "$counting"
	same "nothing of it is left at node 2" 0 "$(guests 2)"
	expect "the module can be loaded again" reload 1
else
	pass "unloading at home is refused"
	same "the process is still away" 2 "$(where)"
	expect "it counts on" within 10 node_sh 1 "$counting"
fi

# The guest's node unloads.
migrate 2
if node 2 rmmod procmig 2>/dev/null; then
	pass "unloading at the remote node works"
	expect "the process is at home or dead" within 20 node_sh 1 '
		p=$(cat /tmp/pid); [ ! -d /proc/$p ] || [ "$(sed -n "s/^node: //p" /proc/$p/migrate)" = 1 ]'
	expect "the module can be loaded again" reload 2
else
	pass "unloading at the remote node is refused"
	same "the process is still there" 2 "$(where)"
	expect "it counts on" within 10 node_sh 1 "$counting"
fi
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
if node 1 rmmod procmig 2>/dev/null; then
	pass "unloading works all the same"
	expect "the holder can go on" node_sh 1 'touch /tmp/let-go; sleep 1; ls /proc/1/ /proc/self/ >/dev/null'
else
	pass "unloading is refused meanwhile"
	expect "the holder can go on" node_sh 1 'touch /tmp/let-go; ls /proc/1/ /proc/self/ >/dev/null'
	expect "to its end" within 30 node_sh 1 '! pgrep -f "[h]old.py"'
	expect "afterwards it works" rmmod_soon 1
fi
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
