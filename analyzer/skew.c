/*
 * skew.c - whose clock is wrong, as far as clocks in clear tell it: what the
 * rules on time share (RFC 4120 3.1.3, 3.2.3, 5.9.1).
 */
#include <stdlib.h>

#include "skew.h"

/* Hosts looked through for a second clock; a capture of more has one. */
#define SKEW_WITNESSES 64

/* How long what a client was told of its clock accounts for a silence. */
#define SKEW_TOLD (10 * MINUTE)

/* Whether another host than ADDR has a clock within the tolerance. */
static bool
skew_witness(const struct ledger *l, const struct addr *addr)
{
	const struct host *h;
	int64_t off;
	size_t i;

	for (i = 0; i < SKEW_WITNESSES; i++) {
		if ((h = ledger_host_at(l, i)) == NULL)
			return false;
		if (h->clock.samples == 0 || addr_equal(&h->addr, addr))
			continue;
		if (ledger_clock(l, &h->addr, &off) &&
		    llabs(off) <= ledger_skew(l))
			return true;
	}
	return false;
}

bool
skew_beyond(const struct ledger *l, int64_t offset)
{
	return llabs(offset) > ledger_skew(l);
}

/* Of a clock that is OFF from the others and RAW from the capture's. */
static enum skew_word
skew_word(const struct ledger *l, const struct addr *addr, int64_t off,
    int64_t raw, int64_t *offset)
{
	*offset = off;
	if (llabs(off) > ledger_skew(l))
		return skew_witness(l, addr) ? SKEW_OFF : SKEW_DOUBTFUL;
	if (llabs(raw) <= ledger_skew(l) || skew_witness(l, addr))
		return SKEW_RIGHT;
	*offset = raw;
	return SKEW_DOUBTFUL;
}

enum skew_word
skew_clock(const struct ledger *l, const struct addr *addr, int64_t *offset)
{
	const struct host *h = ledger_host(l, addr);
	int64_t off;

	*offset = 0;
	if (h == NULL || !ledger_clock(l, addr, &off))
		return SKEW_UNSEEN;
	return skew_word(l, addr, off, h->clock.offset, offset);
}

enum skew_word
skew_clock_at(const struct ledger *l, const struct addr *addr, int64_t when,
    int64_t *offset)
{
	const struct host *h = ledger_host(l, addr);
	const struct ref *sample;
	int64_t all, off;

	*offset = 0;
	if (h == NULL || !ledger_clock(l, addr, &all) ||
	    !ledger_clock_at(l, addr, when, &off, &sample))
		return SKEW_UNSEEN;
	return skew_word(l, addr, off, off + h->clock.offset - all, offset);
}

int64_t
skew_when(const struct attempt *a)
{
	return a->rep.frame != 0 ? a->rep.time : a->req.time;
}

const struct host *
skew_told(const struct ledger *l, const struct addr *addr, int64_t when)
{
	const struct host *h = ledger_host(l, addr);
	int64_t off;

	if (h == NULL || h->skew_told.frame == 0 ||
	    llabs(h->skew_told.time - when) > SKEW_TOLD)
		return NULL;
	return skew_clock(l, &h->skew_by, &off) == SKEW_RIGHT ? h : NULL;
}

bool
skew_told_all(const struct ledger *l, const struct addr *addr)
{
	const struct host *h = ledger_host(l, addr);
	size_t i, told = 0;

	if (h == NULL || h->answered > 0)
		return false;
	for (i = 0; i < SKEW_WITNESSES && told < 2; i++) {
		if ((h = ledger_host_at(l, i)) == NULL)
			break;
		told += h->skew_told.frame != 0 &&
		    addr_equal(&h->skew_by, addr);
	}
	return told >= 2;
}

const char *
skew_text(struct finding *f, int64_t off)
{
	const char *side = off < 0 ? "behind" : "ahead";
	long long s = llabs(off / SECOND), m = (s + 30) / 60;

	if (s < 120)
		return finding_text(f, "%lld seconds %s", s, side);
	if (m == 60)
		return finding_text(f, "1 hour %s", side);
	if (m < 120)
		return finding_text(f, "%lld minutes %s", m, side);
	if (m < 48 * 60 && m % 60 == 0)
		return finding_text(f, "%lld hours %s", m / 60, side);
	if (m < 48 * 60)
		return finding_text(f, "%lld h %lld min %s", m / 60, m % 60,
		    side);
	return finding_text(f, "%lld days %s", m / (24 * 60), side);
}

/*
 * The lifetime that a client most likely asked for, given `till' minus now:
 * 0 when that is open.  MIT and Heimdal ask for now + lifetime (10 h, 24 h);
 * Windows asks for the year 2037 and Java for 1970, which say nothing.
 */
static int64_t
skew_lifetime(int64_t asked)
{
	static const int64_t usual[] = { 8, 10, 12, 24, 168 };
	int64_t near = 0, far = 0, d;
	size_t i, nfar = 0;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		d = llabs(asked - usual[i] * HOUR);
		if (d <= 30 * MINUTE)
			near = usual[i] * HOUR;
		if (d <= 3 * HOUR) {
			far = usual[i] * HOUR;
			nfar++;
		}
	}
	if (near != 0)
		return near;
	return nfar == 1 ? far : 0;
}

/*
 * Old MIT KDCs put the nonce into ctime, so that alone is no clock.
 */
int64_t
skew_hint(const struct story *s, const struct ledger *l,
    const struct exchange *e)
{
	int64_t kdc, off, life;
	const struct exchange *x;

	if (e->stime <= 0 || e->rep.frame == 0)
		return 0;
	kdc = e->stime - e->rep.time;
	off = e->ctime - e->stime;
	if (e->ctime > 0 && e->ctime / SECOND != e->nonce &&
	    llabs(off) > ledger_skew(l) && llabs(off) < 7 * 24 * HOUR)
		return off;
	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++) {
		if (x->kind != EXCHANGE_AS || x->till <= 0 || x->from > 0)
			continue;
		off = x->till - (x->req.time + kdc);
		life = skew_lifetime(off);
		if (life != 0 && llabs(off - life) > ledger_skew(l))
			return off - life;
	}
	return 0;
}

const char *
skew_host(struct finding *f, const struct ledger *l, const struct addr *addr)
{
	const struct host *h = ledger_host(l, addr);
	const char *name = NULL;
	char buf[ADDR_TEXT];

	if (h != NULL)
		name = host_own_name(h, NULL);
	if (name == NULL)
		return finding_text(f, "%s", addr_text(addr, buf));
	return finding_text(f, "%s (%s)", name, addr_text(addr, buf));
}

/* OFF from the others by SAMPLE; WORD and SAID are what is made of it. */
static void
cite(struct finding *f, const struct ledger *l, const struct addr *addr,
    const struct ref *sample, int64_t off, enum skew_word word, int64_t said)
{
	f->rests_on |= EVIDENCE_CLOCK;
	if (word == SKEW_DOUBTFUL)
		finding_evidence(f, sample,
		    "the clock of %s, against the capture's: %s",
		    skew_host(f, l, addr), skew_text(f, said));
	else if (llabs(off) <= 2 * SECOND)
		finding_evidence(f, sample,
		    "the clock of %s agrees with the others",
		    skew_host(f, l, addr));
	else
		finding_evidence(f, sample, "the clock of %s is %s",
		    skew_host(f, l, addr), skew_text(f, off));
}

void
skew_cite(struct finding *f, const struct ledger *l, const struct addr *addr)
{
	const struct host *h = ledger_host(l, addr);
	enum skew_word word;
	int64_t off, said;

	if (h == NULL || !ledger_clock(l, addr, &off))
		return;
	word = skew_clock(l, addr, &said);
	cite(f, l, addr, &h->clock.ref, off, word, said);
}

void
skew_cite_at(struct finding *f, const struct ledger *l, const struct addr *addr,
    int64_t when)
{
	const struct ref *sample;
	enum skew_word word;
	int64_t off, said;

	if (!ledger_clock_at(l, addr, when, &off, &sample))
		return;
	word = skew_clock_at(l, addr, when, &said);
	cite(f, l, addr, sample, off, word, said);
}
