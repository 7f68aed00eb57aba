#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 240
#
# Memory that is in swap moves like other memory, at every place; and it counts for the memory
# cgroup of the process.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

swap_on='
modprobe loop 2>/dev/null
dd if=/dev/zero of=/tmp/swap bs=1M count=96 status=none && chmod 600 /tmp/swap &&
	mkswap -q /tmp/swap && swapon "$(losetup -f --show /tmp/swap)"'
swap_off='swapoff -a && losetup -D && rm -f /tmp/swap'

# Whatever is sent to it, it puts all that it has into swap; at TERM it looks at it and ends.
program='
import ctypes, mmap, signal, sys
size = 32 << 20
pageout = 21
m = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for i in range(0, size, 4096):
    m[i] = (i >> 12) % 251 + 1
signals = [signal.SIGUSR1, signal.SIGTERM]
signal.pthread_sigmask(signal.SIG_BLOCK, signals)
print("ready", flush=True)
while signal.sigwait(signals) == signal.SIGUSR1:
    m.madvise(pageout)
    print("out", flush=True)
sys.exit(any(m[i] != (i >> 12) % 251 + 1 for i in range(0, size, 4096)))
'

# swapped N MIB: the program has at least so much in swap on node N.
swapped() {
	node_sh "$1" 'awk -v mib="$1" "/^Swap:/ { kb += \$2 }
		END { exit !(kb >= mib * 1024) }" "/proc/$(pgrep -nx python3)/smaps"' "$2"
}

# Those of its pages that are at home already; the others come in a while.
puts_away() {
	node 1 kill -USR1 "$pid"
	swapped 1 30
}

# start PREFIX...: the program, after the shell script PREFIX. Sets pid, job and lines.
start() {
	lines=$(mktemp)
	node_sh 1 "$1"' echo $$; exec /usr/bin/python3 -c "$1"' "$program" >"$lines" &
	job=$!
	within 20 grep -q ready "$lines"
	pid=$(head -n 1 "$lines")
}

# out TIMES: has it put all into swap so often?
out() {
	[ "$(grep -c out "$lines")" = "$1" ]
}

end() {
	node 1 kill "$pid"
	wait "$job"
	same "its memory is right" 0 $?
	rm -f "$lines"
}

for n in 1 2 3; do
	expect "node $n has swap" node_sh "$n" "$swap_on"
done

start ''
times=0
for where in 2 3 1 2 1; do
	node 1 kill -USR1 "$pid"
	times=$((times + 1))
	expect "it says that all is in swap" within 20 out "$times"
	expect "it moves to $where" node 1 procmig migrate "$pid" "${where/#1/home}"
done
expect "it has its memory in swap at home" within 20 puts_away
end

# Where it comes from it may have less memory than it has: the rest is in swap.
limit='
mkdir -p /tmp/cgroup && mount -t cgroup2 cgroup2 /tmp/cgroup && cd /tmp/cgroup &&
	echo +memory >cgroup.subtree_control && mkdir small && echo 24M >small/memory.max &&
	echo $$ >small/cgroup.procs && cd /tmp || exit;'
start "$limit"
for where in 2 1 2 1; do
	expect "with a limit: it moves to $where" node 1 procmig migrate "$pid" "${where/#1/home}"
done
expect "it is in swap, as far as it is above the limit" within 20 swapped 1 10
same "nothing had to be killed for it" "oom_kill 0" \
	"$(node 1 grep "^oom_kill " /tmp/cgroup/small/memory.events)"
end
expect "the cgroup can go" node_sh 1 'rmdir /tmp/cgroup/small && umount /tmp/cgroup'

for n in 1 2 3; do
	expect "node $n can do without swap again" node_sh "$n" "$swap_off"
done
finish
