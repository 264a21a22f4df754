/*
 * dns.c - names: what was asked and what the answer was.
 *
 * RFC 1035 4.1 (messages, compression), 4.2.2 (two octets of length over
 * TCP); RFC 6891 6.1.3 (OPT, the upper bits of the code); RFC 2782 (SRV),
 * RFC 3596 (AAAA), RFC 7553 (URI), RFC 4343 (names in lower case).
 *
 * Only port 53, or what --decode names, is taken for DNS: its header has no
 * magic.  mDNS and LLMNR answer for names that no server knows, and would
 * hide that, so they are left out.
 *
 * A message is walked to its end before the first event, because a record
 * may not be posted of a message that turns out to be broken, and the OPT
 * record that completes the code comes last.
 */
#include <string.h>

#include "flow.h"
#include "names.h"

#define HEADER 12
#define NAME_WIRE 255    /* octets of a name, RFC 1035 2.3.4 */
#define LABEL_MAX 63     /* octets of a label; beyond: a pointer */
#define POINTERS_MAX 128 /* one before each label and the root */
#define NAME_ROOM (NAME_WIRE * 4)
#define BLOCK 16        /* octets of a name looked at together */
#define RECORDS_MAX 512 /* posted of one message */

#define FLAG_RESPONSE 0x8000u
#define FLAG_TRUNCATED 0x0200u
#define CLASS_IN 1

#define DNS_OPT 41 /* no record, RFC 6891 */

/* The pointer to the first question, which most records are about. */
#define FIRST_NAME (0xc000 | HEADER)

/* A name as text, each label behind a dot. */
struct name {
	char text[NAME_ROOM + BLOCK];
	size_t len;
};

struct record {
	uint32_t owner; /* where its name starts */
	uint32_t start; /* and its data, of LEN octets */
	uint32_t ttl;
	uint16_t len;
	uint16_t type, class;
};

struct dns {
	struct dissector *d;
	struct flow *f;
	int dir;
	uint16_t id;
	uint16_t flags;
	uint16_t count[4]; /* questions, answers, ... */
	struct name *name; /* of the first question; NULL: not wanted */
	uint16_t type;
	uint16_t rcode;
	struct record *wanted; /* to post, NWANTED of them */
	unsigned nwanted;
};

/* --- names ------------------------------------------------------------ */

/* What is not a letter or a digit in lower case, at P; how long it is. */
static size_t
add_char(char *p, uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		c |= 0x20;
	if (c == '.' || c == '\\') {
		p[0] = '\\';
		p[1] = (char)c;
		return 2;
	}
	if (c > ' ' && c < 0x7f) {
		p[0] = (char)c;
		return 1;
	}
	p[0] = '\\';
	p[1] = (char)('0' + c / 100);
	p[2] = (char)('0' + c / 10 % 10);
	p[3] = (char)('0' + c % 10);
	return 4;
}

/* LEN octets of whole labels, whatever is in them, as text at TO. */
static size_t
add_escaped(char *to, const uint8_t *p, size_t len)
{
	char *begin = to;
	size_t left = 0;

	for (; len > 0; len--, p++) {
		if (left-- > 0) {
			to += add_char(to, *p);
			continue;
		}
		*to++ = '.';
		left = *p;
	}
	return (size_t)(to - begin);
}

/*
 * A block in lower case; true when something in it has to be escaped.  Without
 * branches: a compiler makes a few instructions of all octets at once.
 */
static bool
lower_block(char *p)
{
	uint8_t odd = 0;

	for (int i = 0; i < BLOCK; i++) {
		uint8_t c = (uint8_t)p[i];

		c |= (uint8_t)((uint8_t)(c - 'A') < 26) << 5;
		odd |= (c <= ' ') | (c >= 0x7f) | (c == '.') | (c == '\\');
		p[i] = (char)c;
	}
	return odd != 0;
}

/* LEN octets at P: whole labels.  Most are of host names. */
static void
add_labels(struct name *out, const uint8_t *p, size_t len)
{
	char *to = out->text + out->len;
	bool odd = false;
	size_t i;

	memcpy(to, p, len);
	memset(to + len, '-', BLOCK);
	for (i = 0; i < len; i += p[i] + 1u)
		to[i] = '-';
	for (i = 0; i < len; i += BLOCK)
		odd |= lower_block(to + i);
	if (odd) {
		out->len += add_escaped(to, p, len);
		return;
	}
	for (i = 0; i < len; i += p[i] + 1u)
		to[i] = '.';
	out->len += len;
}

/* The root is a dot and nothing behind it. */
static size_t
add_root(char *to)
{
	to[0] = to[1] = '.';
	return 2;
}

/*
 * Steps over the labels at R and the octet that ends them, which is returned:
 * 0, the root, or the first of a pointer.  WIRE counts the name's octets.
 */
static uint8_t
skip_labels(struct reader *r, size_t *wire)
{
	struct reader at = *r;
	size_t most = NAME_WIRE - *wire, used = 0;
	uint8_t n;

	while ((n = rd_u8(&at)) - 1u < LABEL_MAX) {
		used += n + 1u;
		if (used > most) {
			rd_bad(&at);
			break;
		}
		rd_skip(&at, n);
	}
	if (n > LABEL_MAX && n < 0xc0)
		rd_bad(&at);
	*wire += used;
	*r = at;
	return n;
}

/*
 * The name at R, which steps over it; what it points to stands in MSG.  Each
 * pointer has to lead to before the one it was found behind, so there are no
 * loops; they are counted, because thousands of records could share a long
 * chain of them; and the text fits because the name has at most 255 octets.
 * Without OUT the name is only looked at.
 */
static void
read_name(const struct reader *msg, struct reader *r, struct name *out)
{
	struct reader at = *r, labels;
	size_t wire = 1, floor = rd_pos(r), target, len;
	unsigned pointers = 0;
	const uint8_t *p;
	uint8_t n;

	if (out != NULL)
		out->len = 0;
	for (;;) {
		labels = at;
		n = skip_labels(&at, &wire);
		if (!rd_ok(&at))
			break;
		len = rd_pos(&at) - rd_pos(&labels) - 1;
		if (out != NULL && (p = rd_bytes(&labels, len)) != NULL)
			add_labels(out, p, len);
		if (n == 0)
			break;
		target = (size_t)(n & 0x3f) << 8 | rd_u8(&at);
		if (!rd_ok(&at))
			break;
		if (pointers++ == 0)
			*r = at;
		if (target < HEADER || target >= floor ||
		    pointers > POINTERS_MAX) {
			rd_bad(&at);
			break;
		}
		floor = target;
		at = *msg;
		rd_skip(&at, target);
	}
	if (pointers == 0 || !rd_ok(&at))
		*r = at;
	if (out != NULL && out->len == 0)
		out->len = add_root(out->text);
}

static struct str
name_str(const struct name *n)
{
	if (n->len == 0)
		return (struct str){ NULL, 0 };
	return (struct str){ n->text + 1, n->len - 1 };
}

/* --- walking ---------------------------------------------------------- */

static void
read_header(struct reader *r, struct dns *x)
{
	x->id = rd_be16(r);
	x->flags = rd_be16(r);
	for (int i = 0; i < 4; i++)
		x->count[i] = rd_be16(r);
	x->rcode = x->flags & 0xf;
}

/* The questions; the first is kept. */
static void
read_questions(const struct reader *msg, struct reader *r, struct dns *x)
{
	if (x->name != NULL)
		x->name->len = 0;
	x->type = 0;
	for (unsigned i = 0; i < x->count[0] && rd_ok(r); i++) {
		uint16_t type;

		read_name(msg, r, i == 0 ? x->name : NULL);
		type = rd_be16(r);
		rd_skip(r, 2);
		if (i == 0)
			x->type = type;
	}
}

static void
read_record(const struct dns *x, const struct reader *msg, struct reader *r,
    struct record *rr)
{
	struct reader at = *r;

	rr->owner = (uint32_t)rd_pos(r);
	/* The name of the first question was found to be whole. */
	if (rd_be16(&at) != FIRST_NAME || x->count[0] == 0) {
		read_name(msg, r, NULL);
		at = *r;
	}
	rr->type = rd_be16(&at);
	rr->class = rd_be16(&at);
	rr->ttl = rd_be32(&at);
	rr->len = rd_be16(&at);
	rr->start = (uint32_t)rd_pos(&at);
	rd_skip(&at, rr->len);
	*r = at;
}

/*
 * Opcodes other than QUERY (updates, notifications) use the sections in
 * their own ways.
 */
static bool
is_query(const struct dns *x)
{
	return (x->flags & 0x7800u) == 0;
}

/* --- records ---------------------------------------------------------- */

/* Character strings one after the other, RFC 1035 3.3.14. */
static struct str
text_data(struct dns *x, struct reader r)
{
	uint8_t *all = scratch(x->d, rd_have(&r) + 1);
	size_t len = 0;

	while (rd_have(&r) > 0) {
		size_t n = rd_u8(&r);
		const uint8_t *p = rd_bytes(&r, n);

		for (size_t i = 0; p != NULL && i < n; i++)
			all[len++] = p[i];
	}
	return text_utf8(x->d, all, len);
}

static struct str
address_data(struct reader r, int family, char buf[ADDR_TEXT])
{
	struct str s = { NULL, 0 };
	struct addr a;

	ip_addr(&r, family, &a);
	if (!rd_ok(&r))
		return s;
	s.p = addr_text(&a, buf);
	while (s.p[s.len] != '\0')
		s.len++;
	return s;
}

/* MSG from AT on, with its own start. */
static struct reader
reader_at(const struct reader *msg, size_t at)
{
	struct reader r = *msg;

	rd_skip(&r, at);
	return r;
}

/*
 * Whether the name at R, inside data of which REST octets follow R, is whole
 * and does not go beyond them.
 */
static bool
name_data(const struct reader *msg, struct reader r, size_t rest)
{
	size_t start = rd_pos(&r);

	read_name(msg, &r, NULL);
	return rd_ok(&r) && rd_pos(&r) - start <= rest;
}

/* Whether the data of RR are what its type says. */
static bool
is_whole(const struct reader *msg, const struct record *rr)
{
	size_t fixed = 0;
	struct reader r;

	switch (rr->type) {
	case DNS_A:
		return rr->len == 4;
	case DNS_AAAA:
		return rr->len == 16;
	case DNS_URI:
		return rr->len >= 4;
	case DNS_SRV:
		fixed = 6;
		break;
	case DNS_CNAME:
	case DNS_PTR:
		break;
	default:
		return true;
	}
	r = reader_at(msg, rr->start + fixed);
	return rr->len >= fixed && name_data(msg, r, rr->len - fixed);
}

/* Fills EV from the data of RR, which are whole. */
static void
record_data(struct dns *x, const struct reader *msg, const struct record *rr,
    struct name *name, char addr[ADDR_TEXT], struct event *ev)
{
	struct ev_dns_rr *out = &ev->u.dns_rr;
	struct reader data = rd_at(msg, rr->start, rr->len);
	struct reader r = reader_at(msg, rr->start);
	size_t left;

	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		out->data = address_data(data, rr->type == DNS_A ? 4 : 6, addr);
		return;
	case DNS_TXT:
		out->data = text_data(x, data);
		return;
	case DNS_URI:
		out->priority = rd_be16(&data);
		out->weight = rd_be16(&data);
		left = rd_have(&data);
		out->data = text_utf8(x->d, rd_bytes(&data, left), left);
		return;
	case DNS_SRV:
		out->priority = rd_be16(&r);
		out->weight = rd_be16(&r);
		out->port = rd_be16(&r);
		break;
	case DNS_CNAME:
	case DNS_PTR:
		break;
	default:
		return;
	}
	read_name(msg, &r, name);
	out->data = name_str(name);
}

/*
 * Of the answer section all that story and rules ask for, of the additional
 * section the addresses of the servers that SRV records name.
 */
static bool
is_wanted(const struct dns *x, const struct record *rr, int section)
{
	if (rr->class != CLASS_IN)
		return false;
	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		return section == 1 || (section == 3 && x->type == DNS_SRV);
	case DNS_CNAME:
	case DNS_SOA:
	case DNS_PTR:
	case DNS_TXT:
	case DNS_SRV:
	case DNS_URI:
		return section == 1;
	}
	return false;
}

/* The name at AT, which was found to be whole: most records are of the one
 * that was asked for, and point to it. */
static struct str
owner_str(const struct dns *x, const struct reader *msg, size_t at,
    struct name *name)
{
	struct reader r = reader_at(msg, at), ahead = r;

	if (rd_be16(&ahead) == FIRST_NAME && x->count[0] > 0)
		return name_str(x->name);
	read_name(msg, &r, name);
	return name_str(name);
}

/* Posts RR, whose data are known to be whole. */
static void
post_record(struct dns *x, const struct reader *msg, const struct record *rr)
{
	struct event ev;
	char addr[ADDR_TEXT];
	struct name owner, name;

	event_begin(&ev, x->f, x->dir, EV_dns_rr);
	record_data(x, msg, rr, &name, addr, &ev);
	ev.u.dns_rr.id = x->id;
	ev.u.dns_rr.name = owner_str(x, msg, rr->owner, &owner);
	ev.u.dns_rr.type = rr->type;
	ev.u.dns_rr.ttl = rr->ttl;
	post(x->d, &ev);
}

/*
 * All records behind the questions; R stands at the end afterwards or at what
 * is cut or broken.
 */
static void
walk_records(struct dns *x, const struct reader *msg, struct reader *r)
{
	struct record rr;

	for (int section = 1; section <= 3; section++) {
		for (unsigned i = 0; i < x->count[section]; i++) {
			read_record(x, msg, r, &rr);
			if (!rd_ok(r))
				return;
			if (rr.type == DNS_OPT && section == 3)
				x->rcode |= (uint16_t)(rr.ttl >> 20 & 0xff0);
			if (!is_wanted(x, &rr, section))
				continue;
			if (!is_whole(msg, &rr))
				rd_bad(r);
			if (x->nwanted < RECORDS_MAX)
				x->wanted[x->nwanted++] = rr;
		}
	}
}

/* --- messages --------------------------------------------------------- */

static void
post_query(struct dns *x, bool cut)
{
	struct event ev;

	event_begin(&ev, x->f, x->dir, EV_dns_query);
	ev.cut = cut;
	ev.u.dns_query.id = x->id;
	ev.u.dns_query.name = name_str(x->name);
	ev.u.dns_query.type = x->type;
	post(x->d, &ev);
}

static void
post_reply(struct dns *x, bool cut)
{
	struct event ev;

	event_begin(&ev, x->f, x->dir, EV_dns_reply);
	ev.cut = cut;
	ev.u.dns_reply.id = x->id;
	ev.u.dns_reply.name = name_str(x->name);
	ev.u.dns_reply.type = x->type;
	ev.u.dns_reply.rcode = x->rcode;
	ev.u.dns_reply.answers = x->count[1];
	ev.u.dns_reply.truncated = (x->flags & FLAG_TRUNCATED) != 0;
	post(x->d, &ev);
}

/* Posts what was found in MSG, of which all was read that was captured. */
static void
post_message(struct dns *x, const struct reader *msg, bool cut)
{
	if ((x->flags & FLAG_RESPONSE) == 0) {
		post_query(x, cut);
		return;
	}
	for (unsigned i = 0; i < x->nwanted; i++)
		post_record(x, msg, &x->wanted[i]);
	post_reply(x, cut);
}

/* MSG is one message, without a length before it. */
static void
dns_message(struct dissector *d, struct flow *f, int dir, struct reader msg)
{
	struct record wanted[RECORDS_MAX];
	struct name name;
	struct dns x = { .d = d, .f = f, .dir = dir, .name = &name };
	struct reader r = msg;
	bool asked;

	x.wanted = wanted;
	read_header(&r, &x);
	if (!rd_ok(&r) || !is_query(&x))
		return;
	read_questions(&msg, &r, &x);
	asked = rd_ok(&r);
	if (asked)
		walk_records(&x, &msg, &r);
	/* Some servers cut the records off and leave the counts. */
	if (r.state == RD_BAD && asked && (x.flags & FLAG_RESPONSE) != 0 &&
	    (x.flags & FLAG_TRUNCATED) != 0)
		post_reply(&x, false);
	else if (r.state == RD_BAD)
		post_malformed(d, f, dir, "DNS message, RFC 1035 4.1");
	else if (asked) /* half a name is another name */
		post_message(&x, &msg, !rd_ok(&r));
}

static void
message(struct dissector *d, struct flow *f, int dir, struct reader r)
{
	if (f->transport == TRANSPORT_TCP)
		rd_skip(&r, 2);
	dns_message(d, f, dir, rd_rest(&r));
}

static struct framing
frame(struct flow *f, int dir, struct reader r)
{
	struct framing fr = { .what = FRAMING_NEED, .length = 2 };
	size_t length;

	(void)f;
	(void)dir;
	if (rd_have(&r) < 2)
		return fr;
	length = rd_be16(&r);
	fr.what = length < HEADER ? FRAMING_LOST : FRAMING_MESSAGE;
	fr.length = fr.keep = 2 + length;
	return fr;
}

/*
 * A known opcode, and a first question that can be read, or none in an
 * answer (to what the server could not read, or the second message of a
 * zone transfer).
 */
static bool
looks_like_dns(struct reader msg)
{
	struct dns x = { .d = NULL };
	struct reader r = msg;
	unsigned opcode;

	read_header(&r, &x);
	opcode = x.flags >> 11 & 0xf;
	if (!rd_ok(&r) || opcode == 3 || opcode > 6)
		return false;
	if (x.count[0] == 0)
		return (x.flags & FLAG_RESPONSE) != 0;
	if (x.count[0] > 1)
		x.count[0] = 1;
	read_questions(&msg, &r, &x);
	return r.state != RD_BAD;
}

static bool
claims(const struct flow *f, int dir, struct reader r, bool hinted)
{
	(void)dir;
	if (!hinted)
		return false;
	if (f->transport == TRANSPORT_TCP) {
		size_t length = rd_be16(&r), have = rd_have(&r);

		if (!rd_ok(&r) || length < HEADER)
			return false;
		/* Some resolvers send the length in a segment of its own. */
		if (have < HEADER)
			return true;
		if (have < length)
			r = rd_make(rd_bytes(&r, have), have, length - have);
	}
	return looks_like_dns(rd_rest(&r));
}

static const uint16_t ports[] = { 53, 0 };

const struct carrier carrier_dns = {
	.name = "dns",
	.tcp_ports = ports,
	.udp_ports = ports,
	.claims = claims,
	.frame = frame,
	.message = message,
};
