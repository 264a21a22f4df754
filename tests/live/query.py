"""Sends DNS queries, in frames of every kind that a network may have.

usage: query.py udp ADDRESS NAME [COUNT]  by the host's own network, so often
       query.py raw INTERFACE KIND NAME   a frame made here, of KIND
"""

import socket
import struct
import sys
import time


def query(name):
    labels = b"".join(
        bytes([len(part)]) + part.encode() for part in name.split("."))
    return (struct.pack(">HHHHHH", 4711, 0x0100, 1, 0, 0, 0) + labels +
            b"\0" + struct.pack(">HH", 1, 1))


def checksum(octets):
    total = sum(struct.unpack(">%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_header(length, fragment):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + length, 77, fragment,
                       64, 17, 0, bytes([10, 9, 0, 2]), bytes([10, 9, 0, 9]))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:]


def datagram(name):
    payload = query(name)
    return struct.pack(">HHHH", 40000, 53, 8 + len(payload), 0) + payload


ADDRESSES = b"\xff" * 6 + b"\x02\0\0\0\0\x09"
HEADS = {
    "plain": b"\x08\x00",
    "vlan": b"\x81\x00\x00\x05\x08\x00",
    "vlans": b"\x81\x00\x00\x05\x81\x00\x00\x06\x08\x00",
    "ad": b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00",
    "mpls": b"\x88\x47\x00\x01\x01\x40",
    "labels": b"\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40",
    "pppoe": b"\x88\x64\x11\x00\x00\x01\x00\x60\x00\x21",
}


def send_raw(interface, kind, name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((interface, 0))
    udp = datagram(name)
    if kind == "fragments":
        s.send(ADDRESSES + HEADS["plain"] + ip_header(16, 0x2000) + udp[:16])
        s.send(ADDRESSES + HEADS["plain"] +
               ip_header(len(udp) - 16, 2) + udp[16:])
    else:
        s.send(ADDRESSES + HEADS[kind] + ip_header(len(udp), 0) + udp)


def send_udp(address, name, count=1):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(int(count)):
        try:
            socket.socket(family, socket.SOCK_DGRAM).sendto(
                query(name), (address, 53))
        except OSError as e:  # the interface is down, or not there yet
            print(e, file=sys.stderr)
        time.sleep(0.05 if int(count) > 1 else 0)


if sys.argv[1] == "raw":
    send_raw(*sys.argv[2:])
else:
    send_udp(*sys.argv[2:])
