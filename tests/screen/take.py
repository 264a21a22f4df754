#!/usr/bin/env python3
"""What is taken away: reports that `w` writes, what `y` and `x` copy."""

import base64
import os
import re
import subprocess
import sys

import rawterm
import terminal

CAPTURE = "pcaps/spn-wrong-account-samba.pcap"
COPIED = re.compile(rb"\x1b\]52;[a-z]*;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")


def report(*options):
    """What `read` says."""
    p = subprocess.run([os.environ["KERBSCOPE"], *options, CAPTURE],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       timeout=terminal.LIMIT, check=False)
    return p.stdout


def write(t, name):
    """The report that `w` writes."""
    path = os.path.join(os.environ["TMP"], name)
    t.press(b"w")
    t.idle()
    t.press(b"\x15" + path.encode() + b"\r")
    t.idle()
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as e:
        raise terminal.Broken(f"{name}: {e}\n{t.stream[-500:]!r}") from e


def copied(t, key):
    """What KEY copies."""
    at = len(t.stream)
    t.press(key)
    t.idle()
    found = COPIED.findall(t.stream[at:])
    if len(found) != 1:
        raise terminal.Broken(f"{key!r} copies {len(found)} texts")
    return base64.b64decode(found[0], validate=True).decode()


def check(what, got, want):
    """Whether GOT is WANT."""
    if got != want:
        raise terminal.Broken(f"{what}:\n{got}\nnot:\n{want}")


def commands(text):
    """The lines that are no comments: those are wrapped in a report."""
    lines = [line.strip() for line in text.split("\n")]
    return [line for line in lines if line and not line.startswith("#")]


def fixes():
    """The commands of the first cause, as the report has them."""
    text = report("--color", "never").decode()
    return commands(text.partition("    Fix    ")[2].partition(
        "    Verify ")[0])


def play():
    """All in one run."""
    with rawterm.RawTerminal(
            [os.environ["KERBSCOPE"], "tui", CAPTURE]) as t:
        t.wait(b"read")
        t.idle()
        check("w text", write(t, "report.txt"), report())
        check("w json", write(t, "report.json"), report("-f", "json"))
        check("y", commands(copied(t, b"y")), fixes())
        if not fixes():
            raise terminal.Broken("the report has no fix")
        display = copied(t, b"2x")
        if not re.search(r"frame\.number|ip\.addr|tcp\.", display):
            raise terminal.Broken(f"no filter of Wireshark: {display}")
        t.press(b"w")
        t.idle()
        t.press(b"\x15/no/such/folder/report.txt\r")
        t.idle()
        if b"not written" not in t.stream:
            raise terminal.Broken("nothing says that it was not written")
        t.press(b"Q")
        terminal.must_end(t, 1)


if __name__ == "__main__":
    sys.exit(terminal.run(play))
