/*
 * clientconf.c - a krb5.conf against what a client sends (MIT krb5:
 * permitted_enctypes, default_tkt_enctypes, default_tgs_enctypes).
 *
 * The lists of krb5.conf stand in the requests in clear, in their order,
 * less what the library does not know or calls weak.
 */
#include <string.h>
#include <strings.h>

#include "clientconf.h"
#include "etype.h"
#include "rule.h"

#define LIST_MOST 32

/* Names and families of MIT and Heimdal; a family has several rows. */
static const struct {
	const char *name;
	int32_t etype;
} names[] = {
	{ "aes256-cts-hmac-sha1-96", 18 },
	{ "aes256-cts", 18 },
	{ "aes256-sha1", 18 },
	{ "aes128-cts-hmac-sha1-96", 17 },
	{ "aes128-cts", 17 },
	{ "aes128-sha1", 17 },
	{ "aes256-cts-hmac-sha384-192", 20 },
	{ "aes256-sha2", 20 },
	{ "aes128-cts-hmac-sha256-128", 19 },
	{ "aes128-sha2", 19 },
	{ "aes", 18 },
	{ "aes", 17 },
	{ "aes", 20 },
	{ "aes", 19 },
	{ "arcfour-hmac", 23 },
	{ "arcfour-hmac-md5", 23 },
	{ "rc4-hmac", 23 },
	{ "rc4", 23 },
	{ "arcfour-hmac-exp", 24 },
	{ "arcfour-hmac-md5-exp", 24 },
	{ "rc4-hmac-exp", 24 },
	{ "des3-cbc-sha1", 16 },
	{ "des3-cbc-sha1-kd", 16 },
	{ "des3-hmac-sha1", 16 },
	{ "des3", 16 },
	{ "camellia128-cts-cmac", 25 },
	{ "camellia128-cts", 25 },
	{ "camellia256-cts-cmac", 26 },
	{ "camellia256-cts", 26 },
	{ "camellia", 26 },
	{ "camellia", 25 },
	{ "des-cbc-crc", 1 },
	{ "des-cbc-md4", 2 },
	{ "des-cbc-md5", 3 },
	{ "des", 1 },
	{ "des", 2 },
	{ "des", 3 },
};

static bool
holds(const int32_t *list, size_t n, int32_t etype)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i] == etype)
			return true;
	return false;
}

static void
put(const char *word, size_t size, int32_t *out, size_t *n)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (*n < size && strcasecmp(names[i].name, word) == 0 &&
		    !holds(out, *n, names[i].etype))
			out[(*n)++] = names[i].etype;
}

bool
clientconf_etypes(const char *const *list, size_t size, int32_t *out, size_t *n)
{
	*n = 0;
	if (list == NULL || list[0] == NULL)
		return false;
	for (; *list != NULL; list++) {
		if ((*list)[0] == '+' || (*list)[0] == '-' ||
		    strcasecmp(*list, "DEFAULT") == 0)
			return false;
		put(*list, size, out, n);
	}
	return true;
}

/* Numbers below zero are Microsoft's own, which nobody else offers. */
static bool
is_windows(const struct exchange *e)
{
	size_t i;

	for (i = 0; i < e->netypes; i++)
		if (e->etypes[i] < 0)
			return true;
	return false;
}

/* The list that decides what E offers; the other one may take from it. */
static const char *const *
list_of(const struct krb5_conf *c, const struct exchange *e, const char **name)
{
	const char *const *own = e->kind == EXCHANGE_AS ? c->tkt : c->tgs;

	if (own != NULL && own[0] != NULL) {
		*name = e->kind == EXCHANGE_AS ? "default_tkt_enctypes" :
						 "default_tgs_enctypes";
		return own;
	}
	*name = "permitted_enctypes";
	return c->permitted;
}

/*
 * Whether E may have come from a client with C.  Without a list every library
 * offers AES with 256 bits; a program may narrow that for a service's ticket.
 */
static bool
fits(const struct krb5_conf *c, const struct exchange *e)
{
	int32_t list[LIST_MOST];
	const char *name;
	size_t i, n;

	if (e->netypes == 0)
		return true;
	if (is_windows(e))
		return false;
	if (!clientconf_etypes(list_of(c, e, &name), LIST_MOST, list, &n))
		return c->partial || e->kind == EXCHANGE_TGS ||
		    holds(e->etypes, e->netypes, 18);
	for (i = 0; i < e->netypes; i++)
		if (!holds(list, n, e->etypes[i]))
			return false;
	return e->kind == EXCHANGE_TGS || !holds(list, n, 18) ||
	    holds(e->etypes, e->netypes, 18);
}

const struct krb5_conf *
clientconf_of(const struct story *s, const struct ledger *l)
{
	const struct krb5_conf *c = ledger_krb5_conf(l);
	const struct exchange *e;

	if (c == NULL)
		return NULL;
	for (e = s->exchanges; e < s->exchanges + s->nexchanges; e++)
		if (!fits(c, e))
			return NULL;
	return c;
}

bool
clientconf_cite_etypes(struct finding *f, const struct krb5_conf *c,
    const struct exchange *e)
{
	const char *const *list;
	const char *name, *text = "";
	int32_t etypes[LIST_MOST];
	struct etype_kinds k;
	size_t i, n;

	list = list_of(c, e, &name);
	if (!clientconf_etypes(list, LIST_MOST, etypes, &n))
		return false;
	k = etype_kinds_of(etypes, n);
	if (k.aes || n == 0)
		return false;
	for (i = 0; list[i] != NULL && i < 6; i++)
		text = finding_text(f, "%s%s%s", text, i > 0 ? " " : "",
		    list[i]);
	f->rests_on |= EVIDENCE_KRB5_CONF;
	finding_lookup(f, c->path, "%s = %s", name, text);
	return true;
}
