#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# full
# timeout: 3600
#
# A thousand threads that keep forking, faulting, mapping, unmapping and taking signals, while the
# process moves a hundred times.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

threads=1000
moves=100
if [ "$SLOW" != 1 ]; then
	threads=200
	moves=20
fi

said=$(node_sh 1 '
	cd /tmp && rm -f storm.in && mkfifo storm.in || exit
	/tmp/st/system/storm "$1" <storm.in >storm.out 2>storm.err &
	pid=$!
	exec 9>storm.in
	until grep -q started storm.out; do sleep 0.2; done
	/tmp/st/system/shuttle -r 2,home,3,2,home -g 50 -n "$2" $pid
	exec 9>&-
	wait $pid
	echo "exit status $?"
	tail -n 1 storm.out
	head -n 5 storm.err' "$threads" "$moves")
same "$threads threads move $moves times" "$moves" "$(head -n 1 <<<"$said")"
same "and none of them has noticed" "exit status 0" "$(sed -n 2p <<<"$said")"
same "what they have done" 0 "$(grep -c ' [1-9][0-9]* wrong' <<<"$said")"
while read -r line; do
	echo "# $line"
done <<<"$said"
finish
