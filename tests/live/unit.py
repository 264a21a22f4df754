#!/usr/bin/env python3
"""Runs a program under what a unit's seccomp filters leave, as systemd would.

usage: unit.py UNIT PROGRAM [ARGUMENT]...

SystemCallFilter, RestrictAddressFamilies and MemoryDenyWriteExecute of the
unit.  Capabilities, users and mounts are the caller's, who has set
no-new-privs as well.  Exits with 77 where that cannot be.
"""

import ctypes
import os
import socket
import subprocess
import sys

ALLOW = 0x7fff0000
EPERM = 0x00050001
EQ, MASKED_EQ = 4, 7
PROT_WRITE_EXEC, PROT_EXEC = 6, 4


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int),
                ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def skip(why):
    print(why)
    sys.exit(77)


def values(unit, name):
    with open(unit) as f:
        return [line.split("=", 1)[1].split() for line in f
                if line.startswith(name + "=")]


def members(group):
    """The system calls of a set, and of the sets in it."""
    text = subprocess.run(["systemd-analyze", "syscall-filter", group],
                          capture_output=True, text=True).stdout
    calls = set()
    for word in text.split("\n"):
        word = word.strip()
        if word.startswith("@") and word != group:
            calls |= members(word)
        elif word and not word.startswith(("#", "@")):
            calls.add(word)
    return calls


def allowed(unit):
    calls = members("@default")
    for words in values(unit, "SystemCallFilter"):
        remove = words[0].startswith("~")
        words[0] = words[0].lstrip("~")
        for word in words:
            these = members(word) if word.startswith("@") else {word}
            calls = calls - these if remove else calls | these
    return calls


def main():
    unit, command = sys.argv[1], sys.argv[2:]
    try:
        lib = ctypes.CDLL("libseccomp.so.2")
        calls = allowed(unit)
    except OSError as e:
        skip(str(e))
    if "read" not in calls:
        skip("systemd-analyze does not know its sets of system calls")
    lib.seccomp_init.restype = ctypes.c_void_p
    filter = ctypes.c_void_p(lib.seccomp_init(EPERM))

    def allow(name, *compare):
        number = lib.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            lib.seccomp_rule_add_array(
                filter, ALLOW, number, len(compare),
                (Compare * len(compare))(*compare))

    special = {"socket", "mmap", "mprotect", "pkey_mprotect", "execve"}
    for name in sorted(calls - special):
        allow(name)
    for words in values(unit, "RestrictAddressFamilies"):
        for word in words:
            allow("socket", Compare(0, EQ, getattr(socket, word)))
    for prot in (0, 2, 4):
        allow("mmap", Compare(2, MASKED_EQ, PROT_WRITE_EXEC, prot))
    allow("mprotect", Compare(2, MASKED_EQ, PROT_EXEC, 0))
    allow("execve")
    if lib.seccomp_load(filter) != 0:
        skip("no seccomp filter can be loaded here")
    os.execv(command[0], command)


main()
