#!/usr/bin/env python3
"""Lets `kerbscope live` run for long, and says whether it stays as it began.

usage: soak.py KERBSCOPE BENCH [wire|day]...

wire  Log-ons that are made as they are sent, SOAK_RATE (100000) packets a
      second for SOAK_SECONDS (600), through a veth in a network of its own.
      No packet may be lost, every log-on that fails must be found, and
      resident memory may not change by more than 2 % after the first minute.
      Needs root.
day   SOAK_DAY (5M) packets of 24 hours through a pipe: resident memory may
      not change by more than 3 % after the first hour, in which what is kept
      reaches its ceiling; and the time that an hour takes.

BENCH is the folder of the programs generate and send; SOAK_DIR (/tmp) gets
what is written, and is rid of it afterwards.  The exit status is 0 if all is
well, 77 if there is no network to try it in.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

LOGONS = ["pcaps/healthy-logon", "tests/healthy/windows-like-logon",
          "tests/healthy/ldap-logon", "tests/healthy/spake-preauth",
          "tests/healthy/etype-retry"]
# In each of them one log-on fails. The key versions of fs1 in all of these
# belong together: the last one is the one that it does not have.
FAULTY = ["pcaps/stale-key-samba", "tests/rules/spn-missing/spn-missing-http"]
CAUSES = {"key-stale-service-keytab", "spn-missing"}
FAULTY_EVERY = 50

RATE = int(os.environ.get("SOAK_RATE", "100000"))
SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
DAY = os.environ.get("SOAK_DAY", "5M")
CEILING = "8M"  # of the day: it is reached within the first hour
EVERY = 10  # seconds between two looks
SETTLED = 60
FLAT = 0.02
FLAT_DAY = 0.03
SLOWER = 1.5  # as much more CPU time may an hour take than the second one
TICKS = os.sysconf("SC_CLK_TCK")
CLONE_NEWNET = 0x40000000


def recorded(names):
    return [os.path.join(TOP, n + ".pcap") for n in names]


def traffic():
    return [*recorded(LOGONS), "--", *recorded(FAULTY)]


class Process:
    """A process of kerbscope: its CPU time, in seconds, and memory."""

    def __init__(self, pid):
        self.pid = pid
        self.cpu = 0.0
        self.share = 0.0
        self.memory = 0

    def look(self, seconds):
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        cpu = (int(fields[11]) + int(fields[12])) / TICKS
        self.share = 100 * (cpu - self.cpu) / seconds if seconds else 0
        self.cpu = cpu
        with open(f"/proc/{self.pid}/status") as f:
            self.memory = int(re.search(r"VmRSS:\s*(\d+)", f.read())[1])


def name_of(pid):
    with open(f"/proc/{pid}/comm") as f:
        return f.read().strip()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(p) for p in f.read().split()]


class Kerbscope:
    """kerbscope live, its processes by what they are for."""

    def __init__(self, program, folder, *arguments, **streams):
        self.folder = folder
        self.err = os.path.join(folder, "err")
        with open(self.err, "w") as err, \
                open(os.path.join(folder, "out"), "w") as out:
            self.child = subprocess.Popen(
                [program, "live", *arguments, "-f", "json",
                 "-o", self.path("report"), "--json-log", self.path("log"),
                 "--evidence", self.path("evidence"), "--evidence-size", "32M",
                 ], stdout=out, stderr=err,
                **{"stdin": subprocess.DEVNULL, **streams})
        self.processes = {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def find(self):
        pids = children(self.child.pid)
        if not pids:
            self.processes = {"analyzer": Process(self.child.pid)}
            return
        self.processes = {"monitor": Process(self.child.pid)}
        for pid in pids:
            name = name_of(pid)
            self.processes["grabber" if "grab" in name else "analyzer"] = \
                Process(pid)

    def look(self, seconds=0):
        for p in self.processes.values():
            p.look(seconds)
        return sum(p.memory for p in self.processes.values())

    def running(self):
        return self.child.poll() is None

    def said(self):
        with open(self.err) as f:
            return f.read().strip()

    def end(self, sig=signal.SIGTERM):
        """The report, once it has ended."""
        if sig is not None and self.running():
            self.child.send_signal(sig)
        try:
            status = self.child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            raise Wrong("it does not end")
        if status not in (0, 1):
            raise Wrong(f"its exit status is {status}: {self.said()}")
        with open(self.path("report")) as f:
            return json.load(f)


class Wrong(Exception):
    pass


def need(truth, what):
    if not truth:
        raise Wrong(what)


def flat(samples, what, most=FLAT):
    """The first sample is what the others are compared with."""
    first = samples[0]
    worst = max(samples, key=lambda m: abs(m - first))
    print(f"memory {what}: {first >> 10} MiB, at most "
          f"{100 * (worst - first) / first:+.1f} % from that")
    need(abs(worst - first) <= most * first, f"memory is not flat {what}")


def well_told(report, logons, kerbscope):
    """What was found is what was sent."""
    causes = {f["rule"] for f in report["findings"] if f["cause"]}
    summary = report["summary"]
    print(f"log-ons: {logons} sent, {summary['stories']} seen, "
          f"{summary['broken']} failed; causes: {', '.join(sorted(causes))}")
    need(causes == CAUSES, f"the causes are not {', '.join(sorted(CAUSES))}")
    need(summary["broken"] == logons // FAULTY_EVERY,
         f"{logons // FAULTY_EVERY} log-ons should have failed")
    need(summary["stories"] >= logons, "log-ons were not seen")
    with open(kerbscope.path("log")) as f:
        changes = [json.loads(line)["change"] for line in f]
    print("log:", ", ".join(f"{changes.count(c)} {c}"
                            for c in sorted(set(changes))))
    need(changes.count("opened") >= len(CAUSES), "the log lacks findings")
    kept = os.listdir(kerbscope.path("evidence"))
    size = sum(os.path.getsize(os.path.join(kerbscope.path("evidence"), f))
               for f in kept)
    print(f"evidence: {len(kept)} files, {size >> 10} KiB")
    need(0 < size <= 32 << 20, "the evidence is not within its size")


# --- through an interface -------------------------------------------------

def network():
    """A network of its own with two ends of one cable."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNET) != 0:
        print("needs root and network namespaces")
        sys.exit(77)
    commands = ["ip link add ks0 mtu 2034 type veth peer name ks1 mtu 2034",
                *[f"sysctl -qw net.ipv6.conf.{i}.disable_ipv6=1"
                  for i in ("ks0", "ks1")],
                *[f"ip link set {i} arp off up" for i in ("ks0", "ks1")]]
    for c in commands:
        try:
            subprocess.run(c.split(), check=True)
        except (OSError, subprocess.CalledProcessError) as e:
            print(f"cannot make a veth: {e}")
            sys.exit(77)


def counter(name):
    with open(f"/proc/self/net/dev") as f:
        for line in f:
            if line.strip().startswith("ks1:"):
                numbers = line.split(":")[1].split()
                return int(numbers[{"packets": 1, "dropped": 3}[name]])


def listening(kerbscope):
    """Waits until somebody takes what arrives at ks1."""
    with open("/sys/class/net/ks1/ifindex") if os.path.exists(
            "/sys/class/net/ks1") else os.popen(
            "ip -o link show ks1") as f:
        index = re.match(r"\d+", f.read())[0]
    for _ in range(200):
        with open("/proc/self/net/packet") as f:
            if any(line.split()[4] == index and int(line.split()[5])
                   for line in list(f)[1:]):
                time.sleep(0.3)
                return
        need(kerbscope.running(), "it has ended: " + kerbscope.said())
        time.sleep(0.1)
    raise Wrong("it does not listen")


class Sender:
    def __init__(self, bench):
        self.child = subprocess.Popen(
            [os.path.join(bench, "send"), "ks0", str(RATE), str(SECONDS),
             *traffic()], stdout=subprocess.PIPE, text=True)
        self.packets = self.logons = 0

    def lines(self):
        for line in self.child.stdout:
            words = line.split()
            self.packets, self.logons = int(words[0]), int(words[4])
            yield self.packets

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()


def watch(kerbscope, sender):
    """Looks each EVERY seconds; the memory at each look."""
    samples = []
    started = last = time.monotonic()
    kerbscope.find()
    kerbscope.look()
    names = list(kerbscope.processes)
    print("seconds  packets/s  " + "  ".join(
        f"{n:>9} %  MiB" for n in names))
    before = 0
    for packets in sender.lines():
        now = time.monotonic()
        if now - last < EVERY:
            continue
        need(kerbscope.running(), "it has ended: " + kerbscope.said())
        samples.append((now - started, kerbscope.look(now - last)))
        print(f"{now - started:7.0f}  {(packets - before) / (now - last):9.0f}"
              "  " + "  ".join(f"{p.share:11.1f}  {p.memory >> 10:3}"
                               for p in kerbscope.processes.values()),
              flush=True)
        last, before = now, packets
    return samples


def wire(program, bench, folder):
    network()
    kerbscope = Kerbscope(program, folder, "-i", "ks1")
    sender = None
    try:
        listening(kerbscope)
        sender = Sender(bench)
        samples = watch(kerbscope, sender)
        need(sender.child.wait() == 0, "the sender has failed")
        time.sleep(3)
        report = kerbscope.end()
        received = report["captures"][0]["packets"]
        lost = report["quality"].get("dropped_by_kernel", 0)
        arrived, missed = counter("packets"), counter("dropped")
        print(f"packets: {sender.packets} sent, {arrived} arrived, "
              f"{received} taken, {lost} dropped by the kernel, {missed} by "
              "the interface")
        need(sender.packets == arrived, "packets were lost on the way")
        if lost:
            with open(kerbscope.path("log")) as f:
                print(*(line for line in f if '"drops"' in line), sep="")
            print(f"load of the machine: {os.getloadavg()[0]}")
        need(lost == 0 and missed == 0, "packets were dropped")
        need(report["quality"].get("tcp_gaps", 0) == 0, "streams have gaps")
        need(sender.packets >= 0.95 * RATE * SECONDS or SECONDS < SETTLED,
             "the sender was too slow: the machine is")
        well_told(report, sender.logons, kerbscope)
        after = [m for t, m in samples if t >= SETTLED]
        if len(after) > 5:
            flat(after, "after the first minute")
    finally:
        if sender is not None:
            sender.end()
        if kerbscope.running():
            kerbscope.child.kill()
            kerbscope.child.wait()


# --- a day from a file ----------------------------------------------------

def day(program, bench, folder):
    maker = subprocess.Popen(
        [os.path.join(bench, "generate"), "day", DAY, "-", *traffic()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    kerbscope = Kerbscope(program, folder, "-", "--memory", CEILING,
                          stdin=maker.stdout)
    maker.stdout.close()
    hours, costs = [], []
    logons = 0
    last = 0.0
    try:
        kerbscope.find()
        print("hour  CPU s  MiB")
        for line in maker.stderr:
            if not line.startswith("hour "):
                logons = int(line.split()[4])
                continue
            need(kerbscope.running(), "it has ended: " + kerbscope.said())
            hours.append(kerbscope.look())
            cpu = sum(p.cpu for p in kerbscope.processes.values())
            costs.append(cpu - last)
            last = cpu
            print(f"{len(hours):4}  {costs[-1]:5.2f}  {hours[-1] >> 10:3}",
                  flush=True)
        need(maker.wait() == 0, "the generator has failed")
        report = kerbscope.end(None)
        well_told(report, logons, kerbscope)
        need(len(hours) >= 23, "the day was too short")
        flat(hours, "after the first hour", FLAT_DAY)
        need(costs[-1] <= SLOWER * costs[1] + 0.1, "an hour takes longer and "
             f"longer: {costs[1]:.2f} s, then {costs[-1]:.2f} s")
    finally:
        maker.kill()
        maker.wait()
        if kerbscope.running():
            kerbscope.child.kill()
            kerbscope.child.wait()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    failed = False
    for kind in sys.argv[3:] or ["day", "wire"]:
        folder = tempfile.mkdtemp(prefix="kerbscope-soak-",
                                  dir=os.environ.get("SOAK_DIR", "/tmp"))
        # It writes there as whom it becomes.
        os.chmod(folder, 0o755)
        os.mkdir(os.path.join(folder, "evidence"))
        for f in (folder, os.path.join(folder, "evidence")):
            os.chmod(f, 0o777)
        try:
            {"wire": wire, "day": day}[kind](*sys.argv[1:3], folder)
            print(f"{kind}: well", flush=True)
        except Wrong as e:
            failed = True
            print(f"{kind}: FAILED: {e}", flush=True)
        finally:
            shutil.rmtree(folder)
    sys.exit(failed)


main()
