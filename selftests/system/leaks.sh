#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 600
#
# Many migrations of one process and many processes at once leave nothing behind: tasks,
# sockets, files, memory; and the module can be unloaded afterwards. In the long form 1,000 and 240.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

moves=$((200 / SLOW))
crowd=$((48 / SLOW))
if [ -n "$FULL" ]; then
	moves=$((5 * moves))
	crowd=$((5 * crowd))
fi
if [ "$KERNEL" = debug ]; then
	rig down >/dev/null 2>&1
	expect "a rig with kmemleak comes up" \
		rig up --nodes 3 --kernel debug --share "$SHARE" || finish
	node 1 cp -r /procmig/build/selftests /tmp/st
fi

# What a node has of things that can leak, without the noise of caches, of the kernel's pool of
# workers and of connections that only wait for their time (06).
cat_counts='
sync; echo 3 >/proc/sys/vm/drop_caches; sleep 1; echo 3 >/proc/sys/vm/drop_caches
echo tasks $(cat /proc/[0-9]*/comm 2>/dev/null | grep -vc "^kworker/")
echo files $(cut -f 1 /proc/sys/fs/file-nr)
echo tcp $(awk "\$4 != \"06\"" /proc/net/tcp | grep -c .)
echo slab_kib $(sed -n "s/^SUnreclaim: *\([0-9]*\).*/\1/p" /proc/meminfo)
echo used_kib $(awk "/^(AnonPages|KernelStack|PageTables|VmallocUsed|Percpu):/ { n += \$2 } END { print n }" /proc/meminfo)
echo references $(cut -d " " -f 3 /sys/module/procmig/refcnt 2>/dev/null || cat /sys/module/procmig/refcnt)'

counts() {
	node_sh "$1" "$cat_counts"
}

# grown WHAT BEFORE AFTER ALLOWED
grown() {
	local before after

	before=$(sed -n "s/^$1 //p" <<<"$2")
	after=$(sed -n "s/^$1 //p" <<<"$3")
	if [ $((after - before)) -le "$4" ]; then
		pass "node $n: no $1 are left behind ($before, $after)"
	else
		fail "node $n: $1 have grown from $before to $after"
	fi
}

# Everything that is made only once is there after a first move.
so_far=$tests
relay 1 thousand 10 >/dev/null
relay 1 crowd 10 >/dev/null
tests=$so_far
sleep 2
declare -A before
for n in 1 2 3; do
	before[$n]=$(counts "$n")
done
relay 1 thousand "$moves"
relay 1 crowd "$crowd"
sleep 3
for n in 1 2 3; do
	after=$(counts "$n")
	grown tasks "${before[$n]}" "$after" 2
	grown files "${before[$n]}" "$after" 16
	# each of two links may keep eight spare channels more, at either end
	grown tcp "${before[$n]}" "$after" 34
	grown slab_kib "${before[$n]}" "$after" 3072
	grown used_kib "${before[$n]}" "$after" 8192
	grown references "${before[$n]}" "$after" 0
	same "node $n: no surrogates" 0 "$(guests "$n")"
done
[ "$KERNEL" != debug ] || expect "kmemleak finds nothing" rig check --leaks
for n in 1 2 3; do
	expect "node $n: the module can be unloaded" node "$n" rmmod procmig
done
finish
