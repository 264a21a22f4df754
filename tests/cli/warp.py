#!/usr/bin/env python3
"""usage: warp.py FOLDER [--from CAPTURES] [NAME...]: recorded captures as worse
networks, switches and tools would have written them.

Every pcap of the tests, or in CAPTURES, is changed in each way that NAME, or
the table WARPS below, says, and read again. What must hold depends on the
way: the same causes, or no cause that the whole capture does not have, or
nothing proven that it does not prove.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import struct
import subprocess
import sys

MICRO = 1000000


class Capture:
    """A pcap file: its header, and (time, length on the wire, octets)."""

    def __init__(self, path):
        data = pathlib.Path(path).read_bytes()
        self.order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1",
                                         b"\x4d\x3c\xb2\xa1") else ">"
        self.unit = 1000 * MICRO if b"\x3c\xb2" in data[:4] else MICRO
        self.head = data[:24]
        self.link = struct.unpack_from(self.order + "I", data, 20)[0]
        self.packets = []
        at = 24
        while at + 16 <= len(data):
            sec, frac, incl, orig = struct.unpack_from(
                self.order + "IIII", data, at)
            self.packets.append((sec * self.unit + frac, orig,
                                 data[at + 16:at + 16 + incl]))
            at += 16 + incl

    def write(self, path, packets):
        out = bytearray(self.head)
        struct.pack_into(self.order + "I", out, 16, 1 << 18)
        for time, orig, data in packets:
            out += struct.pack(self.order + "IIII",
                               time // self.unit & 0xffffffff,
                               time % self.unit, len(data), orig)
            out += data
        path.write_bytes(out)

    def ip(self, data):
        """Offset of an IPv4 header, or None."""
        at = {1: 14, 113: 16, 276: 20, 101: 0}.get(self.link)
        if self.link == 1:
            while data[at - 2:at] == b"\x81\x00":
                at += 4
            if data[at - 2:at] != b"\x08\x00":
                return None
        if at is None or len(data) < at + 20 or data[at] >> 4 != 4:
            return None
        return at

    def ends(self, data):
        """(protocol, source, destination) of an IPv4 packet, or None."""
        at = self.ip(data)
        if at is None:
            return None
        return data[at + 9], data[at + 12:at + 16], data[at + 16:at + 20]


# --- the ways: each gives the packets of the changed capture

def twice(c, rng):
    """A mirror port that sees both sides of a switch."""
    for time, orig, data in c.packets:
        yield time, orig, data
        yield time + c.unit // MICRO * 30, orig, data


def to_lower(c, rng):
    """One direction: the frames to the lower address of each pair."""
    for p in c.packets:
        e = c.ends(p[2])
        if e is None or e[1] > e[2]:
            yield p


def to_higher(c, rng):
    """The other direction."""
    for p in c.packets:
        e = c.ends(p[2])
        if e is None or e[1] <= e[2]:
            yield p


def reordered(c, rng):
    """Several receive queues: neighbours within 50 us change places."""
    packets = list(c.packets)
    i = 0
    while i + 1 < len(packets):
        if packets[i + 1][0] - packets[i][0] < c.unit // MICRO * 50 and \
                rng.random() < 0.5:
            packets[i], packets[i + 1] = packets[i + 1], packets[i]
            i += 1
        i += 1
    return packets


def backwards(c, rng):
    """The clock is set back, and forth again."""
    third = len(c.packets) // 3
    for i, (time, orig, data) in enumerate(c.packets):
        yield time - 3600 * c.unit * (third < i < 2 * third), orig, data


def jumping(c, rng):
    """Times that go back and forth by up to 50 ms: merged without order."""
    for time, orig, data in c.packets:
        yield time + rng.randrange(-50000, 50000) * c.unit // MICRO, \
            orig, data


def rewritten(c, rng):
    """All at one moment: times taken out for privacy."""
    for _, orig, data in c.packets:
        yield 0, orig, data


def resets(c, rng):
    """Windows' KDCs end a connection with a reset, once they answered."""
    for time, orig, data in c.packets:
        at = c.ip(data)
        tcp = at + (data[at] & 15) * 4 if at is not None else len(data)
        if len(data) >= tcp + 20 and data[at + 9] == 6 and \
                data[tcp:tcp + 2] == b"\0\x58" and data[tcp + 13] & 1 and \
                at + int.from_bytes(data[at + 2:at + 4], "big") == \
                tcp + (data[tcp + 12] >> 4) * 4:
            data = bytearray(data)
            data[tcp + 13] = 0x14
        yield time, orig, bytes(data)


def checksums(c, rng):
    """Checksum offload: the card would have filled them in."""
    for time, orig, data in c.packets:
        at = c.ip(data)
        if at is not None:
            data = bytearray(data)
            data[at + 10:at + 12] = b"\0\0"
            field = at + (data[at] & 15) * 4 + \
                {6: 16, 17: 6}.get(data[at + 9], 1 << 20)
            if field + 2 <= len(data):
                data[field:field + 2] = rng.randbytes(2)
        yield time, orig, bytes(data)


def offloaded(c, rng):
    """Segmentation offload: segments in a row are one long frame."""
    run = None
    for time, orig, data in c.packets:
        at = c.ip(data)
        key = None
        if at is not None and data[at + 9] == 6 and orig == len(data):
            tcp = at + (data[at] & 15) * 4
            end = at + struct.unpack_from(">H", data, at + 2)[0]
            head = tcp + (data[tcp + 12] >> 4) * 4
            seq = struct.unpack_from(">I", data, tcp + 4)[0]
            if head < end <= len(data) and data[tcp + 13] & 7 == 0:
                key = data[at + 12:at + 20] + data[tcp:tcp + 4]
        if run is not None and key == run[0] and seq == run[3]:
            run[2] += data[head:end]
            run[3] += end - head
            continue
        if run is not None:
            yield run[1], len(run[2]), bytes(run[2])
            run = None
        if key is None:
            yield time, orig, data
            continue
        whole = bytearray(data[:end])
        # Linux writes 0 into the length of what is longer than 65535.
        struct.pack_into(">H", whole, at + 2, 0)
        run = [key, time, whole, seq + end - head]
    if run is not None:
        yield run[1], len(run[2]), bytes(run[2])


def lossy(c, rng):
    """The capturing machine dropped one frame in twenty."""
    for p in c.packets:
        if rng.random() >= 0.05:
            yield p


def late(c, rng):
    """Started in the middle."""
    return c.packets[len(c.packets) // 2:]


def early(c, rng):
    """Stopped in the middle."""
    return c.packets[:len(c.packets) // 2]


def cut(length):
    def snapped(c, rng):
        for time, orig, data in c.packets:
            yield time, orig, data[:length]
    snapped.__doc__ = f"A snap length of {length}."
    return snapped


def ragged(c, rng):
    """Every frame cut somewhere: at each class of offset in turn."""
    for time, orig, data in c.packets:
        yield time, orig, data[:rng.randrange(len(data) + 1)]


# What has to hold: SAME causes; no new CAUSE that breaks or degrades;
# nothing PROVEN that was not proven of the whole.
SAME, CAUSE, PROVEN = range(3)

WARPS = {
    "twice": (twice, SAME),
    "reordered": (reordered, CAUSE),
    "checksums": (checksums, SAME),
    "resets": (resets, SAME),
    "offloaded": (offloaded, SAME),
    "to-lower": (to_lower, PROVEN),
    "to-higher": (to_higher, PROVEN),
    "backwards": (backwards, PROVEN),
    "jumping": (jumping, PROVEN),
    "rewritten": (rewritten, PROVEN),
    "lossy": (lossy, PROVEN),
    "late": (late, PROVEN),
    "early": (early, PROVEN),
    "ragged": (ragged, PROVEN),
}
# Into link, IP and TCP headers, the length fields of SMB2 and Kerberos,
# SPNEGO wrappers, tickets and authenticators.
for n in (16, 40, 55, 68, 71, 90, 130, 134, 190, 260, 420, 800, 1300):
    WARPS[f"cut-{n}"] = (cut(n), PROVEN)


# --- looking at it

def findings(path):
    run = subprocess.run([os.environ["KERBSCOPE"], "-f", "json", path],
                         stdin=subprocess.DEVNULL, capture_output=True,
                         timeout=120)
    if run.returncode not in (0, 1):
        print(run.stderr.decode(errors="replace")[-1500:], end="")
        return None
    return json.loads(run.stdout)


def proven(report):
    return [(f["rule"], f["subject"]) for f in report["findings"]
            if f["certainty"] == "proven"]


def causes(report):
    return [(f["rule"], f["subject"]) for f in report["findings"]
            if f["cause"] and f["impact"] in ("breaks", "degrades")]


def same(part, whole):
    """The same rule and subject, but for what was cut off: a realm, or the
    name of the account, for which the client's address then stands."""
    return part[0] == whole[0] and all(
        value == whole[1].get(key)
        or whole[1].get(key, "").startswith(value + "@")
        or (key == "client" and key not in whole[1])
        for key, value in part[1].items())


def wrong(must, report, whole, short):
    if report is None:
        return "no report"
    if report["quality"]["frames_short"] != short:
        return f"counts {report['quality']['frames_short']} of {short} short"
    new = [p for p in proven(report)
           if not any(same(p, w) for w in proven(whole))]
    if new:
        return f"proves {new}"
    # What the capture lacks, its sender did not break.
    if report["quality"]["malformed"] > whole["quality"]["malformed"]:
        return f"calls {report['quality']['malformed']} malformed"
    if must == PROVEN:
        return None
    new = [c for c in causes(report) if c not in causes(whole)]
    gone = [c for c in causes(whole) if c not in causes(report)]
    if new or (gone and must == SAME):
        return f"new causes {new}, gone {gone}"
    return None


def look(folder, seed, names):
    """What went wrong with one capture, a line each."""
    path = folder / (str(seed).replace("/", "-") + ".warped")
    capture = Capture(seed)
    whole = findings(seed)
    bad = []
    for name in names:
        warp, must = WARPS[name]
        packets = list(warp(capture, random.Random(str(seed))))
        capture.write(path, packets)
        short = sum(orig > len(data) for _, orig, data in packets)
        why = wrong(must, findings(path), whole, short)
        if why is not None:
            bad.append(f"{seed} {name}: {why}")
    path.unlink()
    return bad


def is_pcap(path):
    with path.open("rb") as f:
        return f.read(4) in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4",
                             b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")


def main():
    folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
    seeds = sorted([*pathlib.Path("pcaps").glob("*.pcap"),
                    *pathlib.Path("tests").glob("[drh]*/**/*.pcap")])
    if names[:1] == ["--from"]:
        seeds = sorted(p for p in pathlib.Path(names[1]).glob("**/*")
                       if p.is_file() and is_pcap(p))
        names = names[2:]
    names = names or list(WARPS)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bad = [line for lines in pool.map(
            lambda seed: look(folder, seed, names), seeds) for line in lines]
    print("\n".join(bad))
    if bad:
        print(f"{len(bad)} went wrong")
    return len(bad) != 0


if __name__ == "__main__":
    sys.exit(main())
