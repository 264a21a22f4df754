/*
 * probe-krb5conf.c - the client's krb5.conf (MIT krb5: krb5.conf), read by
 * libkrb5's profile functions, so that what it says here is what it says to
 * the client.
 *
 * No krb5_context is made for that: one would read this machine's own file.
 * The library reads from a file without a name, into which the client's file
 * was gathered (krb5conf-text.c); it names no line that is wrong, which is
 * found by giving it fewer lines.
 */
#include <krb5.h>
#include <profile.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event-json.h"
#include "krb5conf-text.h"
#include "probe-krb5conf.h"
#include "table.h"
#include "text.h"

#define WORDS_MAX 32   /* of a list of enctypes, or of kdc lines */
#define LINES_MAX 4000 /* realms, or lines of [domain_realm] */

struct conf {
	const char *path;
	profile_t profile;
	event_sink sink;
	void *arg;
	bool said_case;
};

/* A text that the library has read. */
struct parsed {
	profile_t profile;
	int fd; /* looked at again and again: it stays open as long */
};

/* --- the library ------------------------------------------------------ */

static void
forget(struct parsed *p)
{
	if (p->profile != NULL)
		profile_abandon(p->profile);
	if (p->fd >= 0)
		close(p->fd);
}

/* Gives the library the first N lines; what it thinks of them. */
static long
parse(const struct conf_text *t, size_t n, struct parsed *out)
{
	size_t len = n == 0 ? 0 : t->lines[n - 1].end, at = 0;
	const char *files[2] = { NULL, NULL };
	char name[64];
	ssize_t wrote;

	out->profile = NULL;
	out->fd = memfd_create("krb5.conf", MFD_CLOEXEC);
	if (out->fd < 0)
		return PROF_FAIL_OPEN;
	while (at < len && (wrote = write(out->fd, t->text + at, len - at)) > 0)
		at += (size_t)wrote;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", out->fd);
	files[0] = name;
	return at < len ? PROF_FAIL_OPEN : profile_init(files, &out->profile);
}

static const char *
parse_error(long code)
{
	switch (code) {
	case PROF_SECTION_NOTOP:
		return "a section begins within braces";
	case PROF_SECTION_SYNTAX:
		return "a section is not written [NAME]";
	case PROF_RELATION_SYNTAX:
		return "this is not NAME = VALUE";
	case PROF_EXTRA_CBRACE:
		return "a closing brace too many";
	case PROF_MISSING_OBRACE:
		return "the opening brace is missing";
	default:
		return "libkrb5 cannot read it";
	}
}

/* Says which line it is that libkrb5 stumbles over. */
static void
tell_damage(const struct conf_text *t, const char *path, long code)
{
	size_t good = 0, bad = t->nlines, n;
	const struct conf_line *line;
	struct parsed p;

	if (bad == 0 || code == PROF_FAIL_OPEN) {
		message("%s: %s", path, parse_error(code));
		return;
	}
	while (bad - good > 1) {
		n = good + (bad - good) / 2;
		if (parse(t, n, &p) == 0)
			good = n;
		else
			bad = n;
		forget(&p);
	}
	line = &t->lines[bad - 1];
	message("%s:%u: damaged, %s", t->files[line->file], line->line,
	    parse_error(code));
}

/* --- values ----------------------------------------------------------- */

/* TEXT as an event may hold it: not empty, UTF-8. */
static struct str
text_of(const char *text)
{
	struct str s = { text, text == NULL ? 0 : strlen(text) };
	size_t i, n;
	uint32_t code;

	for (i = 0; i < s.len; i += n) {
		n = utf8_char(s.p + i, s.len - i, &code);
		if (n == 0)
			return (struct str){ NULL, 0 };
	}
	return s;
}

/* The value of NAME in [libdefaults], to be freed by the library; or NULL. */
static char *
value_of(const struct conf *c, const char *name)
{
	char *value = NULL;

	if (profile_get_string(c->profile, "libdefaults", name, NULL, NULL,
		&value) != 0)
		return NULL;
	return value;
}

static int64_t
boolean_of(const struct conf *c, const char *name)
{
	char *value = value_of(c, name);
	int64_t result = EV_ABSENT;
	int is = 0;

	if (value == NULL)
		return EV_ABSENT;
	if (profile_get_boolean(c->profile, "libdefaults", name, NULL, 0,
		&is) == 0)
		result = is != 0;
	else
		message("%s: %s = %s is neither true nor false", c->path, name,
		    value);
	profile_release_string(value);
	return result;
}

/* Of kdc_timesync Heimdal makes a boolean. */
static int64_t
integer_of(const struct conf *c, const char *name)
{
	char *value = value_of(c, name);
	int64_t result = EV_ABSENT;
	int is = 0;

	if (value == NULL)
		return EV_ABSENT;
	if (profile_get_integer(c->profile, "libdefaults", name, NULL, 0,
		&is) == 0 ||
	    profile_get_boolean(c->profile, "libdefaults", name, NULL, 0,
		&is) == 0)
		result = is;
	else
		message("%s: %s = %s is no number", c->path, name, value);
	profile_release_string(value);
	return result;
}

/* Seconds; MIT writes "300", Heimdal and people "5m" as well. */
static int64_t
duration_of(const struct conf *c, const char *name)
{
	char *value = value_of(c, name);
	krb5_deltat seconds = 0;

	if (value == NULL)
		return 0;
	if (krb5_string_to_deltat(value, &seconds) != 0 || seconds < 0) {
		message("%s: %s = %s is no duration", c->path, name, value);
		seconds = 0;
	}
	profile_release_string(value);
	return seconds;
}

/* dns_canonicalize_hostname: true, false, and since MIT 1.18 a third. */
static struct str
canonicalize_of(const struct conf *c)
{
	static const char name[] = "dns_canonicalize_hostname";
	char *value = value_of(c, name);
	struct str none = { NULL, 0 };
	int64_t is;

	if (value != NULL && strcasecmp(value, "fallback") == 0) {
		profile_release_string(value);
		return (struct str){ "fallback", 8 };
	}
	if (value != NULL)
		profile_release_string(value);
	is = boolean_of(c, name);
	if (is == EV_ABSENT)
		return none;
	return is != 0 ? (struct str){ "true", 4 } : (struct str){ "false", 5 };
}

/* The words of VALUE, which stays theirs. */
static struct strs
words_of(const char *value, struct str words[WORDS_MAX])
{
	static const char between[] = " \t\r\n,";
	struct str all = text_of(value);
	size_t n = 0, len;
	const char *p;

	for (p = all.p; all.len > 0 && *p != '\0' && n < WORDS_MAX; p += len) {
		p += strspn(p, between);
		len = strcspn(p, between);
		if (len > 0)
			words[n++] = (struct str){ p, len };
	}
	return (struct strs){ words, n };
}

/* --- events ----------------------------------------------------------- */

static void
post(struct conf *c, struct event *ev)
{
	ev->source = text_of(c->path);
	c->sink(c->arg, ev);
}

static void
tell_defaults(struct conf *c, bool partial)
{
	struct str permitted[WORDS_MAX], tkt[WORDS_MAX], tgs[WORDS_MAX];
	char *values[4];
	struct event ev;
	struct ev_krb5_conf *x = &ev.u.krb5_conf;

	event_init(&ev, EV_krb5_conf);
	values[0] = value_of(c, "default_realm");
	values[1] = value_of(c, "permitted_enctypes");
	values[2] = value_of(c, "default_tkt_enctypes");
	values[3] = value_of(c, "default_tgs_enctypes");
	x->path = text_of(c->path);
	x->default_realm = text_of(values[0]);
	x->canonicalize = canonicalize_of(c);
	x->rdns = boolean_of(c, "rdns");
	x->dns_lookup_realm = boolean_of(c, "dns_lookup_realm");
	x->dns_lookup_kdc = boolean_of(c, "dns_lookup_kdc");
	x->clockskew = duration_of(c, "clockskew");
	x->permitted = words_of(values[1], permitted);
	x->tkt = words_of(values[2], tkt);
	x->tgs = words_of(values[3], tgs);
	x->allow_weak_crypto = boolean_of(c, "allow_weak_crypto");
	x->udp_preference_limit = integer_of(c, "udp_preference_limit");
	x->kdc_timesync = integer_of(c, "kdc_timesync");
	x->partial = partial;
	post(c, &ev);
	for (size_t i = 0; i < 4; i++)
		if (values[i] != NULL)
			profile_release_string(values[i]);
}

static void
tell_realm(struct conf *c, const char *realm)
{
	const char *names[] = { "realms", realm, "kdc", NULL };
	struct str kdcs[WORDS_MAX];
	char **values = NULL, **v;
	struct event ev;
	size_t n = 0;

	event_init(&ev, EV_krb5_realm);
	ev.u.krb5_realm.realm = text_of(realm);
	if (ev.u.krb5_realm.realm.len == 0)
		return;
	if (profile_get_values(c->profile, names, &values) == 0)
		for (v = values; *v != NULL && n < WORDS_MAX; v++)
			if ((kdcs[n] = text_of(*v)).len > 0)
				n++;
	ev.u.krb5_realm.kdcs = (struct strs){ kdcs, n };
	post(c, &ev);
	if (values != NULL)
		profile_free_list(values);
}

static bool
has_upper(const char *p)
{
	for (; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			return true;
	return false;
}

/* The library looks for names in lower case and compares octet by octet. */
static void
tell_domain(struct conf *c, const char *domain)
{
	struct event ev;
	char *realm = NULL;

	if (has_upper(domain)) {
		if (!c->said_case)
			message("%s: [domain_realm] %s: libkrb5 looks for names"
				" in lower case, and does not find this line",
			    c->path, domain);
		c->said_case = true;
		return;
	}
	if (profile_get_string(c->profile, "domain_realm", domain, NULL, NULL,
		&realm) != 0 ||
	    realm == NULL)
		return;
	event_init(&ev, EV_krb5_domain);
	ev.u.krb5_domain.domain = text_of(domain);
	ev.u.krb5_domain.realm = text_of(realm);
	if (ev.u.krb5_domain.domain.len > 0 && ev.u.krb5_domain.realm.len > 0)
		post(c, &ev);
	profile_release_string(realm);
}

static void
tell_all(struct conf *c, bool partial)
{
	const char *realms[] = { "realms", NULL };
	const char *domains[] = { "domain_realm", NULL };
	char **list = NULL;
	size_t i;

	tell_defaults(c, partial);
	if (profile_get_subsection_names(c->profile, realms, &list) == 0) {
		for (i = 0; list[i] != NULL && i < LINES_MAX; i++)
			tell_realm(c, list[i]);
		profile_free_list(list);
	}
	list = NULL;
	if (profile_get_relation_names(c->profile, domains, &list) == 0) {
		for (i = 0; list[i] != NULL && i < LINES_MAX; i++)
			tell_domain(c, list[i]);
		profile_free_list(list);
	}
}

static bool
read_text(struct conf *c, const struct conf_text *t)
{
	struct parsed p;
	long code;

	if (t->nlines == 0) {
		message("%s: holds no section of a krb5.conf", c->path);
		return false;
	}
	code = parse(t, t->nlines, &p);
	c->profile = p.profile;
	if (code == 0)
		tell_all(c, t->partial);
	else
		tell_damage(t, c->path, code);
	forget(&p);
	return code == 0 && !t->partial;
}

bool
krb5conf_read(const char *path, event_sink sink, void *arg)
{
	struct conf c = { .path = path, .sink = sink, .arg = arg };
	struct conf_text t;
	bool ok;

	ok = conf_text_read(path, &t) && read_text(&c, &t);
	conf_text_free(&t);
	return ok;
}
