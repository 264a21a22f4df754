#!/usr/bin/env python3
"""Measures how long kerbscope tui takes for a key press.

usage: latency.py KERBSCOPE GENERATE [LOGONS [SIZE]]

A capture of LOGONS log-ons (100000), one in fifty of which fails, is made in
$BENCH_DIR (/tmp) and removed afterwards.  SIZE is of the terminal (120x40).
Each key is pressed $BENCH_ROUNDS times (5); the time is from the press to the
last octet that is drawn for it, of which the median and the longest are
printed, with the processor's time, which others on the machine change less.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "screen"))

import rawterm  # noqa: E402  pylint: disable=wrong-import-position

GOOD = ["pcaps/healthy-logon", "tests/healthy/cached-ticket"]
FAULTY = ["pcaps/spn-wrong-account-samba", "pcaps/skew-service-samba",
          "pcaps/stale-key-samba"]

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
MOST = 50  # milliseconds, as one still takes them for none

# What is pressed before, what is measured, what takes it back.
KEYS = (
    ("one line down", b"1g", b"j", b""),
    ("one page down", b"1g", b"\x1b[6~", b""),
    ("to the end", b"1g", b"G", b""),
    ("to the begin", b"1G", b"g", b""),
    ("another order", b"1", b"s", b""),
    ("to the next cause", b"1g", b"]", b""),
    ("one log-on", b"1g", b"2", b"1"),
    ("causes", b"1", b"3", b"1"),
    ("machines", b"1", b"4", b"1"),
    ("the filter's prompt", b"1", b"f", b"\x15\r"),
    ("a filter is typed", b"1foutcome == broke", b"n", b"\x15\r"),
    ("a longer one", b"1fservice ~ \"*c*i*f*\" && client != 10.0.0.0/",
     b"8", b"\x15\r"),
    ("on all that is kept", b"1fwhat ~ \"*no such text*\" || address ~ \"*7",
     b"\"", b"\x15\r"),
    ("it is taken away", b"1foutcome == broken\rf\x15", b"\r", b""),
    ("search in vain", b"1g/no such text", b"\r", b""),
    ("search", b"1g/cifs", b"\r", b""),
    ("pause", b"1", b" ", b" "),
)


def last_octet(t):
    """When it came; until nothing has come for a while and nothing runs."""
    last = time.monotonic()
    seen = len(t.stream)
    while t.take(rawterm.QUIET) or t.busy():
        if len(t.stream) > seen:
            last, seen = time.monotonic(), len(t.stream)
    return last


def used(t):
    """Milliseconds of processor."""
    with open(f"/proc/{t.pid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0]) / 1e6


def measure(t, before, key):
    """Milliseconds for KEY, and those of the processor."""
    t.press(before)
    t.idle()
    start, cpu = time.monotonic(), used(t)
    t.press(key)
    return (last_octet(t) - start) * 1000, used(t) - cpu


def capture(generate, logons, path):
    """Writes it."""
    good, faulty = ([os.path.join(TOP, r + ".pcap") for r in rs]
                    for rs in (GOOD, FAULTY))
    subprocess.run([generate, "crowd", str(logons), path, *good, "--",
                    *faulty], check=True, stdout=subprocess.DEVNULL)


def main():
    """The table; status 1 when a median is too long."""
    kerbscope, generate = sys.argv[1:3]
    logons = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    width, height = map(int, (sys.argv[4] if len(sys.argv) > 4 else
                              "120x40").split("x"))
    rawterm.terminal.LIMIT = 600
    slow = 0
    with tempfile.TemporaryDirectory(
            dir=os.environ.get("BENCH_DIR", "/tmp")) as folder:
        path = os.path.join(folder, "crowd.pcap")
        capture(generate, logons, path)
        start = time.monotonic()
        argv = [kerbscope, "tui", "--memory", "4G", path]
        with rawterm.RawTerminal(argv, width, height) as t:
            t.wait(b"\x1b[?1049h")
            first = time.monotonic() - start
            t.idle()
            print(f"{logons} log-ons: the first screen after {first:.2f} s, "
                  f"all read after {time.monotonic() - start:.1f} s")
            for what, before, key, after in KEYS:
                times = []
                for _ in range(ROUNDS):
                    times.append(measure(t, before, key))
                    t.press(after)
                    t.idle()
                walls, cpus = zip(*times)
                median = statistics.median(walls)
                slow += median > MOST
                print(f"{what:24} {median:7.1f} ms  {max(walls):7.1f} at most"
                      f"  {statistics.median(cpus):7.1f} of the processor"
                      f"{'  SLOW' if median > MOST else ''}", flush=True)
            t.press(b"Q")
            t.end()
    return slow != 0


if __name__ == "__main__":
    sys.exit(main())
