#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 240
#
# A database server that is moved to and fro while a client on a third node keeps it busy: the client
# sees no error; what it has stored is there, also in the file that a forked child writes.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

requests=1500
[ "$SLOW" = 1 ] || requests=200

client() {
	timeout $((100 * SLOW)) "${rig[@]}" run --no-stdin 3 -- redis-benchmark -h 10.77.0.1 -p 6400 \
		-c 8 -n "$requests" -r 1000 -t ping,set,get,incr,lpush,lrange_100,mset --csv
}

cli() {
	node 1 redis-cli -p 6400 "$@"
}

answers() {
	[ "$(cli ping)" = PONG ]
}

moves() {
	node_sh 1 'sed -n "s/^moves: //p" /proc/$(cat /tmp/servers.pid)/migrate'
}

saved() {
	cli info persistence | grep -q '^rdb_bgsave_in_progress:0' &&
		cli info persistence | grep -q '^rdb_last_bgsave_status:ok' &&
		node 1 test -s /tmp/servers.rdb
}

node_sh 1 'cd /tmp && rm -f servers.rdb && setsid redis-server --port 6400 --bind 0.0.0.0 \
	--protected-mode no --save "" --dbfilename servers.rdb >/tmp/servers.log 2>&1 </dev/null &
	echo $! >/tmp/servers.pid'
expect "a server begins to serve" within 20 answers
node_sh 1 '/tmp/st/system/shuttle -r 2,home,3,2,home,2 -g 1000 -w 300 -n 0 \
	$(cat /tmp/servers.pid)' >/tmp/servers.moves 2>&1 &
shuttle=$!
for _ in {1..10}; do
	client
	served=$?
	[ "$served" = 0 ] && [ "$(moves)" -lt 4 ] || break
done >/tmp/servers.csv 2>/tmp/servers.err
same "a client on another node is served while the server moves" 0 "$served"
same "it sees no error" "" "$(grep -i error /tmp/servers.csv /tmp/servers.err)"
expect "and all kinds of requests" test "$(grep -c '^"[A-Z]' /tmp/servers.csv)" -ge 8
moves=$(moves)
expect "$moves moves have happened" test "$moves" -ge 4
cli set mark "of this run" >/dev/null
keys=$(cli dbsize)
cli bgsave >/dev/null
expect "a forked child saves its memory to a file" within 30 saved
cli shutdown nosave >/dev/null 2>&1
wait "$shuttle"
node_sh 1 'cd /tmp && setsid redis-server --port 6400 --save "" --dbfilename servers.rdb \
	>/tmp/servers.log 2>&1 </dev/null & echo $! >/tmp/servers.pid'
within 20 answers
same "the file has all keys" "$keys" "$(cli dbsize)"
same "and the last one" "of this run" "$(cli get mark)"
cli shutdown nosave >/dev/null 2>&1
rm -f /tmp/servers.csv /tmp/servers.err /tmp/servers.moves
finish
