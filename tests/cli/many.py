#!/usr/bin/env python3
"""usage: many.py OUT CAPTURE N: CAPTURE N times over, each from other hosts.

IPv4 over Ethernet only; the third octet and the high bits of the second one
of every 10.x address change, the rest stays.
"""

import struct
import sys


def main():
    out, capture, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    data = open(capture, "rb").read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") \
        else ">"
    packets = []
    at = 24
    while at + 16 <= len(data):
        sec, frac, incl, orig = struct.unpack_from(order + "IIII", data, at)
        packets.append((sec, frac, orig, data[at + 16:at + 16 + incl]))
        at += 16 + incl
    with open(out, "wb") as f:
        f.write(data[:24])
        for n in range(count):
            for sec, frac, orig, frame in packets:
                frame = bytearray(frame)
                if frame[12:14] == b"\x08\x00":
                    for where in (26, 30):
                        if frame[where] == 10:
                            frame[where + 1] = n >> 8
                            frame[where + 2] = n & 255
                f.write(struct.pack(order + "IIII", sec + 60 * n, frac,
                                    len(frame), orig))
                f.write(frame)


if __name__ == "__main__":
    main()
