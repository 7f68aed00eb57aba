#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2015,SC2317 # pass and fail succeed
# timeout: 120
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
relay 1 refused
finish
