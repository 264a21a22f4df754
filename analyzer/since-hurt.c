/*
 * since-hurt.c - the log-on that met a fault: whose it was, what for, and
 * whether it was tried again and got in.
 */
#include <string.h>
#include <strings.h>

#include "since.h"

/* --- hashes ----------------------------------------------------------- */

enum kind { BY_LABEL = 11, BY_ADDR, BY_USER, BY_REALM };

static uint64_t
by_text(enum kind kind, struct str s)
{
	return hash_mix(hash_text(s.p, s.len), (uint64_t)kind);
}

uint64_t
since_by_addr(const struct addr *a)
{
	return hash_mix(hash_addr(a), BY_ADDR);
}

uint64_t
since_by_label(struct str host)
{
	return by_text(BY_LABEL, name_first_label(host));
}

uint64_t
since_by_spn(const char *spn)
{
	struct spn s;

	if (spn_split(spn, &s) && s.host.len > 0)
		return since_by_label(s.host);
	return since_by_label(str_of(spn));
}

uint64_t
since_by_user(const char *name)
{
	const char *back = strrchr(name, '\\');

	name = back == NULL ? name : back + 1;
	return by_text(BY_USER, (struct str){ name, strcspn(name, "@") });
}

uint64_t
since_by_realm(const char *realm)
{
	return by_text(BY_REALM, str_of(realm));
}

/* --- what a log-on met something with --------------------------------- */

static bool
is_service(const struct exchange *x, struct spn *spn)
{
	return x->kind == EXCHANGE_TGS && x->sname != NULL &&
	    strncasecmp(x->sname, "krbtgt/", 7) != 0 &&
	    spn_split(x->sname, spn) && spn->host.len > 0;
}

static void
add_name(struct hurt *h, uint64_t name)
{
	unsigned i;

	for (i = 0; i < h->nnames; i++)
		if (h->names[i] == name)
			return;
	if (h->nnames < HURT_NAMES)
		h->names[h->nnames++] = name;
}

/*
 * HOST, of the class and over the carrier of the log-on; when neither is known
 * yet, or when ALL is meant, whatever they are.
 */
static void
add_host(struct hurt *h, struct str host, struct str class, bool all)
{
	char text[ADDR_TEXT];
	struct addr a;
	uint64_t name = since_by_label(host);

	if (host.len == 0)
		return;
	if (host.len < sizeof(text)) {
		memcpy(text, host.p, host.len);
		text[host.len] = '\0';
		if (addr_of(text, &a))
			name = since_by_addr(&a);
	}
	if (class.len > 0)
		add_name(h, hash_mix(name, hash_text(class.p, class.len)));
	if (h->carrier != NULL)
		add_name(h,
		    hash_mix(name, hash_text(h->carrier, strlen(h->carrier))));
	if (all || (class.len == 0 && h->carrier == NULL))
		add_name(h, name);
}

/* The service that S was for, by the last ticket that it asked or had. */
static bool
service_of(const struct story *s, struct spn *spn)
{
	size_t i;

	for (i = s->nexchanges; i-- > 0;)
		if (is_service(&s->exchanges[i], spn))
			return true;
	for (i = s->nattempts; i-- > 0;)
		if (s->attempts[i].ticket.sname != NULL &&
		    spn_split(s->attempts[i].ticket.sname, spn) &&
		    spn->host.len > 0)
			return true;
	return false;
}

/* The transports over which a KDC was asked in vain. */
static unsigned
ways_of(const struct story *s)
{
	const struct contact *c;
	unsigned ways = 0;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (c->reach != REACH_ANSWERED || c->cut > 0)
			ways |= 1U << c->transport;
	return ways;
}

void
since_names(struct hurt *h, const struct story *s, bool all)
{
	const struct lookup *k = story_lookup(s);
	struct spn spn = { .class = { NULL, 0 } };
	bool named = service_of(s, &spn);
	size_t i;

	if (s->nattempts > 0)
		h->carrier = s->attempts[s->nattempts - 1].carrier;
	else if (story_contact(s, "kpasswd", -1, -1) != NULL)
		h->carrier = "kpasswd";
	if (k != NULL && k->name != NULL)
		add_host(h, str_of(k->name), spn.class, all);
	if (s->target != NULL)
		add_host(h, str_of(s->target), spn.class, all);
	if (named && (all || h->nnames == 0))
		add_host(h, spn.host, spn.class, all);
	if (s->host != NULL && (all || h->nnames == 0))
		add_host(h, str_of(s->host), spn.class, all);
	if (all && s->server.family != 0 && spn.class.len > 0)
		add_name(h,
		    hash_mix(since_by_addr(&s->server),
			hash_text(spn.class.p, spn.class.len)));
	if (named || s->nattempts > 0)
		return;
	/* A user who wants nothing but in. */
	for (i = 0; i < s->nexchanges; i++)
		if (s->exchanges[i].cname != NULL)
			add_name(h, since_by_user(s->exchanges[i].cname));
}

bool
since_gives(const struct lookup *k, const struct addr *a)
{
	return addr_among(a, k->addrs, k->naddrs);
}

void
since_hurt(struct hurt *h, const struct story *s, const char *server)
{
	const struct lookup *k = s->lookups;
	struct addr a;

	memset(h, 0, sizeof(*h));
	h->client = s->client;
	h->ways = ways_of(s);
	since_names(h, s, false);
	if (server == NULL || !addr_of(server, &a))
		return;
	for (; k < s->lookups + s->nlookups; k++)
		if (since_gives(k, &a))
			h->resolver = k->resolver;
}

/* --- one that was tried again ------------------------------------------- */

/* When S failed last; 0: it did not. */
static int64_t
failed_last(const struct story *s)
{
	const struct contact *c = s->contacts;
	int64_t last = 0, t;
	size_t i;

	for (i = 0; i < s->nattempts; i++) {
		t = s->attempts[i].rep.time;
		if (s->attempts[i].answer == ANSWER_ERROR && t > last)
			last = t;
	}
	for (i = 0; i < s->nexchanges; i++) {
		t = s->exchanges[i].rep.time;
		if (s->exchanges[i].answer == ANSWER_ERROR && t > last)
			last = t;
	}
	for (; c < s->contacts + s->ncontacts; c++)
		if (c->reach != REACH_ANSWERED && c->last.time > last)
			last = c->last.time;
	return last;
}

static void
earliest(int64_t *first, const struct ref *req, int64_t after)
{
	if (req->time > after && (*first == 0 || req->time < *first))
		*first = req->time;
}

bool
since_turned(const struct story *s, int64_t *failed, int64_t *start)
{
	const struct attempt *a = s->attempts;
	const struct exchange *x = s->exchanges;

	*start = 0;
	if (s->outcome == OUTCOME_BROKEN || (*failed = failed_last(s)) == 0)
		return false;
	for (; a < s->attempts + s->nattempts; a++)
		if (a->answer == ANSWER_OK && a->mech == MECH_KRB5)
			earliest(start, &a->req, *failed);
	if (s->nattempts > 0 && *start == 0)
		return false;
	for (; x < s->exchanges + s->nexchanges; x++)
		if (x->answer == ANSWER_OK)
			earliest(start, &x->req, *failed);
	return *start != 0 && *start - *failed >= VIEW_QUIET;
}
