#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 180
#
# Memory in huge pages is so again wherever the program goes, and what is not stays so.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

program='
import mmap, signal, sys
size = 32 << 20
def region(advice):
    m = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    m.madvise(advice)
    for i in range(0, size, 4096):
        m[i] = (i >> 12) % 251 + 1
    return m
regions = region(mmap.MADV_HUGEPAGE), region(mmap.MADV_NOHUGEPAGE)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("ready", flush=True)
signal.sigwait([signal.SIGTERM])
sys.exit(any(m[i] != (i >> 12) % 251 + 1 for m in regions for i in range(0, size, 4096)))
'

# huge N: the program has one region in huge pages on node N, where it may have another id.
huge() {
	node_sh "$1" 'awk "/^AnonHugePages/ { kb += \$2 }
		END { exit !(kb >= 26 * 1024 && kb < 40 * 1024) }" "/proc/$(pgrep -nx python3)/smaps"'
}

said=$(mktemp)
node_sh 1 'echo $$; exec /usr/bin/python3 -c "$1"' "$program" >"$said" &
within 20 grep -q ready "$said"
pid=$(head -n 1 "$said")
expect "it has huge pages" huge 1
for where in 2 3 1; do
	expect "it moves to $where" node 1 procmig migrate "$pid" "${where/#1/home}"
	expect "and has them there in a while" within 20 huge "$where"
done
node 1 kill "$pid"
wait %1
same "its memory is right" 0 $?
rm -f "$said"
finish
