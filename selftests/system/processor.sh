#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 180
#
# A node whose processor lacks a feature is refused before the freeze, by name.
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# A rig of its own.
rig=("${rig[@]:0:1}" --name "processor$$")
trap 'rig down >/dev/null 2>&1' EXIT
expect "a rig with a lesser second processor comes up" \
	rig up --nodes 2 --kernel "$KERNEL" --cpu2 max,-avx2 || finish
said=$(node_sh 1 'sleep 1000 & p=$!; sleep 0.2; /procmig/build/selftests/system/poke $p 2; procmig migrate $p 2 2>&1
	sed -n "s/^moves: //p" /proc/$p/migrate; kill -0 $p && echo alive; kill $p')
same "EXDEV" EXDEV "$(head -n 1 <<<"$said")"
expect "the sentence names the feature" grep -qi avx2 <<<"$said"
same "it is as before" "0 alive" "$(tail -n 2 <<<"$said" | paste -sd ' ')"
said=$(node_sh 2 'sleep 1000 & p=$!; sleep 0.2; procmig migrate $p 1 && echo moved; kill $p' 2>&1)
same "the other way is no problem" moved "$said"
finish
