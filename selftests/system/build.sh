#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# full
# timeout: 900
#
# A C project (Intel's ACPICA, of which the kernel's source has a copy) is built by make -j4 in a shell on
# another node, every process of it there: the files are those of a build at home.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

parts=(tools/power/acpi tools/scripts tools/build drivers/acpi/acpica include/acpi)
mkdir "$SHARE/acpica"
expect "its source" tar -C "$SHARE/acpica" --strip-components=1 -xJf /usr/src/linux-source-6.1.tar.xz \
	"${parts[@]/#/linux-source-6.1/}" || finish

# build COMMAND...: with a shell that COMMAND starts; sums of what is made, always in the same place.
build() {
	node_sh 1 'rm -rf /tmp/project && cp -r /share/acpica /tmp/project && cd /tmp/project &&
		echo "make -s -j4 -C tools/power/acpi acpidump" | "$@" >/tmp/project.log 2>&1 || {
			tail -n 5 /tmp/project.log; exit 1; }
		find . -name "*.o" -o -name acpidump -type f | sort | xargs sha256sum' "$@"
}

here=$(build bash)
same "a build at home" 0 "$?"
# from /proc, which costs no process on the node
node_sh 1 'for i in {1..400}; do
		for dir in /proc/[0-9]*; do
			read -r name <"$dir/comm" && [ "$name" = cc1 ] &&
				sed -n "s/^node: //p" "$dir/migrate"
		done 2>/dev/null
		sleep 0.2
		[ ! -e /tmp/project.done ] || break
	done' >/tmp/project.where 2>/dev/null &
watcher=$!
away=$(build procmig run 2 -- bash)
same "a build on node 2" 0 "$?"
node 1 touch /tmp/project.done
wait "$watcher"
same "makes the same files" "$here" "$away"
expect "they are some" test "$(wc -l <<<"$here")" -gt 20
expect "compilers have been seen" test "$(wc -l </tmp/project.where)" -gt 5
same "all of them on node 2" "2" "$(sort -u /tmp/project.where)"
expect "nothing is left there" within 20 no_guests 2
node 1 rm -rf /tmp/project /tmp/project.done
rm -rf /tmp/project.where "$SHARE/acpica"
finish
