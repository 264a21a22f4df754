#!/usr/bin/python3
"""A Kerberos client that asks for what real clients will not.

One AS exchange (with pre-authentication), then, when --sname is given, TGS
requests: any name, name type, enctypes and lifetime, as often as wanted. With
--smb the ticket is presented to an SMB2 server.
"""
import argparse
import copy
import datetime
import random
import socket
import struct
import sys
import time

from impacket.krb5 import constants
from impacket.krb5.asn1 import (AP_REQ, AS_REP, AS_REQ, ETYPE_INFO2, METHOD_DATA, KRB_ERROR, TGS_REP, TGS_REQ,
                                Authenticator, EncTGSRepPart, EncryptedData, PA_ENC_TS_ENC,
                                Ticket as TicketAsn1, seq_set, seq_set_iter)
from impacket.krb5.crypto import Key, _enctype_table, _get_checksum_profile
from impacket.krb5.types import KerberosTime, Principal, Ticket
from pyasn1.codec.der import decoder, encoder
from pyasn1.type.univ import noValue

import kwire


class Refused(Exception):
    def __init__(self, error):
        self.code = int(error["error-code"])
        self.edata = bytes(error["e-data"]) if error["e-data"].hasValue() else b""
        super().__init__("KRB-ERROR %d" % self.code)


def ask(kdc, request):
    """One request over TCP; raises Refused for a KRB-ERROR."""
    with socket.create_connection((kdc, 88), 10) as sock:
        sock.sendall(struct.pack(">I", len(request)) + request)
        size = struct.unpack(">I", exactly(sock, 4))[0]
        reply = exactly(sock, size)
    if reply[0] == 0x7E:
        raise Refused(decoder.decode(reply, asn1Spec=KRB_ERROR())[0])
    return reply


def exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError("the KDC hung up")
        data += piece
    return data


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def fill_body(body, options, sname, etypes):
    flags = [0] * 32
    for bit in options.flag:
        flags[bit] = 1
    body["kdc-options"] = tuple(flags)
    seq_set(body, "sname", sname.components_to_asn1)
    body["realm"] = options.realm
    body["till"] = KerberosTime.to_asn1(now() + datetime.timedelta(seconds=options.life))
    body["nonce"] = random.getrandbits(31)
    seq_set_iter(body, "etype", etypes)


def as_exchange(options, etypes):
    """(ticket, session key) of a TGT."""
    client = Principal(options.user, type=constants.PrincipalNameType.NT_PRINCIPAL.value)
    server = Principal("krbtgt/" + options.realm, type=constants.PrincipalNameType.NT_SRV_INST.value)
    request = AS_REQ()
    request["pvno"] = 5
    request["msg-type"] = 10
    body = seq_set(request, "req-body")
    fill_body(body, options, server, etypes)
    seq_set(body, "cname", client.components_to_asn1)
    try:
        ask(options.kdc, encoder.encode(request))
        raise SystemExit("the KDC wanted no pre-authentication")
    except Refused as refusal:
        if refusal.code != 25:
            raise
        etype, salt = hint(refusal.edata, etypes)
    key = _enctype_table[etype].string_to_key(options.password, salt, None)
    stamp = PA_ENC_TS_ENC()
    stamp["patimestamp"] = KerberosTime.to_asn1(now())
    stamp["pausec"] = now().microsecond
    sealed = EncryptedData()
    sealed["etype"] = etype
    sealed["cipher"] = _enctype_table[etype].encrypt(key, 1, encoder.encode(stamp), None)
    request["padata"] = noValue
    request["padata"][0] = noValue
    request["padata"][0]["padata-type"] = 2
    request["padata"][0]["padata-value"] = encoder.encode(sealed)
    reply = decoder.decode(ask(options.kdc, encoder.encode(request)), asn1Spec=AS_REP())[0]
    plain = _enctype_table[etype].decrypt(key, 3, bytes(reply["enc-part"]["cipher"]))
    return reply["ticket"], session_key(plain)


def hint(edata, etypes):
    for pa in decoder.decode(edata, asn1Spec=METHOD_DATA())[0]:
        if pa["padata-type"] == 19:
            for entry in decoder.decode(bytes(pa["padata-value"]), asn1Spec=ETYPE_INFO2())[0]:
                if int(entry["etype"]) in etypes:
                    return int(entry["etype"]), str(entry["salt"])
    raise SystemExit("the KDC offers none of the enctypes")


def session_key(plain):
    # MIT tags the part of an AS-REP as that of a TGS-REP
    part = decoder.decode(b"\x7a" + plain[1:], asn1Spec=EncTGSRepPart())[0]
    return Key(int(part["key"]["keytype"]), bytes(part["key"]["keyvalue"]))


def tgs_exchange(options, ticket, key, sname, etypes, evidence=None):
    """(reply bytes, session key) of a service ticket."""
    request = TGS_REQ()
    request["pvno"] = 5
    request["msg-type"] = 12
    body = seq_set(request, "req-body")
    if evidence is not None:                    # S4U2Proxy: cname-in-addl-tkt
        options = argparse.Namespace(**dict(vars(options), flag=[*options.flag, 14]))
        seq_set_iter(body, "additional-tickets", (Ticket().from_asn1(evidence).to_asn1(TicketAsn1()),))
    fill_body(body, options, sname, etypes)
    auth = Authenticator()
    auth["authenticator-vno"] = 5
    auth["crealm"] = options.realm
    client = Principal(options.user, type=constants.PrincipalNameType.NT_PRINCIPAL.value)
    seq_set(auth, "cname", client.components_to_asn1)
    auth["cusec"] = now().microsecond
    auth["ctime"] = KerberosTime.to_asn1(now())
    if not options.no_cksum:
        kind = {18: 16, 17: 15, 23: -138}[key.enctype]
        auth["cksum"] = noValue
        auth["cksum"]["cksumtype"] = kind
        inner = kwire.read(encoder.encode(body))[1]     # without the field's own tag
        auth["cksum"]["checksum"] = _get_checksum_profile(kind).checksum(key, 6, inner)
    ap = AP_REQ()
    ap["pvno"] = 5
    ap["msg-type"] = 14
    ap["ap-options"] = tuple([0] * 32)
    seq_set(ap, "ticket", Ticket().from_asn1(ticket).to_asn1)
    ap["authenticator"] = noValue
    ap["authenticator"]["etype"] = key.enctype
    ap["authenticator"]["cipher"] = _enctype_table[key.enctype].encrypt(key, 7, encoder.encode(auth), None)
    request["padata"] = noValue
    request["padata"][0] = noValue
    request["padata"][0]["padata-type"] = 1
    request["padata"][0]["padata-value"] = encoder.encode(ap)
    raw = ask(options.kdc, encoder.encode(request))
    reply = decoder.decode(raw, asn1Spec=TGS_REP())[0]
    plain = _enctype_table[key.enctype].decrypt(key, 8, bytes(reply["enc-part"]["cipher"]))
    return raw, session_key(plain)


def present(options, tickets):
    """Log on to an SMB2 server, every user on the same connection."""
    from impacket.smbconnection import SMBConnection
    smb = SMBConnection(options.smb, options.smb, sess_port=445)
    state = smb.getSMBServer()
    blank = copy.deepcopy(state._Session)
    for user, raw, key in tickets:
        state._Session = copy.deepcopy(blank)
        tgs = {"KDC_REP": raw, "cipher": _enctype_table[key.enctype], "sessionKey": key}
        try:
            smb.kerberosLogin(user, "", options.realm, kdcHost=options.kdc, TGS=tgs, useCache=False)
            smb.connectTree("share")
        except Exception as refusal:            # impacket raises several kinds
            print("smb:", refusal, file=sys.stderr)
    smb.close()


def others(options, sname):
    """Tickets of the users named by --also."""
    tickets = []
    for user in options.also:
        other = argparse.Namespace(**dict(vars(options), user=user))
        tgt, key = as_exchange(other, [18, 17])
        tickets.append((user, *tgs_exchange(other, tgt, key, sname, [18, 17])))
    return tickets


def evidence_of(options):
    """The ticket of the user named by --evidence, who logs on as well."""
    if not options.evidence:
        return None
    user, name = options.evidence.split("=")
    flags = [f for f in options.flag if f != 1 or not options.not_forwardable]
    other = argparse.Namespace(**dict(vars(options), user=user, flag=flags))
    tgt, key = as_exchange(other, [18, 17])
    raw = tgs_exchange(other, tgt, key, Principal(name, type=2), [18, 17])[0]
    return decoder.decode(raw, asn1Spec=TGS_REP())[0]["ticket"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kdc", required=True)
    parser.add_argument("--realm", required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--etypes", default="18,17", help="of the AS request; a / separates a second try after 14")
    parser.add_argument("--life", type=int, default=36000, metavar="SECONDS")
    parser.add_argument("--flag", type=int, action="append", default=[], help="bits of kdc-options")
    parser.add_argument("--sname", action="append", default=[], help="ask the TGS for this name")
    parser.add_argument("--sname-type", type=int, default=2)
    parser.add_argument("--tgs-etypes", default="18,17,23")
    parser.add_argument("--times", type=int, default=1, help="send each TGS request so often")
    parser.add_argument("--wait", type=float, default=0, help="seconds between AS and TGS")
    parser.add_argument("--no-cksum", action="store_true", help="leave the request's checksum out")
    parser.add_argument("--smb", help="present the ticket to this server")
    parser.add_argument("--also", action="append", default=[], metavar="USER", help="on the same SMB2 connection")
    parser.add_argument("--evidence", metavar="USER=NAME", help="ask with USER's own ticket for NAME (S4U2Proxy)")
    parser.add_argument("--not-forwardable", action="store_true", help="but --flag 1 is not USER's")
    options = parser.parse_args()
    for etypes in options.etypes.split("/"):
        try:
            ticket, key = as_exchange(options, [int(e) for e in etypes.split(",")])
        except Refused as refusal:
            print("as:", refusal, file=sys.stderr)
    evidence = evidence_of(options)
    time.sleep(options.wait)
    for name in options.sname * options.times:
        sname = Principal(name, type=options.sname_type)
        try:
            etypes = [int(e) for e in options.tgs_etypes.split(",")]
            raw, service_key = tgs_exchange(options, ticket, key, sname, etypes, evidence)
        except Refused as refusal:
            print("tgs:", refusal, file=sys.stderr)
            time.sleep(0.3)
            continue
        if options.smb:
            present(options, [(options.user, raw, service_key)] + others(options, sname))


main()
