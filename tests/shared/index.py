#!/usr/bin/env python3
"""usage: index.py TABLE: other people's captures against what TABLE says.

They lie in ../shared/captures, or in $KERBSCOPE_CAPTURES, with INDEX.md that
has a row a file and a list of traps: each has its line in TABLE, and each line
its row. Exits 77 where there are no captures. The table says at its top how it
is written.
"""

import collections
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys

WORDS = {"cause", "may", "unknown", "same", "waits",
         "keys"}
HEAVY = {"breaks", "degrades", "weakens"}


class Row:
    """One line of the table, and what is expected below it."""

    def __init__(self, words):
        self.file = words[0]
        self.refused = "refused" in words[1:]
        self.counts = dict(w.split("=") for w in words[1:] if "=" in w)
        self.causes, self.may, self.unknown = [], set(), []
        self.same, self.waits, self.keys = [], [], []

    def expect(self, word, rest):
        if word == "cause":
            self.causes.append(Cause(rest))
        elif word == "may":
            self.may.update(rest)
        else:
            getattr(self, word).append(rest)

    def outcomes(self):
        """The counts of log-ons, with those that follow from the causes."""
        bad = any(c.impact in ("breaks", "degrades") for c in self.causes)
        counts = {} if bad else {"broken": "0", "degraded": "0"}
        return {**counts, **self.counts}

    def wanted(self, quality):
        """And of what the capture lacks: nothing, if it is not said."""
        counts = {} if self.waits else {k: "0" for k in quality}
        return {**counts, **self.outcomes()}.items()


class Cause:
    def __init__(self, words):
        self.rules = words[0].split("|")
        self.impact = words[1]
        self.subject = dict(w.split("=", 1) for w in words[2:] if "=" in w)
        self.frames = {int(n) for w in words[2:] if w[0] == "@"
                       for n in w[1:].split(",")}

    def __str__(self):
        return " ".join(["|".join(self.rules), self.impact, *(
            f"{k}={v}" for k, v in self.subject.items())])

    def names(self, finding):
        """Is FINDING this one, right or wrong in its evidence?"""
        return finding["rule"] in self.rules and \
            finding["impact"] == self.impact and all(
                fnmatch.fnmatchcase(finding["subject"].get(k, ""), v)
                for k, v in self.subject.items())


def read_trap(line):
    words, cases = line.split(":", 1)
    return words.split(None, 1)[1], cases.split()


def read_table(path):
    """Rules that may be remarked everywhere, traps, and rows by file."""
    everywhere, traps, rows = set(), [], {}
    row = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "everywhere":
            everywhere.update(words[1:])
        elif words[0] == "trap":
            traps.append(read_trap(line))
        elif line[0] != "\t":
            row = Row(words)
            if row.file in rows:
                sys.exit(f"{path}:{number}: {row.file} stands there twice")
            rows[row.file] = row
        elif words[0] in WORDS:
            row.expect(words[0], words[1:])
        else:
            sys.exit(f"{path}:{number}: {words[0]}: what is that?")
    return everywhere, traps, rows


def read_index(path):
    """(file, its KDC's messages) of INDEX.md; a section is a folder."""
    folder = None
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("## "):
            name = line[3:].split(" ")[0]
            folder = name if name.endswith("/") else None
        elif folder and line.startswith("| ") and line[2:6] != "file":
            cells = line[2:].split(" | ")
            yield folder + cells[0], count_told(cells[5])


def count_told(messages):
    """AS-REQ 2, AS-REP 1, KRB-ERROR 1 {25×1}: what a row tells."""
    counts = collections.Counter()
    for name, count in re.findall(r"(?:^|, )([AT]G?S-RE[QP]) (\d+)",
                                  messages):
        counts[name] = int(count)
    for code, count in re.findall(r"[{ ](\d+)×(\d+)", messages):
        counts["error " + code] = int(count)
    return counts


def count_read(path):
    """The same of the events."""
    kinds = {10: "AS-REQ", 11: "AS-REP", 12: "TGS-REQ", 13: "TGS-REP"}
    counts = collections.Counter()
    for line in run("--events", "-", "-q", str(path)).stdout.splitlines():
        e = json.loads(line)
        if e["event"] in ("kdc-req", "kdc-rep"):
            counts[kinds[e["msg_type"]]] += 1
        elif e["event"] == "krb-error":
            counts[f"error {e['code']}"] += 1
    return counts


def read_traps(path):
    """What INDEX.md warns of, a line each."""
    about = False
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("## "):
            about = line.startswith("## Traps")
        elif about and line.startswith("- "):
            yield line[2:]


def unmet_traps(traps, warned):
    """Traps without a line, and lines without a trap."""
    for line in warned:
        if sum(line.startswith(words) for words, _ in traps) != 1:
            yield f"a trap without its line: {line[:60]}"
    for words, _ in traps:
        if not any(line.startswith(words) for line in warned):
            yield f"{words}: no such trap"


def lost_cases(traps):
    for words, cases in traps:
        for case in cases if cases[0] != "waits" else ():
            if not list(pathlib.Path("tests").glob(f"{case}.*")):
                yield f"{words}: no case {case}"


def run(*args):
    return subprocess.run([os.environ["KERBSCOPE"], *args],
                          stdin=subprocess.DEVNULL,
                          capture_output=True, encoding="utf-8", timeout=60)


def report(path, *options):
    done = run("-f", "json", *options, str(path))
    return json.loads(done.stdout) if done.returncode in (0, 1) else None


def describe(f):
    kind = "cause" if f["cause"] else "no cause"
    subject = " ".join(f"{k}={v}" for k, v in sorted(f["subject"].items()))
    return (f"{kind} {f['impact']} {f['certainty']} {f['rule']} {subject} "
            f"@{','.join(map(str, sorted(frames(f))))}")


def frames(finding):
    return {e["frame"] for e in finding["evidence"] if "frame" in e}


def missing(row, found):
    """Expected causes that FOUND does not have as they should be."""
    for c in row.causes:
        near = [f for f in found if f["cause"] and c.names(f)]
        if not near:
            yield f"not a cause: {c}"
        elif len(near) > 1:
            yield f"named {len(near)} times: {c}"
        elif not c.frames <= frames(near[0]):
            lacks = sorted(c.frames - frames(near[0]))
            yield f"{c}: its evidence lacks {lacks}"


def unasked(row, found, everywhere):
    """What is found and should not be."""
    for f in found:
        if f["rule"] in row.may or any(c.names(f) for c in row.causes):
            continue
        if f["impact"] in HEAVY or (f["cause"] and
                                    f["rule"] not in everywhere):
            yield f"nothing of this: {describe(f)}"


def waited(row, got):
    """What the carriers that are read by now should have brought."""
    for carrier, *rest in row.waits:
        outcomes = {s["outcome"] for s in got["stories"]
                    if s["carrier"] == carrier}
        rules = {f["rule"] for f in got["findings"] if f["cause"]}
        for word in rest if outcomes else ():
            if word not in outcomes | rules:
                yield f"{carrier} is read, and {word} is not seen"


def compare(row, got, everywhere):
    yield from missing(row, got["findings"])
    yield from unasked(row, got["findings"], everywhere)
    yield from waited(row, got)
    counts = {**got["summary"], **got["quality"]}
    for what, count in row.wanted(got["quality"]):
        if counts[what] != int(count):
            yield f"{what}={counts[what]}, not {count}"
    verdicts = {r["id"]: r["verdict"] for r in got["rules"]}
    for rule, in row.unknown:
        if verdicts.get(rule) != "unknown":
            yield f"{rule}: {verdicts.get(rule)}, not unknown"


def refused(path):
    done = run(str(path))
    if done.returncode != 2 or done.stdout or done.stderr.count("\n") != 1:
        yield f"not refused in one line: status {done.returncode}"


def miscounted(path, told):
    got = count_read(path)
    for name in sorted(set(told) | set(got)):
        if told[name] != got[name]:
            yield f"{got[name]} {name} read, of {told[name]}"


def check(top, row, told, everywhere):
    """(row, what is wrong with it)"""
    path = top / row.file
    if not path.exists():
        return row, ["the file is not here"]
    if row.refused:
        return row, list(refused(path))
    got = report(path)
    if got is None:
        return row, ["not read"]
    wrong = [*compare(row, got, everywhere), *miscounted(path, told)]
    for other, in row.same:
        twin = report(top / other)
        if twin is None or {**twin, "captures": 0} != {**got, "captures": 0}:
            wrong.append(f"{other} gives another report")
    for keytab, in row.keys:
        opened = report(path, "--keytab", str(top / keytab))
        wrong += [f"with {keytab}: {w}"
                  for w in (compare(row, opened, everywhere) if opened else
                            ["not read"])]
    return row, wrong


def main():
    top = pathlib.Path(os.environ.get("KERBSCOPE_CAPTURES",
                                      "../shared/captures"))
    everywhere, traps, rows = read_table(pathlib.Path(sys.argv[1]))
    wrong = list(lost_cases(traps))
    if not (top / "INDEX.md").exists():
        print("\n".join(wrong) or
              f"{top}/INDEX.md: not here (set KERBSCOPE_CAPTURES)")
        return 1 if wrong else 77
    index = dict(read_index(top / "INDEX.md"))
    wrong += unmet_traps(traps, list(read_traps(top / "INDEX.md")))
    wrong += [f"{f}: a row without a line in the table"
              for f in sorted(index.keys() - rows.keys())]
    wrong += [f"{f}: a line without a row"
              for f in sorted(rows.keys() - index.keys())]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for row, said in pool.map(
                lambda f: check(top, rows[f], index[f], everywhere),
                sorted(rows.keys() & index.keys())):
            wrong += sorted(f"{row.file}: {w}" for w in said)
    if wrong:
        print("\n".join(wrong))
        print(f"{len(wrong)} wrong in {len(rows)} rows")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
