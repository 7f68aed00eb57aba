#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 120
#
# What runs for others at a node bears its owner's ids and has no right there at all: the process that
# has moved, and the threads and processes that it makes there.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

program='
import os, signal, threading, time
def idle():
    while True:
        time.sleep(0.1)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
child = os.fork()
threading.Thread(target=idle, daemon=True).start()
if child:
    os.posix_spawn("/usr/bin/python3", ["python3", "-c", "import time; time.sleep(1000)"], {})
    print("made", flush=True)
idle()
'

# harmless N TASKS: so many tasks of it run on node N, and none has a right.
harmless() {
	node_sh "$1" '
		awk -v want="$1" "
			/^Name:/ { tasks++ }
			/^(Uid|Gid):/ { bad += \$2 \$3 \$4 \$5 != \"1000100010001000\" }
			/^Groups:/ { bad += NF > 1 }
			/^Cap/ { bad += \$2 !~ /^0+\$/ }
			/^NoNewPrivs:/ { bad += \$2 != 1 }
			END { print tasks \" tasks, \" bad+0 \" wrong\"; exit tasks != want || bad }
		" $(pgrep -x python3 | sed "s|.*|/proc/&/task/*/status|")' "$2"
}

said=$(mktemp)
rig run --no-stdin --user 1000 1 -- sh -c 'echo $$; exec /usr/bin/python3 -c "$1"' sh "$program" \
	>"$said" &
within 20 grep -q ready "$said"
pid=$(head -n 1 "$said")
expect "a program of user 1000 goes to node 2" node 1 procmig migrate "$pid" 2
expect "it has no rights there" harmless 2 1
node 1 kill -USR1 "$pid"
expect "it makes threads and processes there" within 30 grep -q made "$said"
expect "none of them has rights" within 10 harmless 2 5
expect "it goes on to node 3" within 10 node 1 procmig migrate "$pid" 3
expect "and has no rights there" harmless 3 2
node 1 pkill -KILL -x python3
wait %1
rm -f "$said"
finish
