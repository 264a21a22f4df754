#!/usr/bin/env python3
"""However kerbscope tui ends, the terminal is as it was found."""

import os
import signal
import sys

import rawterm
import terminal

CAPTURE = "pcaps/day-three-faults.pcap"


def ends(what, do, want):
    """Plays one end; whether all was well."""
    argv = [os.environ["KERBSCOPE"], "tui", CAPTURE]
    with rawterm.RawTerminal(argv) as t:
        t.wait(b"read")
        t.idle()
        do(t)
        status = t.end()
        left = t.given_back()
        taken = b"\x1b[?1049h" in t.stream
    if status in want and not left and taken:
        return True
    print(f"{what}: status {status}, left: {left}"
          f"{'' if taken else ', never taken'}")
    return False


def kill(sig):
    """Sends SIG."""
    return lambda t: os.kill(t.pid, sig)


def press(keys):
    """Presses KEYS."""
    return lambda t: t.press(keys)


def not_stopped(t):
    """Nothing can stop it half-way: neither the key nor the signal."""
    t.press(b"\x1a")
    os.kill(t.pid, signal.SIGTSTP)
    t.idle()
    at = len(t.stream)
    t.press(b"4")
    t.idle()
    if b"ADDRESS" not in t.stream[at:]:
        raise terminal.Broken("it does not go on")
    t.press(b"Q")


# With a sanitizer the end by a fault is the sanitizer's.
CRASH = (-signal.SIGSEGV, 99)

CASES = (
    ("q", press(b"q"), (1,)),
    ("Q in a prompt's place", press(b"/abc\x1b\x1bQ"), (1,)),
    ("Q on another screen", press(b"2Q"), (1,)),
    ("SIGTERM", kill(signal.SIGTERM), (1, -signal.SIGTERM)),
    ("SIGINT", kill(signal.SIGINT), (1, -signal.SIGINT)),
    ("SIGHUP", kill(signal.SIGHUP), (1, -signal.SIGHUP)),
    ("SIGSEGV", kill(signal.SIGSEGV), CRASH),
    ("SIGABRT", kill(signal.SIGABRT), (-signal.SIGABRT, 99)),
    ("^Z and SIGTSTP", not_stopped, (1,)),
)


def play():
    """Every case is tried, whatever the others do."""
    bad = []
    for case in CASES:
        try:
            if not ends(*case):
                bad.append(case[0])
        except terminal.Broken as e:
            print(f"{case[0]}: {e}")
            bad.append(case[0])
    if bad:
        raise terminal.Broken("failed: " + ", ".join(bad))


if __name__ == "__main__":
    sys.exit(terminal.run(play))
