# shellcheck shell=bash disable=SC2154,SC2015,SC2034
# SPDX-License-Identifier: GPL-2.0
#
# Looking for trouble. What the kernel says about a user program's own fault
# ("traps: ... general protection fault ip:") is none, so die() is known by its
# counter, [#1].

trouble='\[#[0-9]+\]|kernel BUG at|BUG: |BUG kmalloc|WARNING: |Kernel panic|KASAN|Oops'
trouble+='|possible (circular|recursive|irq lock inversion|deadlock)|inconsistent lock state'
trouble+='|suspicious RCU usage|blocked for more than|soft lockup|LOCKUP|workqueue lockup'
trouble+='|rcu.*(detected stall|self-detected|expedited stall)|scheduling while atomic'
trouble+='|sleeping function called|unable to handle|list_(add|del) corruption|refcount_t:'
trouble+='|ODEBUG:|kmemleak: [0-9]+ new|kmemleak: (Cannot|Kernel memory leak detector disabled)'
trouble+='|unreferenced object|double fault|Bad page|bad page|VFS: Busy inodes|UBSAN'
trouble+='|usercopy: Kernel memory|stack guard page|Bad rss-counter'

check_consoles() {
	local console node found=0

	for console in "$RIG_DIR"/node*/console; do
		[ -e "$console" ] || continue
		node=$(basename "$(dirname "$console")")
		if grep -aE "$trouble" "$console" | head -n 40 | sed "s/^/$node: /" | grep .; then
			found=1
		fi
	done
	return $found
}

# An object counts only when a second scan, some time after the first, still finds
# no pointer to it: the first one may catch a pointer on the move.
node_leaks() {
	in_node "$1" sh -c '
		cd /sys/kernel/debug && [ -e kmemleak ] || exit 3
		echo scan >kmemleak || exit 3
		sleep 6
		echo scan >kmemleak
		cat kmemleak'
}

# A scan takes some 15 s, so all nodes scan at once.
check_leaks() {
	local node found=0

	for node in $(live_nodes); do
		{
			node_leaks "$node" && echo "end"
		} >"$RIG_DIR/node$node/leaks" 2>&1 &
	done
	wait
	for node in $(live_nodes); do
		if [ "$(tail -n 1 "$RIG_DIR/node$node/leaks")" != end ]; then
			die "node $node has no kmemleak; use --kernel debug."
		fi
		if sed -i -e '$d' -e "s/^/node$node: /" "$RIG_DIR/node$node/leaks" &&
			grep . "$RIG_DIR/node$node/leaks"; then
			found=1
		fi
	done
	return $found
}
