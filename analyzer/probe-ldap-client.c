/*
 * probe-ldap-client.c - a connection to a directory: TLS, and who asks
 * (RFC 4511, RFC 4513).
 *
 * Kerberos: the ticket cache of the user, SASL GSSAPI (RFC 4752); over plain
 * ldap:// nothing is said that is not encrypted by it, over TLS it adds no
 * second layer, which Active Directory refuses (MS-ADTS 5.1.1.1.2).  The
 * service is ldap/HOST with the host of the URI: libldap would take what the
 * reverse DNS says, and so whoever answers that.
 *
 * A name and a password: over TLS alone, StartTLS is demanded on ldap://.
 * Nobody is asked anything, referrals are not followed, nothing is written.
 */
#include "config.h"

#ifdef HAVE_LDAP

#	include <fcntl.h>
#	include <sasl/sasl.h>
#	include <stdarg.h>
#	include <stdlib.h>
#	include <string.h>
#	include <strings.h>
#	include <sys/time.h>
#	include <unistd.h>

#	include "bounds.h"
#	include "probe-ldap-session.h"
#	include "table.h"
#	include "text.h"

/* --- words ---------------------------------------------------------------- */

void
ldap_fail(struct ldap_session *s, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	if (s->failed)
		return;
	s->failed = true;
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	message("%s: %s", s->t->uri, text);
	free(text);
}

char *
ldap_words(LDAP *ld)
{
	char *words = NULL, *copy;

	if (ld != NULL)
		ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &words);
	copy = text_printf("%.300s", words == NULL ? "" : words);
	ldap_memfree(words);
	return copy;
}

/* --- a handle ------------------------------------------------------------- */

/* Where distributions keep the certificates that they trust. */
static void
default_ca(LDAP *ld)
{
	static const char *const files[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
		"/etc/ssl/ca-bundle.pem",             /* SUSE */
	};
	char *file = NULL, *dir = NULL;
	size_t i;

	ldap_get_option(ld, LDAP_OPT_X_TLS_CACERTFILE, &file);
	ldap_get_option(ld, LDAP_OPT_X_TLS_CACERTDIR, &dir);
	for (i = 0; file == NULL && dir == NULL &&
	     i < sizeof(files) / sizeof(files[0]);
	     i++)
		if (access(files[i], R_OK) == 0) {
			ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE,
			    files[i]);
			break;
		}
	ldap_memfree(file);
	ldap_memfree(dir);
}

/* What ldap.conf, .ldaprc and the environment say does not weaken it. */
static bool
set_tls(struct ldap_session *s, LDAP *ld, int demand)
{
	static const int client = 0;
	const char *ca = s->t->ca;

	if (ca == NULL) {
		default_ca(ld);
	} else if (access(ca, R_OK) != 0) {
		ldap_fail(s, "--ldap-ca %s: %m", ca);
		return false;
	} else {
		ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTDIR, NULL);
		ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, ca);
	}
	ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
	if (ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client) != 0) {
		ldap_fail(s, "no certificates in %s",
		    ca == NULL ? "the TLS settings of ldap.conf" : ca);
		return false;
	}
	return true;
}

static void
set_bounds(struct ldap_session *s, LDAP *ld)
{
	static const int version = LDAP_VERSION3, deref = LDAP_DEREF_NEVER;
	static const int unlimited = LDAP_NO_LIMIT;
	ber_len_t most = LDAP_MAX_MESSAGE;
	struct timeval wait = { .tv_sec = s->t->timeout / 3 + 1 };
	Sockbuf *sb = NULL;

	ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	ldap_set_option(ld, LDAP_OPT_DEREF, &deref);
	ldap_set_option(ld, LDAP_OPT_SIZELIMIT, &unlimited);
	ldap_set_option(ld, LDAP_OPT_TIMELIMIT, &unlimited);
	/* So that of several addresses a dead one is stepped over. */
	ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &wait);
	ldap_set_option(ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON);
	if (ldap_get_option(ld, LDAP_OPT_SOCKBUF, &sb) == 0 && sb != NULL)
		ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &most);
}

LDAP *
ldap_session_handle(struct ldap_session *s, int demand)
{
	LDAP *ld = NULL;
	int rc = ldap_initialize(&ld, s->uri);

	if (rc != LDAP_SUCCESS) {
		ldap_fail(s, "%s", ldap_err2string(rc));
		return NULL;
	}
	set_bounds(s, ld);
	if (s->tls && !set_tls(s, ld, demand)) {
		ldap_unbind_ext(ld, NULL, NULL);
		return NULL;
	}
	return ld;
}

/* --- Kerberos ------------------------------------------------------------- */

/* SASL asks for whom to act: for oneself. */
static int
answer_sasl(LDAP *ld, unsigned flags, void *defaults, void *in)
{
	sasl_interact_t *i = in;

	(void)ld;
	(void)flags;
	(void)defaults;
	for (; i->id != SASL_CB_LIST_END; i++) {
		i->result = "";
		i->len = 0;
	}
	return LDAP_SUCCESS;
}

/* The words of libkrb5: GSSAPI ends with them, in brackets. */
static char *
minor_words(const char *words)
{
	size_t end = strlen(words), i = end;
	int depth = 0;

	if (end == 0 || words[end - 1] != ')')
		return text_printf("%s", words);
	do {
		i--;
		depth += (words[i] == ')') - (words[i] == '(');
	} while (i > 0 && depth > 0);
	if (depth > 0)
		return text_printf("%s", words);
	return text_printf("%.*s", (int)(end - i - 2), words + i + 1);
}

/* What a person has to do about what libkrb5 said. */
static const char *
kerberos_advice(const char *words)
{
	static const struct {
		const char *sign, *advice;
	} known[] = {
		{ "No Kerberos credentials",
		    "no Kerberos ticket: run kinit, or name a --ldap-user" },
		{ "No credentials were supplied",
		    "no Kerberos ticket: run kinit, or name a --ldap-user" },
		{ "expired", "the Kerberos ticket has expired: run kinit" },
		{ "not found in Kerberos database",
		    "the KDC does not know ldap/ with this host: say the "
		    "server's full name" },
		{ "Cannot find KDC", "no KDC is known for its realm" },
		{ "Cannot contact any KDC", "no KDC of its realm answers" },
		{ "Clock skew", "the clocks differ too much" },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasestr(words, known[i].sign) != NULL)
			return known[i].advice;
	return NULL;
}

static void
kerberos_why(struct ldap_session *s, int rc)
{
	char *words = ldap_words(s->ld), *minor = minor_words(words);
	const char *advice = kerberos_advice(words);

	if (rc == LDAP_AUTH_UNKNOWN)
		ldap_fail(s,
		    "Cyrus SASL has no GSSAPI here: install "
		    "libsasl2-modules-gssapi-mit, or name a --ldap-user");
	else if (rc == LDAP_STRONG_AUTH_REQUIRED && s->tls)
		/* Samba's default, "ldap server require strong auth". */
		ldap_fail(s,
		    "takes no Kerberos over TLS: say ldap://, which "
		    "Kerberos encrypts itself");
	else if (advice != NULL)
		ldap_fail(s, "%s (%s)", advice, minor);
	else
		ldap_fail(s, "Kerberos did not bind: %s%s%s",
		    ldap_err2string(rc), *minor == '\0' ? "" : ": ", minor);
	free(words);
	free(minor);
}

static bool
bind_kerberos(struct ldap_session *s)
{
	const char *props = s->tls ? "minssf=0,maxssf=0,noanonymous" :
	    s->local               ? "minssf=0,noanonymous" :
				     "minssf=56,noanonymous";
	const char *mechanism = s->local ? "EXTERNAL" : "GSSAPI";
	int rc;

#	ifdef LDAP_OPT_X_SASL_CBINDING
	/* What LdapEnforceChannelBinding of a domain controller asks for. */
	static const int endpoint = LDAP_OPT_X_SASL_CBINDING_TLS_ENDPOINT;

	if (s->tls)
		ldap_set_option(s->ld, LDAP_OPT_X_SASL_CBINDING, &endpoint);
#	endif
	ldap_doing(s->t, "binding with Kerberos");
	ldap_set_option(s->ld, LDAP_OPT_X_SASL_SECPROPS, props);
	rc = ldap_sasl_interactive_bind_s(s->ld, NULL, mechanism, NULL, NULL,
	    LDAP_SASL_QUIET, answer_sasl, NULL);
	if (rc == LDAP_SUCCESS)
		return true;
	if (rc == LDAP_SERVER_DOWN || rc == LDAP_CONNECT_ERROR) {
		char *words = ldap_words(s->ld);

		ldap_session_why(s, rc, words);
		free(words);
	} else {
		kerberos_why(s, rc);
	}
	return false;
}

/* --- a name and a password ------------------------------------------------ */

/* "AcceptSecurityContext error, data 775": a Win32 code, in hex. */
static const char *
windows_words(const char *words)
{
	static const struct {
		unsigned long code;
		const char *text;
	} known[] = {
		{ 0x525, "there is no such user" },
		{ 0x52e, "wrong name or password" },
		{ 0x530, "not at this hour" },
		{ 0x531, "not from this machine" },
		{ 0x532, "its password has expired" },
		{ 0x533, "the account is disabled" },
		{ 0x701, "the account has expired" },
		{ 0x773, "its password has to be changed" },
		{ 0x775, "the account is locked" },
	};
	const char *p = strstr(words, ", data ");
	unsigned long code;
	size_t i;

	if (p == NULL)
		return "wrong name or password";
	code = strtoul(p + strlen(", data "), NULL, 16);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].code == code)
			return known[i].text;
	return "wrong name or password";
}

static void
simple_why(struct ldap_session *s, int rc)
{
	char *words = ldap_words(s->ld);

	if (rc == LDAP_SERVER_DOWN || rc == LDAP_CONNECT_ERROR)
		ldap_session_why(s, rc, words);
	else if (rc == LDAP_INVALID_CREDENTIALS)
		ldap_fail(s, "%s is not let in: %s", s->t->user,
		    windows_words(words));
	else
		ldap_fail(s, "%s is not let in: %s%s%s", s->t->user,
		    ldap_err2string(rc), *words == '\0' ? "" : ": ", words);
	free(words);
}

static bool
bind_simple(struct ldap_session *s)
{
	struct berval password = { s->t->password->len,
		(char *)(uintptr_t)s->t->password->text };
	int rc;

	ldap_doing(s->t, "binding with a password");
	rc = ldap_sasl_bind_s(s->ld, s->t->user, LDAP_SASL_SIMPLE, &password,
	    NULL, NULL, NULL);
	if (rc == LDAP_SUCCESS)
		return true;
	simple_why(s, rc);
	return false;
}

/* TLS, now, on ldap://; the password is not said before. */
static bool
start_tls(struct ldap_session *s)
{
	int rc;
	char *words;

	ldap_doing(s->t, "starting TLS");
	rc = ldap_start_tls_s(s->ld, NULL, NULL);
	if (rc == LDAP_SUCCESS)
		return true;
	words = ldap_words(s->ld);
	if (rc == LDAP_SERVER_DOWN || rc == LDAP_CONNECT_ERROR)
		ldap_session_why(s, rc, words);
	else
		ldap_fail(s,
		    "does not offer StartTLS, and a password goes over TLS "
		    "only (%s)",
		    ldap_err2string(rc));
	free(words);
	return false;
}

/* --- from the URI to a bound session -------------------------------------- */

static bool
read_uri(struct ldap_session *s)
{
	const char *uri = s->t->uri, *rest = strstr(uri, "://");
	LDAPURLDesc *u = NULL;

	if (rest == NULL || ldap_url_parse(uri, &u) != LDAP_URL_SUCCESS) {
		ldap_fail(s, "say it as ldap://dc1.corp.example");
		return false;
	}
	rest += 3;
	s->uri = text_printf("%.*s%.*s", (int)(rest - uri), uri,
	    (int)strcspn(rest, "/?"), rest);
	s->local = strcasecmp(u->lud_scheme, "ldapi") == 0;
	s->host = text_printf("%s",
	    s->local || u->lud_host == NULL ? "" : u->lud_host);
	s->port = u->lud_port;
	s->tls = strcasecmp(u->lud_scheme, "ldaps") == 0 ||
	    (s->t->user != NULL && !s->local);
	s->gc = !s->local && (s->port == 3268 || s->port == 3269);
	if (u->lud_dn != NULL && *u->lud_dn != '\0')
		s->base = text_printf("%s", u->lud_dn);
	ldap_free_urldesc(u);
	if (s->local || *s->host != '\0')
		return true;
	ldap_fail(s, "names no host: say it as ldap://dc1.corp.example");
	return false;
}

bool
ldap_session_open(struct ldap_session *s)
{
	bool plain;

	if (!read_uri(s))
		return false;
	plain = strncasecmp(s->uri, "ldap:", 5) == 0;
	ldap_doing(s->t, "connecting");
	s->ld = ldap_session_handle(s, LDAP_OPT_X_TLS_DEMAND);
	if (s->ld == NULL)
		return false;
	if (s->tls && plain && !start_tls(s))
		return false;
	return s->t->user == NULL ? bind_kerberos(s) : bind_simple(s);
}

/*
 * libldap reads its settings when it is first used, also a file "ldaprc" where
 * we stand: among captures that somebody sent, that is somebody's file.
 */
static bool
read_settings(void)
{
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), version;
	bool back;

	if (here < 0 || chdir("/") != 0)
		return false;
	ldap_get_option(NULL, LDAP_OPT_PROTOCOL_VERSION, &version);
	back = fchdir(here) == 0;
	close(here);
	return back;
}

bool
ldap_client(struct ldap_task *t)
{
	struct ldap_session s = { .t = t };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	s.began = now.tv_sec;
	if (!read_settings()) {
		ldap_fail(&s, "the current folder: %m");
	} else if (ldap_session_open(&s)) {
		ldap_doing(t, "searching");
		ldap_search_all(&s);
	}
	if (s.ld != NULL)
		ldap_unbind_ext(s.ld, NULL, NULL);
	free(s.uri);
	free(s.host);
	free(s.base);
	free(s.config);
	free(s.time);
	free(s.schema);
	free(s.guard);
	table_free(&s.fed, free);
	table_free(&s.partial, free);
	table_free(&s.catalogued, free);
	table_free(&s.guarded, free);
	return !s.failed;
}

#endif
