"""An event file as if its capture had gone on for two minutes, with a word
between two others at its end.

usage: soon.py EVENTS          writes the longer file
       soon.py LOG RULE FROM   writes how many seconds after FROM RULE was told

FROM is "proof", the frame that is told first, or "first", when the first of
its log-ons began.
"""

import datetime
import json
import sys

FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def when(text):
    return datetime.datetime.strptime(text, FORM)


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def longer(path):
    events = lines(path)
    last = max(when(e["time"]) for e in events if "time" in e)
    word = {
        "event": "dns-query",
        "capture": 0,
        "frame": 1000000,
        "time": (last + datetime.timedelta(seconds=120)).strftime(FORM),
        "carrier": "dns",
        "transport": "udp",
        "src": "192.0.2.1",
        "sport": 5000,
        "dst": "192.0.2.2",
        "dport": 53,
        "flow": 1000000,
        "from_client": True,
        "id": 1,
        "name": "example.test",
        "type": 1,
    }
    ends = [e for e in events if e["event"] == "capture-end"]
    for e in [e for e in events if e not in ends] + [word] + ends:
        print(json.dumps(e))


def told(path, rule, start):
    for e in lines(path):
        if e.get("rule") == rule and e["change"] == "opened":
            first = e["evidence"][0]["time"] if start == "proof" else e[start]
            print("%.2f" % (when(e["time"]) - when(first)).total_seconds())
            return
    print("never")


if len(sys.argv) == 2:
    longer(sys.argv[1])
else:
    told(*sys.argv[1:])
