#!/usr/bin/env python3
"""Measures how long kerbscope takes for a key press on a terminal.

usage: latency.py KERBSCOPE BENCH [LOGONS [SIZE]]

BENCH is the folder of the programs generate and send.  A capture of LOGONS
log-ons (100000), one in fifty of which fails, is made in $BENCH_DIR (/tmp)
and removed afterwards.  SIZE is of the terminal (120x40).  Keys are pressed

  - when all is read, each $BENCH_ROUNDS times (5),
  - as texts that are typed, in which each octet is a key press: one after the
    other, and again faster than their work is done,
  - while the file is read,
  - and while RATE log-ons a second arrive at an interface (as root), when
    there are as many as are ever kept.

Two times are printed of each: from the press to the first octet that is drawn
after it was read, which is when one sees that something happens, and to the
last one, when nothing is left to be done; of both the median and the longest,
with the processor's time, which others on the machine change less.  As root
it goes before the others.
"""

import ctypes
import fcntl
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
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
RATE = 1000  # log-ons a second
PACKETS = 62 * RATE  # of as many log-ons of GOOD, nearly
CLONE_NEWNET = 0x40000000

NONE = b"\x15\r"  # of what is typed nothing is left

# What is pressed before, what is measured, what takes it back.
KEYS = (
    ("one line down", b"1g", b"j", b""),
    ("one page down", b"1g", b"\x1b[6~", b""),
    ("to the end", b"1g", b"G", b""),
    ("to the begin", b"1G", b"g", b""),
    ("by the newest", b"1", b"s", b"ssss"),
    ("by the oldest", b"1s", b"s", b"sss"),
    ("by who logs on", b"1ss", b"s", b"ss"),
    ("by service", b"1sss", b"s", b"s"),
    ("by the worst", b"1ssss", b"s", b""),
    ("to the next cause", b"1g", b"]", b""),
    ("follow", b"1G", b"F", b""),
    ("pause", b"1", b" ", b" "),
    ("one log-on", b"1g", b"2", b"1"),
    ("the log-on before", b"1G2", b"[", b"1"),
    ("causes", b"1", b"3", b"1"),
    ("the next cause there", b"3g", b"j", b"1"),
    ("machines", b"1", b"4", b"1"),
    ("machines again", b"4", b"s", b"1"),
    ("the last machine", b"4g", b"G", b"1"),
    ("log-ons of a machine", b"4g", b"\r", b"f" + NONE),
    ("help", b"1", b"?", b"q"),
    ("the filter's prompt", b"1", b"f", NONE),
    ("a filter is typed", b"1foutcome == broke", b"n", NONE),
    ("a longer one", b"1fservice ~ \"*c*i*f*\" && client != 10.0.0.0/",
     b"8", NONE),
    ("on all that is kept", b"1fwhat ~ \"*no such text*\" || address ~ \"*7",
     b"\"", NONE),
    ("it is taken away", b"1foutcome == broken\rf\x15", b"\r", b""),
    ("search in vain", b"1g/no such tex", b"t", b"\x1b"),
    ("search", b"1g/cif", b"s", b"\x1b"),
    ("the next one", b"1g/cifs\r", b"n", b"\x1b"),
    ("the one before", b"1g/cifs\r", b"N", b"\x1b"),
    ("the next of none", b"1g/no such text\r", b"n", b"\x1b"),
    ("another machine", b"4/no such nam", b"e", b"\x1b1"),
)

TYPED = (
    ("a filter", b"1f", b"outcome == broken && service ~ \"cifs*\"", NONE),
    ("one on addresses", b"1f", b"address ~ \"*77\" or kdc == 10.0.0.0/8",
     NONE),
    ("one on all steps", b"1f", b"what ~ \"*KRB-ERROR*\" || e_text ~ \"*no*\"",
     NONE),
    ("one on times", b"1f", b"not (ctime > stime || duration < 200ms)", NONE),
    ("a search", b"1g/", b"cifs/fs2.fjord.test is not here", b"\x1b"),
    ("a machine", b"4g/", b"fs2.fjord.test is not here", b"\x1b1"),
)

# While the log-ons still come: of each of these something is seen.
BUSY = (b"G", b"k", b"\x1b[5~", b"g", b"j", b"s", b"2", b"1", b"3", b"4",
        b"G", b"\r", b"f", b"\x15", b"o", b"\x1b", b"f", b"\x15", b"\r", b"/",
        b"x", b"\x1b", b"\t", b"?", b"q", b"w", b"\"", b"\x1b", b"1", b"s",
        b"s", b"s", b"s", b" ", b" ", b"F", b"F")


def unread(t):
    """Octets of the keyboard that the program has not read."""
    got = fcntl.ioctl(t.slave, termios.FIONREAD, b"\0" * 4)
    return struct.unpack("i", got)[0]


def used(t):
    """Milliseconds of processor."""
    with open(f"/proc/{t.pid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0]) / 1e6


def look(t, seconds):
    """Takes what is drawn for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        t.take(0.01)


def seen_after(t):
    """When something was drawn after the keys were read, if anything is."""
    while unread(t):
        t.take(0.001)
    now = time.monotonic()
    seen = len(t.stream)
    while len(t.stream) == seen:
        if not t.take(rawterm.QUIET) and not t.busy():
            return now
        if t.over():
            raise SystemExit("it has ended")
    return time.monotonic()


def rest_after(t, last):
    """When the last octet came: nothing has for a while, nothing runs."""
    seen = len(t.stream)
    while t.take(rawterm.QUIET) or t.busy():
        if len(t.stream) > seen:
            last, seen = time.monotonic(), len(t.stream)
    return last


def press(t, key, to_rest=True):
    """Milliseconds to the first, the last octet, and of the processor."""
    start, cpu = time.monotonic(), used(t)
    t.press(key)
    first = seen_after(t)
    last = rest_after(t, first) if to_rest else first
    return (first - start) * 1000, (last - start) * 1000, used(t) - cpu


class Table:
    """What was measured, a line each."""

    def __init__(self):
        self.slow = 0
        print(f"{'':32}{'to the first octet':>20}{'to the last':>18}"
              f"{'CPU':>8}\n{'':32}" + f"{'median':>10}{'most':>8}" * 2 +
              f"{'median':>10}  ms")

    def line(self, what, times):
        """TIMES are of press()."""
        firsts, lasts, cpus = zip(*times)
        slow = max(firsts) > MOST
        self.slow += slow
        print(f"{what:32}" + "".join(
            f"{statistics.median(x):10.1f}{max(x):8.1f}"
            for x in (firsts, lasts)) +
            f"{statistics.median(cpus):10.1f}{'  SLOW' if slow else ''}",
            flush=True)


def keys(t, table):
    """Each by itself."""
    for what, before, key, after in KEYS:
        times = []
        for _ in range(ROUNDS):
            t.press(before)
            t.idle()
            times.append(press(t, key))
            t.press(after)
            t.idle()
        table.line(what, times)


def typed(t, table):
    """Texts, an octet at a time."""
    for what, before, text, after in TYPED:
        for how, to_rest in (("typed", True), ("typed fast", False)):
            t.press(before)
            t.idle()
            times = [press(t, text[i:i + 1], to_rest)
                     for i in range(len(text))]
            t.idle()
            t.press(after)
            t.idle()
            table.line(f"{what}, {how}", times)


def busy(t, table, what, over):
    """Keys while something goes on, until OVER()."""
    times = {}
    i = 0
    while not over():
        key = BUSY[i % len(BUSY)]
        times.setdefault(key, []).append(press(t, key, False))
        i += 1
        # What follows Esc soon belongs to it.
        look(t, 0.1 if key == b"\x1b" else 0.03)
    if not times:
        return
    table.line(what, [x for all in times.values() for x in all])
    worst = max(times, key=lambda k: max(times[k]))
    table.line(f"  the worst: {worst!r}"[:32], times[worst])


def file(kerbscope, path, size, table):
    """While it is read, and afterwards."""
    argv = [kerbscope, "tui", "--memory", "4G", path]
    start = time.monotonic()
    with rawterm.RawTerminal(argv, *size) as t:
        t.wait(b"\x1b[?1049h")
        table.line("the first screen",
                   [((time.monotonic() - start) * 1000,) * 2 + (used(t),)])
        look(t, 3)  # until there are some
        busy(t, table, "while it is read", lambda: b"all read" in t.stream)
        t.press(b"\x1b\x1b1f\x15\r")
        t.idle()
        print(f"read after {time.monotonic() - start:.1f} s")
        keys(t, table)
        typed(t, table)
        t.press(b"\x1b\x1bQ")
        t.end()


def network():
    """A network of its own with two ends of one cable; whether it can be."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNET) != 0:
        return False
    commands = ["ip link add ks0 mtu 2034 type veth peer name ks1 mtu 2034",
                "ip link set ks0 arp off up", "ip link set ks1 arp off up"]
    return all(subprocess.run(c.split(), check=False).returncode == 0
               for c in commands)


def analyzer(pid):
    """Of the processes of PID that which has the terminal."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        for child in f.read().split():
            with open(f"/proc/{child}/comm", encoding="ascii") as name:
                if "grab" not in name.read():
                    return int(child)
    return pid


def live(kerbscope, bench, size, logons, table):
    """While they arrive."""
    if not network():
        print("live: needs root and network namespaces")
        return
    seconds = logons // RATE
    argv = [kerbscope, "live", "-i", "ks1", "--memory", "4G"]
    with rawterm.RawTerminal(argv, *size) as t:
        t.wait(b"\x1b[?1049h")
        look(t, 2)
        t.pid = analyzer(t.pid)
        send = subprocess.Popen(
            [os.path.join(bench, "send"), "ks0", str(PACKETS),
             str(seconds + 30), *recorded()], stdout=subprocess.DEVNULL)
        start = time.monotonic()
        busy(t, table, "live, from the first on",
             lambda: time.monotonic() > start + seconds)
        busy(t, table, f"live, {logons} kept",
             lambda: send.poll() is not None)
        t.press(b"\x1b\x1bQ")
        t.end()


def recorded():
    """Good log-ons and bad ones, for generate and send."""
    good, faulty = ([os.path.join(TOP, r + ".pcap") for r in rs]
                    for rs in (GOOD, FAULTY))
    return [*good, "--", *faulty]


def main():
    """The table; status 1 when a key takes too long."""
    kerbscope, bench = sys.argv[1:3]
    logons = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    size = tuple(map(int, (sys.argv[4] if len(sys.argv) > 4 else
                           "120x40").split("x")))
    rawterm.terminal.LIMIT = 600
    if os.geteuid() == 0:
        os.nice(-15)  # what else runs here is not what is measured
    table = Table()
    with tempfile.TemporaryDirectory(
            dir=os.environ.get("BENCH_DIR", "/tmp")) as folder:
        path = os.path.join(folder, "crowd.pcap")
        subprocess.run([os.path.join(bench, "generate"), "crowd", str(logons),
                        path, *recorded()], check=True,
                       stdout=subprocess.DEVNULL)
        file(kerbscope, path, size, table)
    live(kerbscope, bench, size, logons, table)
    return table.slow != 0


if __name__ == "__main__":
    sys.exit(main())
