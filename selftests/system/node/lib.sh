# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
#
# For scripts that run on a node.

set -uo pipefail

st=/tmp/st
tests=0
failures=0
work=$(mktemp -d /tmp/system.XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
# Programs must not depend on what the user has set.
export LC_ALL=C PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
unset PYENV_ROOT PYTHONPATH

pass() {
	tests=$((tests + 1))
	echo "ok $tests - $*"
}

fail() {
	tests=$((tests + 1))
	failures=$((failures + 1))
	echo "not ok $tests - $*"
}

same() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		echo "# wanted: $2"
		echo "# got:    $3"
	fi
}

finish() {
	echo "1..$tests"
	[ "$failures" = 0 ] && [ "$tests" -gt 0 ]
	exit
}

# field PID NAME: the line of /proc/PID/migrate
field() {
	sed -n "s/^$2: //p" "/proc/$1/migrate"
}
