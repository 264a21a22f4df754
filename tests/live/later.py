"""Writes an event file N times, each SECONDS later than the one before, as
log-ons of their own: other times, ports, flows and tickets.

usage: later.py EVENTS START SECONDS N [CAPTURE]
"""

import datetime
import hashlib
import json
import re
import sys

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
PORTS = ("sport", "dport")
DIGESTS = re.compile(r"^[0-9a-f]{32}$")


def later(value, seconds, n):
    if isinstance(value, str) and TIME.match(value):
        t = datetime.datetime.strptime(value, FORM)
        if t.year > 2100:
            return value
        return (t + datetime.timedelta(seconds=seconds)).strftime(FORM)
    if isinstance(value, str) and n and DIGESTS.match(value):
        return hashlib.md5((value + str(n)).encode()).hexdigest()
    return value


def main():
    path, start, step, count = sys.argv[1], *map(float, sys.argv[2:5])
    with open(path, encoding="utf-8") as f:
        events = [json.loads(line) for line in f]
    for n in range(int(count)):
        for event in events:
            if event["event"] in ("capture", "capture-end") and n:
                continue
            e = {k: later(v, start + n * step, n) for k, v in event.items()}
            if "flow" in e:
                e["flow"] += 100000 * n
            for k in PORTS:
                if e.get(k, 0) > 30000:
                    e[k] = 30000 + (e[k] + 7 * n) % 30000
            if "frame" in e:
                e["frame"] += 1000 * n
            print(json.dumps(e))


main()
