/*
 * refusal.c - what the rest of the capture says of a refused ticket: the tree
 * that has to be walked before a cause may be named, because errors 41, 44
 * and 45 (RFC 4120 7.5.9) and Samba's bare STATUS_LOGON_FAILURE all say only
 * "I could not use this ticket".
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"
#include "skew.h"

#define LOOK_AT_MOST 64      /* services compared for one refusal */
#define NEAR (3600 * SECOND) /* other log-ons that compare */
#define NETBIOS_NAME 15      /* longer names are cut, MS-NBTE 2.2.1 */

bool
refusal_text_is(struct str s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.p, text, s.len) == 0;
}

void
refusal_lower(struct str s, size_t size, char *out)
{
	size_t i;

	for (i = 0; i < s.len && i + 1 < size; i++)
		out[i] = (char)tolower((unsigned char)s.p[i]);
	out[i] = '\0';
}

static bool
same_realm(const char *a, const char *b)
{
	return a == NULL || b == NULL || strcasecmp(a, b) == 0;
}

bool refusal_machine_class(struct str class)
{
	return refusal_text_is(class, "cifs") || refusal_text_is(class, "host");
}

bool
refusal_computer(const char *text, size_t size, char *out)
{
	struct spn spn;
	struct str name = str_of(text);
	const char *at;

	if (name.len == 0)
		return false;
	if (spn_split(text, &spn)) {
		if (!refusal_text_is(spn.class, "host") || spn.host.len == 0)
			return false;
		refusal_lower(spn.host, size, out);
		return true;
	}
	at = memchr(name.p, '@', name.len);
	if (at != NULL)
		name.len = (size_t)(at - name.p);
	if (name.len < 2 || name.p[name.len - 1] != '$')
		return false;
	name.len--;
	refusal_lower(name, size, out);
	return true;
}

const char *
refusal_account(const char *name, size_t size, char *out)
{
	size_t i, n = strcspn(name, ".");

	if (n > NETBIOS_NAME)
		n = NETBIOS_NAME;
	if (n == 0 || n + 2 > size) {
		out[0] = '\0';
		return out;
	}
	for (i = 0; i < n; i++)
		out[i] = (char)toupper((unsigned char)name[i]);
	memcpy(out + n, "$", 2);
	return out;
}

/* --- who a host is ---------------------------------------------------- */

/*
 * Whether A and B name one computer.  A NetBIOS name (NTLM challenge, account)
 * is cut after 15 octets: LONGSERVERNAME0 is longservername01.fjord.test.
 */
bool
refusal_same_computer(const char *a, const char *b)
{
	size_t la = strcspn(a, "."), lb = strcspn(b, ".");

	if (host_alike(str_of(a), str_of(b)))
		return true;
	if (a[la] != '\0' && b[lb] != '\0')
		return false;
	return (la == NETBIOS_NAME || lb == NETBIOS_NAME) &&
	    la >= NETBIOS_NAME && lb >= NETBIOS_NAME &&
	    strncasecmp(a, b, NETBIOS_NAME) == 0;
}

/* Whether the host itself says that it is NAME. */
bool
refusal_host_is(const struct host *h, const char *name)
{
	size_t i;

	for (i = 0; h != NULL && i < h->nnames; i++)
		if (h->names[i].source >= NAME_ITSELF &&
		    refusal_same_computer(h->names[i].name, name))
			return true;
	return false;
}

/* The strongest name of H, at least LEAST, that is not another form of NOT. */
const struct host_name *
refusal_other_name(const struct host *h, const char * not,
    enum name_source least)
{
	const struct host_name *best = NULL;
	size_t i;

	for (i = 0; h != NULL && i < h->nnames; i++) {
		const struct host_name *n = &h->names[i];

		if (n->source < least || refusal_same_computer(n->name, not ) ||
		    text_is_ip(str_of(n->name)))
			continue;
		if (best == NULL || n->source > best->source)
			best = n;
	}
	return best;
}

static bool
guid_known(const struct host *h)
{
	static const uint8_t none[sizeof(h->guid)];

	return h != NULL && memcmp(h->guid, none, sizeof(none)) != 0;
}

/* One machine under two addresses: IPv4 and IPv6, two interfaces. */
static bool
same_machine(const struct host *a, const struct host *b)
{
	return guid_known(a) && guid_known(b) &&
	    memcmp(a->guid, b->guid, sizeof(a->guid)) == 0;
}

static bool
machine_seen(const struct ledger *l, const char *name, const char *realm)
{
	const struct account_fact *m = ledger_machine(l, name);
	const char *at;

	if (m == NULL)
		return false;
	at = strrchr(m->principal, '@');
	return at == NULL || same_realm(at + 1, realm);
}

/*
 * The upper 16 bits of a kvno are the number of the RODC whose krbtgt made
 * it (MS-KILE 3.1.5.8): versions of two branches cannot be compared.
 */
bool
refusal_older(int64_t a, int64_t b)
{
	return a != EV_ABSENT && b != EV_ABSENT && a >> 16 == b >> 16 && a < b;
}

/* --- what else was taken ---------------------------------------------- */

/* Before WHEN, with the key version KVNO. */
static bool
taken_before(const struct tally *t, int64_t kvno, int64_t when)
{
	if (t->count == 0 || kvno == EV_ABSENT)
		return false;
	return (t->kvno_first == kvno && t->first.time < when) ||
	    (t->kvno_last == kvno && t->kvno_since < when);
}

static bool
taken_after(const struct tally *t, int64_t kvno, int64_t when)
{
	return t->count > 0 && kvno != EV_ABSENT && t->kvno_last == kvno &&
	    t->last.time > when;
}

/*
 * Another SPN that the server took with a key of the same kind.  A service
 * of another class may run as its own account, so that its success says
 * nothing; cifs and host are the computer's on every platform.  What was
 * refused since it was taken last says nothing either: the key has changed.
 */
static bool
is_own_kind(const struct refused_ticket *r, const struct service *sv)
{
	const struct attempt *a = r->a;
	struct spn spn;

	if (sv->taken.count == 0 || !spn_split(sv->spn, &spn) ||
	    spn_equal(sv->spn, a->ticket.sname) ||
	    !same_realm(sv->realm, a->ticket.realm))
		return false;
	if (sv->refused.count > 0 &&
	    sv->refused.last.time > sv->taken.last.time)
		return false;
	if (spn.class.len == r->spn.class.len &&
	    strncasecmp(spn.class.p, r->spn.class.p, spn.class.len) == 0)
		return true;
	return refusal_machine_class(spn.class) &&
	    refusal_machine_class(r->spn.class);
}

/*
 * That of a ticket which a key at hand opens comes first; only for names that
 * are the computer's own is its key that of the refused one, too.
 */
static void
find_own_spn(const struct ledger *l, struct refused_ticket *r)
{
	const struct key_trial *t;
	const struct service *sv;
	struct spn spn;
	size_t i;

	for (i = 0; i < LOOK_AT_MOST &&
	     (sv = ledger_service_at(l, &r->a->server, i)) != NULL;
	     i++) {
		if (!is_own_kind(r, sv))
			continue;
		if (r->own_spn == NULL)
			r->own_spn = sv;
		t = ledger_key_trial(l, sv->last_taken);
		if (t == NULL || t->result != KEY_OPENS ||
		    t->principal == NULL || !spn_split(sv->spn, &spn) ||
		    !refusal_machine_class(spn.class) ||
		    !refusal_machine_class(r->spn.class))
			continue;
		r->own_spn = sv;
		r->own_key_trial = t;
		return;
	}
}

/* Whether T holds at the time WHEN: close to it, or before and after it. */
static bool
is_current(const struct tally *t, int64_t when)
{
	return (t->first.time <= when && t->last.time >= when) ||
	    llabs((long long)(t->last.time - when)) <= NEAR ||
	    llabs((long long)(t->first.time - when)) <= NEAR;
}

/*
 * Whether the SPN that was taken proves that the server's key is fine and not
 * the ticket's.  It does not when one account may own both and its key was
 * changed in between: the refused kvno is the next one, or, for two SPNs of
 * one host (cifs is implied by host), any but an older one.
 */
static bool
is_another_key(const struct refused_ticket *r, bool same_host)
{
	const struct tally *t = &r->own_spn->taken;
	int64_t kvno = r->a->ticket.kvno;

	if (r->risen || !is_current(t, r->a->req.time))
		return false;
	/* Its keytab has the name, beside those of other accounts maybe. */
	if (r->a->error == KRB_AP_ERR_BADKEYVER)
		return false;
	if (same_host)
		return r->a->issued.frame != 0 &&
		    refusal_older(kvno, t->kvno_last);
	return kvno == EV_ABSENT || t->kvno_last != kvno - 1 ||
	    t->last.time > r->a->req.time;
}

/*
 * Another machine that took the key of the refused ticket: this very ticket,
 * or one of the same SPN and key version.
 */
static const struct service *
find_elsewhere(const struct ledger *l, struct refused_ticket *r)
{
	const struct ticket_fact *t;
	const struct service *sv, *alike = NULL;
	const struct attempt *a = r->a;
	size_t i, k;

	t = ledger_ticket(l, a->ticket.digest);
	for (i = 0; i < LOOK_AT_MOST; i++) {
		sv = ledger_service_of(l, a->ticket.sname, i);
		if (sv == NULL)
			break;
		if (sv->taken.count == 0 ||
		    addr_equal(&sv->server, &a->server) ||
		    !same_realm(sv->realm, a->ticket.realm) ||
		    same_machine(ledger_host(l, &sv->server), r->server))
			continue;
		for (k = 0; t != NULL && k < t->nat; k++)
			if (t->at[k].taken.count > 0 &&
			    addr_equal(&t->at[k].server, &sv->server)) {
				r->same_ticket = true;
				return sv;
			}
		if (a->ticket.kvno != EV_ABSENT &&
		    (sv->taken.kvno_first == a->ticket.kvno ||
			sv->taken.kvno_last == a->ticket.kvno))
			alike = sv;
	}
	return alike;
}

/* Whether the same ticket was taken here both before and after: a farm. */
static bool
is_alternating(const struct ledger *l, const struct attempt *a)
{
	const struct ticket_fact *t;
	size_t i;

	t = ledger_ticket(l, a->ticket.digest);
	for (i = 0; t != NULL && i < t->nat; i++)
		if (addr_equal(&t->at[i].server, &a->server))
			return t->at[i].taken.count > 1 &&
			    t->at[i].taken.first.time < a->req.time &&
			    t->at[i].taken.last.time > a->req.time;
	return false;
}

static unsigned
count_takers(const struct ledger *l, const char *spn)
{
	const struct service *sv;
	unsigned n = 0;
	size_t i;

	for (i = 0; i < LOOK_AT_MOST; i++) {
		sv = ledger_service_of(l, spn, i);
		if (sv == NULL)
			break;
		n += sv->taken.count > 0;
	}
	return n;
}

/* --- where the fault lies --------------------------------------------- */

/* DNS gave several addresses at once, and they are distinct computers. */
static bool
rotates(const struct ledger *l, const struct refused_ticket *r)
{
	const struct host *other = ledger_host(l, &r->elsewhere->server);
	const struct host_name *theirs;

	if (r->name == NULL || r->name->most_at_once < 2 ||
	    count_takers(l, r->a->ticket.sname) > 1)
		return false;
	if (guid_known(other) && guid_known(r->server))
		return true; /* differ, or it would be the same machine */
	theirs = refusal_other_name(other, r->host, NAME_TICKET);
	return theirs != NULL && r->own != NULL &&
	    !refusal_same_computer(theirs->name, r->own);
}

/*
 * The key is another computer's, which the name meant until it was led here.
 * A farm that moves its name about gets it back, and its nodes have names
 * other than the farm's.
 */
static bool
was_led_away(const struct ledger *l, const struct refused_ticket *r)
{
	if (refusal_host_is(ledger_host(l, &r->elsewhere->server), r->host))
		return true;
	if (!r->is_other)
		return false;
	if (r->says_other && machine_seen(l, r->host, r->a->ticket.realm))
		return true;
	return refusal_dns_led(r);
}

/* The name asked is known as a computer of its own, and not this one. */
static bool
lives_elsewhere(const struct ledger *l, const struct refused_ticket *r)
{
	const struct service *sv;
	const struct host *h;
	size_t i;

	if (!r->is_other)
		return false;
	if ((r->name != NULL && r->name->changed) ||
	    (r->says_other && machine_seen(l, r->host, r->a->ticket.realm)))
		return true;
	for (i = 0; i < LOOK_AT_MOST; i++) {
		sv = ledger_service_of(l, r->a->ticket.sname, i);
		if (sv == NULL)
			break;
		if (sv->taken.count > 0 &&
		    !addr_equal(&sv->server, &r->a->server))
			return true;
	}
	for (i = 0; i < LOOK_AT_MOST; i++) {
		h = ledger_host_at(l, i);
		if (h == NULL)
			break;
		if (h != r->server && refusal_host_is(h, r->host) &&
		    !same_machine(h, r->server))
			return true;
	}
	return false;
}

/*
 * Whether the server's own key is known to be another one than the ticket's:
 * it takes another SPN of its own, or it names itself as another computer.
 * A name that is no computer's (svc-web) may be the owner of the SPN with an
 * old password, and a computer whose own SPN is refused has a bad key.
 */
static bool
has_another_key(const struct ledger *l, const struct refused_ticket *r)
{
	const struct service *sv;
	struct spn spn;
	char name[REFUSAL_HOST_TEXT] = "";
	size_t i;

	if (r->a->error >= 0 && r->a->error_sname != NULL &&
	    !spn_equal(r->a->error_sname, r->a->ticket.sname) &&
	    !refusal_computer(r->a->error_sname, sizeof(name), name))
		return false;
	if (r->own_spn != NULL)
		return r->own_key;
	if (r->account[0] == '\0' || !r->is_other || r->risen)
		return false;
	for (i = 0; i < LOOK_AT_MOST &&
	     (sv = ledger_service_at(l, &r->a->server, i)) != NULL;
	     i++) {
		spn_split(sv->spn, &spn);
		refusal_lower(spn.host, sizeof(name), name);
		if (sv->refused.count > 0 && r->own != NULL &&
		    refusal_same_computer(name, r->own))
			return false;
	}
	return true;
}

enum refusal_place
refusal_led(const struct ledger *l, const struct refused_ticket *r)
{
	if (r->alternates || r->elsewhere == NULL)
		return r->place;
	if (was_led_away(l, r))
		return REFUSAL_HOST;
	return rotates(l, r) ? REFUSAL_ROTATION : REFUSAL_NODE;
}

static enum refusal_place
find_place(const struct ledger *l, const struct refused_ticket *r)
{
	enum refusal_place place;

	if (r->alternates)
		return REFUSAL_NODE;
	if (r->key_fine)
		return REFUSAL_UNDECIDED;
	if (r->elsewhere != NULL) {
		/*
		 * A bare refusal of another user may be about the user, unless
		 * the server has a key of its own and the name was led to it.
		 */
		if (!r->same_ticket && r->a->error < 0 &&
		    !(has_another_key(l, r) && was_led_away(l, r)))
			return REFUSAL_UNDECIDED;
		place = refusal_led(l, r);
		return place == REFUSAL_NODE && refusal_dns_moved(r) ?
		    REFUSAL_UNDECIDED :
		    place;
	}
	if (r->healed || !has_another_key(l, r))
		return REFUSAL_UNDECIDED;
	return lives_elsewhere(l, r) ? REFUSAL_HOST : REFUSAL_ACCOUNT;
}

/* Who the server is: by its KRB-ERROR, its other names, what it took. */
static void
identify(const struct ledger *l, struct refused_ticket *r)
{
	const struct attempt *a = r->a;
	const struct host_name *own;
	struct spn spn;
	char name[REFUSAL_HOST_TEXT] = "";

	r->server = ledger_host(l, &a->server);
	own = refusal_other_name(r->server, r->host, NAME_TICKET);
	r->own = own == NULL ? NULL : own->name;
	r->is_host = refusal_host_is(r->server, r->host);
	if (a->error >= 0 && a->error_sname != NULL &&
	    !spn_equal(a->error_sname, a->ticket.sname) &&
	    refusal_computer(a->error_sname, sizeof(name), name)) {
		refusal_account(name, sizeof(r->account), r->account);
		if (refusal_same_computer(name, r->host))
			r->is_host = true;
		else
			r->says_other = true;
	}
	if (r->own_spn != NULL) {
		spn_split(r->own_spn->spn, &spn);
		refusal_lower(spn.host, sizeof(name), name);
		if (refusal_same_computer(name, r->host))
			r->is_host = true;
		else
			r->is_other = true;
		r->own_key = is_another_key(r,
		    refusal_same_computer(name, r->host));
		if (r->own == NULL && !refusal_same_computer(name, r->host)) {
			memcpy(r->own_text, name, sizeof(name));
			r->own = r->own_text;
		}
	}
	if (own != NULL && own->source >= NAME_ITSELF)
		r->says_other = true;
	if (r->is_host)
		r->is_other = r->says_other = false;
	r->is_other |= r->says_other;
}

/* --- the refused ticket ----------------------------------------------- */

static bool
clock_is_off(const struct ledger *l, const struct addr *addr, int64_t when)
{
	const struct ref *sample;
	int64_t offset;

	return ledger_clock_at(l, addr, when, &offset, &sample) &&
	    llabs((long long)offset) > ledger_skew(l);
}

/*
 * A ticket that cannot be opened (41, 44, 45) has no times yet: only a silent
 * refusal can be about a clock.
 */
bool
refusal_by_clock(const struct attempt *a, const struct ledger *l)
{
	return a->error < 0 && clock_is_off(l, &a->server, skew_when(a));
}

bool
refusal_recovered(const struct story *s, const struct attempt *a)
{
	const struct attempt *t;

	for (t = a + 1; t < s->attempts + s->nattempts; t++)
		if (t->mech == MECH_KRB5 && t->answer == ANSWER_OK &&
		    t->flow == a->flow && addr_equal(&t->server, &a->server) &&
		    spn_equal(t->ticket.sname, a->ticket.sname))
			return true;
	return false;
}

/* Whether the rules of keys have a say: a name with a class, no user's key. */
static bool
is_for_keys(const struct attempt *a, struct spn *spn)
{
	return a->sname_parts != 1 && !a->u2u && a->ticket.sname != NULL &&
	    spn_split(a->ticket.sname, spn) && spn->host.len > 0 &&
	    !refusal_text_is(spn->class, "krbtgt") &&
	    !refusal_text_is(spn->class, "kadmin");
}

/*
 * What this server did with other tickets for the same SPN.  That it took a
 * newer key means that an old ticket was refused, unless the KDC made this one
 * before and nothing newer was taken yet: then the server was mended since.
 */
static void
compare_versions(struct refused_ticket *r)
{
	const struct tally *t = &r->here->taken;
	int64_t kvno = r->a->ticket.kvno, when = r->a->req.time;
	bool first, last;

	if (t->count == 0)
		return;
	first = refusal_older(kvno, t->kvno_first);
	last = refusal_older(kvno, t->kvno_last);
	r->risen = refusal_older(t->kvno_first, kvno) && t->first.time < when;
	r->old_ticket = (first && t->first.time < when) ||
	    (last && t->last.time < when) ||
	    ((first || last) && !r->risen && r->a->issued.frame == 0);
	r->key_fine = taken_before(t, kvno, when) || r->old_ticket;
	r->healed = !r->key_fine &&
	    (first || last || taken_after(t, kvno, when));
}

/*
 * Whether tickets for SV have a lower version again since they were refused:
 * for a while it was another account's.
 */
static bool
is_given_back(const struct service *sv)
{
	return sv->taken.count > 0 &&
	    sv->taken.last.time > sv->refused.last.time &&
	    sv->taken.kvno_last < sv->refused.kvno_last;
}

/* A computer's names share its key: what goes stale together is one fault. */
static const char *
first_refused(const struct ledger *l, const struct refused_ticket *r)
{
	const struct service *sv, *first = r->here;
	struct spn spn;
	size_t i;

	if (!r->risen || first == NULL || !refusal_machine_class(r->spn.class))
		return r->name_of_fault;
	for (i = 0; i < LOOK_AT_MOST &&
	     (sv = ledger_service_at(l, &r->a->server, i)) != NULL;
	     i++) {
		if (sv->refused.kvno_last == r->here->refused.kvno_last &&
		    sv->taken.kvno_first == r->here->taken.kvno_first &&
		    !is_given_back(sv) &&
		    sv->refused.first.time < first->refused.first.time &&
		    same_realm(sv->realm, r->a->ticket.realm) &&
		    spn_split(sv->spn, &spn) &&
		    refusal_machine_class(spn.class))
			first = sv;
	}
	return first == r->here ? r->name_of_fault : first->spn;
}

bool
refusal_ticket(const struct story *s, const struct ledger *l,
    struct refused_ticket *r)
{
	const struct attempt *a = story_key_refusal(s);
	bool by_clock;

	if (a == NULL)
		return false;
	memset(r, 0, sizeof(*r));
	if (!is_for_keys(a, &r->spn) || refusal_recovered(s, a))
		return false;
	/* Samba is silent about a clock too, and it may be the client's. */
	by_clock = refusal_by_clock(a, l) ||
	    (a->error < 0 && clock_is_off(l, &s->client, skew_when(a)));
	r->a = a;
	refusal_lower(r->spn.host, sizeof(r->host), r->host);
	r->name_of_fault = refusal_spn(l, a);
	r->name = ledger_name(l, r->host);
	r->asked_dns = story_lookup(s) != NULL;
	r->here = ledger_service(l, a->ticket.sname, &a->server);
	if (r->here != NULL)
		compare_versions(r);
	r->name_of_key = first_refused(l, r);
	find_own_spn(l, r);
	identify(l, r);
	r->elsewhere = find_elsewhere(l, r);
	r->alternates = is_alternating(l, a);
	r->place = find_place(l, r);
	refusal_prove(s, l, r);
	return !by_clock || r->proof != PROVEN_NOTHING;
}
