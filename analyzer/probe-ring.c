/*
 * probe-ring.c - the keys at hand: kept once each, found by enctype, and by
 * the name of their principal.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#include "probe-ring.h"
#include "story.h"

/* --- memory for secrets -------------------------------------------------- */

#define SLAB_SIZE ((size_t)64 << 10)

struct slab {
	struct slab *next;
	size_t size, used;
};

static struct slab *
slab_new(size_t size)
{
	struct slab *s = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	/* Few are allowed to lock much: what cannot be is used all the same. */
	(void)mlock(s, size);
	(void)madvise(s, size, MADV_DONTDUMP);
	s->size = size;
	s->used = (sizeof(*s) + 15) & ~(size_t)15;
	return s;
}

uint8_t *
ring_secret(struct keyring *k, size_t len)
{
	struct slab *s = k->slabs;
	size_t size;

	len = (len + 15) & ~(size_t)15; /* for a struct as well */
	size = sizeof(*s) + 15 + len;
	if (s == NULL || s->size - s->used < len) {
		s = slab_new(size > SLAB_SIZE ? size : SLAB_SIZE);
		if (s == NULL)
			return must_calloc(SIZE_MAX, 1); /* says it and ends */
		s->next = k->slabs;
		k->slabs = s;
	}
	s->used += len;
	return (uint8_t *)s + s->used - len;
}

static void
key_free(void *node)
{
	struct ring_key *key = node;

	krb5_k_free_key(NULL, key->handle);
	free(key);
}

void
ring_wipe(struct keyring *k)
{
	struct slab *s;
	size_t size;

	table_free(&k->keys, key_free);
	for (size_t i = 0; i < k->nenctypes; i++)
		free(k->enctypes[i].keys);
	while ((s = k->slabs) != NULL) {
		k->slabs = s->next;
		size = s->size;
		explicit_bzero(s, size);
		munmap(s, size);
	}
	ring_wipe_plain(k);
	free(k->plain);
	k->plain = NULL;
	k->plain_size = 0;
}

/* --- names --------------------------------------------------------------- */

struct str
ring_component(struct str name, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i <= name.len; i++) {
		if (i + 1 < name.len && name.p[i] == '\\') {
			i++;
		} else if (i == name.len || name.p[i] == '/') {
			if (n-- == 0)
				return (struct str){ name.p + from, i - from };
			from = i + 1;
		}
	}
	return (struct str){ 0 };
}

static size_t
short_len(struct str host)
{
	const char *dot = host.len == 0 ? NULL : memchr(host.p, '.', host.len);

	return dot == NULL ? host.len : (size_t)(dot - host.p);
}

bool
ring_same_host(struct str a, struct str b)
{
	size_t n = short_len(a), m = short_len(b);

	if (n != m || (n > 0 && strncasecmp(a.p, b.p, n) != 0))
		return false;
	return n == a.len || m == b.len ||
	    (a.len == b.len && strncasecmp(a.p, b.p, a.len) == 0);
}

/* The user of "anna\@corp.example" when that is the realm. */
static struct str
plain_user(struct str name, struct str realm)
{
	size_t end = name.len - realm.len;

	if (realm.len > 0 && name.len > realm.len + 2 &&
	    memcmp(name.p + end - 2, "\\@", 2) == 0 &&
	    strncasecmp(name.p + end, realm.p, realm.len) == 0)
		name.len = end - 2;
	return name;
}

static bool
put_lower(char buf[RING_NAME], size_t *n, struct str s)
{
	if (s.len + 2 > RING_NAME - *n)
		return false;
	for (size_t i = 0; i < s.len; i++)
		buf[(*n)++] = (char)tolower((unsigned char)s.p[i]);
	return true;
}

size_t
ring_family_name(struct str name, struct str realm, char buf[RING_NAME])
{
	struct str class = ring_component(plain_user(name, realm), 0);
	struct str host = ring_component(name, 1), rest;
	size_t n = 0;

	if (!put_lower(buf, &n, class))
		return 0;
	if (host.len > 0) {
		rest.p = host.p + host.len;
		rest.len = (size_t)(name.p + name.len - rest.p);
		buf[n++] = '/';
		host.len = short_len(host);
		if (!put_lower(buf, &n, host) || !put_lower(buf, &n, rest))
			return 0;
	}
	buf[n++] = '\0';
	return put_lower(buf, &n, realm) ? n : 0;
}

static bool
family_match(const struct node *node, const void *key)
{
	const struct ring_family *f = (const struct ring_family *)node;
	const struct str *name = key;

	return f->len == name->len && memcmp(f->name, name->p, f->len) == 0;
}

struct ring_family *
ring_family(const struct keyring *k, struct str name, struct str realm)
{
	char buf[RING_NAME];
	struct str key = { buf, ring_family_name(name, realm, buf) };

	if (key.len == 0)
		return NULL;
	return (struct ring_family *)table_find(&k->families,
	    hash_bytes(key.p, key.len), family_match, &key);
}

static struct ring_family *
family_get(struct keyring *k, struct str name, struct str realm)
{
	struct ring_family *f = ring_family(k, name, realm);
	char buf[RING_NAME];

	if (f != NULL)
		return f;
	f = must_calloc(1, sizeof(*f));
	f->len = ring_family_name(name, realm, buf);
	f->name = arena_text(&k->mem, buf, f->len);
	table_add(&k->families, &f->node, hash_bytes(buf, f->len));
	return f;
}

static bool
realm_match(const struct node *node, const void *key)
{
	const struct ring_realm *r = (const struct ring_realm *)node;
	const struct str *name = key;

	return strlen(r->name) == name->len &&
	    strncasecmp(r->name, name->p, name->len) == 0;
}

struct ring_realm *
ring_realm(struct keyring *k, struct str name)
{
	uint64_t hash = hash_text(name.p, name.len);
	struct ring_realm *r;

	r = (struct ring_realm *)table_find(&k->realms, hash, realm_match,
	    &name);
	if (r != NULL)
		return r;
	r = must_calloc(1, sizeof(*r));
	r->name = arena_text(&k->mem, name.p, name.len);
	table_add(&k->realms, &r->node, hash);
	return r;
}

/* --- keys ---------------------------------------------------------------- */

struct wanted_key {
	int32_t etype;
	const uint8_t *p;
	size_t len;
};

static bool
key_match(const struct node *node, const void *wanted)
{
	const struct ring_key *key = (const struct ring_key *)node;
	const struct wanted_key *w = wanted;

	return key->etype == w->etype && key->len == w->len &&
	    memcmp(key->octets, w->p, w->len) == 0;
}

struct ring_enctype *
ring_enctype(struct keyring *k, int64_t etype)
{
	for (size_t i = 0; i < k->nenctypes; i++)
		if (k->enctypes[i].etype == etype)
			return &k->enctypes[i];
	return NULL;
}

/* The keys of W's enctype get one more. */
static bool
enctype_add(struct keyring *k, struct ring_key *key)
{
	struct ring_enctype *e = ring_enctype(k, key->etype);

	if (e == NULL) {
		if (k->nenctypes == RING_ENCTYPES)
			return false;
		e = &k->enctypes[k->nenctypes++];
		e->etype = key->etype;
	}
	if (e->n == e->room) {
		e->room = e->room == 0 ? 16 : e->room * 2;
		e->keys = must_realloc(e->keys, e->room, sizeof(*e->keys));
	}
	e->keys[e->n++] = key;
	return true;
}

static struct ring_key *
key_get(struct keyring *k, const struct wanted_key *w)
{
	uint64_t hash = hash_bytes(w->p, w->len);
	struct ring_key *key;
	uint8_t *octets;

	key = (struct ring_key *)table_find(&k->keys, hash, key_match, w);
	if (key != NULL)
		return key;
	key = must_calloc(1, sizeof(*key));
	key->etype = w->etype;
	if (!enctype_add(k, key)) {
		free(key);
		return NULL;
	}
	octets = ring_secret(k, w->len);
	memcpy(octets, w->p, w->len);
	key->octets = octets;
	key->len = w->len;
	table_add(&k->keys, &key->node, hash);
	return key;
}

/* --- entries ------------------------------------------------------------- */

static void
entry_link(struct keyring *k, struct ring_entry *e)
{
	struct ring_family *f = family_get(k, str_of(e->name),
	    str_of(e->realm->name));

	*k->entries_end = e;
	k->entries_end = &e->next;
	if (f->first == NULL)
		f->first = e;
	else
		f->last->next_of_name = e;
	f->last = e;
	if (e->key == NULL)
		return;
	if (e->key->first == NULL)
		e->key->first = e;
	else
		e->key->last->next_of_key = e;
	e->key->last = e;
}

struct ring_entry *
ring_add(struct keyring *k, const struct ring_entry *from, const uint8_t *p,
    size_t len)
{
	struct wanted_key w = { (int32_t)from->etype, p, len };
	struct ring_entry *e;
	size_t octets, want;

	/* DES, say: its entries are known, but open nothing. */
	if (krb5_c_keylengths(NULL, w.etype, &octets, &want) != 0)
		want = SIZE_MAX;
	else if (want != len)
		return NULL;
	e = arena_alloc(&k->mem, sizeof(*e));
	*e = *from;
	if (want != SIZE_MAX)
		e->key = key_get(k, &w);
	entry_link(k, e);
	if (e->file != NULL) {
		k->nentries++;
		if (e->realm->first == NULL)
			e->realm->first = e;
	}
	return e;
}

bool
ring_is_kvno(const struct ring_entry *e, int64_t kvno)
{
	/* Version 0 (ktpass -kvno 0) fits every ticket, for libkrb5 too. */
	return e->kvno == kvno || e->kvno == 0 ||
	    (e->narrow && e->kvno == (kvno & 0xff));
}

/* --- opening ------------------------------------------------------------- */

static krb5_enc_data
enc_data(int32_t etype, struct bytes cipher)
{
	krb5_enc_data in = { .enctype = etype };

	in.ciphertext.data = (char *)(uintptr_t)cipher.p;
	in.ciphertext.length = (unsigned)cipher.len;
	return in;
}

/* Room for what CIPHER opens to. */
static bool
plain_room(struct keyring *k, struct bytes cipher, krb5_data *out)
{
	if (cipher.len == 0 || cipher.len > MESSAGE_MAX)
		return false;
	if (cipher.len > k->plain_size) {
		ring_wipe_plain(k);
		free(k->plain);
		k->plain = must_calloc(cipher.len, 1);
		k->plain_size = cipher.len;
	}
	out->data = (char *)k->plain;
	out->length = (unsigned)cipher.len;
	return true;
}

void
ring_wipe_plain(struct keyring *k)
{
	if (k->plain != NULL)
		explicit_bzero(k->plain, k->plain_size);
}

bool
ring_decrypt(struct keyring *k, struct ring_key *key, int usage,
    struct bytes cipher, size_t *plain_len)
{
	krb5_keyblock block = { .enctype = key->etype,
		.length = (unsigned)key->len,
		.contents = (uint8_t *)(uintptr_t)key->octets };
	krb5_enc_data in = enc_data(key->etype, cipher);
	krb5_data out = { 0 };

	if (key->handle == NULL && !key->unusable)
		key->unusable = krb5_k_create_key(NULL, &block, &key->handle);
	if (key->unusable || !plain_room(k, cipher, &out) ||
	    krb5_k_decrypt(NULL, key->handle, usage, NULL, &in, &out) != 0)
		return false;
	*plain_len = out.length;
	return true;
}

bool
ring_decrypt_with(struct keyring *k, const krb5_keyblock *key, int usage,
    struct bytes cipher, size_t *plain_len)
{
	krb5_enc_data in = enc_data(key->enctype, cipher);
	krb5_data out = { 0 };

	if (!plain_room(k, cipher, &out) ||
	    krb5_c_decrypt(NULL, key, usage, NULL, &in, &out) != 0)
		return false;
	*plain_len = out.length;
	return true;
}
