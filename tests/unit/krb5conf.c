/*
 * krb5conf.c - what the probe of krb5.conf tells, for values as people and
 * vendors write them, and what it makes of files that are none.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "probe-krb5conf.h"

#define EVENTS_MAX 32

static char dir[] = "/tmp/kerbscope-conf-XXXXXX";
static char told[16384]; /* what the sink was given, as words */

static void
add(const char *before, struct str s)
{
	size_t n = strlen(told);

	if (s.len > 0)
		snprintf(told + n, sizeof(told) - n, "%s%.*s", before,
		    (int)s.len, s.p);
}

static void
add_number(const char *name, int64_t value)
{
	size_t n = strlen(told);

	if (value != EV_ABSENT && value != 0)
		snprintf(told + n, sizeof(told) - n, " %s=%lld", name,
		    (long long)value);
	else if (value == 0)
		snprintf(told + n, sizeof(told) - n, " %s=0", name);
}

static void
add_words(const char *name, struct strs words)
{
	if (words.len > 0) {
		add(" ", (struct str){ name, strlen(name) });
		add("", (struct str){ ":", 1 });
	}
	for (size_t i = 0; i < words.len; i++)
		add(" ", words.p[i]);
}

static void
take(void *arg, const struct event *ev)
{
	const struct ev_krb5_conf *c = &ev->u.krb5_conf;

	(void)arg;
	switch (ev->kind) {
	case EV_krb5_conf:
		add("realm=", c->default_realm);
		add(" canonicalize=", c->canonicalize);
		add_number("rdns", c->rdns);
		add_number("lookup", c->dns_lookup_kdc);
		add_number("weak", c->allow_weak_crypto);
		add_number("sync", c->kdc_timesync);
		if (c->clockskew != 0)
			add_number("skew", c->clockskew);
		if (c->partial != 0)
			add_number("partial", c->partial);
		add_words("permitted", c->permitted);
		add_words("tkt", c->tkt);
		break;
	case EV_krb5_realm:
		add("; ", ev->u.krb5_realm.realm);
		add_words("kdc", ev->u.krb5_realm.kdcs);
		break;
	case EV_krb5_domain:
		add("; ", ev->u.krb5_domain.domain);
		add(" is ", ev->u.krb5_domain.realm);
		break;
	default:
		CHECK(!"another event");
	}
}

static void
put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	fputs(text, f);
	fclose(f);
}

/* TEXT as a krb5.conf says WANT, and is read whole or not. */
static void
says(const char *text, bool whole, const char *want)
{
	char path[128];

	put("krb5.conf", text);
	snprintf(path, sizeof(path), "%s/krb5.conf", dir);
	told[0] = '\0';
	if (krb5conf_read(path, take, NULL) != whole ||
	    strcmp(told, want) != 0) {
		printf("%s\nsays: %s\nnot:  %s\n", text, told, want);
		failures++;
	}
}

static void
test_values(void)
{
	says("[libdefaults]\n default_realm = CORP\n rdns = y\n", true,
	    "realm=CORP rdns=1");
	says("[libdefaults]\nrdns = Off\ndns_lookup_kdc = T\n", true,
	    " rdns=0 lookup=1");
	says("[libdefaults]\nrdns = maybe\nallow_weak_crypto = 1\n", true,
	    " weak=1");
	says("[libdefaults]\nrdns = no\nrdns = yes\n", true, " rdns=0");
	says("[libdefaults]\ndns_canonicalize_hostname = FALLBACK\n", true,
	    " canonicalize=fallback");
	says("[libdefaults]\ndns_canonicalize_hostname = nil\n", true,
	    " canonicalize=false");
	says("[libdefaults]\nclockskew = 300\nkdc_timesync = 0\n", true,
	    " sync=0 skew=300");
	says("[libdefaults]\nclockskew = 5m\nkdc_timesync = true\n", true,
	    " sync=1 skew=300");
	says("[libdefaults]\nclockskew = a while\n", true, "");
	says("[libdefaults]\npermitted_enctypes = aes rc4,des\t+x\n"
	     "default_tkt_enctypes = aes256-cts\n",
	    true, " permitted: aes rc4 des +x tkt: aes256-cts");
	says("[libdefaults]\ndefault_realm = \xff\xfe\nrdns = 1\n", true,
	    " rdns=1");
}

static void
test_sections(void)
{
	says("[realms]\nCORP = {\n kdc = dc1\n kdc = dc2:88\n}\nX = {\n}\n",
	    true, "; CORP kdc: dc1 dc2:88; X");
	says("[domain_realm]\n.corp = CORP\nfs1.corp = X\n.UPPER = Y\n", true,
	    "; .corp is CORP; fs1.corp is X");
	says("# nothing above a section counts\nrdns = 1\n"
	     "; nor this\n[libdefaults]\r\n  # or this\r\n rdns = 0\r\n",
	    true, " rdns=0");
}

static void
test_includes(void)
{
	char text[512];

	put("a.conf", "[libdefaults]\nrdns = 0\n[domain_realm]\nx = A\n");
	snprintf(text, sizeof(text),
	    "include %s/a.conf\n[libdefaults]\nrdns = 1\n"
	    "include %s/a.conf\n dns_lookup_kdc = 1\n",
	    dir, dir);
	says(text, true, " rdns=0 lookup=1; x is A");
	snprintf(text, sizeof(text),
	    "[libdefaults]\ninclude %s/none\nrdns = 1\n", dir);
	says(text, false, " rdns=1 partial=1");
	/* This machine's own files say nothing of another client. */
	says("includedir /etc/krb5.conf.d\n[libdefaults]\nrdns = 1\n", false,
	    " rdns=1 partial=1");
	snprintf(text, sizeof(text),
	    "[libdefaults]\ninclude %s/krb5.conf\nrdns = 1\n", dir);
	says(text, false, " rdns=1 partial=1");
	says("[libdefaults]\ninclude /dev/zero\nrdns = 1\n", false,
	    " rdns=1 partial=1");
	says("module /tmp/evil.so:x\n[libdefaults]\nrdns = 1\n", true,
	    " rdns=1");
}

static void
test_damage(void)
{
	says("", false, "");
	says("no section\n", false, "");
	says("[libdefaults\nrdns = 1\n", false, "");
	says("[libdefaults]\nrdns = 1\nthis is wrong\n", false, "");
	says("[realms]\nX = {\n}\n}\n", false, "");
	says("[realms]\nX =\nno brace\n", false, "");
}

int
main(void)
{
	char command[64];

	if (mkdtemp(dir) == NULL) {
		perror(dir);
		return 1;
	}
	test_values();
	test_sections();
	test_includes();
	test_damage();
	snprintf(command, sizeof(command), "rm -r %s", dir);
	if (system(command) != 0)
		failures++;
	return failures > 0;
}
