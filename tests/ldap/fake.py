"""An LDAP server (RFC 4511) that is not well: fake.py SOCKET MODE

It knows one account that holds HTTP/portal.fjord.test in FJORD.TEST and says
so to every search below the root. MODE is what is wrong with it:

  none        nothing: the others differ from it in one thing
  silent      it takes the connection and says nothing
  mute        it lets us in and says nothing then
  drip        an octet a second
  cut         it hangs up in the middle of an entry
  endless     pages without end, all of them empty
  flood       entries without end
  huge        a message of two gigabytes begins
  garbage     octets that are no LDAP
  ranges      an account's names come in three parts (MS-ADTS 3.1.1.3.1.3.3)
  loop        the same in parts that lead back to the first
  refer       another server is to be asked; it would hear our password
  limit       a part, and "size limit exceeded"
  evil        names that hold controls, NUL, no UTF-8, and no end
"""

import os
import socket
import sys
import time

ROOT = b"dc=fjord,dc=test"
SPN = b"HTTP/portal.fjord.test"
PAGES = b"1.2.840.113556.1.4.319"


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + body


def number(n, tag=2):
    return tlv(tag, n.to_bytes(4, "big"))


def entry(dn, attributes):
    return tlv(0x64, tlv(4, dn), tlv(0x30, *[
        tlv(0x30, tlv(4, k), tlv(0x31, *[tlv(4, v) for v in vs]))
        for k, vs in attributes]))


def result(tag, code=0, more=b""):
    return tlv(tag, number(code, 10), tlv(4), tlv(4, b"as asked"), more)


def page(cookie):
    value = tlv(0x30, number(0), tlv(4, cookie))
    return tlv(0xa0, tlv(0x30, tlv(4, PAGES), tlv(4, value)))


def account(names, spns=b"servicePrincipalName"):
    return entry(b"cn=svc-web," + ROOT, [
        (b"objectClass", [b"top", b"user"]),
        (b"sAMAccountName", [b"svc-web"]),
        (b"userAccountControl", [b"512"]),
        (spns, names)])


class Reader:
    def __init__(self, peer):
        self.peer = peer
        self.data = b""

    def message(self):
        """The next request: its id, its tag, its octets."""
        while True:
            if len(self.data) >= 2:
                n, at = self.data[1], 2
                if n & 128:
                    at += n & 127
                    n = int.from_bytes(self.data[2:at], "big")
                if len(self.data) >= at + n:
                    body = self.data[at:at + n]
                    self.data = self.data[at + n:]
                    size = body[1]
                    return (int.from_bytes(body[2:2 + size], "big"),
                            body[2 + size], body)
            got = self.peer.recv(65536)
            if not got:
                sys.exit(0)
            self.data += got


class Server:
    def __init__(self, peer, mode):
        self.peer = peer
        self.mode = mode
        self.asked = 0

    def send(self, ident, op, controls=b""):
        octets = tlv(0x30, number(ident), op, controls)
        if self.mode == "drip":
            for i in range(len(octets)):
                self.peer.sendall(octets[i:i + 1])
                time.sleep(1)
        self.peer.sendall(octets)

    def root(self, ident):
        self.send(ident, entry(b"", [(b"namingContexts", [ROOT])]))
        self.send(ident, result(0x65))

    def search(self, ident, body):
        self.asked += 1
        mode = self.mode
        if mode == "garbage":
            self.peer.sendall(os.urandom(4096))
        elif mode == "huge":
            self.peer.sendall(b"\x30\x84\x7f\xff\xff\xff" + b"x" * 100000)
            time.sleep(600)
        elif mode == "cut":
            self.peer.sendall(tlv(0x30, number(ident),
                                  account([SPN] * 100))[:500])
            sys.exit(0)
        elif mode == "flood":
            n = 0
            while True:
                n += 1
                self.send(ident, entry(b"cn=%d," % n + ROOT, [
                    (b"objectClass", [b"user"]),
                    (b"sAMAccountName", [b"n%d" % n])]))
        elif mode == "endless":
            self.send(ident, result(0x65), page(b"again"))
            return
        elif mode == "refer":
            uri = b"ldap://127.0.0.1:1/"
            self.send(ident, tlv(0x73, tlv(4, uri)))
            self.send(ident, result(0x65, 10, tlv(0xa3, tlv(4, uri))))
            return
        elif mode == "limit":
            self.send(ident, account([SPN]))
            self.send(ident, result(0x65, 4))
            return
        elif mode in ("ranges", "loop"):
            self.ranges(ident, body)
            return
        elif mode == "evil":
            self.evil(ident)
        else:
            self.send(ident, account([SPN]))
        self.send(ident, result(0x65), page(b""))

    def ranges(self, ident, body):
        name = b"servicePrincipalName;range=%s"
        if b"range=2-" in body:
            back = b"0-1" if self.mode == "loop" else b"2-3"
            self.send(ident, account([b"HTTP/c", b"HTTP/d"], name % back))
        elif b"range=4-" in body:
            self.send(ident, account([b"HTTP/e", SPN], name % b"4-*"))
        else:
            self.send(ident, account([b"HTTP/a", b"HTTP/b"], name % b"0-1"))
        self.send(ident, result(0x65), page(b""))

    def evil(self, ident):
        for dn in (b"cn=\x1b[2J\xff\x00," + ROOT, b"dc=" * 5000, b"\x00",
                   b"cn=x\n," + ROOT):
            self.send(ident, entry(dn, [
                (b"objectClass", [b"user", b"group", b"domainDNS"]),
                (b"sAMAccountName", [b"\x1b]0;x\x07\xc2\x9b", b""]),
                (b"userAccountControl", [b"999999999999999999999", b"-"]),
                (b"objectSid", [b"\x01\xff" + b"a" * 5, b"\x01\x0f"]),
                (b"memberOf", [dn, b"\xff" * 70000]),
                (b"member", [dn]),
                (b";;;", [b"x"]), (b"", []),
                (b"servicePrincipalName;range=5-1",
                 [b"/", b"HTTP/\x1b[31m", b"*)(|", SPN, b"a" * 200000]),
                (b"msDS-AllowedToDelegateTo",
                 [b"*)(objectClass=*", b"\\", b"x/" * 2000]),
                (b"msDS-AllowedToActOnBehalfOfOtherIdentity",
                 [b"\x01\x00\x04\x80" + b"\xff" * 40])]))

    def serve(self):
        reader = Reader(self.peer)
        if self.mode == "silent":
            time.sleep(600)
        while True:
            ident, tag, body = reader.message()
            if tag == 0x60:
                self.send(ident, result(0x61))
                if self.mode == "mute":
                    time.sleep(600)
            elif tag == 0x63 and not self.asked and \
                    b"namingContexts" in body:
                self.root(ident)
            elif tag == 0x63:
                self.search(ident, body)
            elif tag == 0x42:
                return


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    peer, _ = listener.accept()
    try:
        Server(peer, sys.argv[2]).serve()
    except BrokenPipeError:
        pass


main()
