#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 300
#
# PostgreSQL, whose processes share memory of several kinds, is moved to and fro under pgbench: by
# one of its backends, and by its first process. No transaction fails, and the books balance.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

seconds=15
[ "$SLOW" = 1 ] || seconds=40
base=/tmp/postgres

# as COMMAND...: of PostgreSQL, as its user
as() {
	node 1 su postgres -c "cd $base && export PGHOST=$base &&
		export PATH=\$(echo /usr/lib/postgresql/*/bin):\$PATH && $*"
}

sql() {
	as "psql -qAtc \"$1\" postgres"
}

backend() {
	node_sh 1 'ps -eo pid,args | sed -nE "s/^ *([0-9]+) postgres: .*\[local\].*/\1/p" | head -n 1'
}

in_use() {
	[ -n "$(backend)" ]
}

where() {
	node_sh 1 'sed -n "s/^node: //p" /proc/$1/migrate' "$1"
}

node_sh 1 'mkdir -p "$1" && chown postgres "$1"' "$base"
expect "a database is made" as "initdb -D data -A trust --no-sync"
expect "a server serves it" as "pg_ctl -D data -l log -w -t $((60 * SLOW)) \
	-o '-k $base -c listen_addresses= -B 2048 -N 20' start"
expect "there are accounts" as "pgbench -q -i -s 1 postgres"
first=$(node 1 head -n 1 "$base/data/postmaster.pid")

as "pgbench -n -c 3 -T $seconds postgres" >/tmp/postgres.bench 2>&1 &
bench=$!
expect "somebody uses them" within 20 in_use
pid=$(backend)
expect "the process that serves him moves" within 20 node 1 procmig migrate "$pid" 2
same "and with it the server" 2 "$(where "$first")"
expect "which moves on and back, many times" node_sh 1 '/tmp/st/system/shuttle -r 3,home,2,3,2,home \
	-g 700 -w 200 -n 8 -b $((20 * $2)) "$1"' "$first" "$SLOW"
same "it is at home" 1 "$(where "$first")"
node 1 procmig migrate "$first" 2 >/dev/null 2>&1
wait "$bench"
same "the client sees no error" 0 $?
expect "and no failed transaction" grep -q '^number of failed transactions: 0 ' /tmp/postgres.bench
expect "a new connection, when it is away" test "$(sql 'SELECT 1')" = 1
same "the books balance" t "$(sql 'SELECT (SELECT sum(abalance) FROM pgbench_accounts) =
	(SELECT sum(delta) FROM pgbench_history) AND (SELECT sum(bbalance) FROM pgbench_branches) =
	(SELECT sum(tbalance) FROM pgbench_tellers) AND (SELECT sum(tbalance) FROM pgbench_tellers) =
	(SELECT sum(delta) FROM pgbench_history)')"
done=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' /tmp/postgres.bench)
same "every transaction is there" "$done" "$(sql 'SELECT count(*) FROM pgbench_history')"
same "a query by several processes" 100000 \
	"$(sql 'SET max_parallel_workers_per_gather = 2; SET min_parallel_table_scan_size = 0;
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SELECT count(*) FROM pgbench_accounts')"
expect "it ends well" as "pg_ctl -D data -m fast -w -t $((60 * SLOW)) stop"
expect "its files are sound" as "pg_checksums -D data --enable && pg_checksums -D data --check"
node 1 rm -rf "$base"
for n in 1 2 3; do
	expect "node $n has no guests" within 20 no_guests "$n"
done
rm -f /tmp/postgres.bench
finish
