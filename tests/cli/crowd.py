#!/usr/bin/env python3
"""usage: crowd.py EVENTS N: one client's log-on as N clients', 5 s apart.

Reads an event file of one client (anna at 10.77.0.101) and writes one of N,
each with a name, an address, tickets and connections of its own.
"""

import datetime
import json
import sys

FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def later(text, seconds):
    t = datetime.datetime.strptime(text, FORM)
    return (t + datetime.timedelta(seconds=seconds)).strftime(FORM)


def as_client(event, n):
    e = dict(event)
    for key in ("src", "dst"):
        if e.get(key) == "10.77.0.101":
            e[key] = "10.78.%d.%d" % (n // 250, n % 250 + 1)
    if e.get("cname") == "anna":
        e["cname"] = "user%05d" % n
    for key in ("time", "stime", "till"):
        if key in e:
            e[key] = later(e[key], 5 * n)
    e["frame"] += 1000 * n
    e["flow"] += 1000 * n
    if "nonce" in e:
        e["nonce"] = (e["nonce"] + n) % 2 ** 31
    if "tkt_digest" in e:
        e["tkt_digest"] = "%08x" % n + e["tkt_digest"][8:]
    return e


def main():
    count = int(sys.argv[2])
    events = [json.loads(line) for line in open(sys.argv[1])]
    kdc = [e for e in events if e.get("carrier") == "kdc"]
    print(json.dumps(events[0]))
    for n in range(count):
        for e in kdc:
            print(json.dumps(as_client(e, n)))
    end = events[-1]
    for key in ("time", "last"):
        end[key] = later(end[key], 5 * count)
    print(json.dumps(end))


if __name__ == "__main__":
    main()
