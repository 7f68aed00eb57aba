# SPDX-License-Identifier: GPL-2.0
"""Write the digits of pi, 25 to a line, to a file and to the terminal.

pi.py FILE [LINES]: ends after LINES, or when SIGTERM arrives. Knows nothing of migration.
"""
import os
import signal
import sys

more = True


def enough(signum, frame):
    global more
    more = False


def digits():
    """Gibbons' unbounded spigot: each digit costs more than the one before."""
    q, r, t, k, n, m = 1, 0, 1, 1, 3, 3
    while True:
        if 4 * q + r - t < n * t:
            yield n
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, k, n, m = (q * k, (2 * q + r) * m, t * m, k + 1,
                                (q * (7 * k + 2) + r * m) // (t * m), m + 2)


signal.signal(signal.SIGTERM, enough)
limit = int(sys.argv[2]) if len(sys.argv) > 2 else sys.maxsize
source = digits()
line = 0
with open(sys.argv[1], "w") as out:
    while more and line < limit:
        line += 1
        text = f"{line:5}  " + "".join(str(next(source)) for _ in range(25))
        out.write(text + "\n")
        out.flush()
        print(f"{os.uname().nodename}, process {os.getpid()}: {text}", flush=True)
sys.exit(line % 100)
