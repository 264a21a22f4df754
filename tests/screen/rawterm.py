"""A pseudo-terminal of our own: every octet that a program sends to it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import terminal

QUIET = 0.1  # seconds without an octet


class RawTerminal:
    """One program with a pseudo-terminal; use it in a with."""

    def __init__(self, argv, width=80, height=24, env=None, cwd=None):
        self.stream = b""
        self.status = None
        self.master, slave = pty.openpty()
        self.resize(width, height)
        self.before = termios.tcgetattr(self.master)
        env = terminal.environment() if env is None else env
        told, tell = os.pipe()
        self.leader = os.fork()
        if self.leader == 0:
            os.close(self.master)
            lead(slave, tell, argv, env, cwd)
        os.close(tell)
        self.pid = int(os.read(told, 32) or 0)
        os.close(told)
        # Ours stays open: what the terminal is set to can be asked for when
        # the program is over.
        self.slave = slave
        os.set_blocking(self.master, False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.leader, 0)
        os.close(self.master)
        os.close(self.slave)

    def resize(self, width, height):
        """Another size; the program gets SIGWINCH."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", height, width, 0, 0))

    def press(self, octets):
        """Octets from the keyboard."""
        end = time.monotonic() + terminal.LIMIT
        while octets:
            self.take(0)
            try:
                octets = octets[os.write(self.master, octets):]
            except BlockingIOError:
                time.sleep(terminal.PAUSE)
            if time.monotonic() > end:
                raise terminal.Broken("it does not read its keyboard")

    def take(self, seconds):
        """Reads what comes within SECONDS; whether anything did."""
        ready = select.select([self.master], [], [], seconds)[0]
        if not ready:
            return False
        try:
            got = os.read(self.master, 1 << 16)
        except BlockingIOError:
            return False
        self.stream += got
        return got != b""

    def over(self):
        """Whether the program has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.leader, os.WNOHANG)
            if pid != 0:
                status = os.waitstatus_to_exitcode(status)
                # As a shell says it.
                self.status = 128 - status if status > 128 else status
                while self.take(0):
                    pass
        return self.status is not None

    def idle(self):
        """Reads until nothing comes and the program has nothing to do."""
        end = time.monotonic() + terminal.LIMIT
        while self.take(QUIET) or self.busy():
            if time.monotonic() > end:
                raise terminal.Broken("it does not come to rest")

    def busy(self):
        """Whether the program has something to do."""
        state = terminal.read(f"/proc/{self.pid}/stat").rpartition(")")[2]
        return not self.over() and state.split()[:1] not in (["S"], ["Z"])

    def wait(self, octets):
        """Until they were sent."""
        end = time.monotonic() + terminal.LIMIT
        while octets not in self.stream:
            self.take(QUIET)
            if self.over() or time.monotonic() > end:
                raise terminal.Broken(f"never sent: {octets!r}; "
                                      f"status {self.status}")

    def end(self):
        """Waits for its end: the status, below 0 for a signal."""
        end = time.monotonic() + terminal.LIMIT
        while not self.over():
            self.take(terminal.PAUSE)
            if time.monotonic() > end:
                raise terminal.Broken("it does not end")
        return self.status

    def look(self):
        """What was sent last."""
        return repr(self.stream[-2000:])

    def given_back(self):
        """What a program that has ended left otherwise than it found it."""
        wrong = modes_left(self.stream)
        if termios.tcgetattr(self.slave) != self.before:
            wrong.append("stty")
        return wrong


def lead(slave, tell, argv, env, cwd):
    """The leader of a session, as a shell is one: a program of it can stop."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    for sig in (signal.SIGTTOU, signal.SIGHUP, signal.SIGINT):
        signal.signal(sig, signal.SIG_IGN)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        for sig in (signal.SIGTTOU, signal.SIGHUP, signal.SIGINT):
            signal.signal(sig, signal.SIG_DFL)
        if cwd is not None:
            os.chdir(cwd)
        os.write(tell, str(os.getpid()).encode())
        os.close(tell)
        os.closerange(3, 256)
        try:
            os.execvpe(argv[0], argv, env)
        finally:
            os._exit(127)
    os.close(tell)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os._exit(status if status >= 0 else 128 - status)


# Private modes of xterm that are on when nobody has changed them.
USUALLY_ON = {"7", "25"}
MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])|\x1b([=>])|\x1b\[([0-9;]*)m|"
                  rb"\x1b\[([0-9]*;[0-9]*)?r|([\x0e\x0f])")


def modes_left(stream):
    """What STREAM has turned on and not off again, or the reverse."""
    modes, drawn = {}, ""
    for m in MODE.finditer(stream):
        if m.group(1) is not None:
            for mode in m.group(1).decode().split(";"):
                modes["mode " + mode] = (
                    (m.group(2) == b"h") != (mode in USUALLY_ON))
        elif m.group(3) is not None:
            modes["keypad"] = m.group(3) == b"="
        elif m.group(4) is not None:
            drawn = m.group(4).decode()
        elif m.group(6) is not None:
            modes["other characters"] = m.group(6) == b"\x0e"
    # Attributes: the last word must be "none", in one of its forms.
    if drawn not in ("", "0", "0;10", "39;49", "m"):
        modes["attributes " + drawn] = True
    return sorted(mode for mode, left in modes.items() if left)


def rendered(stream, width=80, height=24):
    """The screen that STREAM makes of an empty one."""
    name = os.path.join(os.environ["TMP"], "stream")
    with open(name, "wb") as f:
        f.write(stream)
    show = 'stty raw -echo; cat "$0"; exec sleep 1000'
    with terminal.Terminal(["sh", "-c", show, name], width, height) as t:
        return t.screen()
