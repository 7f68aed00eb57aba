# shellcheck shell=bash disable=SC2154,SC2015,SC2034
# SPDX-License-Identifier: GPL-2.0
#
# Starting, configuring and stopping nodes.

load kernel

# Sessions that one node can have at once.
rig_ports=16

cmdline='console=ttyS0 nokaslr panic=-1 oops=panic panic_on_warn=1 hung_task_panic=1
softlockup_panic=1 mitigations=off tsc=reliable no_timer_check random.trust_cpu=on
loglevel=5 pci=noacpi rdinit=/init'

# ---- QEMU ------------------------------------------------------------------

# qemu_args NODE: fill the array args. QEMU runs in the node's directory, so that
# socket names stay short.
# shellcheck disable=SC2054 # QEMU's commas
qemu_args() {
	local node=$1 peer i

	args=(qemu-system-x86_64 -name "procmig-node$node" -nodefaults -no-user-config
		-display none -no-reboot -machine pc -accel "tcg,thread=multi,tb-size=${conf[tb]}"
		-cpu "${conf[cpu$node]:-${conf[cpu]}}" -smp "${conf[cpus]}"
		-m "${conf[mem]}" -rtc base=utc
		-kernel "${conf[image]}" -initrd initrd -append "${cmdline//$'\n'/ } tsc_early_khz=$("${conf[tsc]}") ${conf[append]:-}"
		-chardev file,id=console,path=console,append=on -serial chardev:console
		-object rng-random,id=rng,filename=/dev/urandom
		-device virtio-rng-pci,rng=rng
		-fsdev "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"
		-device virtio-9p-pci,fsdev=root,mount_tag=root
		-fsdev "local,id=repo,path=${repo//,/,,},security_model=none,readonly=on,multidevs=remap"
		-device virtio-9p-pci,fsdev=repo,mount_tag=repo
		-device virtio-serial-pci)
	if [ -n "${conf[share]:-}" ]; then
		local model=none

		[ "$UID" != 0 ] || model=passthrough
		args+=(-fsdev "local,id=share,path=${conf[share]//,/,,},security_model=$model,multidevs=remap"
			-device virtio-9p-pci,fsdev=share,mount_tag=share)
	fi
	for ((i = 0; i < rig_ports; i++)); do
		args+=(-chardev "socket,id=port$i,path=port$i,server=on,wait=off"
			-device "virtserialport,chardev=port$i,name=rig.$i")
	done
	for ((peer = 1; peer <= conf[nodes]; peer++)); do
		[ "$peer" != "$node" ] || continue
		args+=(-netdev "dgram,id=net$peer,local.type=unix,local.path=../net/$node-$peer,remote.type=unix,remote.path=../net/$peer-$node"
			-device "virtio-net-pci,ioeventfd=off,netdev=net$peer,mac=52:54:00:77:0$node:0$peer,romfile=")
	done
}

# What a socket gets when it is made. QEMU 7.2 can forget a packet for good that it could not send at
# once, and with it all that come after: so let the sockets between the nodes have much room.
declare -gA socket_room=(
	[/proc/sys/net/core/wmem_default]=268435456
	[/proc/sys/net/unix/max_dgram_qlen]=8192
)

# Give new sockets more room, if we may; sets room_before.
widen_sockets() {
	local file

	room_before=()
	for file in "${!socket_room[@]}"; do
		[ -w "$file" ] && [ "$(<"$file")" -lt "${socket_room[$file]}" ] || continue
		room_before[$file]=$(<"$file")
		echo "${socket_room[$file]}" 2>/dev/null >"$file" || :
	done
}

# As it was, when node $1 has its sockets.
narrow_sockets() {
	local file i

	for ((i = 0; i < 100 && conf[nodes] > 1; i++)); do
		compgen -G "$RIG_DIR/net/$1-*" >/dev/null && break
		sleep 0.05
	done
	# it makes one after the other
	sleep 0.2
	for file in "${!room_before[@]}"; do
		echo "${room_before[$file]}" 2>/dev/null >"$file" || :
	done
}

start_node() {
	local dir=$RIG_DIR/node$1 args
	local -A room_before

	(umask 077 && mkdir -p "$dir")
	rm -f "$dir"/port* "$RIG_DIR/net/$1-"*
	node_initramfs "$1" "$dir/initrd"
	qemu_args "$1"
	widen_sockets
	(
		cd "$dir" || exit 1
		exec {state_lock}>&-
		exec 9>alive
		flock -n 9 || exit 1
		exec setsid "${args[@]}" </dev/null >qemu.log 2>&1
	) &
	echo $! >"$dir/pid"
	disown $!
	narrow_sockets "$1"
}

# Power cut. The lock on `alive` makes sure that the pid is still our QEMU's.
kill_node() {
	local dir=$RIG_DIR/node$1 i

	is_alive "$1" || return 0
	kill -KILL "$(<"$dir/pid")" 2>/dev/null || :
	for ((i = 0; i < 100; i++)); do
		is_alive "$1" || return 0
		sleep 0.05
	done
	die "the QEMU of node $1 cannot be killed."
}

stop_all() {
	local node

	for node in $(live_nodes); do
		kill -KILL "$(<"$RIG_DIR/node$node/pid")" 2>/dev/null || :
	done
	for node in $(live_nodes); do
		kill_node "$node"
	done
	rm -f "$RIG_DIR"/conf "$RIG_DIR"/key "$RIG_DIR"/node*/{port*,initrd,pid,alive}
	rm -rf "$RIG_DIR/net"
}

# ---- waiting and configuring -------------------------------------------------

boot_failed() {
	local node=$1

	echo "rig: the last lines of node $node's console:" >&2
	tail -n 25 "$RIG_DIR/node$node/console" >&2 || :
	head -n 5 "$RIG_DIR/node$node/qemu.log" >&2 || :
	die "$2"
}

wait_node() {
	local node=$1 end=$((SECONDS + conf[timeout]))

	until "${conf[client]}" -n -w 2 "$RIG_DIR/node$node" true 2>/dev/null; do
		is_alive "$node" || boot_failed "$node" "node $node stopped while it booted."
		[ "$SECONDS" -lt "$end" ] ||
			boot_failed "$node" "node $node does not answer after ${conf[timeout]} s."
	done
}

check_module() {
	local file

	for file in "build/${conf[release]}/procmig.ko" build/bin/procmig; do
		[ -e "$repo/$file" ] ||
			die "$file is missing; run make$([ "${conf[kernel]}" = stock ] ||
				echo " KDIR=(the tree of ${conf[release]})"), or use --no-module."
	done
}

# Print what a node runs to join the cluster.
join_script() {
	local node=$1 peer

	cat <<-SCRIPT
	set -e
	umask 077
	echo $(<"$RIG_DIR/key") >/run/rig/key
	ln -sf /procmig/build/bin/procmig /usr/local/bin/procmig
	insmod /procmig/build/${conf[release]}/procmig.ko helper=/procmig/build/bin/procmig-surrogate ${conf[modparams]}
	procmig key set /run/rig/key
	procmig self $node 10.77.0.$node
	SCRIPT
	for ((peer = 1; peer <= conf[nodes]; peer++)); do
		[ "$peer" = "$node" ] || echo "procmig node add $peer 10.77.0.$peer"
	done
}

join_cluster() {
	join_script "$1" | "${conf[client]}" "$RIG_DIR/node$1" sh -s ||
		boot_failed "$1" "node $1 could not load and configure procmig."
}

# Nodes that are down do not count.
wait_links() {
	local node=$1 want up end=$((SECONDS + 60))

	want=$(($(live_nodes | wc -l) - 1))
	while :; do
		up=$(in_node "$node" procmig -j node show | grep -Eo '"state": *"up"' | wc -l) || :
		[ "$up" -lt "$want" ] || return 0
		[ "$SECONDS" -lt "$end" ] || break
		sleep 0.1
	done
	in_node "$node" procmig node show >&2 || :
	boot_failed "$node" "node $node has $up of $want links after 60 s."
}

# A machine that starts has the time to a second, and clocks of nodes are to agree better than that.
set_clock() {
	in_node "$1" date -s "@${EPOCHREALTIME/,/.}" >/dev/null || boot_failed "$1" "node $1 has no clock."
}

# bring_up NODE...: from booting to ready.
bring_up() {
	local node

	for node; do
		wait_node "$node"
	done
	for node; do
		set_clock "$node"
	done
	[ "${conf[module]}" = 1 ] || return 0
	for node; do
		join_cluster "$node"
	done
	for node; do
		wait_links "$node"
	done
}
