#!/usr/bin/env python3
"""Measures kerbscope against a bare pcap_loop() and against tshark.

usage: bench.py KERBSCOPE GENERATE FLOOR [KIND...]

The captures are made as they are needed, in $BENCH_DIR (/tmp), and removed
afterwards; the largest has 8 GB.  BENCH_SCALE=0.1 makes all of them a tenth;
BENCH_ROUNDS is how often each is read (5), and the best time counts: what
makes a run slower is never the program.  KIND is bulk, dense, crowd, flood or
linear (all).
"""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

LOGONS = ["pcaps/healthy-logon", "tests/healthy/windows-like-logon",
          "tests/healthy/short-name", "tests/healthy/signing-required",
          "tests/healthy/smb3-encryption", "tests/healthy/cached-ticket"]
BRIEF = ["pcaps/healthy-logon", "tests/healthy/cached-ticket",
         "tests/healthy/spake-preauth", "tests/healthy/etype-retry"]

# Size, recorded log-ons, at most so often the floor's CPU time, at least so
# often tshark's packets a second.
KINDS = {
    "bulk": (2_000_000_000, LOGONS, 1.6, 100),
    "dense": (5_000_000, LOGONS, 8, 25),
    "crowd": (200_000, BRIEF, 8, None),
    "flood": (1_000_000, LOGONS[:1], 8, None),
}
LINEAR = [500_000_000, 1_000_000_000, 2_000_000_000, 4_000_000_000,
          8_000_000_000]
MEMORY = 96
LONGER = 4
SLICE = 1_000_000

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))


class Run:
    """One run of a program: seconds and octets."""

    def __init__(self, *command):
        with open(os.devnull, "w") as null:
            child = subprocess.Popen(command, stdout=null, stderr=null,
                                     stdin=subprocess.DEVNULL)
            started = os.times().elapsed
            _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1):
            sys.exit(f"bench: {' '.join(command)}: {child.returncode}")
        self.wall = os.times().elapsed - started
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss * 1024


class Bench:
    def __init__(self, kerbscope, generate, floor, folder):
        self.kerbscope = kerbscope
        self.generate = generate
        self.floor = floor
        self.path = os.path.join(folder, "bench.pcap")

    def make(self, kind, size):
        """Writes the capture: packets and octets."""
        size = max(1, int(size * SCALE))
        recorded = [os.path.join(TOP, r + ".pcap") for r in KINDS[kind][1]]
        out = subprocess.run(
            [self.generate, kind, str(size), self.path, *recorded],
            check=True, capture_output=True, text=True).stdout.split()
        return int(out[0]), int(out[2])

    def read(self, rounds=ROUNDS):
        """Best of floor and of kerbscope, turn about."""
        floors, ours = [], []
        Run(self.floor, self.path)
        for _ in range(rounds):
            floors.append(Run(self.floor, self.path))
            ours.append(Run(self.kerbscope, self.path))
        best = min(ours, key=lambda r: r.cpu)
        best.wall = min(r.wall for r in ours)
        best.peak = max(r.peak for r in ours)
        return min(floors, key=lambda r: r.cpu), best

    def tshark(self, packets):
        """Packets a second of tshark on a slice, by CPU time."""
        if shutil.which("tshark") is None:
            return None
        n = min(packets, max(1000, int(SLICE * min(SCALE * 4, 1))))
        run = Run("tshark", "-n", "-c", str(n), "-r", self.path)
        return n / run.cpu

    def kind(self, kind):
        size, _, most, least = KINDS[kind]
        packets, octets = self.make(kind, size)
        floor, ours = self.read()
        tshark = self.tshark(packets)
        self.make(kind, size * LONGER)
        longer = Run(self.kerbscope, self.path)
        times = ours.cpu / floor.cpu
        row = [kind, f"{packets / 1e6:.1f}", f"{octets / 1e9:.2f}",
               f"{floor.cpu:.2f}", f"{ours.cpu:.2f}", f"{ours.wall:.2f}",
               f"{times:.1f} ({most})", f"{ours.peak >> 20}",
               f"{longer.peak >> 20}"]
        if tshark is None:
            row.append("-")
        else:
            faster = packets / ours.cpu / tshark
            row.append(f"{faster:.0f}" + (f" ({least})" if least else ""))
        return row

    def linear(self):
        rows = []
        for size in LINEAR:
            _, octets = self.make("bulk", size)
            floor, ours = self.read(rounds=min(ROUNDS, 3))
            rows.append([f"{octets / 1e9:.2f}", f"{floor.cpu:.2f}",
                         f"{ours.cpu:.2f}",
                         f"{ours.cpu / octets * 1e9:.3f}",
                         f"{ours.peak >> 20}"])
        return rows


def show(head, rows):
    widths = [max(len(r[i]) for r in [*head, *rows])
              for i in range(len(head[0]))]
    for r in [*head, *rows]:
        print("  ".join(c.rjust(w) if i else c.ljust(w)
                        for i, (c, w) in enumerate(zip(r, widths))).rstrip())
    print(flush=True)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    wanted = sys.argv[4:] or [*KINDS, "linear"]
    folder = tempfile.mkdtemp(prefix="kerbscope-bench-",
                              dir=os.environ.get("BENCH_DIR", "/tmp"))
    try:
        bench = Bench(*sys.argv[1:4], folder)
        rows = [bench.kind(k) for k in wanted if k in KINDS]
        if rows:
            print("Seconds of CPU time; in parentheses what is asked for: at "
                  "most so often the\nfloor, at least so often tshark's "
                  f"packets a second. Memory at most {MEMORY} MiB.\n")
            show([["", "10^6", "", "", "kerb-", "", "times the", "peak",
                   f"peak {LONGER}x", "times"],
                  ["", "packets", "GB", "floor", "scope", "wall", "floor",
                   "MiB", "file", "tshark"]], rows)
        if "linear" in wanted:
            show([["GB", "floor", "kerbscope", "s/GB", "peak MiB"]],
                 bench.linear())
    finally:
        shutil.rmtree(folder)


main()
