/*
 * etype.c - encryption types: what was offered, and why a KDC found nothing
 * in common (RFC 4120 3.1.3, 3.3.3, 7.5.9; RFC 3961; RFC 8009).
 */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "account.h"
#include "etype.h"
#include "rule.h"

/* More of a list than an administrator reads. */
#define LIST_SHOWN 6

bool
etype_is_des(int64_t etype)
{
	return etype == 1 || etype == 2 || etype == 3;
}

bool
etype_is_weak(int64_t etype)
{
	return etype_is_des(etype) || etype == 5 || etype == 7 || etype == 16 ||
	    etype == 23 || etype == 24;
}

struct etype_kinds
etype_kinds_of(const int32_t *list, size_t n)
{
	struct etype_kinds k = { .known = n > 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		k.aes128 |= list[i] == 17;
		k.aes256 |= list[i] == 18;
		k.sha2 |= list[i] == 19 || list[i] == 20;
		k.rc4 |= list[i] == 23;
		k.des |= etype_is_des(list[i]);
		k.other |= list[i] == 5 || list[i] == 7 || list[i] == 16 ||
		    list[i] == 25 || list[i] == 26;
	}
	k.aes = k.aes128 || k.aes256;
	return k;
}

bool
etype_only_des(const struct etype_kinds *k)
{
	return k->des && !k->aes && !k->sha2 && !k->rc4 && !k->other;
}

const char *
etype_text(struct finding *f, const int32_t *list, size_t n)
{
	char buf[NAME_TEXT];
	const char *text = "";
	size_t i;

	for (i = 0; i < n && i < LIST_SHOWN; i++)
		text = finding_text(f, "%s%s%s", text, i > 0 ? ", " : "",
		    name_or(etype_name(list[i]), list[i], buf));
	if (n > LIST_SHOWN)
		text = finding_text(f, "%s and %zu more", text, n - LIST_SHOWN);
	return text;
}

/* --- the directory ---------------------------------------------------- */

#define SET_ETYPES (SET_DES_CRC | SET_DES_MD5 | SET_RC4 | SET_AES)
#define DAY_TEXT 16

enum etype_attr
etype_attr_of(const struct dir_account *a)
{
	uint32_t set;

	if (a == NULL)
		return ETYPE_ATTR_UNKNOWN;
	if (a->uac_known && (a->uac & UAC_DES_ONLY) != 0)
		return ETYPE_ATTR_DES;
	if (!a->enctypes_set && !a->enctypes_known)
		return ETYPE_ATTR_UNKNOWN;
	set = a->enctypes_set ? a->enctypes & SET_ETYPES : 0;
	if (set == 0)
		return ETYPE_ATTR_UNSET;
	if ((set & SET_AES) != 0)
		return (set & SET_RC4) != 0 ? ETYPE_ATTR_BOTH : ETYPE_ATTR_AES;
	return (set & SET_RC4) != 0 ? ETYPE_ATTR_RC4 : ETYPE_ATTR_DES;
}

bool
etype_attr_promises(const struct dir_account *a, const struct etype_kinds *k)
{
	enum etype_attr attr = etype_attr_of(a);

	return (attr == ETYPE_ATTR_AES || attr == ETYPE_ATTR_BOTH) &&
	    ((k->aes128 && (a->enctypes & SET_AES128) != 0) ||
		(k->aes256 && (a->enctypes & SET_AES256) != 0));
}

bool
etype_attr_offered(const struct dir_account *a, const struct etype_kinds *k)
{
	return etype_attr_promises(a, k) ||
	    (k->rc4 && (a->enctypes & SET_RC4) != 0) ||
	    (k->des && (a->enctypes & (SET_DES_CRC | SET_DES_MD5)) != 0);
}

static const char *
set_text(struct finding *f, uint32_t set)
{
	static const struct {
		uint32_t bits;
		const char *name;
	} rows[] = {
		{ SET_DES_CRC | SET_DES_MD5, "DES" },
		{ SET_RC4, "RC4" },
		{ SET_AES128, "AES128" },
		{ SET_AES256, "AES256" },
	};
	const char *text = "";
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((set & rows[i].bits) != 0)
			text = finding_text(f, "%s%s%s", text,
			    text[0] != '\0' ? ", " : "", rows[i].name);
	return text;
}

const char *
etype_sam(struct finding *f, const struct dir_account *a)
{
	return finding_text(f, "%.*s", (int)strcspn(a->name, "@"), a->name);
}

void
etype_cite(struct finding *f, const struct dir_account *a)
{
	time_t when = (time_t)(a->pwd_last_set / SECOND);
	const char *password = "", *says;
	char day[DAY_TEXT];
	struct tm tm;

	if (a->pwd_last_set > 0 && gmtime_r(&when, &tm) != NULL &&
	    strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0)
		password = finding_text(f, ", and its password of %s", day);
	if (etype_attr_of(a) == ETYPE_ATTR_UNKNOWN)
		return;
	if (a->uac_known && (a->uac & UAC_DES_ONLY) != 0)
		says = "userAccountControl says DES only";
	else if (etype_attr_of(a) == ETYPE_ATTR_UNSET)
		says = "msDS-SupportedEncryptionTypes is not set";
	else
		says = finding_text(f,
		    "msDS-SupportedEncryptionTypes is %u: %s",
		    (unsigned)(a->enctypes & 0xffff), set_text(f, a->enctypes));
	finding_account(f, a, "%s: %s%s", a->name, says, password);
}

/* --- error 14 --------------------------------------------------------- */

static bool
is_krbtgt(const char *sname)
{
	return sname != NULL && strncasecmp(sname, "krbtgt/", 7) == 0;
}

/* The TGT shown was made by another realm than the one that is asked. */
static bool
is_foreign(const struct exchange *e)
{
	return e->kind == EXCHANGE_TGS && is_krbtgt(e->tgt.sname) &&
	    e->tgt.realm != NULL &&
	    strcasecmp(e->tgt.realm, e->tgt.sname + 7) != 0;
}

static bool
says(const struct exchange *e, const char *text)
{
	return e->e_text != NULL && strstr(e->e_text, text) != NULL;
}

/*
 * RC4 tickets were issued for the service before, and never AES ones: its
 * account holds no AES key, or is set so.
 */
static bool
had_rc4(const struct spn_fact *spn, const struct exchange *e)
{
	return spn != NULL && spn->rc4.count > 0 &&
	    spn->rc4.first.time < e->req.time &&
	    (spn->aes.count == 0 || spn->aes.first.time > e->req.time);
}

static bool
had_aes(const struct spn_fact *spn, const struct exchange *e)
{
	return spn != NULL && spn->aes.count > 0 &&
	    spn->aes.first.time < e->req.time;
}

/*
 * Whether the KDC gives no RC4 ticket any more to one who would take it.  An
 * MIT KDC names its own reason, which is another one; and a client with one of
 * the two AES types (Java without its unlimited policy has no aes256) may meet
 * an account that is set to the other.
 */
static bool
is_rc4_off(const struct etype_refusal *r)
{
	if (r->e->kind != EXCHANGE_TGS || !r->offered.rc4 ||
	    r->e->e_text != NULL || had_aes(r->spn, r->e))
		return false;
	return (r->offered.aes128 && r->offered.aes256) || r->was_rc4;
}

/*
 * MIT finds the client's key and then none that krbtgt and the client share;
 * it has another text for a client's key that it lacks.
 */
static bool
is_krbtgts(const struct etype_refusal *r, const struct ledger *l)
{
	const struct realm_fact *realm;

	if (r->e->kind != EXCHANGE_AS || !r->offered.aes || r->offered.rc4 ||
	    r->e->realm == NULL || !says(r->e, "BAD_ENCRYPTION_TYPE"))
		return false;
	realm = ledger_realm(l, r->e->realm);
	return realm != NULL && realm->tgt_rc4.frame != 0 &&
	    realm->tgt_aes.frame == 0;
}

static enum etype_fault
find_fault(const struct etype_refusal *r, const struct ledger *l)
{
	const struct exchange *e = r->e;
	struct etype_kinds keys;

	if (!r->offered.known)
		return ETYPE_UNSEEN;
	if (etype_only_des(&r->offered))
		return ETYPE_DES_CLIENT;
	keys = etype_kinds_of(e->key_etypes, e->nkey_etypes);
	if (e->kind == EXCHANGE_AS && etype_only_des(&keys))
		return ETYPE_DES_ACCOUNT;
	if (says(e, "CANT_FIND_CLIENT_KEY") && r->offered.aes && r->offered.rc4)
		return ETYPE_NO_KEYS;
	if (r->attr == ETYPE_ATTR_DES && !r->offered.des)
		return ETYPE_DES_ACCOUNT;
	if (e->e_text == NULL && !r->foreign &&
	    etype_attr_promises(r->holder, &r->offered))
		return ETYPE_KEYLESS;
	if (is_krbtgts(r, l))
		return ETYPE_KRBTGT;
	if (is_rc4_off(r) && r->attr != ETYPE_ATTR_AES)
		return ETYPE_RC4_OFF;
	if (!r->offered.aes)
		return ETYPE_CLIENT;
	return r->offered.rc4 ? ETYPE_NOTHING_FITS : ETYPE_ACCOUNT;
}

void
etype_refusal(const struct story *s, const struct ledger *l,
    struct etype_refusal *out)
{
	struct etype_refusal *r = out;
	const struct exchange *e = story_kdc_refusal(s, KDC_ERR_ETYPE_NOSUPP);

	memset(r, 0, sizeof(*r));
	/* Of a trust's key only the trust's own rules speak. */
	if (e == NULL || (e->kind == EXCHANGE_TGS && is_krbtgt(e->sname)) ||
	    story_accepted(s, MECH_KRB5) != NULL)
		return;
	r->e = e;
	r->offered = etype_kinds_of(e->etypes, e->netypes);
	r->foreign = is_foreign(e);
	if (e->kind == EXCHANGE_AS) {
		if (s->principal != NULL)
			r->account = ledger_account(l, s->principal);
		if (e->cname != NULL && e->realm != NULL)
			r->holder = ledger_directory_account(l, e->cname,
			    e->realm);
	} else if (e->sname != NULL && e->realm != NULL) {
		r->spn = ledger_spn(l, e->sname, e->realm);
		r->was_rc4 = had_rc4(r->spn, e);
		r->holder = ledger_owner(l, e->sname, e->realm);
	}
	r->attr = etype_attr_of(r->holder);
	r->fault = find_fault(r, l);
}

void
etype_evidence(struct finding *f, const struct story *s,
    const struct etype_refusal *r)
{
	const struct exchange *e = r->e;
	const char *offered = etype_text(f, e->etypes, e->netypes);
	const char *what = e->kind == EXCHANGE_AS ? e->cname : e->sname;
	char at[ADDR_TEXT];

	f->rests_on |= EVIDENCE_KDC;
	finding_step(f, &e->req);
	finding_param(f, "offered", offered);
	finding_param(f, "what", what);
	finding_param(f, "sam",
	    r->holder != NULL          ? etype_sam(f, r->holder) :
		e->kind == EXCHANGE_AS ? what :
					 NULL);
	finding_param(f, "at", addr_text(&s->client, at));
	finding_evidence(f, &e->rep, "KDC: %s%s%s", krb_error_name(e->error),
	    e->e_text != NULL ? ", " : "", e->e_text != NULL ? e->e_text : "");
	finding_evidence(f, &e->req, "%s for %s offers %s",
	    e->kind == EXCHANGE_AS ? "AS-REQ" : "TGS-REQ",
	    what != NULL ? what : "?", offered);
}

void
etype_subject(struct finding *f, const struct etype_refusal *r)
{
	const struct exchange *e = r->e;

	if (e->kind == EXCHANGE_AS && e->cname != NULL) {
		account_subject(f, e, e->cname);
		return;
	}
	finding_subject(f, SUBJECT_SPN, e->sname);
	finding_subject(f, SUBJECT_REALM, e->realm);
}
