#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 240
#
# Files on a disk: mapped to be written, by a program or another one, and used past the cache, while it is
# moved.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

disk=/tmp/named.disk
dir=/tmp/named

# moved MODE TEST: a behaviour test whose file is on the disk
moved() {
	expect "on a disk, $1: $2" node_sh 1 'NAMED_DIR=$1 /tmp/st/mover -t $((60 * $4)) "$2" \
		"/tmp/st/behaviour/$3"' "$dir" "$1" "$2" "$SLOW"
}

expect "a disk with a filesystem" node_sh 1 'modprobe -a loop ext4; truncate -s 64M "$1" && mkfs.ext4 -q "$1" &&
	mkdir -p "$2" && mount -o loop "$1" "$2"' "$disk" "$dir"
for test in named_open named_exit named_exec named_kill named_unmap named_family named_descriptor \
	named_zero named_cross mem_file_stores file_direct; do
	moved once "$test"
done
for test in named_open named_kill named_unmap named_zero file_direct; do
	moved bounce "$test"
done
expect "nothing is left behind" node_sh 1 'umount "$1" && fsck.ext4 -fn "$2"' "$dir" "$disk"
node 1 rm -rf "$disk" "$dir"
for n in 1 2 3; do
	expect "node $n has no guests" within 20 no_guests "$n"
done
finish
