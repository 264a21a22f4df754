#!/usr/bin/env python3
"""Measures what look-ups cost: a keytab of 10,000 entries with an LDIF of
100,000 accounts, on top of a capture, and an audit of those accounts.

usage: lookups.py KERBSCOPE [CAPTURE]

BENCH_SCALE=0.1 makes both a tenth.  Status 1 when something takes more than
3 seconds of CPU time or 200 MiB.
"""

import base64
import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SCALE = float(os.environ.get("BENCH_SCALE", "1"))
ACCOUNTS = int(100_000 * SCALE)
ENTRIES = int(10_000 * SCALE)
SECONDS = 3
OCTETS = 200 << 20


def sid(rid):
    octets = bytes([1, 5, 0, 0, 0, 0, 0, 5]) + struct.pack("<5I", 21, 1, 2, 3,
                                                           rid)
    return base64.b64encode(octets).decode()


def account(name, place, rid, lines):
    """As ldifde writes it, with what nobody reads."""
    dn = f"CN={name},{place},DC=big,DC=test"
    return (f"dn: {dn}\r\nchangetype: add\r\nobjectClass: top\r\n"
            "objectClass: person\r\nobjectClass: organizationalPerson\r\n"
            f"objectClass: user\r\n{lines}cn: {name}\r\n"
            f"distinguishedName: {dn}\r\ninstanceType: 4\r\n"
            "whenCreated: 20240102030405.0Z\r\n"
            "whenChanged: 20260102030405.0Z\r\nuSNCreated: 12345\r\n"
            f"uSNChanged: 23456\r\nname: {name}\r\nbadPwdCount: 0\r\n"
            "codePage: 0\r\ncountryCode: 0\r\n"
            "pwdLastSet: 133800000000000000\r\nprimaryGroupID: 513\r\n"
            f"objectSid:: {sid(rid)}\r\n"
            "accountExpires: 9223372036854775807\r\nlogonCount: 100\r\n\r\n")


def user(i):
    name = f"user{i:06d}"
    groups = "".join(f"memberOf: CN={g},OU=Groups,DC=big,DC=test\r\n"
                     for g in (f"Group{i % 300}", f"Team{i % 31}", "VPN"))
    return account(name, "OU=Staff,OU=Europe", 1000 + i,
                   f"sAMAccountName: {name}\r\nuserAccountControl: 512\r\n"
                   f"userPrincipalName: {name}@big.test\r\n{groups}")


def computer(i):
    name, host = f"PC{i:06d}", f"pc{i:06d}.big.test"
    spns = "".join(f"servicePrincipalName: {c}/{h}\r\n"
                   for c in ("HOST", "RestrictedKrbHost", "TERMSRV")
                   for h in (name, host))
    return account(name, "OU=Workstations,OU=Europe", 1000 + i,
                   "objectClass: computer\r\n"
                   f"sAMAccountName: {name}$\r\nuserAccountControl: 4096\r\n"
                   f"dNSHostName: {host}\r\n{spns}"
                   "msDS-SupportedEncryptionTypes: 28\r\n")


def write_ldif(path):
    with open(path, "w", encoding="ascii", newline="") as out:
        out.write(account("krbtgt", "CN=Users", 502,
                          "sAMAccountName: krbtgt\r\n"
                          "userAccountControl: 514\r\n"
                          "servicePrincipalName: kadmin/changepw\r\n"))
        out.write(account("DC1", "OU=Domain Controllers", 999,
                          "objectClass: computer\r\nsAMAccountName: DC1$\r\n"
                          "userAccountControl: 532480\r\n"
                          "dNSHostName: dc1.big.test\r\n"
                          "servicePrincipalName: HOST/dc1.big.test\r\n"))
        for i in range(ACCOUNTS - 2):
            out.write(user(i) if i % 2 else computer(i))


def text(s):
    return struct.pack(">H", len(s)) + s.encode()


def write_keytab(path):
    """MIT's format 0x502: HTTP/host0000@BIG.TEST, AES-256, any key."""
    with open(path, "wb") as out:
        out.write(b"\x05\x02")
        for i in range(ENTRIES):
            entry = (struct.pack(">H", 2) + text("BIG.TEST") + text("HTTP") +
                     text(f"host{i:04d}.big.test") +
                     struct.pack(">IIBH", 1, 0, 2, 18) +
                     struct.pack(">H", 32) +
                     i.to_bytes(4, "big") * 8)
            out.write(struct.pack(">i", len(entry)) + entry)


def run(*command):
    """CPU seconds and octets of one run."""
    with open(os.devnull, "w", encoding="ascii") as null:
        child = subprocess.Popen(command, stdout=null,
                                 stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"lookups: {' '.join(command)}: {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    program = sys.argv[1]
    capture = sys.argv[2] if len(sys.argv) > 2 else \
        os.path.join(TOP, "pcaps/spn-wrong-account-samba.pcap")
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        ldif, keytab = folder + "/big.ldif", folder + "/big.keytab"
        write_ldif(ldif)
        write_keytab(keytab)
        base, held = run(program, capture)
        rows = [("look-ups", *run(program, "--ldif", ldif, "--keytab", keytab,
                                  capture)),
                ("audit", *run(program, "audit", "--ldif", ldif))]
    for name, seconds, octets in rows:
        if name == "look-ups":
            seconds -= base
            octets -= held
        wrong = seconds > SECONDS or octets > OCTETS
        bad += wrong
        print(f"{name:10} {seconds:6.2f} s {octets >> 20:5} MiB"
              f"{'  too much' if wrong else ''}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
