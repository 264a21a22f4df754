/*
 * message.c - the fields of a message, with the names that RFC 4120, MS-ERREF
 * and RFC 1035 give to their numbers.
 *
 * A step has a frame; the exchange, the attempt, the look-up or the contact
 * with the same frame has the fields.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "names.h"
#include "text.h"

#define LIST_TEXT 512 /* octets of several names in a row */

static bool
same(const struct ref *a, const struct ref *b)
{
	return a->frame != 0 && a->frame == b->frame &&
	    a->capture == b->capture;
}

/*
 * The look-up that K says something of, NULL when it is none: what nobody
 * answered stands at the last query, and only the first is known.
 */
static const struct lookup *
lookup_of(const struct story *s, const struct step *k)
{
	const struct lookup *l;

	if (k->what == NULL || strncmp(k->what, "DNS: ", 5) != 0)
		return NULL;
	for (size_t i = 0; i < s->nlookups; i++)
		if (same(&k->ref, &s->lookups[i].query) ||
		    same(&k->ref, &s->lookups[i].reply))
			return &s->lookups[i];
	for (size_t i = 0; i < s->nlookups; i++) {
		l = &s->lookups[i];
		if (l->name != NULL && l->reply.frame == 0 &&
		    addr_equal(&l->resolver, &k->to) &&
		    strstr(k->what, l->name) != NULL)
			return l;
	}
	return NULL;
}

/* What C cites of step K. */
static const struct evidence *
citation(const struct cause *c, const struct story *s, const struct step *k)
{
	const struct lookup *l = lookup_of(s, k);

	for (size_t i = 0; i < c->f.nevidence; i++) {
		const struct evidence *e = &c->f.evidence[i];

		if (e->source == NULL &&
		    (same(&e->ref, &k->ref) ||
			(l != NULL && same(&e->ref, &l->query))))
			return e;
	}
	return NULL;
}

bool
message_cited(const struct result *r, size_t i, size_t step, size_t *finding)
{
	const struct story *s = r->kept[i];
	bool found = false;

	for (size_t k = 0; k < r->nfindings_of[i]; k++) {
		size_t f = (size_t)r->findings_of[i][k];

		if (f >= r->ncauses ||
		    citation(&r->causes[f], s, &s->steps[step]) == NULL)
			continue;
		if (found && !r->causes[f].cause)
			continue;
		*finding = f;
		if (r->causes[f].cause)
			return true;
		found = true;
	}
	return found;
}

/* --- small words ------------------------------------------------------------- */

/* Adds TEXT to the LIST_TEXT octets of LIST, after a comma. */
static void
append(char *list, const char *text)
{
	size_t n = strlen(list);

	snprintf(list + n, LIST_TEXT - n, "%s%s", n == 0 ? "" : ", ", text);
}

static const char *
or_none(const char *text)
{
	return text == NULL ? "-" : text;
}

static void
say_etypes(struct sheet *p, const char *label, const int32_t *list, size_t n)
{
	char all[LIST_TEXT] = "", buf[NAME_TEXT];

	for (size_t i = 0; i < n; i++)
		append(all, name_or(etype_name(list[i]), list[i], buf));
	if (n > 0)
		sheet_add(p, THEME_TEXT, label, "%s", all);
}

static void
say_time(struct sheet *p, const char *label, int64_t time)
{
	char buf[TIME_TEXT];

	if (time != 0)
		sheet_add(p, THEME_TEXT, label, "%s", time_text(time, buf));
}

/* The clock of WHOSE, which it showed at AT, against the capture's. */
static void
say_clock(struct sheet *p, const char *whose, int64_t clock, int64_t at)
{
	char buf[TIME_TEXT];
	double off = ((double)clock - (double)at) / 1e6;

	if (clock == 0)
		return;
	sheet_add(p, THEME_TEXT, "clock", "%s %.1f s %s this capture's: %s",
	    whose, off < 0 ? -off : off, off < 0 ? "behind" : "ahead of",
	    time_text(clock, buf));
}

static void
say_error(struct sheet *p, int64_t code)
{
	const char *help = krb_error_help(code);
	char buf[NAME_TEXT];

	sheet_add(p, krb_error_is_step(code) ? THEME_TEXT : THEME_BREAKS,
	    "error", "%s (%" PRId64 ")%s%s",
	    name_or(krb_error_name(code), code, buf), code,
	    help == NULL ? "" : ": ", help == NULL ? "" : help);
}

static void
say_status(struct sheet *p, int64_t status)
{
	const char *help = ntstatus_help(status);
	char buf[NAME_TEXT];
	bool good = status == NT_SUCCESS || status == NT_MORE_PROCESSING;

	if (status == EV_ABSENT)
		return;
	sheet_add(p, good ? THEME_TEXT : THEME_BREAKS, "status", "%s%s%s",
	    name_or_hex(ntstatus_name(status), status, buf),
	    help == NULL ? "" : ": ", help == NULL ? "" : help);
}

/* The beginning of the digest is enough to see which are the same. */
static void
say_ticket(struct sheet *p, const char *label, const struct ticket *k)
{
	static const uint8_t none[DIGEST_LEN];
	char etype[NAME_TEXT], kvno[NAME_TEXT] = "";

	if (memcmp(k->digest, none, DIGEST_LEN) == 0)
		return;
	if (k->kvno != EV_ABSENT)
		snprintf(kvno, sizeof(kvno), ", kvno %" PRId64, k->kvno);
	sheet_add(p, THEME_TEXT, label, "%s@%s, %s%s, digest %02x%02x%02x%02x",
	    or_none(k->sname), or_none(k->realm),
	    k->etype == EV_ABSENT ?
		"enctype unknown" :
		name_or(etype_name(k->etype), k->etype, etype),
	    kvno, k->digest[0], k->digest[1], k->digest[2], k->digest[3]);
}

static const char *
transport_name(enum transport transport)
{
	return transport == TRANSPORT_TCP ? "TCP" :
	    transport == TRANSPORT_UDP    ? "UDP" :
					    "-";
}

/* --- an exchange with a KDC ------------------------------------------------------ */

static void
say_options(struct sheet *p, uint32_t options)
{
	char all[LIST_TEXT] = "";
	const char *name;

	for (uint32_t bit = UINT32_C(1) << 31; bit != 0; bit >>= 1) {
		name = (options & bit) == 0 ? NULL : kdc_option_name(bit);
		if (name != NULL)
			append(all, name);
	}
	if (*all != '\0')
		sheet_add(p, THEME_TEXT, "options", "%s", all);
}

static void
say_kinds(struct sheet *p, const struct exchange *x)
{
	char all[LIST_TEXT] = "";

	if (x->pkinit)
		append(all, "certificate (PKINIT)");
	else if (x->preauth)
		append(all, "proof of a key");
	else if (x->bare)
		append(all, "no proof of a key");
	if (x->fast)
		append(all, "FAST armour");
	if (x->s4u2self)
		append(all, "S4U2Self");
	if (x->s4u2proxy)
		append(all, "S4U2Proxy");
	if (x->u2u)
		append(all, "user-to-user");
	if (*all != '\0')
		sheet_add(p, THEME_TEXT, "with", "%s", all);
	if (x->for_user != NULL)
		sheet_add(p, THEME_TEXT, "for", "%s@%s", x->for_user,
		    or_none(x->for_user_realm));
}

static void
say_request(struct sheet *p, const struct exchange *x)
{
	char kdc[ADDR_TEXT];

	sheet_add(p, THEME_TEXT, "asks for", "%s in %s%s", or_none(x->sname),
	    or_none(x->realm),
	    x->sname_type == NT_ENTERPRISE ? " (enterprise name)" : "");
	if (x->cname != NULL)
		sheet_add(p, THEME_TEXT, "client", "%s%s%s%s", x->cname,
		    x->crealm == NULL ? "" : "@",
		    x->crealm == NULL ? "" : x->crealm,
		    x->cname_type == NT_ENTERPRISE ? " (enterprise name)" : "");
	say_kinds(p, x);
	say_ticket(p, "shows", &x->tgt);
	say_ticket(p, "and", &x->evidence);
	say_etypes(p, "enctypes", x->etypes, x->netypes);
	say_options(p, x->options);
	say_time(p, "until", x->till);
	sheet_add(p, THEME_TEXT, "KDC", "%s port %u, %s%s",
	    addr_text(&x->kdc, kdc), x->kdc_port, transport_name(x->transport),
	    x->retransmits == 0 ? "" : ", asked again");
}

static void
say_answer(struct sheet *p, const struct exchange *x)
{
	char buf[NAME_TEXT];

	if (x->error >= 0)
		say_error(p, x->error);
	say_status(p, x->ntstatus);
	if (x->e_text != NULL)
		sheet_add(p, THEME_TEXT, "says", "%s", x->e_text);
	say_ticket(p, x->referral ? "referral" : "ticket", &x->issued);
	if (x->answer == ANSWER_OK && x->key_etype != EV_ABSENT)
		sheet_add(p, THEME_TEXT, "reply key", "%s",
		    name_or(etype_name(x->key_etype), x->key_etype, buf));
	say_etypes(p, "its keys", x->key_etypes, x->nkey_etypes);
	if (x->err_crealm != NULL)
		sheet_add(p, THEME_TEXT, "realm", "%s", x->err_crealm);
	say_clock(p, "KDC", x->stime, x->rep.time);
	say_clock(p, "client", x->ctime, x->req.time);
}

/* Whether K is X's request: of the repetitions only the last is known. */
static bool
is_request(const struct exchange *x, const struct step *k)
{
	const char *again = " (again)";
	size_t n = k->what == NULL ? 0 : strlen(k->what), m = strlen(again);

	if (same(&k->ref, &x->req) || same(&k->ref, &x->again))
		return true;
	return x->retransmits > 1 && n > m &&
	    strcmp(k->what + n - m, again) == 0 &&
	    k->ref.capture == x->req.capture && k->ref.frame > x->req.frame &&
	    k->ref.frame < x->again.frame;
}

static bool
tell_exchange(struct sheet *p, const struct story *s, const struct step *k)
{
	for (size_t i = 0; i < s->nexchanges; i++) {
		const struct exchange *x = &s->exchanges[i];

		if (same(&k->ref, &x->rep)) {
			say_answer(p, x);
			sheet_add(p, THEME_DIM, "answers", "frame %" PRIu64,
			    x->req.frame);
			say_request(p, x);
			return true;
		}
		if (!is_request(x, k))
			continue;
		say_request(p, x);
		if (x->rep.frame != 0)
			sheet_add(p, THEME_DIM, "answered", "by frame %" PRIu64,
			    x->rep.frame);
		else
			sheet_add(p, THEME_TEXT, "answered", "not seen");
		return true;
	}
	return false;
}

/* --- a log-on at a service ---------------------------------------------------------- */

static void
say_verdict(struct sheet *p, const struct attempt *a)
{
	char buf[NAME_TEXT];

	if (a->error >= 0)
		say_error(p, a->error);
	say_status(p, a->status);
	if (a->kpasswd_result != EV_ABSENT)
		sheet_add(p, THEME_TEXT, "result", "%s",
		    name_or(NULL, a->kpasswd_result, buf));
	if (a->error_sname != NULL)
		sheet_add(p, THEME_TEXT, "it says", "it is %s@%s",
		    a->error_sname, or_none(a->error_realm));
	say_clock(p, "service", a->error_stime, a->error_ref.time);
	if (a->ap_rep)
		sheet_add(p, THEME_OK, "proof",
		    "the service has the ticket's key (AP-REP)");
	if (a->guest)
		sheet_add(p, THEME_DEGRADES, "as", "guest");
}

static void
say_ntlm(struct sheet *p, const struct attempt *a)
{
	sheet_add(p, THEME_TEXT, "user", "%s",
	    a->anonymous ? "nobody (anonymous)" : or_none(a->user));
	if (a->ntlm_spn != NULL)
		sheet_add(p, THEME_TEXT, "means", "%s", a->ntlm_spn);
	if (a->computer != NULL)
		sheet_add(p, THEME_TEXT, "from", "%s", a->computer);
	if (a->offer_seen)
		sheet_add(p, THEME_TEXT, "offered", "%s",
		    a->offered_krb5 ? "the server takes Kerberos too" :
				      "the server takes no Kerberos");
}

static void
say_presented(struct sheet *p, const struct attempt *a)
{
	char buf[ADDR_TEXT], etype[NAME_TEXT];

	say_ticket(p, "ticket", &a->ticket);
	if (a->mech == MECH_KRB5 && a->issued.frame != 0)
		sheet_add(p, THEME_DIM, "issued", "in frame %" PRIu64,
		    a->issued.frame);
	else if (a->mech == MECH_KRB5)
		sheet_add(p, THEME_DIM, "issued", "before the capture");
	if (a->mech == MECH_KRB5 && a->auth_etype != EV_ABSENT)
		sheet_add(p, THEME_TEXT, "session", "%s",
		    name_or(etype_name(a->auth_etype), a->auth_etype, etype));
	if (a->mech == MECH_NTLM)
		say_ntlm(p, a);
	sheet_add(p, THEME_TEXT, "service", "%s port %u, %s",
	    addr_text(&a->server, buf), a->server_port, or_none(a->carrier));
}

static bool
tell_attempt(struct sheet *p, const struct story *s, const struct ref *ref)
{
	for (size_t i = 0; i < s->nattempts; i++) {
		const struct attempt *a = &s->attempts[i];
		bool answer = same(ref, &a->rep) || same(ref, &a->error_ref);

		if (!answer && !same(ref, &a->req))
			continue;
		if (answer)
			say_verdict(p, a);
		if (answer && a->req.frame != 0)
			sheet_add(p, THEME_DIM, "answers", "frame %" PRIu64,
			    a->req.frame);
		say_presented(p, a);
		if (!answer && a->answer == ANSWER_NONE)
			sheet_add(p, THEME_TEXT, "answered", "not seen");
		return true;
	}
	return false;
}

/* --- names and ports ------------------------------------------------------------------ */

static bool
tell_lookup(struct sheet *p, const struct story *s, const struct step *step)
{
	char all[LIST_TEXT] = "", buf[ADDR_TEXT], num[NAME_TEXT];
	const struct lookup *k = lookup_of(s, step);

	if (k == NULL)
		return false;
	sheet_add(p, THEME_TEXT, "name", "%s, %s", or_none(k->name),
	    name_or(dns_type_name(k->type), k->type, num));
	if (k->rcode > 0)
		sheet_add(p, THEME_BREAKS, "answer", "%s",
		    name_or(dns_rcode_name(k->rcode), k->rcode, num));
	for (size_t n = 0; n < k->naddrs; n++)
		append(all, addr_text(&k->addrs[n], buf));
	if (k->naddrs > 0)
		sheet_add(p, THEME_TEXT, "answer", "%s", all);
	if (k->canonical != NULL)
		sheet_add(p, THEME_TEXT, "alias of", "%s", k->canonical);
	if (k->ptr != NULL)
		sheet_add(p, THEME_TEXT, "PTR", "%s is %s",
		    addr_text(&k->ptr_of, buf), k->ptr);
	sheet_add(p, THEME_TEXT, "resolver", "%s, asked %u time%s",
	    addr_text(&k->resolver, buf), k->asked, k->asked == 1 ? "" : "s");
	return true;
}

static bool
tell_contact(struct sheet *p, const struct story *s, const struct ref *ref)
{
	static const char *const found[] = {
		[REACH_UNSEEN] = "the capture does not hold the answer",
		[REACH_ANSWERED] = "it answered",
		[REACH_SILENT] = "nobody answered",
		[REACH_CLOSED] = "nobody listens there",
		[REACH_PROHIBITED] = "a filter on the way says no",
		[REACH_NO_HOST] = "no way there",
	};
	char buf[ADDR_TEXT];

	for (size_t i = 0; i < s->ncontacts; i++) {
		const struct contact *c = &s->contacts[i];

		if (!same(ref, &c->answer) && !same(ref, &c->last) &&
		    !same(ref, &c->first) && !same(ref, &c->cut_ref))
			continue;
		sheet_add(p, THEME_TEXT, "port", "%s port %u, %s (%s)",
		    addr_text(&c->addr, buf), c->port,
		    transport_name(c->transport), c->carrier);
		sheet_add(p, THEME_TEXT, "sent", "%u %s%s", c->sent,
		    c->transport == TRANSPORT_TCP ? "SYN" : "request",
		    c->sent == 1 ? "" : "s");
		sheet_add(p, THEME_TEXT, "found", "%s", found[c->reach]);
		if (c->was_reset)
			sheet_add(p, THEME_TEXT, "then", "reset");
		return true;
	}
	return false;
}

/* --- the whole -------------------------------------------------------------------------- */

/* What it proves; who else cites it, by name. */
static void
say_cited(struct sheet *p, const struct result *r, size_t i,
    const struct step *step)
{
	char others[LIST_TEXT] = "";

	for (size_t k = 0; k < r->nfindings_of[i]; k++) {
		size_t f = (size_t)r->findings_of[i][k];
		const struct cause *c = f < r->ncauses ? &r->causes[f] : NULL;
		const struct evidence *e = c == NULL ?
		    NULL :
		    citation(c, r->kept[i], step);

		if (e == NULL)
			continue;
		if (c->cause)
			sheet_add(p, THEME_DECIDING, "proof of", "%s, %s: %s",
			    c->f.rule->id, certainty_names[c->f.certainty],
			    or_none(e->says));
		else
			append(others, c->f.rule->id);
	}
	if (*others != '\0')
		sheet_add(p, THEME_DIM, "cited by", "%s", others);
}

void
message_tell(struct sheet *p, const struct result *r, size_t i, size_t step)
{
	const struct story *s = r->kept[i];
	const struct step *k = &s->steps[step];
	char when[TIME_TEXT], from[ADDR_TEXT], to[ADDR_TEXT];
	bool port;

	if (r->ncaptures > 1)
		sheet_add(p, THEME_HEAD, "message", "%s, frame %d:%" PRIu64,
		    or_none(k->what), k->ref.capture, k->ref.frame);
	else
		sheet_add(p, THEME_HEAD, "message", "%s, frame %" PRIu64,
		    or_none(k->what), k->ref.frame);
	say_cited(p, r, i, k);
	/* What says no, and has no code: a port. */
	port = k->result == STEP_ERROR && k->code == EV_ABSENT &&
	    tell_contact(p, s, &k->ref);
	if (!tell_exchange(p, s, k) && !tell_attempt(p, s, &k->ref) &&
	    !tell_lookup(p, s, k) && !port && !tell_contact(p, s, &k->ref) &&
	    k->code_name != NULL)
		sheet_add(p, THEME_TEXT, "code", "%s", k->code_name);
	sheet_add(p, THEME_TEXT, "from", "%s to %s", addr_text(&k->from, from),
	    addr_text(&k->to, to));
	sheet_add(p, THEME_TEXT, "at", "%s", time_text(k->ref.time, when));
}
