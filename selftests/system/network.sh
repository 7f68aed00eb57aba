#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2015,SC2317 # scripts for nodes are quoted; pass and fail succeed
# timeout: 180
# shellcheck source=SCRIPTDIR/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

port=9999
serve='
import hashlib, socket, sys, time
block = bytes(range(256)) * 64
h = hashlib.sha256()
total = 320
for i in range(total):
    h.update(b"%16d" % i + block[16:])
print(h.hexdigest(), flush=True)
l = socket.socket()
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(("", int(sys.argv[1])))
l.listen(1)
c, peer = l.accept()
for i in range(total):
    c.sendall(b"%16d" % i + block[16:])
    time.sleep(0.02)
c.shutdown(socket.SHUT_WR)
back = b""
while True:
    data = c.recv(4096)
    if not data:
        break
    back += data
want = b"".join(b"%12d" % i for i in range(1, total * 16384 // 65536 + 1))
print("peer", peer[0], "back", back == want)
'
said=$(mktemp)
node 3 /usr/bin/python3 -c "$serve" "$port" >"$said" &
server=$!
within 20 grep -q . "$said"
relay 1 network 10.77.0.3 "$port" "$(head -n 1 "$said")"
wait "$server"
same "the server has seen one client, from home, and all it sent" \
	"peer 10.77.0.1 back True" "$(tail -n 1 "$said")"
rm -f "$said"
finish
