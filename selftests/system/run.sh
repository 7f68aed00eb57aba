#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 400
#
# procmig run and policies: programs that go to a node when they start, and those that exec there.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# says WHAT WANT 'SCRIPT': it is run on node 1 by bash, and prints WANT.
says() {
	same "$1" "$2" "$(node_sh 1 "$3" 2>&1)"
}

for n in 1 2 3; do
	node "$n" dmesg -C
done

says "a program runs there from its first instruction" "2 1" \
	"procmig run 2 sed -n 's/^\(node\|moves\): //p' /proc/self/migrate | xargs"
says "a program that reads its own maps stays there" "2 1" \
	"procmig run 2 bash -c 'while read -r l; do x=\$l; done </proc/self/maps; sed -n \"s/^\(node\|moves\): //p\" /proc/\$\$/migrate; true' | xargs"
says "its exit status" "7" 'procmig run 2 -- sh -c "exit 7"; echo $?'
says "its death by a signal" "143" \
	'exec 2>/dev/null; procmig run 2 -- sh -c "kill -TERM \$\$"; echo $?'
says "arguments" "<a b> <> <-j>" 'procmig run 2 printf "<%s> <%s> <%s>" "a b" "" -j'
says "environment" "FOO=bar baz" 'FOO="bar baz" procmig run 2 env | grep FOO'
says "in a pipeline" "HELLO" 'echo hello | procmig run 2 tr a-z A-Z | procmig run 3 cat'
says "home" "1 0" "procmig run home sed -n 's/^\(node\|moves\): //p' /proc/self/migrate | xargs"
says "no such command" "127" 'procmig run 2 /nonexistent 2>/dev/null; echo $?'
says "no command" "126" 'procmig run 2 /etc/passwd 2>/dev/null; echo $?'
says "no such node" "procmig: cannot run true on node 9: no node with this id is configured 125" \
	'echo $(procmig run 9 true 2>&1; echo $?)'
node 1 procmig node add 9 10.77.0.99
says "a node without link" "procmig: cannot run true on node 9: there is no link to this node now 125" \
	'echo $(procmig run 9 true 2>&1; echo $?)'
says "the best node does not need all of them" "0" 'procmig run --best -- true; echo $?'
node 1 procmig node del 9
node_sh 1 'for i in 1 2 3 4 5 6; do timeout 60 sh -c "while :; do :; done" >/dev/null 2>&1 & done' \
	>/dev/null
busy='[ "$(procmig -j self | sed -n "s/^ *\"percent\": \([0-9]*\).*/\1/p")" -gt 150 ]'
within 60 node_sh 1 "$busy"
expect "of a busy one another is" node_sh 1 \
	'procmig run --best sed -n "s/^node: //p" /proc/self/migrate | grep -q "[23]"'
node_sh 1 'pkill -f "while :; do :; done"; true'

# What a program starts goes where it goes.
says "children too" "2" 'procmig run 2 sh -c "sed -n \"s/^node: //p\" /proc/self/migrate; :"'
says "and theirs" "2" \
	'procmig run 2 sh -c "sh -c \"sed -n s/^node:.//p /proc/self/migrate; :\"; :"'
says "a policy of a shell" "none 3 3 stay 1" '
	exec >/tmp/said; procmig policy $$; procmig policy $$ 3; procmig policy $$
	sed -n "s/^node: //p" /proc/self/migrate; procmig policy $$ stay; procmig policy $$
	sed -n "s/^node: //p" /proc/self/migrate; exec xargs </tmp/said >&2'
says "following a parent that is moved" "2 3" '
	exec >/tmp/said; procmig policy $$ follow; procmig migrate $$ 2
	sed -n "s/^node: //p" /proc/self/migrate
	sh -c "sleep 2; procmig migrate \$1 3" sh $$
	sed -n "s/^node: //p" /proc/self/migrate; exec xargs </tmp/said >&2'
says "one that is moved stays there over exec" "2" '
	procmig migrate $$ 2; exec sed -n "s/^node: //p" /proc/self/migrate'
says "unless its policy is to stay" "1" '
	procmig policy $$ stay; procmig migrate $$ 2; exec sed -n "s/^node: //p" /proc/self/migrate'
says "it is shown" "policy: 2" 'procmig policy $$ 2; procmig show $$ | grep policy | xargs'
says "a policy of another's process" "4" '
	sleep 60 & setpriv --reuid 1000 --regid 1000 --clear-groups procmig policy $! 2 2>/dev/null
	echo $?; kill $!'
says "a set-uid program stays at home" "1 0" '
	cp /bin/cat /root/suid; chmod 4755 /root/suid; chmod 755 /root
	setpriv --reuid 1000 --regid 1000 --clear-groups procmig run 2 /root/suid /proc/self/migrate |
		sed -n "s/^\(node\|moves\): //p" | xargs'
says "a 32-bit program runs at home, and its parent goes on where it is" "32 2 32" \
	'procmig run 2 sh -c "/tmp/st/system/code32 end; echo \$?; sed -n \"s/^node: //p\" /proc/\$\$/migrate
		exec /tmp/st/system/code32 end" >/tmp/said; echo $? >>/tmp/said; xargs </tmp/said'
says "an ordinary user" "2" '
	setpriv --reuid 1000 --regid 1000 --clear-groups procmig run 2 cat /proc/self/migrate |
		sed -n "s/^node: //p"'
says "a program that runs others for their exit status" "3 ok" '
	procmig run 2 sh -c "sh -c \"exit 3\"; echo \$? ok"'

# The old memory is not sent: 64 MiB are left behind.
node_sh 1 'cat >/tmp/exec.py <<-"PYTHON"
	import os, sys, time
	x = bytearray(os.urandom(1 << 20)) * 64
	open("/tmp/filled", "w").close()
	while not os.path.exists("/tmp/go-on"):
	    time.sleep(0.1)
	os.execv("/bin/sleep", ["sleep", "60"])
	PYTHON
	rm -f /tmp/filled /tmp/go-on; procmig run 2 sleep 0
	procmig run 2 /usr/bin/python3 /tmp/exec.py >/dev/null 2>&1 & echo $! >/tmp/pid'
bytes='procmig -j node show 2 | sed -n "s/^ *\"[rt]x_bytes\": \([0-9]*\).*/\1/p" | paste -sd+ | bc'
expect "a program fills its memory" within 60 node 1 test -e /tmp/filled
before=$(node_sh 1 "$bytes")
node 1 touch /tmp/go-on
expect "it execs" within 20 node_sh 1 '[ "$(cat /proc/$(cat /tmp/pid)/comm)" = sleep ]'
expect "and is there again" within 20 node_sh 1 'grep -q "^node: 2" /proc/$(cat /tmp/pid)/migrate'
node 1 sleep 2
after=$(node_sh 1 "$bytes")
expect "it has not sent its memory ($((after - before)) bytes)" test $((after - before)) -lt 8000000
pages=$(node_sh 1 'procmig -j show $(cat /tmp/pid) |
	sed -n "s/^ *\"\(eager\|demand\|ahead\|pushed\)\": \([0-9]*\).*/\2/p" | paste -sd+ | bc')
expect "the new program has $pages pages of its own" test "$pages" -lt 300
same "its name and arguments at home" "sleep 60" \
	"$(node_sh 1 'tr "\0" " " </proc/$(cat /tmp/pid)/cmdline | sed "s/ $//"')"
same "its file at home" 1 "$(node_sh 1 'readlink /proc/$(cat /tmp/pid)/exe | grep -c /sleep')"
node_sh 1 'kill $(cat /tmp/pid)'

relay 1 run_tty
expect "nothing is left at node 2" within 20 no_guests 2
expect "nor at node 3" within 20 no_guests 3
for n in 1 2 3; do
	same "node $n has no trouble" "" "$(node_sh "$n" 'dmesg | grep -E "BUG|WARNING|Oops|went away"')"
done
finish
