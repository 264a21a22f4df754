"""Sends the frames of a capture into an interface, some a millisecond.

usage: replay.py INTERFACE CAPTURE

CAPTURE is pcap of Ethernet, least significant octet first. A frame longer
than the interface takes is left out.
"""

import socket
import struct
import sys
import time

out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[1], 0))
data = open(sys.argv[2], "rb").read()
assert data[:4] == b"\xd4\xc3\xb2\xa1" and data[20] == 1, "not such a capture"
at = 24
while at < len(data):
    size = struct.unpack_from("<I", data, at + 8)[0]
    at += 16
    try:
        out.send(data[at : at + size])
    except OSError:
        print("left out:", size, "octets", file=sys.stderr)
    at += size
    time.sleep(0.001)
