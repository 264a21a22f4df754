/*
 * probe-password.c - keys made of a password: with the salt that the KDC
 * names, and with those that software takes when nobody names one.
 *
 * RFC 4120 4 (default salt: realm and components), 5.2.7.5 (ETYPE-INFO2);
 * RFC 3961 5; MS-KILE 3.1.1.2 (salt of an AD account: REALM and
 * sAMAccountName, of a computer REALM "host" name "." domain).  An account
 * that was renamed keeps the salt of its old name until the next password;
 * ktutil and ktpass take the principal as it was typed.
 *
 * Making a key takes milliseconds, so each is made once, and not before
 * something of its enctype passes.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "probe-ring.h"
#include "secret.h"
#include "story.h"
#include "text.h"

#define SALTED_MAX 64    /* entries of keytabs whose salt is looked for */
#define DEFAULT_SALTS 10 /* of RING_SALTS; the rest is for the KDC's */

/* --- salts --------------------------------------------------------------- */

static void
salt_add(struct keyring *k, struct ring_password *w, const char *text,
    size_t most)
{
	for (size_t i = 0; i < w->nsalts; i++)
		if (strcmp(w->salts[i].text, text) == 0)
			return;
	if (w->nsalts < most)
		w->salts[w->nsalts++].text = arena_text(&k->mem, text,
		    strlen(text));
}

/* The components of NAME, one behind the other, without the escapes. */
static const char *
joined(struct arena *mem, const char *name)
{
	char *out = arena_alloc(mem, strlen(name) + 1);
	size_t n = 0;

	for (; *name != '\0'; name++) {
		if (*name == '\\' && name[1] != '\0')
			name++;
		else if (*name == '/')
			continue;
		out[n++] = *name;
	}
	return out;
}

static const char *
upper(struct arena *mem, const char *text)
{
	size_t len = strlen(text);
	char *out = arena_alloc(mem, len + 1);

	for (size_t i = 0; i < len; i++)
		out[i] = (char)toupper((unsigned char)text[i]);
	return out;
}

static const char *
lower(struct arena *mem, const char *text)
{
	return arena_lower(mem, text, strlen(text));
}

/* The name of the computer that the password is of; NULL: of none. */
static const char *
computer(struct arena *mem, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(name, "host/", 5) == 0)
		return arena_lower(mem, name + 5, strcspn(name + 5, "./"));
	if (len > 1 && name[len - 1] == '$')
		return arena_lower(mem, name, len - 1);
	return NULL;
}

static void
default_salts(struct keyring *k, struct ring_password *w)
{
	struct arena *m = &k->mem;
	const char *plain = joined(m, w->name), *r = w->realm->name;
	const char *host = computer(m, w->name);
	const char *big = upper(m, r), *small = lower(m, r);
	const char *names[] = { plain, lower(m, plain), upper(m, plain) };

	salt_add(k, w, arena_printf(m, "%s%s", big, plain), DEFAULT_SALTS);
	if (host != NULL)
		salt_add(k, w, arena_printf(m, "%shost%s.%s", big, host, small),
		    DEFAULT_SALTS);
	for (size_t i = 0; i < 3; i++) {
		salt_add(k, w, arena_printf(m, "%s%s", big, names[i]),
		    DEFAULT_SALTS);
		salt_add(k, w, arena_printf(m, "%s%s", small, names[i]),
		    DEFAULT_SALTS);
		salt_add(k, w, arena_printf(m, "%s%s", r, names[i]),
		    DEFAULT_SALTS);
	}
	/* The whole UPN as one name: kinit -E, and typed into ktutil. */
	salt_add(k, w, arena_printf(m, "%s%s@%s", big, plain, small),
	    DEFAULT_SALTS);
}

/* --- keys ---------------------------------------------------------------- */

static bool
has_salt(int64_t etype)
{
	return etype != 23;
}

static void
make_key(struct keyring *k, struct ring_password *w, const char *salt,
    int32_t etype)
{
	struct ring_entry e = { .password = w,
		.realm = w->realm,
		.name = w->name,
		.principal = w->principal,
		.kvno = EV_ABSENT,
		.etype = etype };
	krb5_data text = { .length = (unsigned)w->len,
		.data = (char *)(uintptr_t)w->text };
	krb5_data salted = { .length = (unsigned)strlen(salt),
		.data = (char *)(uintptr_t)salt };
	krb5_keyblock key = { 0 };

	if (has_salt(etype))
		e.salt = salt;
	if (krb5_c_string_to_key(NULL, etype, &text, &salted, &key) != 0)
		return;
	ring_add(k, &e, key.contents, key.length);
	krb5_free_keyblock_contents(NULL, &key);
}

static bool
makes(const struct ring_password *w, const char *salt,
    const struct ring_key *key)
{
	krb5_data text = { .length = (unsigned)w->len,
		.data = (char *)(uintptr_t)w->text };
	krb5_data salted = { .length = (unsigned)strlen(salt),
		.data = (char *)(uintptr_t)salt };
	krb5_keyblock made = { 0 };
	bool same;

	if (krb5_c_string_to_key(NULL, key->etype, &text, &salted, &made) != 0)
		return false;
	same = made.length == key->len &&
	    memcmp(made.contents, key->octets, key->len) == 0;
	krb5_free_keyblock_contents(NULL, &made);
	return same;
}

const char *
password_salt_of(struct keyring *k, const struct ring_password *w,
    struct ring_entry *e)
{
	struct ring_password typed = { .name = e->name, .realm = e->realm };

	if (e->salt != NULL || e->salted || e->key == NULL ||
	    !has_salt(e->etype) || k->salted == SALTED_MAX)
		return e->salt;
	e->salted = true;
	k->salted++;
	default_salts(k, &typed);
	for (size_t i = 0; i < typed.nsalts && e->salt == NULL; i++)
		if (makes(w, typed.salts[i].text, e->key))
			e->salt = typed.salts[i].text;
	return e->salt;
}

/* Whether SALT has a key of ETYPE already; it has one from now on. */
static bool
is_made(struct ring_salt *salt, int32_t etype)
{
	for (size_t i = 0; i < salt->nmade; i++)
		if (salt->made[i] == etype)
			return true;
	if (salt->nmade == RING_ENCTYPES)
		return true;
	salt->made[salt->nmade++] = etype;
	return false;
}

void
password_keys(struct keyring *k, int64_t etype)
{
	struct ring_password *w;
	int32_t e = (int32_t)etype;

	if (k->passwords == NULL || e != etype || !krb5_c_valid_enctype(e))
		return;
	for (w = k->passwords; w != NULL; w = w->next)
		for (size_t i = 0; i < w->nsalts; i++)
			if ((i == 0 || has_salt(e)) &&
			    !is_made(&w->salts[i], e))
				make_key(k, w, w->salts[i].text, e);
}

/* --- the password -------------------------------------------------------- */

/* Splits "name@REALM" at the last '@' that is not escaped. */
static bool
split(struct keyring *k, const char *principal, struct ring_password *w)
{
	size_t at = 0, i;

	for (i = 0; principal[i] != '\0'; i++) {
		if (principal[i] == '\\' && principal[i + 1] != '\0')
			i++;
		else if (principal[i] == '@')
			at = i;
	}
	if (at == 0 || at + 1 == i || i > TEXT_MAX)
		return false;
	w->name = arena_text(&k->mem, principal, at);
	w->realm = ring_realm(k,
	    (struct str){ principal + at + 1, i - at - 1 });
	w->principal = arena_text(&k->mem, principal, i);
	return true;
}

bool
keyring_password(struct keyring *k, const char *principal, const char *file)
{
	struct ring_password *w = arena_alloc(&k->mem, sizeof(*w));
	struct secret *secret;
	uint8_t *text;
	bool ok;

	if (!split(k, principal, w)) {
		message("--password-for %s: name it with its realm, as "
			"svc@CORP.EXAMPLE",
		    principal);
		return false;
	}
	secret = (struct secret *)(void *)ring_secret(k, sizeof(*secret));
	ok = secret_read(principal, file, secret);
	if (ok) {
		text = ring_secret(k, secret->len);
		memcpy(text, secret->text, secret->len);
		w->text = text;
		w->len = secret->len;
		default_salts(k, w);
		w->next = k->passwords;
		k->passwords = w;
	}
	secret_wipe(secret);
	return ok;
}

/* --- what passes --------------------------------------------------------- */

struct ring_password *
password_of(const struct keyring *k, struct str name, struct str realm)
{
	char asked[RING_NAME], known[RING_NAME];
	size_t n = ring_family_name(name, realm, asked);
	struct ring_password *w = n == 0 ? NULL : k->passwords;

	for (; w != NULL; w = w->next)
		if (ring_family_name(str_of(w->name), str_of(w->realm->name),
			known) == n &&
		    memcmp(known, asked, n) == 0)
			break;
	return w;
}

static struct ring_password *
password_flow(const struct keyring *k, uint64_t flow)
{
	struct ring_password *w = flow == 0 ? NULL : k->passwords;

	while (w != NULL && w->flow != flow)
		w = w->next;
	return w;
}

static void
kdc_salt(struct keyring *k, struct ring_password *w, struct str salt)
{
	if (w == NULL || salt.len == 0 || salt.len > TEXT_MAX ||
	    (w->kdc_salt != NULL && strlen(w->kdc_salt) == salt.len &&
		memcmp(w->kdc_salt, salt.p, salt.len) == 0))
		return;
	w->kdc_salt = arena_text(&k->mem, salt.p, salt.len);
	salt_add(k, w, w->kdc_salt, RING_SALTS);
}

void
password_event(struct keyring *k, const struct event *ev)
{
	const struct ev_krb_error *x = &ev->u.krb_error;
	struct ring_password *w;

	if (k->passwords == NULL)
		return;
	switch (ev->kind) {
	case EV_kdc_req:
		w = password_of(k, ev->u.kdc_req.cname, ev->u.kdc_req.realm);
		if (w != NULL)
			w->flow = ev->flow;
		break;
	case EV_kdc_rep:
		w = password_of(k, ev->u.kdc_rep.cname, ev->u.kdc_rep.crealm);
		kdc_salt(k, w, ev->u.kdc_rep.salt);
		break;
	case EV_krb_error:
		/* Few KDCs name the client in an error. */
		if (x->code == KDC_ERR_PREAUTH_REQUIRED ||
		    x->code == KDC_ERR_PREAUTH_FAILED)
			kdc_salt(k, password_flow(k, ev->flow), x->salt);
		break;
	default:
		break;
	}
}

/* The entry of a password that has the key of E; NULL: none made it. */
const struct ring_entry *
password_entry(const struct ring_key *key)
{
	const struct ring_entry *e = key == NULL ? NULL : key->first;

	while (e != NULL && e->password == NULL)
		e = e->next_of_key;
	return e;
}

void
password_salts(const struct ring_entry *e, bool opens,
    struct ev_preauth_key *out)
{
	const struct ring_entry *made = password_entry(e->key);
	const char *salt = made == NULL ? NULL : made->salt;
	const char *named = made == NULL ? NULL : made->password->kdc_salt;
	bool other = salt != NULL && named != NULL && strcmp(salt, named) != 0;

	out->result = str_of(!opens ? "other-key" :
		other               ? "other-salt" :
				      "opens");
	if (opens && salt != NULL)
		out->salt = str_of(salt);
	if (named != NULL)
		out->kdc_salt = str_of(named);
}
