#!/usr/bin/env python3
"""usage: snap.py FOLDER: cut the frames of recorded captures, look again.

The lengths fall into link, IP and TCP headers, the length fields of SMB2 and
Kerberos, SPNEGO wrappers, tickets and authenticators.
"""

import json
import os
import pathlib
import struct
import subprocess
import sys

LENGTHS = (16, 40, 55, 68, 71, 90, 130, 134, 190, 260, 420, 800, 1300)


def snapped(data, length):
    """A pcap file in the byte order of DATA, frames cut to LENGTH."""
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") \
        else ">"
    out = bytearray(data[:24])
    at = 24
    while at + 16 <= len(data):
        sec, frac, incl, orig = struct.unpack_from(order + "IIII", data, at)
        keep = min(incl, length)
        out += struct.pack(order + "IIII", sec, frac, keep, orig)
        out += data[at + 16:at + 16 + keep]
        at += 16 + incl
    return out


def proven(path):
    run = subprocess.run([os.environ["KERBSCOPE"], "-f", "json", path],
                         stdin=subprocess.DEVNULL, capture_output=True,
                         timeout=60)
    if run.returncode not in (0, 1):
        return run, None
    return run, [(f["rule"], f["subject"])
                 for f in json.loads(run.stdout)["findings"]
                 if f["certainty"] == "proven"]


def same(part, whole):
    """The same rule and subject, but for what was cut off, as a realm."""
    return part[0] == whole[0] and all(
        value == whole[1].get(key)
        or whole[1].get(key, "").startswith(value + "@")
        for key, value in part[1].items())


def main():
    path = pathlib.Path(sys.argv[1]) / "short.pcap"
    bad = 0
    for seed in sorted([*pathlib.Path("pcaps").glob("*.pcap"),
                        *pathlib.Path("tests").glob("[drh]*/**/*.pcap")]):
        data = seed.read_bytes()
        whole = proven(seed)[1] or []
        for length in LENGTHS:
            path.write_bytes(snapped(data, length))
            run, found = proven(path)
            if found is None:
                wrong = f"status {run.returncode}"
            else:
                more = [f for f in found
                        if not any(same(f, w) for w in whole)]
                if not more:
                    continue
                wrong = f"proves {more}"
            bad += 1
            print(f"{seed} cut to {length}: {wrong}")
            print(run.stderr.decode(errors="replace")[-1500:], end="")
    if bad:
        print(f"{bad} cut captures went wrong")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
