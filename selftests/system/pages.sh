#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 400
#
# What a move costs in memory: pages that have never been written, or are full of zeros, are not sent;
# home has none of what has gone, as soon as all of it is there; and a fork sends nothing again.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# Four times 24 MiB: with something in each page, with zeros that were written, read only, and never
# touched. It is not in huge pages. At TERM it looks at what it has.
areas='
import mmap, signal, sys
size = 24 << 20
def area():
    m = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    m.madvise(mmap.MADV_NOHUGEPAGE)
    return m
full, zeros, seen, never = area(), area(), area(), area()
for i in range(0, size, 4096):
    full[i] = (i >> 12) % 251 + 1
    zeros[i] = 0
    if seen[i]: sys.exit(3)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("ready", flush=True)
signal.sigwait([signal.SIGTERM])
for i in range(0, size, 4096):
    if full[i] != (i >> 12) % 251 + 1 or zeros[i] or seen[i] or never[i]: sys.exit(1)
'

# anon N: KiB of memory of programs on node N
anon() {
	node_sh "$1" 'sed -n "s/^AnonPages: *\([0-9]*\).*/\1/p" /proc/meminfo'
}

# sent: MiB that node 1 has sent over the network
sent() {
	node_sh 1 'sed -n "s/:/ /p" /proc/net/dev' | awk '$1 != "lo" { n += $10 } END { print int(n / 2^20) }'
}

program 30 "$areas"
home=$(anon 1)
there=$(anon 2)
before=$(sent)
expect "it moves" node 1 procmig migrate "$pid" 2
expect "all of it comes" within 30 all_there 2
drained() {
	[ $((home - $(anon 1))) -gt $((46 << 10)) ]
}
expect "home has no page of its 48 MiB any more" within 15 drained
mib=$(($(sent) - before))
echo "# home: $home KiB before, $(anon 1) after; sent: $mib MiB"
[ "$mib" -ge 24 ] && [ "$mib" -lt 40 ] && pass "pages of zeros were not sent" ||
	fail "pages of zeros were not sent: $mib MiB"
grown=$((($(anon 2) - there) >> 10))
[ "$grown" -ge 24 ] && [ "$grown" -lt 44 ] && pass "and take no room where it runs, nor do pages that were only read" ||
	fail "and take no room where it runs: $grown MiB more"
node 1 kill -TERM "$pid"
wait "$job"
same "it finds all as it was" 0 "$(node 1 cat /tmp/status)"

# A fork sends nothing of the memory again, neither to the node nor back.
size=$([ -n "$FULL" ] && echo 256 || echo 96)
forker='
import os, signal, sys
x = bytearray(b"some text that is in every page.") * (int(sys.argv[1]) << 15)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
for i in range(4):
    pid = os.fork()
    if pid == 0:
        x[i << 20] = 7
        os._exit(sum(x[::4096]) != len(x) // 4096 * x[4096] - x[4096] + 7)
    if os.waitpid(pid, 0)[1]: sys.exit(1)
'
carried() {
	node_sh 1 'procmig -j node show 2' | jq '[.. | objects | .rx_bytes + .tx_bytes] | add / 1048576 | floor'
}
program 60 "$forker" "$size"
before=$(carried)
expect "a program of $size MiB moves" node 1 procmig migrate "$pid" 2
all_sent() {
	[ $(($(carried) - before)) -ge "$size" ]
}
expect "all of its memory comes" within 90 all_sent
before=$(carried)
node 1 kill -USR1 "$pid"
wait "$job"
same "it forks four times, and its children find all" 0 "$(node 1 cat /tmp/status)"
mib=$(($(carried) - before))
[ "$mib" -le 8 ] && pass "which sends nothing again: $mib MiB" || fail "which sends nothing again: $mib MiB"
finish
