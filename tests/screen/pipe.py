#!/usr/bin/env python3
"""A pipe that nothing comes out of, or no more: the screen is there, and keys."""

import os
import sys

import rawterm
import terminal

CAPTURE = "pcaps/day-three-faults.pcap"


def start(path):
    """The terminal, with a pipe at PATH to be read."""
    os.mkfifo(path)
    return rawterm.RawTerminal([os.environ["KERBSCOPE"], "tui", path])


def seen(t, key, text):
    """KEY brings TEXT."""
    at = len(t.stream)
    t.press(key)
    t.idle()
    if text not in t.stream[at:]:
        raise terminal.Broken(f"{key!r} brings no {text!r}: {t.look()}")


def nobody_writes(path):
    """There is not even a writer."""
    with start(path) as t:
        t.wait(b"waiting for packets")
        seen(t, b"?", b"this help")
        seen(t, b"qw", b"write report")
        seen(t, b"\r", b"not written")
        t.press(b"q")
        terminal.must_end(t, 0)


def stalls(path):
    """First nothing comes, then a part, then the rest."""
    with open(CAPTURE, "rb") as f:
        packets = f.read()
    with start(path) as t:
        t.wait(b"waiting for packets")
        with open(path, "wb", buffering=0) as pipe:
            seen(t, b"4", b"no machine")
            half = len(packets) // 2
            pipe.write(packets[:half])
            t.wait(b"CLOCK")
            t.press(b"1")
            t.wait(b"failed")
            seen(t, b"?", b"this help")
            if b"all read" in t.stream:
                raise terminal.Broken("it did not wait")
            pipe.write(packets[half:])
        t.wait(b"all read")
        t.press(b"qQ")
        terminal.must_end(t, 1)


def play():
    """Both."""
    nobody_writes(os.path.join(os.environ["TMP"], "nobody"))
    stalls(os.path.join(os.environ["TMP"], "stalls"))


if __name__ == "__main__":
    sys.exit(terminal.run(play))
