#!/usr/bin/env python3
"""usage: lab.py ID: one capture of a Samba domain against its ground truth.

The captures and their truth.json are not part of the source: they lie in
../shared/captures/lab, or in $KERBSCOPE_CAPTURES/lab. Exits 77 without them.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

DUE = "01 02b 04a 05 06 08a 08g 09 11b 12a 13a 14f 15c 17a"  # tests/run reads this


def main():
    top = pathlib.Path(os.environ.get("KERBSCOPE_CAPTURES",
                                      "../shared/captures"))
    truths = list(top.glob(f"lab/{sys.argv[1]}-*.truth.json"))
    if not truths:
        print(f"{top}/lab: not here (set KERBSCOPE_CAPTURES)")
        return 77
    truth = json.loads(truths[0].read_text())
    capture = truths[0].with_name(truth["pcap"])
    wrong = [w for e in truth["expect"] for w in judge(capture, e)]
    wrong += tried(capture, truth["keys"].get("tickets", []))
    if wrong:
        print(f"{capture.name}: {'; '.join(truth['faults']) or 'healthy'}")
        print("\n".join(wrong))
    return bool(wrong)


def report(capture, options):
    """What it says with OPTIONS, whose files lie beside the capture."""
    beside = {p.name: str(p) for p in capture.parent.iterdir()}
    words = [beside.get(word, word) for word in options]
    return subprocess.run([os.environ["KERBSCOPE"], "-f", "json", *words,
                           capture],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          timeout=60, check=False)


def judge(capture, expect):
    run = report(capture, expect["with"])
    if run.returncode not in (0, 1):
        return [f"status {run.returncode} with {' '.join(expect['with'])}"]
    findings = json.loads(run.stdout)["findings"]
    wrong = list(compare(expect, findings))
    if not wrong:
        return []
    return [f"with {' '.join(expect['with']) or 'no look-up'}:",
            *("    " + describe(f) for f in findings), *wrong]


def tried(capture, tickets):
    """The keytabs that open tickets, by file, principal and version."""
    wrong = []
    for ticket in tickets:
        for by in ticket["opened_by"]:
            file, _, rest = by.partition(": ")
            principal, _, kvno = rest.rpartition(" kvno ")
            wrong += opens(capture, file, principal, int(kvno), ticket)
    return wrong


def opens(capture, file, principal, kvno, ticket):
    with tempfile.TemporaryDirectory() as folder:
        events = pathlib.Path(folder, "events.jsonl")
        report(capture, ["--keytab", file, "--events", str(events)])
        told = [json.loads(line) for line in events.open()]
    shown = {e.get("tkt_digest") for e in told
             if e["event"] == "ap-req" and e["frame"] in ticket["frames"]}
    # The key of an account may be there under the service's name as well.
    names = (principal, ticket["service"])
    for e in told:
        if e["event"] == "ticket-key" and e["tkt_digest"] in shown and (
                e["result"] == "opens" and e["kvno"] == kvno and
                e["principal"].partition("@")[0] in names):
            return []
    return [f"{file}: {principal} kvno {kvno} does not open the ticket of "
            f"frames {ticket['frames']}"]


def describe(finding):
    kind = "cause" if finding["cause"] else "not a cause"
    return " ".join([kind, finding["impact"], finding["certainty"],
                     finding["rule"], str(finding["subject"]),
                     str(sorted(frames(finding)))])


def frames(finding):
    return {e["frame"] for e in finding["evidence"] if "frame" in e}


def compare(expect, findings):
    causes = [f for f in findings if f["cause"]]
    named = set(expect["may_also_be_named"])
    for group in expect["causes"]:
        found = [f for f in causes if f["rule"] in group["any_of"]]
        felt = [f for f in found if f["impact"] in ("breaks", "degrades")]
        named.update(group["any_of"])
        if not found:
            yield f"none of {' '.join(group['any_of'])} is a cause"
            continue
        if len({f["rule"] for f in felt}) > 1:
            yield f"{len(felt)} causes for one fault"
        if expect["certainty"] == "proven" and not any(
                f["certainty"] == "proven" for f in found):
            yield f"{found[0]['rule']} is not proven"
        near = {n + d for n in expect["evidence_frames_one_of"]
                for d in (-1, 0, 1)}
        if not near & set().union(*map(frames, found)):
            yield (f"{found[0]['rule']}: its evidence holds none of the "
                   f"frames {expect['evidence_frames_one_of']}")
    if expect["no_other_cause_that_breaks_or_degrades"]:
        for f in causes:
            if (f["impact"] in ("breaks", "degrades")
                    and f["rule"] not in named):
                yield f"{f['rule']} is named as a cause as well"


if __name__ == "__main__":
    sys.exit(main())
