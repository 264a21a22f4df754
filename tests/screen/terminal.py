"""A terminal to test with: a private tmux server with one window.

What a program shows is asked for when nothing moves any more, so that tests
need not sleep for a while that is long enough on every machine.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time

LIMIT = 60  # seconds that anything may take
CALM = 3  # looks in a row at which nothing has changed
PAUSE = 0.02  # seconds between them

# Nothing of its own on the screen, and Esc is a key at once.
CONFIG = """
set -g status off
set -s escape-time 0
set -g remain-on-exit on
set -g remain-on-exit-format ""
set -s set-clipboard on
set -g history-limit 0
set -g mouse off
"""


class Broken(Exception):
    """A test cannot go on."""


def missing():
    """What lacks to run anything here; None: nothing does."""
    if shutil.which("tmux") is None:
        return "tmux is not installed"
    return None


def environment(**more):
    """The same everywhere; a name of MORE that is None is not there."""
    keep = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "KERBSCOPE", "TMP")
    env = {k: os.environ[k] for k in keep if k in os.environ}
    env.update(LC_ALL="C.UTF-8", TZ="UTC", TERM="xterm-256color", HOME="/")
    env.update(more)
    return {k: v for k, v in env.items() if v is not None}


class Terminal:
    """One program in a window of its own; use it in a with."""

    def __init__(self, argv, width=80, height=24, env=None):
        self.folder = tempfile.mkdtemp(prefix="screen")
        self.socket = os.path.join(self.folder, "tmux")
        conf = os.path.join(self.folder, "conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write(CONFIG)
        env = environment() if env is None else env
        # tmux sets TERM for what it starts: env says it again.
        run = ["env", "-i"] + [f"{k}={v}" for k, v in env.items()]
        try:
            self.tmux("-f", conf, "new-session", "-d", "-x", str(width), "-y",
                      str(height), *run, *argv)
            self.pid = int(self.ask("#{pane_pid}"))
            self.server = int(self.ask("#{pid}"))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the server that we started, and all in it."""
        if os.path.exists(self.socket):
            subprocess.run(["tmux", "-S", self.socket, "kill-server"],
                           stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tmux(self, *words):
        """What tmux answers to a command."""
        # Of a tmux in which the test itself runs it must not know.
        env = {k: v for k, v in os.environ.items()
               if k not in ("TMUX", "TMUX_PANE")}
        env["LC_ALL"] = "C.UTF-8"
        p = subprocess.run(["tmux", "-u", "-S", self.socket, *words], env=env,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=LIMIT, check=False)
        if p.returncode != 0:
            raise Broken("tmux %s: %s" % (words[0],
                         p.stderr.decode(errors="replace").strip()))
        return p.stdout.decode("utf-8", "surrogateescape")

    def ask(self, what):
        """A format of tmux: #{pane_dead}."""
        return self.tmux("display-message", "-p", what).strip()

    def keys(self, *words):
        """Presses keys as tmux names them."""
        self.tmux("send-keys", *words)

    def type(self, text):
        """Types TEXT as it is."""
        self.tmux("send-keys", "-l", "--", text)

    def resize(self, width, height):
        """Gives the window another size."""
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def look(self, colors=False):
        """The screen as it is now."""
        return self.tmux("capture-pane", "-p", *(["-e"] if colors else []))

    def over(self):
        """Whether the program has ended."""
        return self.ask("#{pane_dead}") == "1"

    def busy(self):
        """Whether the program or tmux has something to do."""
        for pid in (self.pid, self.server):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8",
                          errors="replace") as f:
                    state = f.read().rpartition(")")[2].split()[0]
            except OSError:
                continue  # it is over
            if state not in "SZ":
                return True
        return False

    def screen(self, colors=False):
        """The screen when nothing moves any more."""
        end = time.monotonic() + LIMIT
        last, calm = None, 0
        while calm < CALM:
            now = (self.look(colors), self.ask("#{cursor_x} #{cursor_y}"))
            calm = calm + 1 if now == last and not self.busy() else 0
            last = now
            if time.monotonic() > end:
                raise Broken("the screen does not come to rest")
            time.sleep(PAUSE)
        return last[0]

    def wait(self, text, there=True):
        """Until TEXT can be read on the screen, or can be no more."""
        end = time.monotonic() + LIMIT
        while (text in self.look()) != there:
            if time.monotonic() > end:
                raise Broken("not %s: %s\n%s" % ("shown" if there else "gone",
                             text, self.look()))
            if there and self.over():
                raise Broken("it ended before it showed %s\n%s" %
                             (text, self.look()))
            time.sleep(PAUSE)

    def end(self):
        """Waits for the end of the program: its status (128 + a signal)."""
        end = time.monotonic() + LIMIT
        while not self.over():
            if time.monotonic() > end:
                raise Broken("it does not end\n" + self.look())
            time.sleep(PAUSE)
        signal = self.ask("#{pane_dead_signal}")
        return 128 + int(signal) if signal else int(
            self.ask("#{pane_dead_status}"))

    def given_back(self):
        """What the program has left otherwise than it found it.

        Of the cursor tmux says nothing when the program is over.
        """
        wrong = []
        for what, should in (("alternate_on", "0"),
                             ("keypad_cursor_flag", "0"),
                             ("keypad_flag", "0"), ("mouse_any_flag", "0"),
                             ("insert_flag", "0"), ("wrap_flag", "1")):
            if self.ask("#{%s}" % what) != should:
                wrong.append(what)
        return wrong


def shown_escapes(text):
    """ESC as it is written in files."""
    return re.sub("\x1b", r"\\e", text)
