#!/usr/bin/env python3
"""Plays a file of keys to kerbscope and prints the screens asked for.

usage: play.py NAME.keys

The file begins with lines `word: value`:

    capture: PATH...    of `kerbscope tui`; several words are several
    command: WORDS      instead of `tui`
    options: WORDS      as a shell divides them
    size: 80x24         columns and lines; this is the default
    term: xterm-256color
    env: NAME=VALUE     repeatable; NAME= alone: it is empty
    ready: text         what says that keys can be pressed: "all read" in the
                        title; nothing: at once
    status: 0           how it must end

and goes on, behind an empty line, with keys as tmux names them (`3 Down
Enter C-l`), a group a line, or

    type: text          as it is
    wait: text          until this can be read on the screen
    gone: text          until it can be no more
    resize: 60x15
    screen: title       prints the screen, when nothing moves any more
    colors: title       the same with its colours, ESC as \\e
    clipboard: title    prints what was copied (OSC 52)
    end: title          waits for its end, which Q brings else, and prints
                        what it leaves on the screen

Lines that begin with # are comments.
"""

import os
import shlex
import sys

import terminal

HEADERS = ("capture", "command", "options", "size", "term", "env", "ready",
           "status")


def read(path):
    """The headers of a file, each a list, and the lines that follow."""
    head = {h: [] for h in HEADERS}
    lines = []
    with open(path, encoding="utf-8") as f:
        body = False
        for line in f:
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if line == "":
                body = True
            elif body:
                lines.append(line)
            else:
                word, _, value = line.partition(":")
                if word not in head:
                    raise terminal.Broken(f"{path}: no header is called {word}")
                head[word].append(value.strip())
    return head, lines


def size(text):
    """80x24 as two numbers."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def start(head):
    """The terminal with the program in it."""
    one = {h: (v[-1] if v else None) for h, v in head.items()}
    more = dict(e.partition("=")[::2] for e in head["env"])
    more.setdefault("TERM", one["term"] or "xterm-256color")
    argv = [os.environ["KERBSCOPE"], *shlex.split(one["command"] or "tui"),
            *shlex.split(one["options"] or ""),
            *shlex.split(one["capture"] or "")]
    width, height = size(one["size"] or "80x24")
    return terminal.Terminal(argv, width, height,
                             terminal.environment(**more))


def show(title, text):
    """A screen among others."""
    print(f"=== {title}")
    print(text.rstrip("\n"))


def do(t, line):
    """One line of the body."""
    word, colon, value = line.partition(": ")
    if colon == "" or " " in word:
        t.keys(*shlex.split(line))
    elif word == "type":
        t.type(value)
    elif word == "wait":
        t.wait(value)
    elif word == "gone":
        t.wait(value, False)
    elif word == "resize":
        t.screen()
        t.resize(*size(value))
    elif word == "screen":
        show(value, t.screen())
    elif word == "colors":
        show(value, terminal.shown_colors(t.screen(True)))
    elif word == "clipboard":
        t.screen()
        show(value, t.tmux("show-buffer"))
    elif word == "end":
        t.end()
        show(value, t.look())
    else:
        raise terminal.Broken(f"no step is called {word}")


def play(path):
    """All of the file."""
    head, lines = read(path)
    with start(head) as t:
        ready = (head["ready"] or [" all read "])[-1]
        if ready:
            t.wait(ready)
        for line in lines:
            do(t, line)
        if not t.over():
            t.screen()
            t.keys("Q")
        terminal.must_end(t, int((head["status"] or ["0"])[-1]))


if __name__ == "__main__":
    sys.exit(terminal.run(play, sys.argv[1]))
