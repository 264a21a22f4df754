/*
 * ordinary.c - what else goes over an office network: connections that look
 * like TLS and HTTP, reads and writes over SMB2, look-ups in DNS.
 *
 * Nothing here is recorded, and nobody reads more of it than a head: the
 * octets behind are random ones.  TCP as Linux sends it: full segments, an
 * acknowledgement for every second.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define CONNECTIONS 512
#define POOL (1 << 20)
#define SEGMENT 1460
#define FIN 0x01
#define SYN 0x02
#define PSH 0x08
#define ACK 0x10
#define SMB_TRANSFER 65536

enum kind { KIND_TLS, KIND_HTTP, KIND_SMB, KIND_DNS };

/* A connection, and what it does next. */
struct connection {
	enum kind kind;
	struct ends ends;
	uint32_t seq[2];
	unsigned step;
	unsigned rounds;  /* of question and answer to come */
	uint64_t message; /* SMB2 MessageId */
	size_t left;      /* octets to come of what is sent */
	int from;         /* by whom */
	unsigned unacked; /* segments */
};

struct ordinary {
	uint64_t random;
	struct connection at[CONNECTIONS];
	uint64_t begun;
	uint8_t pool[POOL];
};

static size_t
below(struct ordinary *t, size_t n)
{
	return (size_t)(random_next(&t->random) >> 32) % n;
}

static void
begin(struct ordinary *t, struct connection *c)
{
	static const uint16_t ports[] = { 443, 80, 445, 53 };
	uint64_t r = random_next(&t->random);
	unsigned die = r % 100;

	memset(c, 0, sizeof(*c));
	c->kind = die < 45 ? KIND_TLS :
	    die < 65       ? KIND_HTTP :
	    die < 70       ? KIND_SMB :
			     KIND_DNS;
	/* Clients of 10.1.0.0/20, servers of 10.2.0.0/24 and of outside. */
	c->ends.addr[0] = UINT32_C(0x0a010000) + (r >> 8) % 4096;
	c->ends.addr[1] = c->kind == KIND_SMB || c->kind == KIND_DNS ?
	    UINT32_C(0x0a020001) + (r >> 32) % 16 :
	    UINT32_C(0x5db80000) + (r >> 32) % 65536;
	c->ends.port[0] = (uint16_t)(32768 + t->begun++ % 28000);
	c->ends.port[1] = ports[c->kind];
	c->seq[0] = (uint32_t)random_next(&t->random);
	c->seq[1] = (uint32_t)random_next(&t->random);
	c->rounds = c->kind == KIND_SMB ? 64 : 1 + (unsigned)below(t, 4);
	/* A share is in use for days: its connection was there before. */
	c->step = c->kind == KIND_SMB ? 3 : 0;
}

static void
send_data(struct output *o, struct connection *c, int from, const void *data,
    size_t len)
{
	frame_tcp(o, &c->ends, from, c->seq[from], c->seq[!from], PSH | ACK,
	    data, len);
	c->seq[from] += (uint32_t)len;
}

static void
send_flags(struct output *o, struct connection *c, int from, uint8_t flags)
{
	frame_tcp(o, &c->ends, from, c->seq[from],
	    (flags & ACK) != 0 ? c->seq[!from] : 0, flags, NULL, 0);
	if ((flags & (SYN | FIN)) != 0)
		c->seq[from]++;
}

/* An SMB2 header of COMMAND behind its NetBIOS one for LEN octets in all. */
static void
smb_header(const struct connection *c, uint8_t *p, unsigned command,
    bool answer, size_t len)
{
	memset(p, 0, 4 + 64);
	put32(p, (uint32_t)(len - 4));
	memcpy(p + 4, "\xfeSMB", 4);
	p[8] = 64;
	p[10] = 1;
	p[16] = (uint8_t)command;
	p[18] = 1;
	p[20] = answer;
	for (int i = 0; i < 8; i++)
		p[28 + i] = (uint8_t)(c->message >> (8 * i));
	p[40] = 5;
	put32(p + 44, c->ends.port[0] + 1u);
}

/* The head of what FROM says, LEN octets at P; *REST follow it. */
static size_t
smb_head(struct connection *c, int from, uint8_t *p, size_t *rest)
{
	bool reads = c->rounds % 4 != 0;
	size_t head = 4 + 64 + (from == 0 ? 48 : 16);

	*rest = reads == (from == 1) ? SMB_TRANSFER : 0;
	memset(p, 0, head);
	smb_header(c, p, reads ? 8 : 9, from == 1, head + *rest);
	p[68] = from == 0 ? 49 : 17;
	put32(p + 72, UINT32_C(0x00000100));
	if (from == 1)
		c->message++;
	return head;
}

static size_t
tls_head(struct ordinary *t, const struct connection *c, int from, uint8_t *p,
    size_t *rest)
{
	size_t len = from == 0 ? 200 + below(t, 400) : 2000 + below(t, 60000);

	if (len > 16384)
		len = 16384;
	p[0] = c->step == 3 ? 0x16 : 0x17;
	p[1] = 3;
	p[2] = 3;
	put16(p + 3, (unsigned)len);
	p[5] = (uint8_t)(from + 1);
	*rest = len - 1;
	return 6;
}

static size_t
http_head(struct ordinary *t, int from, uint8_t *p, size_t *rest)
{
	if (from == 0) {
		*rest = 300;
		return (size_t)sprintf((char *)p,
		    "GET /%zu HTTP/1.1\r\nHost: www.example\r\nCookie: ",
		    below(t, 1000000));
	}
	*rest = 500 + below(t, 60000);
	return (size_t)sprintf((char *)p,
	    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", *rest);
}

/* The first segment of what FROM says. */
static void
say(struct ordinary *t, struct connection *c, int from, struct output *o)
{
	uint8_t p[SEGMENT];
	size_t head, rest, n;

	if (c->kind == KIND_SMB)
		head = smb_head(c, from, p, &rest);
	else if (c->kind == KIND_TLS)
		head = tls_head(t, c, from, p, &rest);
	else
		head = http_head(t, from, p, &rest);
	n = rest < SEGMENT - head ? rest : SEGMENT - head;
	memcpy(p + head, t->pool + below(t, POOL - SEGMENT), n);
	send_data(o, c, from, p, head + n);
	c->left = rest - n;
	c->from = from;
	c->unacked = 1;
}

/* Question and answer; false when both are told. */
static bool
converse(struct ordinary *t, struct connection *c, struct output *o)
{
	size_t n = c->left < SEGMENT ? c->left : SEGMENT;

	if (c->unacked == 2 || (c->left == 0 && c->unacked > 0)) {
		send_flags(o, c, !c->from, ACK);
		c->unacked = 0;
	} else if (c->left > 0) {
		send_data(o, c, c->from, t->pool + below(t, POOL - SEGMENT), n);
		c->left -= n;
		c->unacked++;
	} else if (c->step == 3) {
		say(t, c, 0, o);
		c->step = 4;
	} else if (c->step == 4) {
		say(t, c, 1, o);
		c->step = 5;
	} else if (--c->rounds > 0) {
		say(t, c, 0, o);
		c->step = 4;
	} else {
		return false;
	}
	return true;
}

/* One frame of a TCP connection; false when it is over. */
static bool
tcp_next(struct ordinary *t, struct connection *c, struct output *o)
{
	switch (c->step) {
	case 0:
		send_flags(o, c, 0, SYN);
		break;
	case 1:
		send_flags(o, c, 1, SYN | ACK);
		break;
	case 2:
		send_flags(o, c, 0, ACK);
		break;
	case 3:
	case 4:
	case 5:
		if (converse(t, c, o))
			return true;
		send_flags(o, c, 0, FIN | ACK);
		c->step = 5;
		break;
	case 6:
		send_flags(o, c, 1, FIN | ACK);
		break;
	default:
		send_flags(o, c, 0, ACK);
		return false;
	}
	c->step++;
	return true;
}

/* One of 50,000 names, and its address. */
static bool
dns_next(struct ordinary *t, struct connection *c, struct output *o)
{
	static const uint8_t asked[] = { 0, 0, 1, 0, 1 };
	static const uint8_t answer[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0,
		4, 93, 184 };
	uint8_t p[128] = { 0 };
	unsigned name = c->seq[0] % 50000;
	size_t n;

	put16(p, c->seq[1] & 0xffff);
	p[2] = c->step == 0 ? 0x01 : 0x81;
	p[3] = c->step == 0 ? 0x00 : 0x80;
	p[5] = 1;
	p[7] = c->step != 0;
	p[12] = 9;
	n = 13 + (size_t)sprintf((char *)p + 13, "host%05u", name);
	n += (size_t)sprintf((char *)p + n, "\7example\3com");
	memcpy(p + n, asked, sizeof(asked));
	n += sizeof(asked);
	if (c->step != 0) {
		memcpy(p + n, answer, sizeof(answer));
		n += sizeof(answer);
		put16(p + n, name);
		n += 2;
	}
	(void)t;
	frame_udp(o, &c->ends, (int)c->step, p, n);
	return c->step++ == 0;
}

struct ordinary *
ordinary_new(uint64_t seed)
{
	struct ordinary *t = must_have(calloc(1, sizeof(*t)));
	uint64_t word;

	t->random = seed;
	for (size_t i = 0; i < POOL; i += sizeof(word)) {
		word = random_next(&t->random);
		memcpy(t->pool + i, &word, sizeof(word));
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		begin(t, &t->at[i]);
	return t;
}

void
ordinary_next(struct ordinary *t, struct output *o)
{
	struct connection *c = &t->at[below(t, CONNECTIONS)];
	bool more = c->kind == KIND_DNS ? dns_next(t, c, o) : tcp_next(t, c, o);

	if (!more)
		begin(t, c);
}
