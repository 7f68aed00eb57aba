# shellcheck shell=bash disable=SC2154,SC2015,SC2034
# SPDX-License-Identifier: GPL-2.0
#
# The state of one rig, in $RIG_DIR:
#
#	conf		what `rig up` was told and found out
#	key		the cluster key
#	nodeN/console	everything the node's kernel said
#	nodeN/portM	a socket into the node; portM.lock: who uses it
#	nodeN/alive	locked by the node's QEMU as long as it lives
#	nodeN/pid	that QEMU (only to be believed while `alive` is locked)
#	net/A-B		where node A receives what node B sends

declare -A conf=([nodes]=2 [kernel]=stock [cpus]=1 [module]=1 [timeout]="${RIG_TIMEOUT:-}")

die() {
	echo "rig: $*" >&2
	exit 1
}

load() {
	# shellcheck source=/dev/null
	. "$here/rig.d/$1.sh"
}

locate_state() {
	local base=${XDG_RUNTIME_DIR:-}

	if [ -n "$base" ] && [ -w "$base" ]; then
		base+=/procmig-rig
	else
		base=${TMPDIR:-/tmp}/procmig-rig-$UID
	fi
	if [ -z "${RIG_DIR:-}" ]; then
		RIG_DIR=$base/${RIG_NAME:-default}
	elif [ -n "${RIG_NAME:-}" ]; then
		RIG_DIR+=/$RIG_NAME
	fi
	[[ $RIG_DIR = /* ]] || RIG_DIR=$PWD/$RIG_DIR
	# What is in there opens root shells in the nodes.
	if [ -e "$RIG_DIR" ] && [ ! -O "$RIG_DIR" ]; then
		die "$RIG_DIR belongs to somebody else; set RIG_DIR."
	fi
}

# One up, down, start or kill at a time. The lock must not leak into QEMU.
lock_state() {
	mkdir -p "$(dirname "$RIG_DIR")"
	(umask 077 && mkdir -p "$RIG_DIR") || die "$RIG_DIR cannot be made."
	exec {state_lock}>"$RIG_DIR.lock"
	flock -w 300 "$state_lock" || die "another rig command is busy with $RIG_DIR."
}

save_conf() {
	declare -p conf | sed '1s/^declare -A/declare -gA/' >"$RIG_DIR/conf.new"
	mv "$RIG_DIR/conf.new" "$RIG_DIR/conf"
}

load_conf() {
	if [ -e "$RIG_DIR/conf" ] && [ "${command:-}" != up ]; then
		# shellcheck source=/dev/null
		. "$RIG_DIR/conf"
	elif [ "${command:-}" != up ]; then
		conf[nodes]=
	fi
}

wipe_state() {
	rm -rf "${RIG_DIR:?}"/{conf,key,net,node1,node2,node3,node4}
	(umask 077 && mkdir -p "$RIG_DIR/net")
}

make_key() {
	(umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$RIG_DIR/key")
}

# QEMU holds the lock on `alive` from its start to its end.
is_alive() {
	[ -e "$RIG_DIR/node$1/alive" ] && ! flock -n "$RIG_DIR/node$1/alive" true
}

live_nodes() {
	local node

	for node in 1 2 3 4; do
		if is_alive "$node"; then
			echo "$node"
		fi
	done
}

need_node() {
	[ -n "${conf[nodes]:-}" ] || die "this rig is not up; run 'rig up' first."
	[[ $1 =~ ^[1-4]$ ]] && [ "$1" -le "${conf[nodes]}" ] ||
		die "'$1' is not a node of this rig (1 to ${conf[nodes]})."
}

# in_node NODE COMMAND...: as `rig run`, without input.
in_node() {
	"${conf[client]}" -n "$RIG_DIR/node$1" "${@:2}"
}
