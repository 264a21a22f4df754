#!/usr/bin/env python3
"""usage: mutate.py FOLDER COUNT: run $KERBSCOPE on COUNT damaged captures.

Bits are flipped, stretches of bytes overwritten, and files cut, always the
same way: the seed is fixed. The last damaged file is left in FOLDER.
"""

import os
import pathlib
import random
import re
import subprocess
import sys

CONTROLS = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def damage(data, dice):
    data = bytearray(data)
    kind = dice.randrange(3)
    if kind == 0:
        for _ in range(dice.choice((1, 8, 64, 512))):
            data[dice.randrange(24, len(data))] ^= 1 << dice.randrange(8)
    elif kind == 1:
        for _ in range(dice.choice((1, 4, 16))):
            at = dice.randrange(24, len(data))
            length = dice.randrange(1, 32)
            data[at:at + length] = dice.randbytes(length)
    else:
        del data[dice.randrange(24, len(data)):]
    return data


def main():
    folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    dice = random.Random(4120)
    seeds = sorted([*pathlib.Path("pcaps").glob("*.pcap*"),
                    *pathlib.Path("tests").glob("[drh]*/**/*.pcap*")])
    bad = 0
    for i in range(count):
        seed = seeds[i % len(seeds)]
        path = folder / "damaged.pcap"
        path.write_bytes(damage(seed.read_bytes(), dice))
        run = subprocess.run([os.environ["KERBSCOPE"], path],
                             stdin=subprocess.DEVNULL, capture_output=True,
                             timeout=60)
        said = run.stdout + run.stderr
        wrong = None
        if run.returncode not in (0, 1, 2):
            wrong = f"status {run.returncode}"
        elif CONTROLS.search(said):
            wrong = f"control characters: {CONTROLS.search(said)}"
        if wrong:
            bad += 1
            print(f"copy {i} of {seed}: {wrong}")
            print(run.stderr.decode(errors="replace")[-1500:])
    if bad:
        print(f"{bad} of {count} damaged captures did harm")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
