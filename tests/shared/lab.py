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
    run = subprocess.run([os.environ["KERBSCOPE"], "-f", "json", capture],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         timeout=60)
    if run.returncode not in (0, 1):
        print(f"{capture.name}: status {run.returncode}")
        return 1
    report = json.loads(run.stdout)
    wrong = [w for e in truth["expect"] if not e["with"]
             for w in compare(e, report["findings"])]
    if wrong:
        print(f"{capture.name}: {'; '.join(truth['faults']) or 'healthy'}")
        for f in report["findings"]:
            print("   ", describe(f))
        print("\n".join(wrong))
    return bool(wrong)


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
