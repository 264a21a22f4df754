#!/usr/bin/python3
"""An SMB2 server that answers a log-on as Windows does.

The tickets are opened by a real GSS acceptor with a real keytab (KRB5_KTNAME);
only what Windows says about a failure is made here, because Samba says nothing:
STATUS_MORE_PROCESSING_REQUIRED with a KRB-ERROR inside SPNEGO, whose sname is
the account the server runs as. NTLM is answered with a challenge and checked
against --ntlm-password. Nothing is shared: a tree can be connected, no more.
"""
import argparse
import hashlib
import hmac
import os
import socket
import struct
import sys
import threading
import time

import gssapi
from gssapi.raw import inquire_sec_context_by_oid

import kwire

gssapi.SecurityContext.__DEFER_STEP_ERRORS__ = False
SESSION_KEY = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.5")
KRB5_ERRORS = -1765328384          # MIT's error table: minor status minus the code

OK = 0
MORE_PROCESSING = 0xC0000016
LOGON_FAILURE = 0xC000006D
NOT_SUPPORTED = 0xC00000BB
NOT_FOUND = 0xC0000034
ACCESS_DENIED = 0xC0000022
NEGOTIATE, SESSION_SETUP, LOGOFF, TREE_CONNECT, TREE_DISCONNECT = range(5)
RESPONSE, SIGNED = 1, 8


def log(*what):
    print(*what, file=sys.stderr, flush=True)


class Session:
    def __init__(self, number):
        self.number = number
        self.key = None
        self.challenge = None
        self.negotiate_flags = 0
        self.mechs = None           # the client's list, for the MIC a second try wants
        self.refusals = 0
        self.finish = None          # key and last token of an exchange that waits for a MIC


class Connection:
    def __init__(self, sock, options):
        self.sock = sock
        self.options = options
        self.sessions = {}

    def serve(self):
        try:
            while True:
                packet = self.receive()
                if not packet:
                    return
                self.answer(packet)
        except OSError as problem:
            log("connection ended:", problem)
        finally:
            self.sock.close()

    def receive(self):
        size = self.exactly(4)
        return size and self.exactly(struct.unpack(">I", size)[0] & 0xFFFFFF)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                return None
            data += piece
        return data

    def send(self, request, status, command, body, session=None, tree=0):
        number = session.number if session else struct.unpack_from("<Q", request, 40)[0]
        key = session.key if session else None
        flags = RESPONSE | (SIGNED if key else 0)
        packet = kwire.smb2_header(request, status, command, flags, number, tree) + body
        if key:
            mac = hmac.new(key, packet, hashlib.sha256).digest()[:16]
            packet = packet[:48] + mac + packet[64:]
        self.sock.sendall(struct.pack(">I", len(packet)) + packet)

    def error(self, request, status, command, session):
        self.send(request, status, command, struct.pack("<HBBI", 9, 0, 0, 0) + b"\0", session)

    def answer(self, packet):
        if packet[:4] == b"\xffSMB":
            # a multi-protocol negotiate: "SMB 2.???" is taken, the rest follows in SMB2
            log("SMB1 negotiate")
            self.negotiate(bytes(64), 0x02FF)
            return
        command = struct.unpack_from("<H", packet, 12)[0]
        session = self.sessions.get(struct.unpack_from("<Q", packet, 40)[0])
        if command == NEGOTIATE:
            self.negotiate(packet, 0x0210)
        elif command == SESSION_SETUP:
            self.session_setup(packet, session)
        elif command == TREE_CONNECT:
            self.send(packet, OK, command, struct.pack("<HBBIII", 16, 2, 0, 0x30, 0, 0x1F01FF),
                      session, tree=1)
        elif command in (LOGOFF, TREE_DISCONNECT):
            self.send(packet, OK, command, struct.pack("<HH", 4, 0), session, tree=1)
        else:
            self.error(packet, NOT_SUPPORTED if command == 11 else ACCESS_DENIED, command, session)

    def negotiate(self, packet, dialect):
        blob = kwire.neg_token_init2([kwire.OID_MS_KRB5, kwire.OID_KRB5, kwire.OID_NTLMSSP])
        body = struct.pack("<HHHH16sIIIIQQHHI", 65, 1, dialect, 0,
                           hashlib.md5(self.options.account.encode()).digest(), 7,
                           0x100000, 0x100000, 0x100000, kwire.filetime(time.time()), 0,
                           128, len(blob), 0)
        self.send(packet, OK, NEGOTIATE, body + blob)

    def session_setup(self, packet, session):
        offset, size = struct.unpack_from("<HH", packet, 76)
        if session is None:
            session = Session(len(self.sessions) + 0x44000001)
            self.sessions[session.number] = session
        blob = packet[offset:offset + size]
        token, mechs = (blob, None) if blob.startswith(b"NTLMSSP") else kwire.spnego_token(blob)
        session.mechs = mechs or session.mechs
        if token.startswith(b"NTLMSSP"):
            status, reply = self.ntlm(session, token)
        elif session.finish and not token:
            status = OK
            session.key, reply = session.finish
        else:
            status, reply = self.kerberos(session, token)
        body = struct.pack("<HHHH", 9, 0, 72, len(reply)) + reply
        self.send(packet, status, SESSION_SETUP, body, session)
        if status not in (OK, MORE_PROCESSING):
            self.sessions.pop(session.number)

    def kerberos(self, session, token):
        context = gssapi.SecurityContext(usage="accept", creds=gssapi.Credentials(usage="accept"))
        try:
            reply = context.step(token)
        except gssapi.exceptions.GSSError as problem:
            code = (problem.min_code - KRB5_ERRORS) & 0xFFFFFFFF
            log("refused:", code, problem)
            session.refusals += 1
            if self.options.mit and problem.token:
                return self.refusal(problem.token)
            return self.refusal(self.windows_error(code))
        key = inquire_sec_context_by_oid(context, SESSION_KEY)[0][:16].ljust(16, b"\0")
        log("accepted:", context.initiator_name, "for", context.target_name)
        if session.refusals:
            # after a second try the client wants the mechanism list signed by both
            session.finish = (key, kwire.neg_token_resp(0, mic=context.get_signature(session.mechs)))
            return MORE_PROCESSING, kwire.neg_token_resp(1, kwire.OID_MS_KRB5, reply)
        session.key = key
        return OK, kwire.neg_token_resp(0, kwire.OID_MS_KRB5, reply)

    def refusal(self, error):
        if self.options.bare:
            return LOGON_FAILURE, b""
        return MORE_PROCESSING, kwire.neg_token_resp(1, kwire.OID_MS_KRB5, error)

    def windows_error(self, code):
        if code not in (32, 33, 34, 37):
            code = 41           # whatever could not be opened is "modified"
        edata = bytes.fromhex("3005a103020102") if code == 37 and self.options.skew_edata else None
        error = kwire.krb_error(code, self.options.realm, self.options.error_name or [self.options.account],
                                time.time(), edata=edata)
        return kwire.gss_wrap(b"\x03\x00", error)

    # NTLM: a challenge that names this computer; the answer is verified, so
    # that a client which wants the signature of a real session gets it
    def ntlm(self, session, token):
        if struct.unpack_from("<I", token, 8)[0] == 1:
            session.challenge = os.urandom(8)
            session.negotiate_flags = struct.unpack_from("<I", token, 12)[0]
            return MORE_PROCESSING, kwire.neg_token_resp(1, kwire.OID_NTLMSSP, self.challenge(session))
        user = ntlm_field(token, 36).decode("utf-16-le")
        domain = ntlm_field(token, 28).decode("utf-16-le")
        key = ntlm_session_key(token, session.challenge, user, domain, self.options.ntlm_password)
        if self.options.refuse_ntlm or not key:
            log("NTLM refused:", user)
            return LOGON_FAILURE, b""
        log("NTLM accepted:", user)
        session.key = key
        return OK, kwire.neg_token_resp(0)

    def challenge(self, session):
        computer = self.options.account.rstrip("$")
        dns = self.options.realm.lower()
        pairs = [(2, kwire.utf16(dns.split(".")[0].upper())), (1, kwire.utf16(computer)),
                 (4, kwire.utf16(dns)), (3, kwire.utf16(computer.lower() + "." + dns)),
                 (5, kwire.utf16(dns)), (7, struct.pack("<Q", kwire.filetime(time.time()))), (0, b"")]
        info = b"".join(struct.pack("<HH", kind, len(value)) + value for kind, value in pairs)
        target = kwire.utf16(dns.split(".")[0].upper())
        # request target, NTLM, unicode, extended security, target info, key exchange, 128, version
        flags = (session.negotiate_flags & 0xE2088215) | 0x02810205
        flags &= ~0x20000008
        head = struct.pack("<8sIHHII8s8sHHI8s", b"NTLMSSP\0", 2, len(target), len(target), 56, flags,
                           session.challenge, b"", len(info), len(info), 56 + len(target),
                           bytes.fromhex("0a007c4f0000000f"))
        return head + target + info


def ntlm_field(token, at):
    size, _, offset = struct.unpack_from("<HHI", token, at)
    return token[offset:offset + size]


def ntlm_session_key(token, challenge, user, domain, password):
    """The exported session key of an NTLMv2 AUTHENTICATE, None if the password differs."""
    from Cryptodome.Cipher import ARC4
    from impacket.ntlm import NTOWFv2
    response = ntlm_field(token, 20)
    if len(response) < 24:
        return None
    owf = NTOWFv2(user, password, domain)
    proof = hmac.new(owf, challenge + response[16:], hashlib.md5).digest()
    if proof != response[:16]:
        return None
    base = hmac.new(owf, proof, hashlib.md5).digest()
    wrapped = ntlm_field(token, 52)
    if len(wrapped) == 16 and struct.unpack_from("<I", token, 60)[0] & 0x40000000:
        return ARC4.new(base).decrypt(wrapped)
    return base


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--account", required=True, help="the account the server runs as, WIN1$")
    parser.add_argument("--realm", required=True)
    parser.add_argument("--mit", action="store_true", help="pass on the acceptor's own error token")
    parser.add_argument("--bare", action="store_true", help="refuse with a status and no token")
    parser.add_argument("--skew-edata", action="store_true", help="put KERB-ERROR-DATA type 2 into 37")
    parser.add_argument("--error-name", type=lambda name: name.split("/"), help="sname of errors, host/NODE")
    parser.add_argument("--refuse-ntlm", action="store_true")
    parser.add_argument("--ntlm-password", default="")
    options = parser.parse_args()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", 445))
    listener.listen(8)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=Connection(sock, options).serve, daemon=True).start()


main()
