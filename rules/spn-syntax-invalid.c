/*
 * spn-syntax-invalid - what was asked for is no service principal name, and
 * the KDC says 7: a URL, the class HTTPS, a class without a host, an account
 * (host$), the GSS form class@host, a port behind a slash.
 *
 * A name is class/host[:port][/name] (MS-ADTS 2.2.21); browsers ask for
 * HTTP/ over TLS too.  Only a KDC's 7 makes it a fault: Samba finds a
 * computer for some of these, and gives the ticket.
 *
 * Not this: legal names of three parts (ldap/dc/domain, the GUIDs of
 * replication), names without a class (spn-prefixless-target), user-to-user,
 * S4U2Self, an address (spn-ip-literal).  Samba makes a realm of a host's name
 * with its dot, and goes on without it when it may.  A dot at the end of the
 * host is legal in DNS and a space may be a typing error in the directory too:
 * rivals of spn-missing, unless the same name without them is given a ticket.
 * That no account has such a name for all that proves it.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "rule.h"

/* What is wrong with a name, and how it should read. */
struct flaw {
	const char *what;
	bool soft; /* somebody may have registered it so */
	char good[2 * REFUSAL_HOST_TEXT + 8];
};

static void
good_name(struct flaw *w, struct str class, struct str host, struct str port)
{
	char upper[REFUSAL_HOST_TEXT];
	size_t i, n = 0;

	if (host.len == 0 || host.len >= REFUSAL_HOST_TEXT || port.len > 5)
		return;
	refusal_lower(class, sizeof(upper), upper);
	if (strcmp(upper, "https") == 0 || strcmp(upper, "http") == 0)
		memcpy(upper, "HTTP", 5);
	else if (class.len < sizeof(upper))
		memcpy(upper, class.p, class.len);
	while (upper[n] != '\0')
		w->good[n] = upper[n], n++;
	w->good[n++] = '/';
	for (i = 0; i < host.len; i++)
		w->good[n++] = host.p[i];
	if (port.len > 0)
		w->good[n++] = ':';
	for (i = 0; i < port.len; i++)
		w->good[n++] = port.p[i];
	w->good[n] = '\0';
}

static bool
is_number(struct str s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (!isdigit((unsigned char)s.p[i]))
			return false;
	return s.len > 0 && s.len <= 5;
}

/* Classes that are a program's word for its service, not somebody's name. */
static bool is_known_class(struct str class)
{
	static const char *const known[] = { "http", "https", "host", "cifs",
		"ldap", "nfs", "mssqlsvc", "postgres", "termsrv", "wsman",
		"imap", "smtp", "pop", "ftp", "hdfs", "hive", "kafka",
		"zookeeper", "rpcss", "oracle" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (refusal_text_is(class, known[i]))
			return true;
	return false;
}

/* class@host, the form of gss_import_name(), taken for a whole name. */
static bool
is_gss_form(const struct exchange *e, struct flaw *w)
{
	const char *at = strchr(e->sname, '@');
	struct str class, host;

	if (at == NULL || e->sname_type == NT_ENTERPRISE)
		return false;
	class = (struct str){ e->sname, (size_t)(at - e->sname) };
	if (class.len > 0 && class.p[class.len - 1] == '\\')
		class.len--;
	host = str_of(at + 1);
	if (!is_known_class(class) || host.len == 0)
		return false;
	w->what = "it is the form class@host of GSS-API, which only "
		  "gss_import_name() takes apart";
	good_name(w, class, host, (struct str){ NULL, 0 });
	return true;
}

/* "http://host", also behind a class. */
static bool
is_url(const char *sname, struct flaw *w)
{
	const char *p = strstr(sname, "://"), *class = p;
	struct str host;

	if (p == NULL)
		return false;
	while (class > sname && isalnum((unsigned char)class[-1]))
		class --;
	host = (struct str){ p + 3, strcspn(p + 3, "/:") };
	w->what = "it is a URL";
	good_name(w, (struct str){ class, (size_t)(p - class) }, host,
	    (struct str){ NULL, 0 });
	return true;
}

/* Of the host: what no host's name has. */
static bool
has_bad_host(const struct spn *spn, struct flaw *w)
{
	struct str host = spn->host;
	char last = host.p[host.len - 1];

	if (last == '$')
		w->what = "its host is the name of an account (with $)";
	else if (memchr(host.p, ' ', host.len) != NULL)
		w->what = "there is a space in its host";
	else if (last == '.')
		w->what = "its host ends in a dot";
	else
		return false;
	w->soft = last != '$';
	if (last == '$' || last == '.')
		host.len--;
	if (last == '$' || last == '.')
		good_name(w, spn->class, host, spn->port);
	return true;
}

/* krbtgt/REALM.: the realm was made from a host's name (Samba, Heimdal). */
static bool
is_realm_with_dot(const struct exchange *e)
{
	size_t n = e->realm == NULL ? 0 : strlen(e->realm);

	return n > 0 && strncmp(e->sname, "krbtgt/", 7) == 0 &&
	    strncasecmp(e->sname + 7, e->realm, n) == 0 &&
	    strcmp(e->sname + 7 + n, ".") == 0;
}

static bool
has_flaw(const struct exchange *e, struct flaw *w)
{
	static const struct str none;
	struct spn spn;
	struct str ip;

	memset(w, 0, sizeof(*w));
	if (e->sname_parts == 1)
		return is_gss_form(e, w);
	if (is_url(e->sname, w))
		return true;
	if (is_realm_with_dot(e)) {
		w->what = "it asks for a realm with a dot at its end: the "
			  "server's name was typed so";
		return true;
	}
	if (!spn_split(e->sname, &spn) || refusal_ip_literal(e->sname, &ip))
		return false;
	if (spn.host.len == 0)
		w->what = "there is no host in it";
	else if (refusal_text_is(spn.class, "HTTPS")) {
		w->what = "there is no class HTTPS: web services are HTTP, "
			  "with TLS too";
		good_name(w, spn.class, spn.host, none);
	} else if (is_number(spn.name) && spn.port.len == 0) {
		w->what = "its port stands behind a slash, not a colon";
		good_name(w, spn.class, spn.host, spn.name);
	} else if (refusal_text_is(spn.class, "HTTP") && spn.name.len > 0) {
		w->what = "a path is no part of a name";
		good_name(w, spn.class, spn.host, none);
	} else
		return has_bad_host(&spn, w);
	return true;
}

static bool
is_about_a_service(const struct exchange *e)
{
	struct spn spn;

	if (e->kind != EXCHANGE_TGS || e->sname == NULL || e->u2u ||
	    e->s4u2self || story_service_locked(e))
		return false;
	return is_realm_with_dot(e) || !spn_split(e->sname, &spn) ||
	    (!refusal_text_is(spn.class, "krbtgt") &&
		!refusal_text_is(spn.class, "kadmin"));
}

/* The client had another name, and that was right. */
static bool
got_another(const struct story *s, const struct exchange *e)
{
	const struct exchange *x;

	for (x = e + 1; x < s->exchanges + s->nexchanges; x++)
		if (x->kind == EXCHANGE_TGS && x->answer == ANSWER_OK &&
		    !x->s4u2self)
			return true;
	return story_accepted(s, MECH_KRB5) != NULL;
}

static void
report(const struct story *s, const struct exchange *e, const struct flaw *w,
    const struct spn_fact *good, struct finding *f)
{
	const struct attempt *ntlm = story_accepted(s, MECH_NTLM);

	f->rests_on = EVIDENCE_KDC;
	finding_subject(f, SUBJECT_SPN, e->sname);
	finding_subject(f, SUBJECT_REALM, e->realm);
	finding_step(f, &e->req);
	finding_evidence(f, &e->rep, "KDC: %s (%lld)", krb_error_name(e->error),
	    (long long)e->error);
	finding_evidence(f, &e->req, "the client asks for %s", e->sname);
	if (ntlm != NULL && ntlm->rep.frame != 0)
		finding_evidence(f, &ntlm->rep, "NTLM was taken instead");
	finding_param(f, "what", w->what);
	if (w->good[0] != '\0')
		finding_param(f, "good", w->good);
	if (good != NULL && good->issued.count > 0) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &good->issued.last, "a ticket for %s",
		    good->spn);
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_refusal(s,
	    KDC_ERR_S_PRINCIPAL_UNKNOWN);
	const struct spn_fact *good;
	struct name_holders h;
	struct flaw w;

	if (e == NULL || !is_about_a_service(e))
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	if (!has_flaw(e, &w) || got_another(s, e))
		return VERDICT_CLEAR;
	good = w.good[0] == '\0' ? NULL : ledger_spn(l, w.good, e->realm);
	f->certainty = CERTAINTY_LIKELY;
	if (w.soft && (good == NULL || good->issued.count == 0))
		f->certainty = CERTAINTY_POSSIBLE;
	refusal_holders(l, e->sname, e->realm, e->rep.time, &h);
	if (h.what == HELD_BY_NONE && f->certainty == CERTAINTY_LIKELY)
		f->certainty = CERTAINTY_PROVEN;
	report(s, e, &w, good, f);
	refusal_cite_none(f, l, &h);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"spn-duplicate",
	"spn-prefixless-target",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "klist get {good|CLASS/HOST.DOMAIN}",
	    "the target as application, link or driver should have it" },
	{ "windows", "setspn -D {spn} ACCOUNT",
	    "where it was registered so: then setspn -S {good|CLASS/HOST}" },
	{ "unix", "kvno {good|CLASS/HOST.DOMAIN}",
	    "class@host only as GSS_C_NT_HOSTBASED_SERVICE" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-ADTS 2.2.21",
	"RFC 4120 6.2.1, 7.5.9 (7)",
	"RFC 2743 4.1, RFC 4559 4.1",
	NULL,
};

const struct rule rule_spn_syntax_invalid = {
	.id = "spn-syntax-invalid",
	.title = "{spn} is no service principal name",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The client asks the KDC for {spn}, but {what|that is not "
	       "class/host[:port]}. No account can be found by it. It should "
	       "read {good|CLASS/HOST.DOMAIN}, in the application as well as "
	       "in servicePrincipalName.",
	.not_this = "Names of three parts (ldap/dc/domain) are legal. A "
		    "well-formed name that no account holds is spn-missing, "
		    "one without a class spn-prefixless-target.",
	.decide = "the target as the application has it",
	.verify = "The client asks for {good|CLASS/HOST.DOMAIN} instead, "
		  "and the KDC answers with a ticket.",
	.fix = fix,
	.see = see,
};
