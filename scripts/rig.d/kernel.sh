# shellcheck shell=bash disable=SC2154,SC2015,SC2034
# SPDX-License-Identifier: GPL-2.0
#
# Which kernel to boot, and the initramfs for it. Both are kept in the cache.

rig_cache=${PROCMIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/procmig}/rig

# What a node needs before it has a root, in a modular kernel.
node_modules=(virtio_pci virtio_net virtio_console virtio_rng 9p 9pnet_virtio overlay
	sch_netem)

# The release string of a bzImage: at the offset that the header names.
image_release() {
	local offset

	offset=$(od -An -tu2 -j526 -N2 "$1" 2>/dev/null) || return 1
	dd if="$1" iflag=skip_bytes,count_bytes skip=$((offset + 512)) count=256 status=none |
		tr '\0' '\n' | sed -n '1s/ .*//p'
}

# The newest kernel of Debian's linux-image-amd64; if possible one for which a module can be built.
newest_stock() {
	local image release found=

	for image in $(printf '%s\n' /boot/vmlinuz-6.1.*-amd64 | sort -rV); do
		release=${image#/boot/vmlinuz-}
		[[ $release =~ ^6\.1\.[0-9]+-[0-9]+-amd64$ ]] || continue
		[ -r "$image" ] && [ -d "/lib/modules/$release" ] || continue
		: "${found:=$image}"
		[ -e "/lib/modules/$release/build/include/generated/utsrelease.h" ] || continue
		found=$image
		break
	done
	[ -n "$found" ] && echo "$found"
}

pick_kernel() {
	case ${conf[kernel]} in
	stock)
		conf[image]=$(newest_stock) ||
			die "there is no readable Debian 6.1 kernel in /boot; run 'rig deps'." ;;
	debug)
		if ! "$here/debug-kernel" --check; then
			"$here/debug-kernel" || die "there is no debug kernel."
		fi
		conf[image]=$("$here/debug-kernel" --image) ;;
	*)
		conf[image]=$(realpath "${conf[kernel]}")
		[ -r "${conf[image]}" ] || die "the kernel ${conf[kernel]} is not readable." ;;
	esac
	conf[release]=$(image_release "${conf[image]}") && [ -n "${conf[release]}" ] ||
		die "${conf[image]} is not a kernel image."
}

# Compile the agent and the client unless the cache has them.
build_tools() {
	local hash dir

	hash=$(cat "$here"/rig.d/{agent.c,client.c,proto.h,tsc.c} | sha256sum | cut -c1-16)
	dir=$rig_cache/tools-$hash
	conf[agent]=$dir/rig-agent
	conf[client]=$dir/rig-client
	conf[tsc]=$dir/tsc
	[ -x "${conf[agent]}" ] && [ -x "${conf[client]}" ] && [ -x "${conf[tsc]}" ] && return
	command -v gcc >/dev/null || die "gcc is missing; run 'rig deps'."
	mkdir -p "$dir"
	gcc -O2 -Wall -static -o "$dir/agent.$$" "$here/rig.d/agent.c" &&
		gcc -O2 -Wall -o "$dir/client.$$" "$here/rig.d/client.c" &&
		gcc -O2 -Wall -o "$dir/tsc.$$" "$here/rig.d/tsc.c" ||
		die "the rig's own programs cannot be compiled."
	mv "$dir/agent.$$" "${conf[agent]}"
	mv "$dir/client.$$" "${conf[client]}"
	mv "$dir/tsc.$$" "${conf[tsc]}"
}

# Print the files to insmod, in order. Nothing for a kernel without modules.
module_files() {
	local module

	[ -d "/lib/modules/${conf[release]}" ] || return 0
	for module in "${node_modules[@]}"; do
		/sbin/modprobe -S "${conf[release]}" --show-depends "$module" 2>/dev/null ||
			die "the kernel ${conf[release]} has no module $module."
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++'
}

pack() {
	(cd "$1" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0)
}

build_initramfs() {
	local files hash tmp file

	[ -x /bin/busybox ] && command -v cpio >/dev/null ||
		die "busybox-static or cpio is missing; run 'rig deps'."
	files=$(module_files)
	# shellcheck disable=SC2086 # a list of files without spaces
	hash=$( (cat "$here/rig.d/init" "${conf[agent]}" /bin/busybox
		[ -z "$files" ] || cat $files) | sha256sum | cut -c1-16)
	conf[initramfs]=$rig_cache/initramfs-${conf[release]}-$hash
	# those that nobody has used for a week go: other rigs may start at this moment
	touch -c "${conf[initramfs]}"
	[ -e "${conf[initramfs]}" ] && return
	tmp=$(mktemp -d)
	mkdir -p "$tmp/bin" "$tmp/modules" "$tmp/dev" "$rig_cache"
	cp /bin/busybox "$tmp/bin/busybox"
	cp "$here/rig.d/init" "$tmp/init"
	cp "${conf[agent]}" "$tmp/rig-agent"
	chmod 755 "$tmp/init" "$tmp/rig-agent"
	for file in $files; do
		cp "$file" "$tmp/modules/"
		echo "${file##*/}" >>"$tmp/modules.list"
	done
	find "$rig_cache" -name 'initramfs-*' -mtime +7 -delete
	pack "$tmp" >"${conf[initramfs]}.$$"
	mv "${conf[initramfs]}.$$" "${conf[initramfs]}"
	rm -rf "$tmp"
}

# A second archive behind the first tells the node who it is.
# node_initramfs NODE FILE
node_initramfs() {
	local tmp

	tmp=$(mktemp -d)
	{
		echo "NODE=$1"
		echo "MTU=${RIG_MTU:-65000}"
		echo "MSIZE=${RIG_MSIZE:-262144}"
		echo "SHARE=$([ -z "${conf[share]:-}" ] && echo 0 || echo 1)"
		echo "REPO='${repo//\'/\'\\\'\'}'"
	} >"$tmp/rig.conf"
	{ cat "${conf[initramfs]}"; pack "$tmp"; } >"$2"
	rm -rf "$tmp"
}
