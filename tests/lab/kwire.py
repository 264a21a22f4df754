"""The little DER and SMB2 that the stand-ins of this lab need."""
import struct
import time

OID_SPNEGO = "1.3.6.1.5.5.2"
OID_KRB5 = "1.2.840.113554.1.2.2"
OID_MS_KRB5 = "1.2.840.48018.1.2.2"
OID_NTLMSSP = "1.3.6.1.4.1.311.2.2.10"


def tlv(tag, body):
    n = len(body)
    if n < 0x80:
        size = bytes([n])
    else:
        raw = n.to_bytes((n.bit_length() + 7) // 8, "big")
        size = bytes([0x80 | len(raw)]) + raw
    return bytes([tag]) + size + body


def seq(*parts):
    return tlv(0x30, b"".join(parts))


def ctx(number, body):
    return tlv(0xA0 | number, body)


def integer(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value):
    return tlv(4, value)


def string(value):
    return tlv(0x1B, value.encode())


def kerberos_time(seconds):
    return tlv(0x18, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds)).encode())


def name(kind, parts):
    return seq(ctx(0, integer(kind)), ctx(1, seq(*[string(p) for p in parts])))


def oid(dotted):
    arcs = [int(a) for a in dotted.split(".")]
    out = bytearray([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        piece = [arc & 0x7F]
        while arc > 0x7F:
            arc >>= 7
            piece.append(0x80 | (arc & 0x7F))
        out += bytes(reversed(piece))
    return tlv(6, bytes(out))


def read(data, at=0):
    """One element: (tag, body, offset behind it)."""
    tag = data[at]
    size = data[at + 1]
    at += 2
    if size & 0x80:
        n = size & 0x7F
        size = int.from_bytes(data[at:at + n], "big")
        at += n
    if at + size > len(data):
        raise ValueError("DER element is longer than its message")
    return tag, data[at:at + size], at + size


def elements(body):
    at = 0
    while at < len(body):
        tag, inner, at = read(body, at)
        yield tag, inner


def fields(body):
    """Context-tagged fields of a SEQUENCE's body: {number: inner element bytes}."""
    return {tag & 0x1F: inner for tag, inner in elements(body)}


def names_of(principal):
    """The strings of an encoded PrincipalName."""
    parts = fields(read(principal)[1])[1]
    return [inner.decode() for _, inner in elements(read(parts)[1])]


def krb_error(code, realm, sname, when, sname_type=1, edata=None, crealm=None, cname=None):
    now = int(when)
    parts = [ctx(0, integer(5)), ctx(1, integer(30)),
             ctx(4, kerberos_time(now)), ctx(5, integer(int((when - now) * 1e6))),
             ctx(6, integer(code))]
    if crealm and cname:
        parts += [ctx(7, string(crealm)), ctx(8, name(1, cname))]
    parts += [ctx(9, string(realm)), ctx(10, name(sname_type, sname))]
    if edata:
        parts.append(ctx(12, octets(edata)))
    return tlv(0x7E, seq(*parts))


def gss_wrap(token_id, body):
    return tlv(0x60, oid(OID_KRB5) + token_id + body)


def neg_token_init2(mechs):
    hint = seq(ctx(0, string("not_defined_in_RFC4178@please_ignore")))
    inner = seq(ctx(0, seq(*[oid(m) for m in mechs])), ctx(3, hint))
    return tlv(0x60, oid(OID_SPNEGO) + ctx(0, inner))


def neg_token_resp(state, mech=None, token=None, mic=None):
    parts = [ctx(0, tlv(0x0A, bytes([state])))]
    if mech:
        parts.append(ctx(1, oid(mech)))
    if token:
        parts.append(ctx(2, octets(token)))
    if mic:
        parts.append(ctx(3, octets(mic)))
    return ctx(1, seq(*parts))


def spnego_token(blob):
    """The mechanism token inside a NegTokenInit or NegTokenResp, and its mechTypes."""
    tag, body, _ = read(blob)
    if tag == 0x60:
        at = read(body)[2]
        tag, body, _ = read(body, at)
    found = fields(read(body)[1])
    token = read(found[2])[1] if 2 in found else b""
    return token, (found.get(0) if tag == 0xA0 else None)


def filetime(seconds):
    return int((seconds + 11644473600) * 10000000)


def utf16(text):
    return text.encode("utf-16-le")


def smb2_header(request, status, command, flags, session, tree):
    credits = struct.unpack_from("<H", request, 14)[0] or 1
    message_id = struct.unpack_from("<Q", request, 24)[0]
    charge = struct.unpack_from("<H", request, 6)[0]
    return struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, charge, status, command,
                       credits, flags, 0, message_id, 0xFEFF, tree, session, b"")
