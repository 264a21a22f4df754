"""Runs a command with a system's log of its own, in a /dev of its own, and
writes what came to it.

usage: syslog.py OUTPUT COMMAND...
"""

import os
import socket
import subprocess
import sys

log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
os.chmod("/dev/log", 0o666)
log.settimeout(1)
status = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL).returncode
with open(sys.argv[1], "wb") as out:
    try:
        while True:
            out.write(log.recv(65536) + b"\n")
    except TimeoutError:
        pass
sys.exit(status)
