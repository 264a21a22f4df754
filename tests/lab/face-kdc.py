#!/usr/bin/python3
"""A Windows KDC's face on Samba's: passes everything on and rewrites some errors.

Listens on port 8088 beside the real KDC (the pod's port 88 is redirected to
it), hands each request to 127.0.0.1:88 and changes the code of a KRB-ERROR
that answers a request for a given name. An answer can also be left out once,
so that the client has to repeat its request, or come late.
"""
import argparse
import socket
import struct
import threading
import time

import kwire

REAL = ("127.0.0.1", 88)
PORT = 8088


def asked_name(request):
    """sname of an AS-REQ or TGS-REQ, "" if it is something else."""
    try:
        body = kwire.fields(kwire.read(kwire.read(request)[1])[1])[4]
        sname = kwire.fields(kwire.read(body)[1])[3]
        return "/".join(kwire.names_of(sname))
    except (KeyError, IndexError, ValueError, UnicodeDecodeError):
        return ""


def with_code(reply, code, edata, only):
    """The KRB-ERROR with another code (and e-data); anything else unchanged."""
    if not reply or reply[0] != 0x7E:
        return reply
    kept = dict(kwire.fields(kwire.read(kwire.read(reply)[1])[1]))
    if only and kwire.read(kept[6])[1] != bytes([only]):
        return reply
    kept[6] = kwire.integer(code)
    kept.pop(11, None)          # e-text: a Windows KDC sends none
    if edata:
        kept[12] = kwire.octets(edata)
    else:
        kept.pop(12, None)
    return kwire.tlv(0x7E, kwire.seq(*[kwire.ctx(n, kept[n]) for n in sorted(kept)]))


class Face:
    def __init__(self, options):
        self.codes = dict(pair.split("=") for pair in options.code)
        self.edata = bytes.fromhex(options.edata)
        self.only = options.only
        self.lose = options.lose
        self.delay = options.delay

    def change(self, request, reply):
        time.sleep(self.delay)
        code = self.codes.get(asked_name(request))
        return with_code(reply, int(code), self.edata, self.only) if code else reply

    def datagrams(self):
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        door.bind(("", PORT))
        while True:
            request, client = door.recvfrom(65535)
            if self.lose:
                self.lose -= 1
                continue
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as kdc:
                kdc.settimeout(5)
                kdc.sendto(request, REAL)
                door.sendto(self.change(request, kdc.recv(65535)), client)

    def streams(self):
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("", PORT))
        door.listen(8)
        while True:
            client, _ = door.accept()
            threading.Thread(target=self.stream, args=(client,), daemon=True).start()

    def stream(self, client):
        with client, socket.create_connection(REAL) as kdc:
            while True:
                request = message(client)
                if not request:
                    return
                kdc.sendall(struct.pack(">I", len(request)) + request)
                reply = self.change(request, message(kdc))
                client.sendall(struct.pack(">I", len(reply)) + reply)


def message(sock):
    size = exactly(sock, 4)
    return exactly(sock, struct.unpack(">I", size)[0]) if size else b""


def exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            return b""
        data += piece
    return data


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--code", action="append", default=[], metavar="SNAME=CODE")
    parser.add_argument("--only", type=int, default=0, metavar="CODE", help="change no other code than this")
    parser.add_argument("--delay", type=float, default=0, metavar="SECONDS", help="answer late")
    parser.add_argument("--edata", default="", metavar="HEX")
    parser.add_argument("--lose", type=int, default=0, metavar="N", help="drop the first N datagrams")
    face = Face(parser.parse_args())
    threading.Thread(target=face.datagrams, daemon=True).start()
    threading.Thread(target=face.streams, daemon=True).start()
    while True:
        time.sleep(3600)


main()
