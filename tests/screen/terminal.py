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

LIMIT = 20  # seconds that anything may take
CALM = 3  # looks in a row at which nothing has changed
PAUSE = 0.02  # seconds between them

# Nothing of its own on the screen, and Esc is a key at once.
CONFIG = """
set -g status off
set -s escape-time 0
set -s set-clipboard on
set -g history-limit 0
set -g mouse off
"""


# What tmux says of the status of a program that ended is not always known to
# it; and the terminal has to be looked at while somebody still has it.
AROUND = """
stty -g >"$0/before"
"$@"
status=$?
stty -g >"$0/after"
echo $status >"$0/new"
mv "$0/new" "$0/status"
exec cat >"$0/rest"
"""


# How tmux finds a terminal that nobody has changed.
GIVEN_BACK = (
    ("alternate_on", "0"),
    ("cursor_flag", "1"),
    ("insert_flag", "0"),
    ("keypad_cursor_flag", "0"),
    ("keypad_flag", "0"),
    ("mouse_any_flag", "0"),
    ("wrap_flag", "1"),
)


class Broken(Exception):
    """A test cannot go on."""


def missing():
    """What lacks to run anything here; None: nothing does."""
    if shutil.which("tmux") is None:
        return "tmux is not installed"
    p = subprocess.run([os.environ["KERBSCOPE"], "tui", "/dev/null"],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    return "kerbscope was built without ncurses" if (
        b"without ncurses" in p.stdout) else None


def must_end(t, status):
    """Waits for the end of T's program: how it ends is part of every case."""
    got, left = t.end(), t.given_back()
    if got != status:
        raise Broken(f"status {got}, not {status}\n{t.look()}")
    if left:
        raise Broken("the terminal is not as it was: " + ", ".join(left))


def run(play, *words):
    """PLAY as a script of the tests is run: its status, of which 77 skips."""
    lacks = missing()
    if lacks is not None:
        print(lacks)
        return 77
    try:
        play(*words)
    except Broken as e:
        print(e)
        return 1
    return 0


def environment(**more):
    """The same everywhere; a name of MORE that is None is not there."""
    keep = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "KERBSCOPE", "TMP")
    env = {k: os.environ[k] for k in keep if k in os.environ}
    env.update(LC_ALL="C.UTF-8", TZ="UTC", TERM="xterm-256color", HOME="/")
    env.update(more)
    return {k: v for k, v in env.items() if v is not None}


def read(path):
    """A file whole; nothing when it is gone."""
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return ""


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
                      str(height), *run, "sh", "-c", AROUND, self.folder,
                      *argv)
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
        return os.path.exists(os.path.join(self.folder, "status"))

    def processes(self):
        """Those of the program and of tmux."""
        found, new = [self.server], [self.pid]
        while new:
            found += new
            new = [int(c) for p in new for c in
                   read(f"/proc/{p}/task/{p}/children").split()]
        return found

    def busy(self):
        """Whether the program or tmux has something to do."""
        for pid in self.processes():
            state = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            if state and state[0] not in "SZ":
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
        return int(read(os.path.join(self.folder, "status")))

    def given_back(self):
        """What the program that has ended left otherwise than it found it."""
        wrong = [what for what, should in GIVEN_BACK
                 if self.ask("#{%s}" % what) != should]
        if read(os.path.join(self.folder, "before")) != read(
                os.path.join(self.folder, "after")):
            wrong.append("stty")
        return wrong


CELL = re.compile(r"\x1b\[([0-9;]*)m|.", re.DOTALL)

# What turns an attribute of SGR off again, and what can be seen of a blank.
OFF = {"22": ("1", "2"), "23": ("3",), "24": ("4",), "25": ("5",),
       "27": ("7",), "39": ("38",), "49": ("48",)}
ON_BLANKS = ("4", "7", "48")


def sgr(state, words):
    """The attributes that hold after the parameters WORDS."""
    state = dict(state)
    words = list(words)
    while words:
        w = words.pop(0) or "0"
        if w in ("38", "48"):
            # 5;N of 256, or 2;R;G;B
            n = 2 if words[:1] == ["5"] else 4
            state[w] = ";".join([w] + words[:n])
            del words[:n]
        elif w == "0":
            state = {}
        elif w in OFF:
            for off in OFF[w]:
                state.pop(off, None)
        elif len(w) > 1:
            state["48" if w.startswith(("4", "10")) else "38"] = w
        else:
            state[w] = w
    return state


def shown_colors(screen):
    """A screen with what can be seen of its attributes, as \\e[...m.

    The same for any way in which curses may have come there: each line
    begins without attributes.
    """
    lines, state = [], {}
    for line in screen.split("\n"):
        out, last = "", {}
        for m in CELL.finditer(line):
            if m.group(1) is not None:
                state = sgr(state, m.group(1).split(";"))
                continue
            now = state
            # What cannot be seen of a blank is as before it.
            if m.group() == " ":
                now = {k: v for k, v in last.items() if k not in ON_BLANKS}
                now.update((k, v) for k, v in state.items() if k in ON_BLANKS)
                if all(k not in now for k in ON_BLANKS) and any(
                        k in last for k in ON_BLANKS):
                    now = {}
            if now != last:
                out += "\\e[%sm" % ";".join(now[k] for k in sorted(now))
            out += m.group()
            last = now
        out = re.sub(r" +$", "", out)
        lines.append(out + ("\\e[m" if last else ""))
    return "\n".join(lines)
