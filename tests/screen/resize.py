#!/usr/bin/env python3
"""Sizes and keys at random while a capture of hostile names loads.

usage: resize.py [SEED [SIZES]]

Nothing crashes, nothing of the network reaches the terminal as it is, the
screen after the last size is what is drawn from nothing at this size, and
the terminal is given back.
"""

import os
import random
import struct
import sys

import rawterm
import terminal

CAPTURE = "pcaps/day-three-faults.pcap"
TIMES = 4  # the capture behind itself
SIZES = 150

# Names, and what is as long and harms a terminal that takes it.
HOSTILE = (("carla", "\x9b31mx"), ("desk", "\x1b]0;"), ("DESK", "\x1bPq$"),
           ("nils", "\x1b]8;"), ("gorm", "\x07\x07\x0e\x0f"))
RAW = (("ingrid", b"\xe2\x80\xaexyz"), ("hanne", b"\xc2\x9b5nx"))

# What kerbscope itself has no reason to send.
NEVER = (b"\x1b]0;", b"\x1b]8;", b"\x1bP", b"\xc2\x9b", b"\x9b3", b"\x0e",
         b"\xe2\x80\xae")

# All keys but those that end it, more of those that change much.
KEYS = [k.encode() for k in "jkhlgG1234?f\\/nN][tsF yexwr0"] + [
    b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[5~", b"\x1b[6~",
    b"\x1b[H", b"\x1b[F", b"\x1bOA", b"\x1bOB", b"\t", b"\x1b[Z", b"\r",
    b"\r", b"\x1b", b"\x1b", b"\x7f", b"\x15", b"\x0c", b"\x02", b"\x06",
    b"\x1b[200~", b"\x1b[", b"\xff\xfe", b"\xc3\xa9", b"outcome != ok",
    b"service ~ \"*\"", b"(((", b"\x1b[<0;10;5M\x1b[<0;10;5m",
    b"\x1b[<64;3;9M", b"\x1b[<65;70;20M", b"\x1b[<0;999;999M"]


def hostile_capture(path):
    """A capture of such names: their lengths stay, so all else does."""
    with open(CAPTURE, "rb") as f:
        whole = f.read()
    for name, bad in HOSTILE:
        raw = bad.encode("latin-1")
        whole = whole.replace(name.encode(), raw)
        whole = whole.replace(name.encode("utf-16-le"),
                              bad.encode("utf-16-le"))
    for name, raw in RAW:
        whole = whole.replace(name.encode(), raw)
    head, packets = whole[:24], whole[24:]
    order = "<" if head[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    with open(path, "wb") as f:
        f.write(head)
        for again in range(TIMES):
            at = 0
            while at < len(packets):
                sec, rest, n = struct.unpack_from(order + "III", packets, at)
                f.write(struct.pack(order + "II", sec + 60 * again, rest))
                f.write(packets[at + 8:at + 16 + n])
                at += 16 + n


def some_size(draw):
    """From what is no window to what is a wall of them."""
    kind = draw.random()
    if kind < 0.15:
        return draw.randint(1, 12), draw.randint(1, 6)
    if kind < 0.6:
        return draw.randint(20, 130), draw.randint(5, 45)
    return draw.randint(1, 250), draw.randint(1, 80)


def check_stream(t):
    """What of the network got through."""
    for bad in NEVER:
        at = t.stream.find(bad)
        if at >= 0:
            raise terminal.Broken(f"{bad!r} was sent: "
                                  f"{t.stream[max(0, at - 60):at + 60]!r}")


def last_screen(t):
    """The screen after a size of its own and, drawn anew, at the same."""
    t.resize(100, 30)
    t.idle()
    at = len(t.stream)
    t.resize(80, 24)
    t.idle()
    resized = rawterm.rendered(t.stream[at:])
    at = len(t.stream)
    t.press(b"\x0c")
    t.idle()
    drawn = rawterm.rendered(t.stream[at:])
    if resized != drawn:
        raise terminal.Broken(f"after the last size:\n{resized}\n"
                              f"drawn anew:\n{drawn}")
    return drawn


def play(argv, draw, sizes, keys):
    """SIZES and KEYS in a program that loads; its last screen."""
    with rawterm.RawTerminal(argv, cwd=os.environ["TMP"]) as t:
        t.wait(b"\x1b[?1049h")
        for _ in range(sizes):
            t.resize(*some_size(draw))
            for _ in range(draw.randint(0, 4)):
                t.press(draw.choice(keys))
            if draw.random() < 0.1:
                t.idle()
            t.take(draw.choice((0, 0, 0.002, 0.02)))
            if t.over():
                raise terminal.Broken(f"status {t.status}\n"
                                      f"{t.stream[-2000:]!r}")
        t.idle()
        # Out of whatever was typed and gone into.
        t.press(b"\x1b")
        t.idle()
        t.press(b"\x15\x1b")
        t.idle()
        t.press(b"1g")
        screen = last_screen(t)
        t.press(b"Q")
        terminal.must_end(t, 1)
        check_stream(t)
    return screen


def both(seed, sizes):
    """A run with any key, and one with those that only move."""
    path = os.path.join(os.environ["TMP"], "hostile.pcap")
    argv = [os.path.abspath(os.environ["KERBSCOPE"]), "tui", path]
    print(f"seed {seed}")
    hostile_capture(path)
    play(argv, random.Random(seed), sizes, KEYS)
    moves = [k for k in KEYS if k in (b"j", b"k", b"G", b"2", b"3", b"4",
                                      b"?", b"\x1b[6~", b"\t")]
    moved = play(argv, random.Random(seed), sizes // 3, moves)
    fresh = play(argv, random.Random(seed), 0, moves)
    if moved != fresh:
        raise terminal.Broken(f"after sizes:\n{moved}\nfresh:\n{fresh}")


if __name__ == "__main__":
    sys.exit(terminal.run(both,
                          int(sys.argv[1]) if len(sys.argv) > 1 else 1,
                          int(sys.argv[2]) if len(sys.argv) > 2 else SIZES))
