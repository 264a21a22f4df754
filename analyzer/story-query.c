/*
 * story-query.c - the questions that rules ask of a story.
 */
#include <string.h>
#include <strings.h>

#include "names.h"
#include "story.h"
#include "story-tell.h"

/* An answer that is the KDC's last word, not a step on the way. */
static bool
is_refusal(const struct exchange *x)
{
	return x->answer == ANSWER_ERROR;
}

/*
 * Whether Y got what X was refused: the same kind of exchange for the same
 * service (or, AS, for the same client) that ended with a ticket.
 */
static bool
made_good(const struct exchange *x, const struct exchange *y)
{
	if (y->answer != ANSWER_OK || y->kind != x->kind)
		return false;
	if (x->kind == EXCHANGE_AS)
		return true;
	return !y->referral && spn_equal(x->sname, y->sname) &&
	    x->s4u2self == y->s4u2self && x->s4u2proxy == y->s4u2proxy;
}

const struct exchange *
story_kdc_refusal(const struct story *s, int code)
{
	const struct exchange *x, *y;
	size_t i;

	if (s->lacks_refusal == UINT64_MAX ||
	    (code >= 0 && (s->lacks_refusal & story_code_bit(code)) != 0))
		return NULL;
	for (i = s->nexchanges; i-- > 0;) {
		x = &s->exchanges[i];
		if (!is_refusal(x))
			continue;
		if (code >= 0 && x->error != code)
			continue;
		for (y = x + 1; y < s->exchanges + s->nexchanges; y++)
			if (made_good(x, y))
				break;
		if (y == s->exchanges + s->nexchanges)
			return x;
	}
	return NULL;
}

const struct exchange *
story_kdc_error(const struct story *s, int code)
{
	size_t i;

	if ((s->lacks_error & story_code_bit(code)) != 0)
		return NULL;
	for (i = s->nexchanges; i-- > 0;)
		if (s->exchanges[i].error == code)
			return &s->exchanges[i];
	return NULL;
}

static bool
is_at(const struct ref *a, const struct ref *b)
{
	return a->frame == b->frame && a->capture == b->capture;
}

static bool
ticket_made_good(const struct story *s, const struct ref *step)
{
	const struct exchange *x = s->exchanges, *y;
	const struct exchange *end = x + s->nexchanges;

	for (; x < end && !(is_refusal(x) && is_at(&x->req, step)); x++)
		;
	for (y = x; y < end; y++)
		if (made_good(x, y) && spn_equal(x->sname, y->sname))
			return true;
	/* A service takes a ticket that was got with the new password. */
	return x < end && x->kind == EXCHANGE_AS &&
	    story_accepted(s, MECH_KRB5) != NULL;
}

bool
story_made_good(const struct story *s, const struct ref *step)
{
	const struct attempt *a = s->attempts, *end = a + s->nattempts;
	enum mech mech;

	if (ticket_made_good(s, step))
		return true;
	while (a < end && !(a->answer == ANSWER_ERROR && is_at(&a->req, step)))
		a++;
	for (mech = a < end ? a->mech : MECH_NONE; a < end; a++)
		if (a->answer == ANSWER_OK && a->mech == mech)
			return true;
	return false;
}

bool
story_service_locked(const struct exchange *x)
{
	return x->error == KDC_ERR_S_PRINCIPAL_UNKNOWN && x->e_text != NULL &&
	    strcmp(x->e_text, "SERVER LOCKED OUT") == 0;
}

/*
 * S4U2Proxy to the requester's own account, named without a class
 * ("WIN1$@REALM", NT-ENTERPRISE) or as host/: Windows does it at every
 * log-on and lives with the 13 (seen in two domains).
 */
static bool
is_proxy_to_self(const struct exchange *x)
{
	struct spn spn;
	size_t n;

	if (x->sname == NULL)
		return false;
	/* A machine's bare name is no target, even when no request is seen. */
	if (!spn_split(x->sname, &spn)) {
		n = strcspn(x->sname, "\\@");
		if (n > 0 && x->sname[n - 1] == '$')
			return true;
		return x->s4u2proxy &&
		    (x->sname_type == NT_ENTERPRISE ||
			(x->cname != NULL && strlen(x->cname) == n &&
			    strncasecmp(x->cname, x->sname, n) == 0));
	}
	if (!x->s4u2proxy)
		return false;
	if (spn_equal(x->sname, x->evidence.sname))
		return true; /* the requester's name may be hidden */
	if (x->cname == NULL || (n = strlen(x->cname)) < 2 ||
	    x->cname[n - 1] != '$')
		return false;
	return host_alike(spn.host, (struct str){ x->cname, n - 1 });
}

bool
story_usual_badoption(const struct exchange *x)
{
	/* Without a nonce: cut short before the options. */
	return x->error == KDC_ERR_BADOPTION &&
	    ((x->options & KDC_FORWARDED) != 0 || x->nonce == EV_ABSENT ||
		is_proxy_to_self(x));
}

const struct exchange *
story_issued(const struct story *s, enum exchange_kind kind)
{
	size_t i;

	for (i = s->nexchanges; i-- > 0;)
		if (s->exchanges[i].kind == kind &&
		    s->exchanges[i].answer == ANSWER_OK)
			return &s->exchanges[i];
	return NULL;
}

const struct attempt *
story_refusal(const struct story *s)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (a->mech == MECH_KRB5 && a->answer == ANSWER_ERROR)
			return a;
	return NULL;
}

/* Statuses with which a service says no more than that it will not. */
static bool
status_gives_no_reason(int64_t status)
{
	return status == EV_ABSENT || status == NT_LOGON_FAILURE ||
	    status == NT_MORE_PROCESSING || status == NT_SUCCESS ||
	    status == 49 || status == 401;
}

static bool
is_key_refusal(const struct attempt *a)
{
	if (a->mech != MECH_KRB5 || a->answer != ANSWER_ERROR)
		return false;
	switch (a->error) {
	case KRB_AP_ERR_BAD_INTEGRITY:
	case KRB_AP_ERR_NOT_US:
	case KRB_AP_ERR_MODIFIED:
	case KRB_AP_ERR_BADKEYVER:
	case KRB_AP_ERR_NOKEY:
		return true;
	case -1:
		return status_gives_no_reason(a->status);
	default:
		return false;
	}
}

const struct attempt *
story_key_refusal(const struct story *s)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (is_key_refusal(a))
			return a;
	return NULL;
}

const struct attempt *
story_ap_error(const struct story *s, int code)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (a->mech == MECH_KRB5 && a->error == code)
			return a;
	return NULL;
}

const struct attempt *
story_accepted(const struct story *s, enum mech mech)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (a->mech == mech && a->answer == ANSWER_OK)
			return a;
	return NULL;
}

const struct attempt *
story_tried(const struct story *s, enum mech mech)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (a->mech == mech)
			return a;
	return NULL;
}

/* Whether K is about a KDC on the way, not about the service of S. */
static bool
is_of_kdc(const struct story *s, const struct lookup *k)
{
	const struct exchange *x;

	if (host_alike(str_of(k->name), str_of(s->host)))
		return false;
	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (addr_equal(&x->kdc, &k->addrs[0]))
			return true;
	return false;
}

const struct lookup *
story_lookup(const struct story *s)
{
	const struct lookup *k;
	size_t i;

	for (i = s->nlookups; i-- > 0;) {
		k = &s->lookups[i];
		if (k->naddrs > 0 &&
		    (k->type == DNS_A || k->type == DNS_AAAA) &&
		    (addr_equal(&k->addrs[0], &s->server) || !is_of_kdc(s, k)))
			return k;
	}
	return NULL;
}

/* Takes the first label off NAME; a dot behind a backslash is none. */
static struct str
take_label(struct str *name)
{
	struct str label = { name->p, 0 };
	size_t i;

	for (i = 0; i < name->len && name->p[i] != '.'; i++)
		if (name->p[i] == '\\')
			i++;
	label.len = i < name->len ? i : name->len;
	i = label.len + (label.len < name->len);
	name->p += i;
	name->len -= i;
	return label;
}

/* TEXT is a literal. */
static inline bool
is_label(struct str label, const char *text)
{
	return label.len == strlen(text) &&
	    strncasecmp(label.p, text, label.len) == 0;
}

/* Takes "LABEL.SECOND." off NAME when its second label is SECOND. */
static bool
take_pair(struct str *name, const char *second)
{
	struct str rest = *name;

	take_label(&rest);
	if (rest.len == 0 || rest.p[0] != second[0] ||
	    !is_label(take_label(&rest), second))
		return false;
	*name = rest;
	return true;
}

/* Takes TEXT, a literal that ends in a dot, off the front of NAME. */
static inline bool
take_text(struct str *name, const char *text)
{
	size_t n = strlen(text);

	if (name->len < n || strncasecmp(name->p, text, n) != 0)
		return false;
	name->p += n;
	name->len -= n;
	return true;
}

/*
 * RFC 4120 7.2.3.2 and MS-ADTS 6.3.2.3: a service, a site perhaps, what kind
 * of domain controller perhaps, and the domain.
 */
bool
name_is_locator(struct str name, struct str *domain)
{
	if (name.len == 0 || name.p[0] != '_')
		return false;
	if (!take_text(&name, "_kerberos.") && !take_text(&name, "_ldap.") &&
	    !take_text(&name, "_gc."))
		return false;
	if (!take_text(&name, "_tcp.") && !take_text(&name, "_udp."))
		return false;
	*domain = name;
	/* Most ask for the domain alone. */
	if (name.len == 0 || memchr(name.p, '_', name.len) == NULL)
		return name.len > 0;
	take_pair(&name, "_sites");
	if (!take_pair(&name, "_msdcs")) {
		struct str guid = name;

		take_label(&guid);
		if (take_pair(&guid, "_msdcs"))
			name = guid; /* GUID.domains._msdcs */
	}
	*domain = name;
	return name.len > 0 && name.p[0] != '_';
}

bool
lookup_is_locator(const struct lookup *k, struct str *domain)
{
	return k->type == DNS_SRV && name_is_locator(str_of(k->name), domain);
}
