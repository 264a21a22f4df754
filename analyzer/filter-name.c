/*
 * filter-name.c - the names of a filter: one row each, from which the parser,
 * the help and the manual are made.  The first are those of the report, the
 * others fields of events (event.def), as far as a story keeps them.
 */
#include <stdio.h>
#include <string.h>

#include "filter-store.h"
#include "ledger.h"
#include "names.h"
#include "rule.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

/* --- numbers with names ------------------------------------------------ */

/* ID_words: the texts of LIST, counted from 0. */
#define WORDS(id, list)                                                     \
	static const char *id##_name(int64_t value)                         \
	{                                                                   \
		return value < 0 || value >= (int64_t)COUNT(list) ?         \
		    NULL :                                                  \
		    (list)[value];                                          \
	}                                                                   \
	static const char *id##_at(size_t i, int64_t *value)                \
	{                                                                   \
		*value = (int64_t)i;                                        \
		return i < COUNT(list) ? (list)[i] : NULL;                  \
	}                                                                   \
	static const struct filter_words id##_words = { id##_name, id##_at, \
		true }

static const char *const reach_names[] = {
	[REACH_UNSEEN] = "unseen",
	[REACH_ANSWERED] = "answered",
	[REACH_SILENT] = "silent",
	[REACH_CLOSED] = "closed",
	[REACH_PROHIBITED] = "prohibited",
	[REACH_NO_HOST] = "no-host",
};
static const char *const transport_names[] = { "none", "udp", "tcp" };
static const char *const mech_names[] = { "none", "krb5", "ntlm" };

WORDS(outcomes, outcome_names);
WORDS(reaches, reach_names);
WORDS(transports, transport_names);
WORDS(mechs, mech_names);
WORDS(impacts, impact_names);
WORDS(certainties, certainty_names);

/* RFC 4120 5.10. */
static const struct {
	int64_t value;
	const char *name;
} messages[] = { { 10, "AS-REQ" }, { 11, "AS-REP" }, { 12, "TGS-REQ" },
	{ 13, "TGS-REP" }, { 14, "AP-REQ" }, { 15, "AP-REP" },
	{ 30, "KRB-ERROR" } };

static const char *
messages_name(int64_t value)
{
	for (size_t i = 0; i < COUNT(messages); i++)
		if (messages[i].value == value)
			return messages[i].name;
	return NULL;
}

static const char *
messages_at(size_t i, int64_t *value)
{
	if (i >= COUNT(messages))
		return NULL;
	*value = messages[i].value;
	return messages[i].name;
}

static const char *
options_name(int64_t value)
{
	return value == (uint32_t)value ? kdc_option_name((uint32_t)value) :
					  NULL;
}

static const struct filter_words message_words = { messages_name, messages_at,
	false };
static const struct filter_words error_words = { krb_error_name, krb_error_at,
	false };
static const struct filter_words etype_words = { etype_name, etype_at, false };
static const struct filter_words status_words = { ntstatus_name, ntstatus_at,
	false };
static const struct filter_words type_words = { dns_type_name, dns_type_at,
	false };
static const struct filter_words rcode_words = { dns_rcode_name, dns_rcode_at,
	false };
static const struct filter_words option_words = { options_name, kdc_option_at,
	false };

/* --- what is not simply a member --------------------------------------- */

/* A subject of the finding, for a log-on that is not kept. */
static void
say_subject(struct filter_look *l, enum subject what)
{
	const char *text = l->c->f.subject[what];
	struct addr a;

	if (text != NULL && addr_of(text, &a))
		filter_say_addr(l, &a);
	else
		filter_say_text(l, text);
}

/* fs1.fjord.test, and fs1 alone. */
static void
say_host_name(struct filter_look *l, const char *name)
{
	char label[64];
	size_t n = name == NULL ? 0 : strcspn(name, ".");

	filter_say_text(l, name);
	if (l->hit || n == 0 || n >= sizeof(label) || name[n] == '\0')
		return;
	memcpy(label, name, n);
	label[n] = '\0';
	filter_say_text(l, label);
}

/* The address of a host, and its names. */
static void
say_host(struct filter_look *l, const struct addr *a)
{
	const struct host *h;

	filter_say_addr(l, a);
	if (l->hit || a->family == 0 || l->t->addr.family != 0 ||
	    l->r->ledger == NULL)
		return;
	h = ledger_host(l->r->ledger, a);
	for (size_t i = 0; h != NULL && i < h->nnames; i++)
		say_host_name(l, h->names[i].name);
}

static void
say_client(struct filter_look *l)
{
	if (l->c != NULL)
		say_subject(l, SUBJECT_CLIENT);
	say_host(l, &l->s->client);
}

static void
say_server(struct filter_look *l)
{
	if (l->c != NULL)
		say_subject(l, SUBJECT_SERVER);
	say_host(l, &l->s->server);
	for (size_t i = 0; i < l->s->nattempts; i++)
		if (!addr_equal(&l->s->attempts[i].server, &l->s->server))
			say_host(l, &l->s->attempts[i].server);
	say_host_name(l, l->s->host);
}

static void
say_kdc(struct filter_look *l)
{
	const struct exchange *x = l->s->exchanges;
	const struct contact *c = l->s->contacts;
	size_t i;

	if (l->c != NULL)
		say_subject(l, SUBJECT_KDC);
	/* One KDC is asked again and again. */
	for (i = 0; i < l->s->nexchanges; i++)
		if (i == 0 || !addr_equal(&x[i].kdc, &x[i - 1].kdc))
			say_host(l, &x[i].kdc);
	for (i = 0; i < l->s->ncontacts; i++)
		if (strcmp(c[i].carrier, "kdc") == 0)
			say_host(l, &c[i].addr);
}

static void
say_address(struct filter_look *l)
{
	say_client(l);
	say_server(l);
	say_kdc(l);
}

/* anna@FJORD.TEST and FJORD\anna, and of both anna alone. */
static void
say_person(struct filter_look *l, const char *name)
{
	const char *at = name == NULL ? NULL : strrchr(name, '@');
	const char *slash = name == NULL ? NULL : strchr(name, '\\');
	char text[TEXT_MAX + 1];

	filter_say_text(l, name);
	if (slash != NULL && strchr("@/\\", slash[1]) == NULL)
		filter_say_text(l, slash + 1);
	if (at == NULL || at == name || (size_t)(at - name) > TEXT_MAX)
		return;
	memcpy(text, name, (size_t)(at - name));
	text[at - name] = '\0';
	filter_say_text(l, text);
}

static void
say_principal(struct filter_look *l)
{
	say_person(l, l->s->principal);
}

static void
say_user(struct filter_look *l)
{
	for (size_t i = 0; i < l->s->nattempts; i++)
		say_person(l, l->s->attempts[i].user);
}

static void
say_domain(struct filter_look *l)
{
	char text[TEXT_MAX + 1];
	const char *user;
	size_t i, n;

	for (i = 0; i < l->s->nattempts; i++) {
		user = l->s->attempts[i].user;
		n = user == NULL ? 0 : strcspn(user, "\\");
		if (n == 0 || n > TEXT_MAX || user[n] == '\0')
			continue;
		memcpy(text, user, n);
		text[n] = '\0';
		filter_say_text(l, text);
	}
}

/* What the log-on was for: without an SPN the name of the host. */
static void
say_service(struct filter_look *l)
{
	const struct story *s = l->s;

	filter_say_text(l, s->spn != NULL ? s->spn : s->host);
	for (size_t i = 0; i < s->nattempts; i++)
		filter_say_text(l, s->attempts[i].ntlm_spn);
}

static void
say_duration(struct filter_look *l)
{
	if (l->s->start != 0)
		filter_say_number(l, l->s->end - l->s->start);
}

static void
say_message(struct filter_look *l)
{
	const struct exchange *x = l->s->exchanges;
	const struct attempt *a = l->s->attempts;
	size_t i;

	for (i = 0; i < l->s->nexchanges; i++) {
		filter_say_number(l, x[i].kind == EXCHANGE_AS ? 10 : 12);
		if (x[i].error >= 0)
			filter_say_number(l, 30);
		else if (x[i].answer == ANSWER_OK)
			filter_say_number(l,
			    x[i].kind == EXCHANGE_AS ? 11 : 13);
	}
	for (i = 0; i < l->s->nattempts; i++) {
		if (a[i].mech == MECH_KRB5)
			filter_say_number(l, 14);
		if (a[i].ap_rep)
			filter_say_number(l, 15);
		if (a[i].error >= 0)
			filter_say_number(l, 30);
	}
}

/* What LOOK's log-on has, cause by cause. */
static const struct cause *
cause_at(const struct filter_look *l, size_t i)
{
	if (l->c != NULL)
		return i == 0 ? l->c : NULL;
	return i < l->r->nfindings_of[l->i] ?
	    &l->r->causes[l->r->findings_of[l->i][i]] :
	    NULL;
}

static void
say_rule(struct filter_look *l)
{
	const struct cause *c;

	for (size_t i = 0; (c = cause_at(l, i)) != NULL; i++)
		filter_say_text(l, c->f.rule->id);
}

static void
say_impact(struct filter_look *l)
{
	const struct cause *c;

	for (size_t i = 0; (c = cause_at(l, i)) != NULL; i++)
		filter_say_number(l, c->impact);
}

static void
say_certainty(struct filter_look *l)
{
	const struct cause *c;

	for (size_t i = 0; (c = cause_at(l, i)) != NULL; i++)
		filter_say_number(l, c->f.certainty);
}

/* --- what is ------------------------------------------------------------ */

enum per {
	PER_NONE, /* ends the sources of a name */
	PER_STORY,
	PER_LOOKUP,
	PER_CONTACT,
	PER_EXCHANGE,
	PER_ATTEMPT,
	PER_STEP,
};

enum value {
	VALUE_TEXT,
	VALUE_FLAG,
	VALUE_I64,
	VALUE_U64,
	VALUE_I32,
	VALUE_U32,
	VALUE_U16,
	VALUE_ADDR,
	VALUE_DIGEST,
};

/* clang-format off */
/* The type of a member decides how it is read; a list has its length in N. */
#define VALUE(type, member)                                   \
	_Generic(((struct type *)0)->member,                  \
	    const char *: VALUE_TEXT, bool: VALUE_FLAG,       \
	    int64_t: VALUE_I64, uint64_t: VALUE_U64,          \
	    int32_t: VALUE_I32, int32_t *: VALUE_I32,         \
	    uint32_t: VALUE_U32, uint16_t: VALUE_U16,         \
	    struct addr: VALUE_ADDR, struct addr *: VALUE_ADDR, \
	    uint8_t *: VALUE_DIGEST)
#define FROM(per, type, member, n) \
	{ per, VALUE(type, member), offsetof(struct type, member), n }

#define STORY(m) FROM(PER_STORY, story, m, 0)
#define LOOKUP(m) FROM(PER_LOOKUP, lookup, m, 0)
#define LOOKUPS(m, n) \
	FROM(PER_LOOKUP, lookup, m, offsetof(struct lookup, n))
#define CONTACT(m) FROM(PER_CONTACT, contact, m, 0)
#define EXCHANGE(m) FROM(PER_EXCHANGE, exchange, m, 0)
#define EXCHANGES(m, n) \
	FROM(PER_EXCHANGE, exchange, m, offsetof(struct exchange, n))
#define ATTEMPT(m) FROM(PER_ATTEMPT, attempt, m, 0)
#define STEP(m) FROM(PER_STEP, step, m, 0)

#define SAID(name, kind, words, say, help) \
	{ name, help, FILTER_##kind, words, say, { { 0 } } }
#define KEPT(name, kind, words, help, ...) \
	{ name, help, FILTER_##kind, words, NULL, { __VA_ARGS__ } }

static const struct filter_name names[] = {
	KEPT("outcome", INT, &outcomes_words,
	    "broken, degraded, ok or unseen", STORY(outcome)),
	KEPT("carrier", TEXT, NULL, "smb2, kdc, dns, ...",
	    STORY(carrier), ATTEMPT(carrier)),
	SAID("client", ADDRESS, NULL, say_client,
	    "where it came from: address, network or name"),
	SAID("principal", TEXT, NULL, say_principal,
	    "who: anna@FJORD.TEST, FJORD\\anna, or anna alone"),
	SAID("service", TEXT, NULL, say_service,
	    "what for: the SPN as asked, or the name of the host"),
	KEPT("spn", TEXT, NULL, "every SPN asked for or presented",
	    STORY(spn), EXCHANGE(sname), ATTEMPT(ticket.sname),
	    ATTEMPT(ntlm_spn)),
	KEPT("realm", TEXT, NULL, "of the service, as asked or answered",
	    STORY(realm), EXCHANGE(realm), EXCHANGE(err_realm),
	    ATTEMPT(ticket.realm), ATTEMPT(error_realm)),
	SAID("server", ADDRESS, NULL, say_server,
	    "where the service is: address, network or name"),
	SAID("rule", TEXT, NULL, say_rule, "of its findings: spn-missing"),
	SAID("impact", INT, &impacts_words, say_impact,
	    "of its findings: breaks, degrades, weakens, remark"),
	SAID("certainty", INT, &certainties_words, say_certainty,
	    "of its findings: proven, likely, possible"),
	KEPT("id", INT, NULL, "number of the log-on in the report",
	    STORY(id)),
	KEPT("start", TIME, NULL, "when it began: 14:05, 2026-11-20T14:05:01",
	    STORY(start)),
	KEPT("end", TIME, NULL, "when it ended", STORY(end)),
	SAID("duration", SPAN, NULL, say_duration,
	    "how long it took: 200ms, 1.5s, 2m"),
	SAID("kdc", ADDRESS, NULL, say_kdc,
	    "KDCs asked: address, network or name"),
	SAID("address", ADDRESS, NULL, say_address,
	    "client, server or a KDC"),
	KEPT("frame", INT, NULL, "of one of its steps", STEP(ref.frame)),
	KEPT("capture", OPT, NULL, "of one of its steps, from 0",
	    STEP(ref.capture)),
	KEPT("src", ADDRESS, NULL, "sender of one of its steps", STEP(from)),
	KEPT("dst", ADDRESS, NULL, "receiver of one of its steps", STEP(to)),
	KEPT("transport", INT, &transports_words, "to the KDC: udp or tcp",
	    EXCHANGE(transport), CONTACT(transport)),
	KEPT("what", TEXT, NULL, "a step as the report tells it",
	    STEP(what)),

	/* kdc_req, kdc_rep, krb_error */
	KEPT("error", CODE, &error_words, "KRB-ERROR, of a KDC or a service",
	    EXCHANGE(error), ATTEMPT(error)),
	KEPT("code", CODE, &error_words, "the same", EXCHANGE(error),
	    ATTEMPT(error)),
	KEPT("e_text", TEXT, NULL, "text of a KRB-ERROR", EXCHANGE(e_text)),
	KEPT("ntstatus", STATUS, &status_words, "in a KRB-ERROR",
	    EXCHANGE(ntstatus)),
	KEPT("ext_type", OPT, NULL, "of the data in a service's KRB-ERROR",
	    ATTEMPT(error_ext)),
	SAID("msg_type", INT, &message_words, say_message,
	    "AS-REQ, TGS-REP, AP-REQ, KRB-ERROR, ..."),
	KEPT("cname", TEXT, NULL, "client, as a KDC was told",
	    EXCHANGE(cname)),
	KEPT("crealm", TEXT, NULL, "its realm", EXCHANGE(crealm),
	    EXCHANGE(err_crealm)),
	KEPT("cname_type", INT, NULL, "name type of the client",
	    EXCHANGE(cname_type)),
	KEPT("sname", TEXT, NULL, "service, as a KDC was asked or as it says",
	    EXCHANGE(sname), ATTEMPT(error_sname)),
	KEPT("sname_type", INT, NULL, "name type of the service",
	    EXCHANGE(sname_type)),
	KEPT("sname_parts", INT, NULL, "components of its name",
	    EXCHANGE(sname_parts)),
	KEPT("nonce", OPT, NULL, "of a request", EXCHANGE(nonce)),
	KEPT("kdc_options", BITS, &option_words, "forwardable, renewable, ...",
	    EXCHANGE(options)),
	KEPT("from", TIME, NULL, "start time asked for", EXCHANGE(from)),
	KEPT("till", TIME, NULL, "end time asked for", EXCHANGE(till)),
	KEPT("rtime", TIME, NULL, "renew time asked for", EXCHANGE(rtime)),
	KEPT("etypes", OPT, &etype_words, "encryption types offered",
	    EXCHANGES(etypes, netypes)),
	KEPT("info_etypes", OPT, &etype_words,
	    "of the client's keys, as a refusal lists them",
	    EXCHANGES(key_etypes, nkey_etypes)),
	KEPT("etype", OPT, &etype_words, "of tickets issued or presented",
	    EXCHANGE(issued.etype), ATTEMPT(ticket.etype)),
	KEPT("kvno", OPT, NULL, "of tickets issued or presented",
	    EXCHANGE(issued.kvno), ATTEMPT(ticket.kvno)),
	KEPT("enc_etype", OPT, &etype_words, "of the reply key",
	    EXCHANGE(key_etype)),
	KEPT("fast", FLAG, NULL, "armoured", EXCHANGE(fast)),
	KEPT("preauth", FLAG, NULL, "with proof of a key", EXCHANGE(preauth)),
	KEPT("pkinit", FLAG, NULL, "by a certificate", EXCHANGE(pkinit)),
	KEPT("u2u", FLAG, NULL, "user-to-user", EXCHANGE(u2u), ATTEMPT(u2u)),
	KEPT("s4u2self", FLAG, NULL, "a ticket in the name of another",
	    EXCHANGE(s4u2self)),
	KEPT("s4u2proxy", FLAG, NULL, "constrained delegation",
	    EXCHANGE(s4u2proxy)),
	KEPT("referral", FLAG, NULL, "sent to another realm",
	    EXCHANGE(referral)),
	KEPT("pac_options", BITS, NULL, "PA-PAC-OPTIONS",
	    EXCHANGE(pac_options)),
	KEPT("for_user", TEXT, NULL, "S4U2Self: in whose name",
	    EXCHANGE(for_user)),
	KEPT("for_user_realm", TEXT, NULL, "and the realm",
	    EXCHANGE(for_user_realm)),
	KEPT("tkt_realm", TEXT, NULL, "realm of a ticket", EXCHANGE(tgt.realm),
	    EXCHANGE(issued.realm), ATTEMPT(ticket.realm)),
	KEPT("tkt_sname", TEXT, NULL, "service of a ticket",
	    EXCHANGE(tgt.sname), EXCHANGE(issued.sname),
	    ATTEMPT(ticket.sname)),
	KEPT("tkt_etype", OPT, &etype_words, "etype of any ticket, TGTs too",
	    EXCHANGE(tgt.etype), EXCHANGE(issued.etype),
	    ATTEMPT(ticket.etype)),
	KEPT("tkt_kvno", OPT, NULL, "kvno of any ticket, TGTs too",
	    EXCHANGE(tgt.kvno), EXCHANGE(issued.kvno), ATTEMPT(ticket.kvno)),
	KEPT("tkt_digest", TEXT, NULL, "digest of a ticket",
	    EXCHANGE(tgt.digest), EXCHANGE(issued.digest),
	    ATTEMPT(ticket.digest)),
	KEPT("addl_realm", TEXT, NULL, "realm of the additional ticket",
	    EXCHANGE(evidence.realm)),
	KEPT("addl_sname", TEXT, NULL, "and its service",
	    EXCHANGE(evidence.sname)),
	KEPT("addl_etype", OPT, &etype_words, "and its etype",
	    EXCHANGE(evidence.etype)),
	KEPT("addl_kvno", OPT, NULL, "and its kvno", EXCHANGE(evidence.kvno)),
	KEPT("addl_digest", TEXT, NULL, "and its digest",
	    EXCHANGE(evidence.digest)),
	KEPT("stime", TIME, NULL, "clock of who sent a KRB-ERROR",
	    EXCHANGE(stime), ATTEMPT(error_stime)),
	KEPT("ctime", TIME, NULL, "clock of the client in it",
	    EXCHANGE(ctime)),
	KEPT("repeated", INT, NULL, "how often a request was sent again",
	    EXCHANGE(retransmits)),

	/* ap_req, kpasswd, ntlm, auth_reply, target */
	KEPT("mech", INT, &mechs_words, "krb5 or ntlm", ATTEMPT(mech)),
	KEPT("ap_options", BITS, NULL, "of an AP-REQ", ATTEMPT(ap_options)),
	KEPT("auth_etype", OPT, &etype_words, "of the session key",
	    ATTEMPT(auth_etype)),
	KEPT("kpasswd_result", OPT, NULL, "of a password change, RFC 3244",
	    ATTEMPT(kpasswd_result)),
	KEPT("status", STATUS, &status_words,
	    "the service's: an NTSTATUS, of HTTP or LDAP its number",
	    ATTEMPT(status)),
	KEPT("tkt_sname_parts", INT, NULL, "components of the ticket's service",
	    ATTEMPT(sname_parts)),
	SAID("user", TEXT, NULL, say_user, "of NTLM"),
	SAID("domain", TEXT, NULL, say_domain, "and the user's domain"),
	KEPT("workstation", TEXT, NULL, "NTLM: what the client calls itself",
	    ATTEMPT(computer)),
	KEPT("anonymous", FLAG, NULL, "NTLM: a null session",
	    ATTEMPT(anonymous)),
	KEPT("guest", FLAG, NULL, "let in as guest or as nobody",
	    ATTEMPT(guest)),
	KEPT("target", TEXT, NULL, "host of the path that was opened",
	    STORY(target)),
	KEPT("host", TEXT, NULL, "name by which the client means the server",
	    STORY(host), STORY(target)),
	KEPT("port", INT, NULL, "of the service or a KDC", STORY(server_port),
	    ATTEMPT(server_port), EXCHANGE(kdc_port), CONTACT(port)),
	KEPT("reach", INT, &reaches_words,
	    "of a KDC's port: silent, closed, ...",
	    CONTACT(reach)),
	KEPT("have", INT, NULL, "octets that came of a cut answer",
	    CONTACT(cut_have)),

	/* dns */
	KEPT("name", TEXT, NULL, "looked up, and where it led",
	    LOOKUP(name), LOOKUP(canonical), LOOKUP(ptr)),
	KEPT("type", INT, &type_words, "of a look-up: A, AAAA, SRV, PTR",
	    LOOKUP(type)),
	KEPT("rcode", CODE, &rcode_words, "of its answer: NXDOMAIN",
	    LOOKUP(rcode)),
	KEPT("data", ADDRESS, NULL, "its answer: addresses and names",
	    LOOKUPS(addrs, naddrs), LOOKUP(canonical), LOOKUP(ptr)),
	KEPT("resolver", ADDRESS, NULL, "who was asked", LOOKUP(resolver)),
};
/* clang-format on */

static void
say_digest(struct filter_look *l, const uint8_t *digest)
{
	static const uint8_t none[DIGEST_LEN];
	char text[2 * DIGEST_LEN + 1];

	if (memcmp(digest, none, DIGEST_LEN) == 0)
		return;
	for (size_t i = 0; i < DIGEST_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	filter_say_text(l, text);
}

/* Entry I of the value at P. */
static void
say_value(struct filter_look *l, enum value value, const void *p, size_t i)
{
	switch (value) {
	case VALUE_TEXT:
		filter_say_text(l, ((const char *const *)p)[i]);
		break;
	case VALUE_FLAG:
		filter_say_number(l, ((const bool *)p)[i]);
		break;
	case VALUE_I64:
		filter_say_number(l, ((const int64_t *)p)[i]);
		break;
	case VALUE_U64:
		filter_say_number(l, (int64_t)((const uint64_t *)p)[i]);
		break;
	case VALUE_I32:
		filter_say_number(l, ((const int32_t *)p)[i]);
		break;
	case VALUE_U32:
		filter_say_number(l, ((const uint32_t *)p)[i]);
		break;
	case VALUE_U16:
		filter_say_number(l, ((const uint16_t *)p)[i]);
		break;
	case VALUE_ADDR:
		say_host(l, (const struct addr *)p + i);
		break;
	case VALUE_DIGEST:
		say_digest(l, p);
		break;
	}
}

/* The structures of S that a source looks into, their number and size. */
static const char *
items(const struct story *s, enum per per, size_t *n, size_t *size)
{
	switch (per) {
	case PER_LOOKUP:
		*n = s->nlookups;
		*size = sizeof(*s->lookups);
		return (const char *)s->lookups;
	case PER_CONTACT:
		*n = s->ncontacts;
		*size = sizeof(*s->contacts);
		return (const char *)s->contacts;
	case PER_EXCHANGE:
		*n = s->nexchanges;
		*size = sizeof(*s->exchanges);
		return (const char *)s->exchanges;
	case PER_ATTEMPT:
		*n = s->nattempts;
		*size = sizeof(*s->attempts);
		return (const char *)s->attempts;
	case PER_STEP:
		*n = s->nsteps;
		*size = sizeof(*s->steps);
		return (const char *)s->steps;
	default:
		*n = 1;
		*size = sizeof(*s);
		return (const char *)s;
	}
}

static void
say_source(struct filter_look *l, const struct filter_source *from)
{
	size_t n, size, i, k, values = 1;
	const char *p = items(l->s, from->per, &n, &size);

	for (i = 0; i < n && !l->hit; i++, p += size) {
		if (from->count != 0)
			memcpy(&values, p + from->count, sizeof(values));
		for (k = 0; k < values; k++)
			say_value(l, from->value, p + from->at, k);
	}
}

const struct filter_name *
filter_name_at(size_t i)
{
	return i < COUNT(names) ? &names[i] : NULL;
}

bool
filter_name_lasts(const struct filter_test *t)
{
	void (*say)(struct filter_look * l) = t->name->say;

	return say != say_rule && say != say_impact && say != say_certainty &&
	    (t->name->kind != FILTER_ADDRESS || t->addr.family != 0);
}

void
filter_name_say(struct filter_look *l)
{
	const struct filter_name *name = l->t->name;

	if (name->say != NULL)
		name->say(l);
	for (size_t i = 0; i < FILTER_SOURCES; i++)
		if (name->from[i].per != PER_NONE && !l->hit)
			say_source(l, &name->from[i]);
}
