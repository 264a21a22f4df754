/*
 * refusal-name.c - what the rest of the capture says of a service's name that
 * a KDC does not know (RFC 4120 7.5.9: 7) or knows more than once (8).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"

#define SERVICES_LOOKED_AT 64 /* for the full form of a short name */

/* Whether HOST is REALM's by its DNS suffix; a short name is of any realm. */
static bool
suffix_owns(const char *host, const char *realm)
{
	size_t h = strlen(host), r = realm == NULL ? 0 : strlen(realm);

	if (strchr(host, '.') == NULL)
		return true;
	if (r == 0 || h < r || strcasecmp(host + h - r, realm) != 0)
		return false;
	return h == r || host[h - r - 1] == '.';
}

/* HOST lies in the DNS domain of another realm, below REALM's own. */
static bool
is_below(const struct ledger *l, const char *host, const char *realm)
{
	const char *p = strchr(host, '.');

	for (; p != NULL && realm != NULL && strlen(p + 1) > strlen(realm);
	     p = strchr(p + 1, '.'))
		if (ledger_dir_trust(l, realm, p + 1) != NULL ||
		    ledger_dir_domain(l, p + 1) != NULL)
			return true;
	return false;
}

/* Another KDC referred the client to this realm for the service. */
static bool
was_referred(const struct story *s, const char *realm)
{
	const struct exchange *x;
	struct spn spn;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (x->referral && x->issued.sname != NULL && realm != NULL &&
		    spn_split(x->issued.sname, &spn) &&
		    refusal_text_is(spn.host, realm))
			return true;
	return false;
}

/* The service was reached under another form of its name: a normal retry. */
static bool
other_form_granted(const struct story *s, struct str class)
{
	const struct exchange *x;
	struct spn spn;

	if (story_accepted(s, MECH_KRB5) != NULL)
		return true;
	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (x->kind == EXCHANGE_TGS && x->answer == ANSWER_OK &&
		    !x->referral && x->issued.sname != NULL &&
		    spn_split(x->issued.sname, &spn) &&
		    spn.class.len == class.len &&
		    strncasecmp(spn.class.p, class.p, class.len) == 0)
			return true;
	return false;
}

/*
 * The same name was asked for again, and the KDC sent the client to another
 * realm: Heimdal asks without "canonicalize" first, and gets 7 for that.
 */
static bool
is_referred_later(const struct story *s, const struct exchange *e)
{
	const struct exchange *x;

	for (x = e + 1; x < s->exchanges + s->nexchanges; x++)
		if (x->referral && x->answer == ANSWER_OK &&
		    spn_equal(x->sname, e->sname))
			return true;
	return false;
}

static const char *
other_canonical(const char *canonical, const char *host)
{
	return canonical == NULL ||
		host_alike(str_of(canonical), str_of(host)) ?
	    NULL :
	    canonical;
}

/* What the story's own look-ups say of HOST, else the whole capture's. */
static void
resolve(const struct story *s, const struct ledger *l, const char *host,
    struct resolved *out)
{
	const struct lookup *k;
	const struct name_fact *n;

	memset(out, 0, sizeof(*out));
	for (k = s->lookups; k < s->lookups + s->nlookups; k++) {
		if (k->rcode != 0 || k->name == NULL ||
		    (k->naddrs == 0 && k->canonical == NULL) ||
		    !host_alike(str_of(k->name), str_of(host)))
			continue;
		if (out->naddrs == 0 && k->naddrs > 0) {
			out->addrs = k->addrs;
			out->naddrs = k->naddrs;
			out->ref = k->reply;
		}
		if (out->canonical == NULL)
			out->canonical = other_canonical(k->canonical, host);
	}
	n = ledger_name(l, host);
	if (n == NULL)
		return;
	/* An address that it got by no alias: others may be told of one. */
	if (out->canonical == NULL && out->naddrs == 0)
		out->canonical = other_canonical(n->canonical, host);
	if (out->naddrs == 0) {
		out->addrs = n->addrs;
		out->naddrs = n->naddrs;
	}
	if (out->ref.frame == 0)
		out->ref = n->ref;
}

/* The machine behind the name, when it is one, and how it calls itself. */
static void
find_server(const struct story *s, const struct ledger *l,
    struct refused_name *n)
{
	if (n->dns.naddrs == 1)
		n->addr = &n->dns.addrs[0];
	else if (n->dns.naddrs == 0 && s->server.family != 0)
		n->addr = &s->server;
	if (n->addr == NULL)
		return;
	n->server = ledger_host(l, n->addr);
	if (!refusal_host_is(n->server, n->host))
		n->own = refusal_other_name(n->server, n->host, NAME_DNS);
}

bool
refusal_ip_literal(const char *name, struct str *out)
{
	struct addr a;
	struct spn spn;
	struct str all;

	if (!spn_split(name, &spn))
		return false;
	all.p = strchr(name, '/') + 1;
	all.len = strcspn(all.p, "/");
	*out = spn.host;
	if (out->len > 2 && out->p[0] == '[' && out->p[out->len - 1] == ']')
		*out = (struct str){ out->p + 1, out->len - 2 };
	else if (addr_parse(all.p, all.len, &a))
		*out = all;
	return addr_parse(out->p, out->len, &a);
}

static bool
lists(const struct addr *addrs, size_t n, const struct addr *a)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (addr_equal(&addrs[i], a))
			return true;
	return false;
}

/* The forward look-up that P reverses, of another name than HOST. */
static const struct lookup *
reversed_by(const struct story *s, const struct lookup *p, const char *host)
{
	const struct lookup *k;

	for (k = s->lookups; k < s->lookups + s->nlookups; k++)
		if (k->name != NULL && k->ptr == NULL &&
		    lists(k->addrs, k->naddrs, &p->ptr_of) &&
		    !host_alike(str_of(k->name), str_of(host)) &&
		    (k->canonical == NULL ||
			!host_alike(str_of(k->canonical), str_of(host))))
			return k;
	return NULL;
}

bool
refusal_reversed(const struct story *s, const struct ledger *l,
    const char *host, struct reversed *out)
{
	const struct lookup *k;
	const struct name_fact *n = ledger_name(l, host);
	const struct host *at;

	memset(out, 0, sizeof(*out));
	for (k = s->lookups; k < s->lookups + s->nlookups; k++)
		if (k->ptr != NULL && strcasecmp(k->ptr, host) == 0 &&
		    (out->meant = reversed_by(s, k, host)) != NULL)
			break;
	if (out->meant == NULL)
		return false;
	out->ptr = k;
	at = ledger_host(l, &k->ptr_of);
	out->right = refusal_host_is(at, host) ||
	    (n != NULL && lists(n->addrs, n->naddrs, &k->ptr_of));
	out->wrong = !out->right &&
	    ((n != NULL && n->naddrs + n->denied > 0) ||
		refusal_host_is(at, out->meant->name));
	return true;
}

/* The CNAME that led the client from another name to HOST. */
static const struct lookup *
led_by(const struct story *s, const char *host)
{
	const struct lookup *k;

	for (k = s->lookups; k < s->lookups + s->nlookups; k++)
		if (k->name != NULL && k->canonical != NULL &&
		    host_alike(str_of(k->canonical), str_of(host)) &&
		    !host_alike(str_of(k->name), str_of(host)))
			return k;
	return NULL;
}

static bool
is_about_a_service(const struct exchange *e, struct spn *spn)
{
	return e->sname != NULL && e->sname_parts != 1 && !e->u2u &&
	    !e->s4u2self && spn_split(e->sname, spn) && spn->host.len > 0 &&
	    !refusal_text_is(spn->class, "krbtgt") &&
	    !refusal_text_is(spn->class, "kadmin");
}

bool
refusal_name(const struct story *s, const struct ledger *l, int code,
    struct refused_name *out)
{
	struct refused_name *n = out;
	const struct exchange *e = story_kdc_refusal(s, code), *guess;
	struct str host;
	bool is_ip;

	if (e == NULL)
		return false;
	memset(n, 0, sizeof(*n));
	guess = refusal_guessed_realm(s, l, e);
	n->e = guess != NULL ? guess : e;
	if (!is_about_a_service(n->e, &n->spn) ||
	    other_form_granted(s, n->spn.class) || is_referred_later(s, n->e) ||
	    story_service_locked(n->e))
		return false;
	is_ip = refusal_ip_literal(n->e->sname, &host);
	if (!is_ip)
		host = n->spn.host;
	/* DNS allows the dot of the root at the end. */
	if (!is_ip && host.len > 1 && host.p[host.len - 1] == '.')
		host.len--;
	refusal_lower(host, sizeof(n->host), n->host);
	n->owned = !is_ip &&
	    ((suffix_owns(n->host, n->e->realm) &&
		 !is_below(l, n->host, n->e->realm)) ||
		was_referred(s, n->e->realm));
	/* Windows tries a secure update at the Internet's name server. */
	if (refusal_text_is(n->spn.class, "DNS") && !n->owned)
		return false;
	n->is_domain = n->e->realm != NULL &&
	    strcasecmp(n->host, n->e->realm) == 0;
	n->known = ledger_service_of(l, n->e->sname, 0) != NULL;
	resolve(s, l, n->host, &n->dns);
	find_server(s, l, n);
	refusal_reversed(s, l, n->host, &n->reverse);
	n->via = led_by(s, n->host);
	refusal_holders(l, n->e->sname, n->e->realm, n->e->rep.time, &n->held);
	return true;
}

/*
 * That nobody has a name is the cause only of a name that the client means: not
 * when reverse DNS or a CNAME gave it another one, whose own name may be the
 * one that is registered; nor outside the realm's own domain.
 */
bool
refusal_is_absent(const struct ledger *l, const struct refused_name *n)
{
	struct name_holders alias;
	char spn[2 * REFUSAL_HOST_TEXT];

	if (n->held.what != HELD_BY_NONE || !n->owned || n->known ||
	    (n->reverse.meant != NULL && !n->reverse.right))
		return false;
	if (n->via == NULL)
		return true;
	snprintf(spn, sizeof(spn), "%.*s/%s", (int)n->spn.class.len,
	    n->spn.class.p, n->via->name);
	refusal_holders(l, spn, n->e->realm, 0, &alias);
	return alias.what == HELD_BY_NONE;
}

void
refusal_name_subject(struct finding *f, const struct story *s,
    const struct refused_name *n)
{
	const struct exchange *e = n->e;
	const struct attempt *ntlm = story_accepted(s, MECH_NTLM);
	const char *own = NULL;
	char kdc[ADDR_TEXT], buf[NAME_TEXT];
	char account[REFUSAL_HOST_TEXT];

	finding_subject(f, SUBJECT_SPN, e->sname);
	finding_subject(f, SUBJECT_REALM, e->realm);
	finding_param(f, "host", n->host);
	/* Every domain controller has the domain's name: it is nobody's. */
	if (n->is_domain)
		own = NULL;
	else if (n->held.computer != NULL &&
	    refusal_machine_class(n->spn.class))
		finding_param(f, "owner", refusal_sam(f, n->held.computer));
	else if (n->own != NULL)
		own = n->own->name;
	else if (refusal_host_is(n->server, n->host))
		own = n->host;
	if (own != NULL)
		finding_param(f, "owner",
		    refusal_account(own, sizeof(account), account));
	finding_step(f, &e->req);
	finding_evidence(f, &e->rep, "KDC %s: %s (%lld)",
	    addr_text(&e->kdc, kdc),
	    name_or(krb_error_name(e->error), e->error, buf),
	    (long long)e->error);
	finding_evidence(f, &e->req, "%s asks for %s",
	    e->cname != NULL ? e->cname : "the client", e->sname);
	if (ntlm != NULL && ntlm->rep.frame != 0)
		finding_evidence(f, &ntlm->rep, "NTLM was taken instead");
	f->rests_on |= EVIDENCE_KDC;
}

const char *
refusal_spn(const struct ledger *l, const struct attempt *a)
{
	const struct service *sv;
	struct spn mine, full;
	size_t i;

	if (!spn_split(a->ticket.sname, &mine) ||
	    memchr(mine.host.p, '.', mine.host.len) != NULL)
		return a->ticket.sname;
	for (i = 0; i < SERVICES_LOOKED_AT; i++) {
		sv = ledger_service_at(l, &a->server, i);
		if (sv == NULL)
			break;
		if (sv->refused.count > 0 && sv->taken.count == 0 &&
		    sv->refused.kvno_last == a->ticket.kvno &&
		    spn_split(sv->spn, &full) &&
		    memchr(full.host.p, '.', full.host.len) != NULL &&
		    host_alike(full.host, mine.host) &&
		    full.class.len == mine.class.len &&
		    strncasecmp(full.class.p, mine.class.p, mine.class.len) ==
			0)
			return sv->spn;
	}
	return a->ticket.sname;
}

/* Whether SV was refused in the way that A was, and for the same host. */
static bool
is_same_refusal(const struct service *sv, const struct attempt *a,
    const struct spn *mine)
{
	struct spn spn;

	return sv->refused.count > 0 && sv->taken.count == 0 &&
	    sv->refused.kvno_last == a->ticket.kvno &&
	    sv->refused.etype_last == a->ticket.etype && sv->realm != NULL &&
	    a->ticket.realm != NULL &&
	    strcasecmp(sv->realm, a->ticket.realm) == 0 &&
	    spn_split(sv->spn, &spn) && refusal_machine_class(spn.class) &&
	    host_alike(spn.host, mine->host);
}

static bool
is_full(const char *spn)
{
	return strchr(spn, '.') != NULL;
}

const char *
refusal_host_spn(const struct ledger *l, const struct attempt *a)
{
	const char *spn = refusal_spn(l, a);
	const struct service *sv, *best = NULL;
	struct spn mine;
	size_t i;

	if (a->ticket.kvno == EV_ABSENT || !spn_split(spn, &mine) ||
	    !refusal_machine_class(mine.class))
		return spn;
	for (i = 0; i < SERVICES_LOOKED_AT &&
	     (sv = ledger_service_at(l, &a->server, i)) != NULL;
	     i++) {
		if (!is_same_refusal(sv, a, &mine))
			continue;
		if (best == NULL || is_full(sv->spn) > is_full(best->spn) ||
		    (is_full(sv->spn) == is_full(best->spn) &&
			sv->refused.first.time < best->refused.first.time))
			best = sv;
	}
	return best != NULL && is_full(best->spn) >= is_full(spn) ? best->spn :
								    spn;
}
