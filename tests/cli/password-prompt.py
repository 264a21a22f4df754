"""Answers a question for a password at a terminal of its own.

password-prompt.py WORD COMMAND...: prints what the terminal showed; the exit
status is the command's. WORD "^C" interrupts it. 3 of our own: what was typed
was shown, or echo did not come back.
"""

import os
import pty
import select
import sys
import termios


def main():
    word = sys.argv[1]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    shown = b""
    asked = False
    while select.select([terminal], [], [], 60)[0]:
        try:
            got = os.read(terminal, 4096)
        except OSError:
            break
        if not got:
            break
        shown += got
        if not asked and shown.rstrip().endswith(b":") and \
                b"Password for" in shown:
            asked = True
            hidden = not termios.tcgetattr(terminal)[3] & termios.ECHO
            os.write(terminal, b"\x03" if word == "^C" else
                     word.encode() + b"\n")
            if not hidden:
                sys.exit(3)
    status = os.waitpid(pid, 0)[1]
    back = termios.tcgetattr(terminal)[3] & termios.ECHO
    sys.stdout.write(shown.decode(errors="replace"))
    if not back or (word != "^C" and word.encode() in shown):
        sys.exit(3)
    sys.exit(os.waitstatus_to_exitcode(status) & 127)


main()
