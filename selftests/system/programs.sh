#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
. "${BASH_SOURCE[0]%/*}/lib.sh"
relay 1 programs
finish
