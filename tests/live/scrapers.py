"""Scrapers that nobody wants: a hundred that dawdle, garbage, heads without an
end, and one that asks as fast as it can. Ends after a good scrape.

usage: scrapers.py SOCKET
"""

import socket
import sys
import time

path = sys.argv[1]
GET = b"GET /metrics HTTP/1.1\r\nHost: x\r\n"


def dial():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(0.2)
    s.connect(path)
    return s


def shout(what):
    try:
        s = dial()
        s.sendall(what)
        s.recv(65536)
    except OSError:
        pass


def ask():
    s = dial()
    s.settimeout(5)
    s.sendall(GET + b"\r\n")
    got = b""
    while True:
        more = s.recv(65536)
        if not more:
            return got
        got += more


end = time.time() + 1
while time.time() < end:
    ask()
for what in (
    b"\x00" * 100000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 500,
    GET + b"X: " + b"a" * 1000000,
    GET + b"X: y\r\n" * 100000,
    GET * 1000,
    b"GET " + b"/" * 1000000,
):
    shout(what)
slow = []
for i in range(100):
    try:
        s = dial()
        s.sendall(b"G")
        slow.append(s)
    except OSError:
        pass
for i in range(11):
    time.sleep(1)
    for s in slow:
        try:
            s.sendall(b"E")
        except OSError:
            pass
for s in slow:
    s.close()
if not ask().endswith(b"# EOF\n"):
    sys.exit("no scrape goes well any more")
