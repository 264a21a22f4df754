/*
 * recorded.c - recorded exchanges, told again with other clients.
 *
 * Each telling has clients, client ports, sequence numbers, nonces, user
 * names, ciphertexts, DNS and IP identifications of its own, and the times of
 * clocks are those at which it is told; all lengths stay
 * as they were, so that each is changed in its place.  The same octets become
 * the same octets within one telling: the ticket of a TGS-REP is the one of
 * the AP-REQ that follows.  Checksums are left as they are.
 *
 * What to change is found once, in the streams put together: EncryptedData
 * (RFC 4120 5.2.9) and everything that looks as it does, which is sealed too;
 * the nonce of KDC-REQ-BODY (5.4.1); names of type NT-PRINCIPAL in one part;
 * GeneralizedTime and FILETIME (MS-DTYP 2.3.3) of about the recording's time.
 */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#define ETHERNET 14
#define TCP 6
#define UDP 17
#define SYN 0x02
#define ACK 0x10
#define CIPHER_MIN 40
#define NAME_DIGITS 5
#define PORT_FIRST 20000
#define PORTS 45000

#define CLIENTS 4 /* of one recording, at most */
#define DIGITS 14 /* of 20261121214542Z */
#define FILETIME 8
#define FILETIME_1970 INT64_C(116444736000000000)
#define ABOUT INT64_C(86400000000) /* microseconds */

enum change { CHANGE_XOR, CHANGE_NAME, CHANGE_DIGITS, CHANGE_FILETIME };

/* Octets [at, at + len) of a frame; the first is octet POS of its cipher or
 * time, or digit POS of its name from the end. */
struct patch {
	enum change change;
	uint16_t at, len;
	uint32_t pos;
	int64_t time; /* recorded, microseconds since 1970 */
};

struct recorded_frame {
	int64_t after; /* microseconds since the first frame */
	size_t len;
	uint8_t *data;
	size_t transport, payload; /* offsets */
	size_t flow;
	int dir; /* 0: as the first frame of the flow */
	struct patch *patches;
	size_t npatches;
};

/* The octets of one direction, while patches are sought. */
struct stream {
	uint32_t first; /* sequence number */
	bool begun;
	uint8_t *data;
	size_t len;
};

struct recorded_flow {
	uint8_t proto;
	struct ends ends;
	struct stream stream[2];
};

struct recorded {
	int64_t begun; /* microseconds since 1970 */
	struct recorded_frame *frames;
	size_t nframes;
	struct recorded_flow *flows;
	size_t nflows;
	uint32_t *clients;
	size_t nclients;
};

static void *
grow(void *p, size_t n, size_t size)
{
	return must_have(reallocarray(p, n, size));
}

/* --- what to change --------------------------------------------------- */

static void
add_patch(struct recorded_frame *f, struct patch patch)
{
	f->patches = grow(f->patches, f->npatches + 1, sizeof(*f->patches));
	f->patches[f->npatches++] = patch;
}

/* Octets [AT, AT + LEN) of the stream of F, which F has from FROM on. */
static void
patch_frame(struct recorded_frame *f, size_t from, size_t at, size_t len,
    enum change change, int64_t time)
{
	size_t to = from + f->len - f->payload;
	size_t begin = at > from ? at : from;
	size_t end = at + len < to ? at + len : to;
	struct patch patch = { .change = change, .time = time };

	if (begin >= end)
		return;
	patch.at = (uint16_t)(f->payload + (begin - from));
	patch.len = (uint16_t)(end - begin);
	patch.pos = (uint32_t)(change == CHANGE_NAME ? at + len - end :
						       begin - at);
	add_patch(f, patch);
}

/* Length of a DER length field at P, its value in *LEN; 0: none. */
static size_t
der_length(const uint8_t *p, size_t have, size_t *len)
{
	size_t n;

	if (have == 0)
		return 0;
	*len = p[0];
	if (p[0] < 0x80)
		return 1;
	n = p[0] & 0x7f;
	if (n == 0 || n > 2 || have < n + 1)
		return 0;
	*len = n == 1 ? p[1] : get16(p + 1);
	return n + 1;
}

/* Not sealed, but a structure: its parts are looked at by themselves. */
static bool
is_structure(const uint8_t *p, size_t len)
{
	size_t inner, n = der_length(p + 1, len - 1, &inner);

	if (memcmp(p, "NTLMSSP", 7) == 0)
		return true;
	return (p[0] & 0x20) != 0 && n > 0 && 1 + n + inner == len;
}

/* [2] OCTET STRING: where the octets begin and how many they are. */
static size_t
find_cipher(const uint8_t *p, size_t have, size_t *len)
{
	size_t n, m, outer;

	if (have < CIPHER_MIN || p[0] != 0xa2)
		return 0;
	n = der_length(p + 1, have - 1, &outer);
	if (n == 0 || p[1 + n] != 0x04)
		return 0;
	m = der_length(p + 2 + n, have - 2 - n, len);
	if (m == 0 || outer != 1 + m + *len || *len < CIPHER_MIN ||
	    2 + n + m + *len > have || is_structure(p + 2 + n + m, *len))
		return 0;
	return 2 + n + m;
}

/* [7] INTEGER before [8]: the last three octets of the nonce. */
static size_t
find_nonce(const uint8_t *p, size_t have, size_t *len)
{
	size_t n = have > 8 && p[0] == 0xa7 ? p[3] : 0;

	if (n < 3 || n > 5 || p[1] != n + 2 || p[2] != 2 || have < 5 + n ||
	    p[4 + n] != 0xa8)
		return 0;
	*len = 2;
	return 4 + n - 2;
}

/* PrincipalName of type NT-PRINCIPAL with one part: the end of it. */
static size_t
find_name(const uint8_t *p, size_t have, size_t *len)
{
	static const uint8_t head[] = { 0xa0, 3, 2, 1, 1, 0xa1 };
	size_t n;

	if (have < 12 || memcmp(p, head, sizeof(head)) != 0 || p[7] != 0x30 ||
	    p[9] != 0x1b)
		return 0;
	n = p[10];
	if (p[6] != n + 4 || p[8] != n + 2 || n < 2 || have < 11 + n ||
	    p[10 + n] == '$')
		return 0;
	*len = n < NAME_DIGITS ? n : NAME_DIGITS;
	return 11 + n - *len;
}

/* 20261121214542Z, or .0Z as LDAP has it: the digits. */
static bool
find_digits(const uint8_t *p, size_t have, int64_t *out)
{
	struct tm tm = { 0 };
	char text[DIGITS + 1];

	if (have <= DIGITS || p[0] != '2' || p[1] != '0' ||
	    (p[DIGITS] != 'Z' && p[DIGITS] != '.'))
		return false;
	memcpy(text, p, DIGITS);
	text[DIGITS] = '\0';
	if (strspn(text, "0123456789") != DIGITS ||
	    strptime(text, "%Y%m%d%H%M%S", &tm) == NULL)
		return false;
	*out = (int64_t)timegm(&tm) * 1000000;
	return true;
}

/* Any eight octets may be one: its value decides. */
static bool
find_filetime(const uint8_t *p, size_t have, int64_t *out)
{
	uint64_t v = 0;

	if (have < FILETIME)
		return false;
	for (size_t i = FILETIME; i > 0; i--)
		v = v << 8 | p[i - 1];
	*out = ((int64_t)(v >> 1) - FILETIME_1970 / 2) / 5;
	return true;
}

/* What a clock said about when R was recorded. */
static size_t
find_time(const struct recorded *r, const uint8_t *p, size_t have,
    enum change *change, int64_t *time)
{
	bool digits = find_digits(p, have, time);

	*change = digits ? CHANGE_DIGITS : CHANGE_FILETIME;
	if ((!digits && !find_filetime(p, have, time)) ||
	    llabs(*time - r->begun) > ABOUT)
		return 0;
	return digits ? DIGITS : FILETIME;
}

static size_t
frame_from(const struct recorded *r, const struct recorded_frame *f)
{
	const struct recorded_flow *flow = &r->flows[f->flow];
	const uint8_t *tcp = f->data + f->transport;

	if (flow->proto == UDP)
		return 0;
	return get32(tcp + 4) + ((tcp[13] & SYN) != 0) -
	    flow->stream[f->dir].first;
}

/* What to change of the octets at P: where it begins, behind P, and how. */
static size_t
find_change(const struct recorded *r, const uint8_t *p, size_t have,
    size_t *len, enum change *change, int64_t *time)
{
	size_t at;

	*change = CHANGE_XOR;
	*time = 0;
	if ((at = find_cipher(p, have, len)) != 0 ||
	    (at = find_nonce(p, have, len)) != 0)
		return at;
	*change = CHANGE_NAME;
	if ((at = find_name(p, have, len)) != 0)
		return at;
	*len = find_time(r, p, have, change, time);
	return 0;
}

/* Looks for what to change in LEN octets of direction DIR of FLOW; ONLY is
 * the frame of a datagram. */
static void
find_patches(struct recorded *r, size_t flow, int dir, const uint8_t *p,
    size_t len, struct recorded_frame *only)
{
	for (size_t i = 0; i < len; i++) {
		enum change change;
		int64_t time;
		size_t n = 0, at;

		at = find_change(r, p + i, len - i, &n, &change, &time);
		if (n == 0)
			continue;
		if (only != NULL)
			patch_frame(only, 0, i + at, n, change, time);
		for (size_t k = 0; only == NULL && k < r->nframes; k++)
			if (r->frames[k].flow == flow &&
			    r->frames[k].dir == dir)
				patch_frame(&r->frames[k],
				    frame_from(r, &r->frames[k]), i + at, n,
				    change, time);
		i += at + n - 1;
	}
}

static void
find_all_patches(struct recorded *r)
{
	struct recorded_frame *f;

	for (size_t i = 0; i < r->nflows; i++)
		for (int dir = 0; dir < 2; dir++)
			find_patches(r, i, dir, r->flows[i].stream[dir].data,
			    r->flows[i].stream[dir].len, NULL);
	for (f = r->frames; f < r->frames + r->nframes; f++)
		if (r->flows[f->flow].proto == UDP)
			find_patches(r, f->flow, f->dir, f->data + f->payload,
			    f->len - f->payload, f);
}

/* --- reading ---------------------------------------------------------- */

static bool
is_service(unsigned port)
{
	return port == 445 || port == 88 || port == 53 || port == 389;
}

/* Clients are asked by nobody. */
static void
find_clients(struct recorded *r)
{
	for (size_t i = 0; i < r->nflows; i++) {
		uint32_t who = r->flows[i].ends.addr[0];
		bool known = !is_service(r->flows[i].ends.port[1]);

		for (size_t k = 0; k < r->nflows; k++)
			if (r->flows[k].ends.addr[1] == who &&
			    is_service(r->flows[k].ends.port[1]))
				known = true;
		for (size_t k = 0; k < r->nclients; k++)
			if (r->clients[k] == who)
				known = true;
		if (known)
			continue;
		r->clients = grow(r->clients, r->nclients + 1,
		    sizeof(*r->clients));
		r->clients[r->nclients++] = who;
	}
}

static void
find_flow(struct recorded *r, struct recorded_frame *f, uint8_t proto,
    const struct ends *e)
{
	struct recorded_flow *flow;

	for (size_t i = 0; i < r->nflows; i++) {
		const struct ends *x = &r->flows[i].ends;

		for (int dir = 0; dir < 2; dir++)
			if (r->flows[i].proto == proto &&
			    x->addr[dir] == e->addr[0] &&
			    x->addr[!dir] == e->addr[1] &&
			    x->port[dir] == e->port[0] &&
			    x->port[!dir] == e->port[1]) {
				f->flow = i;
				f->dir = dir;
				return;
			}
	}
	r->flows = grow(r->flows, r->nflows + 1, sizeof(*r->flows));
	flow = &r->flows[r->nflows];
	*flow = (struct recorded_flow){ .proto = proto, .ends = *e };
	f->flow = r->nflows++;
}

/* Puts a segment at its place in the stream. */
static void
stream_add(struct recorded *r, struct recorded_frame *f)
{
	struct stream *s = &r->flows[f->flow].stream[f->dir];
	const uint8_t *tcp = f->data + f->transport;
	size_t from, len = f->len - f->payload;

	if (!s->begun)
		s->first = get32(tcp + 4) + ((tcp[13] & SYN) != 0);
	s->begun = true;
	from = frame_from(r, f);
	/* A retransmission from before the first frame, or a keep-alive. */
	if (len == 0 || from > (1 << 20))
		return;
	if (from + len > s->len) {
		s->data = grow(s->data, from + len, 1);
		memset(s->data + s->len, 0, from + len - s->len);
		s->len = from + len;
	}
	memcpy(s->data + from, f->data + f->payload, len);
}

static void
add_frame(struct recorded *r, const uint8_t *data, size_t len, int64_t after)
{
	const uint8_t *ip = data + ETHERNET, *transport;
	struct recorded_frame f = { .after = after };
	struct ends e;
	uint8_t proto;

	if (len < ETHERNET + 40 || len > FRAME_MAX || get16(data + 12) != 0x800)
		return;
	proto = ip[9];
	if ((proto != TCP && proto != UDP) || (get16(ip + 6) & 0x3fff) != 0)
		return;
	transport = ip + (size_t)(ip[0] & 15) * 4;
	f.len = ETHERNET + get16(ip + 2);
	f.transport = (size_t)(transport - data);
	f.payload = f.transport + (proto == UDP ? 8 : (transport[12] >> 4) * 4);
	if (f.len > len || f.payload > f.len)
		return;
	f.data = must_have(malloc(f.len));
	memcpy(f.data, data, f.len);
	e = (struct ends){ { get32(ip + 12), get32(ip + 16) },
		{ (uint16_t)get16(transport),
		    (uint16_t)get16(transport + 2) } };
	find_flow(r, &f, proto, &e);
	if (proto == TCP)
		stream_add(r, &f);
	r->frames = grow(r->frames, r->nframes + 1, sizeof(*r->frames));
	r->frames[r->nframes++] = f;
}

struct recorded *
recorded_read(const char *path)
{
	struct recorded *r = must_have(calloc(1, sizeof(*r)));
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *h;
	const u_char *data;
	int64_t t;

	if (pcap == NULL)
		die("%s: %s", path, error);
	if (pcap_datalink(pcap) != DLT_EN10MB)
		die("%s: is not of Ethernet", path);
	while (pcap_next_ex(pcap, &h, &data) == 1) {
		t = (int64_t)h->ts.tv_sec * 1000000 + h->ts.tv_usec;
		if (r->begun == 0)
			r->begun = t;
		add_frame(r, data, h->caplen, t - r->begun);
	}
	pcap_close(pcap);
	find_clients(r);
	find_all_patches(r);
	if (r->nframes == 0 || r->nclients == 0)
		die("%s: holds no log-on", path);
	if (r->nclients > CLIENTS)
		die("%s: has more than %d clients", path, CLIENTS);
	return r;
}

size_t
recorded_frames(const struct recorded *r)
{
	return r->nframes;
}

/* --- telling ---------------------------------------------------------- */

void
telling_begin(struct telling *t, const struct recorded *r, uint64_t number,
    uint64_t who, int64_t start)
{
	uint64_t state = number + 1, word;

	t->recorded = r;
	t->number = number;
	t->who = who;
	t->at = 0;
	t->start = t->next = start;
	for (size_t i = 0; i < KEYSTREAM; i += sizeof(word)) {
		word = random_next(&state);
		memcpy(t->keystream + i, &word, sizeof(word));
	}
}

/* 10.128.0.0/9 and, when that is used up, what follows it. */
static void
put_address(const struct telling *t, uint8_t *p)
{
	const struct recorded *r = t->recorded;
	uint32_t addr = get32(p);

	for (size_t i = 0; i < r->nclients; i++)
		if (r->clients[i] == addr)
			put32(p,
			    UINT32_C(0x0a800000) +
				(uint32_t)(t->who * CLIENTS + i));
}

/* The ports of one telling stay different from each other. */
static void
put_port(const struct telling *t, uint8_t *p)
{
	unsigned port = get16(p);

	if (port >= PORT_FIRST && port < PORT_FIRST + PORTS)
		put16(p,
		    (unsigned)(PORT_FIRST +
			(port - PORT_FIRST + t->number * 131) % PORTS));
}

static void
put_header(const struct telling *t, const struct recorded_frame *f, uint8_t *p)
{
	const struct recorded_flow *flow = &t->recorded->flows[f->flow];
	uint8_t *ip = p + ETHERNET, *l4 = p + f->transport;
	const uint8_t *k = t->keystream + f->flow % (KEYSTREAM / 8) * 8;

	if (get16(ip + 4) != 0)
		put16(ip + 4,
		    (get16(ip + 4) ^ (unsigned)(t->number & 0x7fff)) | 1);
	put_address(t, ip + 12);
	put_address(t, ip + 16);
	put_port(t, l4 + (f->dir == 0 ? 0 : 2));
	if (flow->proto == UDP) {
		if (flow->ends.port[1] == 53 && f->len > f->payload + 2)
			put16(p + f->payload, get16(p + f->payload) ^ get16(k));
		return;
	}
	put32(l4 + 4, get32(l4 + 4) + get32(k + 4 * f->dir));
	if ((l4[13] & ACK) != 0)
		put32(l4 + 8, get32(l4 + 8) + get32(k + 4 * !f->dir));
}

/* The octets of a clock that is as far on as the telling. */
static void
tell_time(const struct telling *t, const struct patch *patch,
    uint8_t out[DIGITS + 1])
{
	int64_t time = patch->time + t->start - t->recorded->begun;
	time_t seconds = time / 1000000;
	struct tm tm;

	if (patch->change == CHANGE_DIGITS) {
		strftime((char *)out, DIGITS + 1, "%Y%m%d%H%M%S",
		    gmtime_r(&seconds, &tm));
		return;
	}
	time = time * 10 + FILETIME_1970;
	for (size_t i = 0; i < FILETIME; i++)
		out[i] = (uint8_t)(time >> (8 * i));
}

static void
put_name(const struct telling *t, const struct patch *patch, uint8_t *p)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const uint64_t unit[] = { 1, 36, 1296, 46656, 1679616 };

	for (size_t i = 0; i < patch->len; i++) {
		size_t last = patch->pos + patch->len - 1 - i;

		if (last < NAME_DIGITS)
			p[i] = (uint8_t)digits[t->who / unit[last] % 36];
	}
}

static void
put_patch(const struct telling *t, const struct patch *patch, uint8_t *p)
{
	uint8_t time[DIGITS + 1];

	if (patch->change == CHANGE_NAME) {
		put_name(t, patch, p);
	} else if (patch->change == CHANGE_XOR) {
		for (size_t i = 0; i < patch->len; i++)
			p[i] ^= t->keystream[(patch->pos + i) % KEYSTREAM];
	} else {
		tell_time(t, patch, time);
		memcpy(p, time + patch->pos, patch->len);
	}
}

bool
telling_next(struct telling *t, struct output *o)
{
	const struct recorded *r = t->recorded;
	const struct recorded_frame *f = &r->frames[t->at++];
	uint8_t frame[FRAME_MAX];

	memcpy(frame, f->data, f->len);
	put_header(t, f, frame);
	for (size_t i = 0; i < f->npatches; i++)
		put_patch(t, &f->patches[i], frame + f->patches[i].at);
	o->time = t->next;
	output_frame(o, frame, f->len);
	if (t->at == r->nframes)
		return false;
	t->next = t->start + r->frames[t->at].after;
	return true;
}
