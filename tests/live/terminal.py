"""A terminal in which the analyzer dies: it is given back as it was.

usage: terminal.py COMMAND...
"""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time


def read_until(fd, what, seconds=20):
    text = b""
    end = time.time() + seconds
    while what not in text:
        if not select.select([fd], [], [], max(0, end - time.time()))[0]:
            sys.exit("this never came: %r in %r" % (what, text))
        try:
            text += os.read(fd, 65536)
        except OSError:
            sys.exit("it ended before this came: %r in %r" % (what, text))
    return text


def children(pid):
    out = subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE)
    return [int(n) for n in out.stdout.split()]


def analyzer_of(monitor):
    for pid in children(monitor):
        with open("/proc/%d/comm" % pid) as f:
            if f.read().strip() != "ks-grabber":
                return pid
    sys.exit("there is no analyzer")


def run(terminal, sign):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = terminal
        os.execvp(sys.argv[1], sys.argv[1:])
    try:
        return watch(pid, fd, sign)
    except SystemExit:
        os.kill(pid, signal.SIGKILL)
        raise


def watch(pid, fd, sign):
    before = termios.tcgetattr(fd)
    read_until(fd, sign)
    screens = termios.tcgetattr(fd) != before
    os.kill(analyzer_of(pid), signal.SIGKILL)
    text = read_until(fd, b"the analyzer died of SIGKILL")
    left = b"\033[?1049l" in text and b"\033[?25h" in text
    if left != screens:
        sys.exit("alternate screen left: %s, of %r" % (left, text))
    status = os.waitpid(pid, 0)[1]
    if os.WEXITSTATUS(status) != 128 + signal.SIGKILL:
        sys.exit("status %x" % status)
    if termios.tcgetattr(fd) != before:
        sys.exit("the terminal is not as it was")
    return screens


if run("dumb", b"listens"):
    sys.exit("a dumb terminal was changed")
run("xterm", b"isten")
