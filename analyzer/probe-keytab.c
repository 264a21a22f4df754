/*
 * probe-keytab.c - reads keytabs, and hands what passes to the trials.
 *
 * The format is MIT's (doc/formats/keytab_file_format): big-endian since
 * version 2; version 1, in the order of the machine that wrote it, is read
 * as x86 wrote it.  Read here and not by libkrb5, which ends at the first
 * entry that is damaged and says nothing of those behind it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event-json.h"
#include "probe-ring.h"
#include "probe-try.h"
#include "secret.h"
#include "story.h"
#include "text.h"

/* --- the file ------------------------------------------------------------ */

#define READ_STEP ((size_t)64 << 10)

/* The octets of a file, locked as far as that is allowed. */
struct octets {
	uint8_t *p;
	size_t len, size;
};

static void
octets_free(struct octets *o)
{
	if (o->p == NULL)
		return;
	explicit_bzero(o->p, o->size);
	munmap(o->p, o->size);
}

static bool
octets_grow(struct octets *o)
{
	struct octets more = { .len = o->len, .size = o->size * 4 };

	if (more.size == 0)
		more.size = READ_STEP;
	more.p = mmap(NULL, more.size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (more.p == MAP_FAILED)
		return false;
	(void)mlock(more.p, more.size);
	(void)madvise(more.p, more.size, MADV_DONTDUMP);
	if (o->len > 0)
		memcpy(more.p, o->p, o->len);
	octets_free(o);
	*o = more;
	return true;
}

/* False with errno; what is past KEYTAB_MAX_OCTETS is not read. */
static bool
octets_read(int fd, struct octets *o)
{
	ssize_t n;

	while (o->len < KEYTAB_MAX_OCTETS) {
		if (o->len == o->size && !octets_grow(o))
			return false;
		n = read(fd, o->p + o->len, o->size - o->len);
		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			o->len += (size_t)n;
		/* /dev/zero is no keytab either: two octets tell. */
		if (o->len >= 2 && o->p[0] != 5)
			break;
	}
	return true;
}

/* --- its entries --------------------------------------------------------- */

/* What is left to read; past its end all is zero, and short is set. */
struct span {
	const uint8_t *p, *end;
	bool little, cut;
};

static const uint8_t *
take(struct span *s, size_t n)
{
	const uint8_t *p = s->p;

	if (s->cut || (size_t)(s->end - p) < n) {
		s->cut = true;
		return NULL;
	}
	s->p += n;
	return p;
}

static uint32_t
take_number(struct span *s, size_t n)
{
	const uint8_t *p = take(s, n);
	uint32_t v = 0;

	for (size_t i = 0; p != NULL && i < n; i++)
		v = v << 8 | p[s->little ? n - 1 - i : i];
	return v;
}

static struct bytes
take_counted(struct span *s)
{
	struct bytes b = { NULL, take_number(s, 2) };

	b.p = take(s, b.len);
	if (b.p == NULL)
		b.len = 0;
	return b;
}

struct reading {
	struct keyring *k;
	struct ring_file *file;
	bool v1;
	size_t number, bad;
};

/* Adds B to NAME, as RFC 1964 2.1.1 writes components. */
static bool
add_component(char *name, size_t *n, struct bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (*n + 2 >= TEXT_MAX || b.p[i] == '\0')
			return false;
		if (b.p[i] == '/' || b.p[i] == '@' || b.p[i] == '\\')
			name[(*n)++] = '\\';
		name[(*n)++] = (char)b.p[i];
	}
	return true;
}

static bool
is_text(const char *p, size_t len)
{
	uint32_t code;

	while (len > 0) {
		size_t n = utf8_char(p, len, &code);

		if (n == 0 || code == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* The principal at S into E: what is no text is no name. */
static bool
read_principal(struct reading *r, struct span *s, struct ring_entry *e)
{
	struct arena *mem = &r->k->mem;
	uint32_t parts = take_number(s, 2);
	struct bytes realm = take_counted(s);
	char name[TEXT_MAX];
	size_t n = 0;

	if (r->v1)
		parts--; /* the realm counts as one there */
	for (uint32_t i = 0; i < parts && !s->cut; i++) {
		if (i > 0 && n + 1 < TEXT_MAX)
			name[n++] = '/';
		if (!add_component(name, &n, take_counted(s)))
			return false;
	}
	if (s->cut || realm.len == 0 || realm.len > TEXT_MAX || n == 0 ||
	    !is_text((const char *)realm.p, realm.len) || !is_text(name, n))
		return false;
	e->realm = ring_realm(r->k,
	    (struct str){ (const char *)realm.p, realm.len });
	e->name = arena_text(mem, name, n);
	e->principal = arena_printf(mem, "%s@%s", e->name, e->realm->name);
	return true;
}

/* One entry, which fills S but for holes that deleting left. */
static bool
read_entry(struct reading *r, struct span *s)
{
	struct ring_entry e = { .file = r->file, .number = r->number };
	struct bytes key;
	uint32_t kvno;

	if (!read_principal(r, s, &e))
		return false;
	take(s, r->v1 ? 4 : 8); /* name type, time */
	e.kvno = take_number(s, 1);
	e.etype = (int16_t)take_number(s, 2);
	key = take_counted(s);
	if (s->cut || key.len == 0)
		return false;
	/* Heimdal always has it, MIT since 1.3; zero says nothing. */
	kvno = s->end - s->p >= 4 ? take_number(s, 4) : 0;
	if (kvno != 0)
		e.kvno = kvno;
	else
		e.narrow = true;
	return ring_add(r->k, &e, key.p, key.len) != NULL;
}

/* All entries; false when the file ends inside one. */
static bool
read_entries(struct reading *r, struct span s)
{
	struct span one = s;
	int32_t size;

	while (s.p < s.end) {
		size = (int32_t)take_number(&s, 4);
		if (s.cut || size == INT32_MIN)
			return false;
		if (size == 0)
			break; /* as libkrb5 has it: nothing comes any more */
		if (size < 0) {
			/* A hole; the last may be cut off. */
			if (take(&s, (size_t)-size) == NULL)
				break;
			continue;
		}
		r->number++;
		one.p = take(&s, (size_t)size);
		if (one.p == NULL)
			return false;
		one.end = s.p;
		one.cut = false;
		if (r->k->nentries >= KEYTAB_MAX_ENTRIES)
			return false;
		if (read_entry(r, &one))
			r->file->entries++;
		else
			r->bad++;
	}
	return true;
}

/* --- what is said of it -------------------------------------------------- */

static void
post_keytab(struct keyring *k, const struct ring_file *f, bool damaged)
{
	struct event ev;

	event_init(&ev, EV_keytab);
	ev.source = str_of(f->path);
	ev.u.keytab.path = str_of(f->path);
	ev.u.keytab.entries = (int64_t)f->entries;
	ev.u.keytab.damaged = damaged;
	k->sink(k->arg, &ev);
}

enum keytab_state
keytab_take(struct keyring *k, struct ring_file *file, const uint8_t *p,
    size_t len)
{
	struct reading r = { .k = k, .file = file };
	struct span s = { p + 2, p + len, false, false };
	bool whole;

	if (len == 0)
		return KEYTAB_EMPTY;
	if (len < 2 || p[0] != 5 || (p[1] != 1 && p[1] != 2))
		return KEYTAB_NONE;
	r.v1 = s.little = p[1] == 1;
	whole = read_entries(&r, s);
	*k->files_end = file;
	k->files_end = &file->next;
	if (file->entries == 0)
		return KEYTAB_NO_KEY;
	if (k->nentries >= KEYTAB_MAX_ENTRIES)
		return KEYTAB_FULL;
	return whole && r.bad == 0 ? KEYTAB_WHOLE : KEYTAB_DAMAGED;
}

static void
tell_state(const struct ring_file *f, enum keytab_state state)
{
	char *count = text_count(f->entries, "key", "s");

	switch (state) {
	case KEYTAB_WHOLE:
		break;
	case KEYTAB_DAMAGED:
		message("%s: is damaged; %s of it can be used", f->path, count);
		break;
	case KEYTAB_FULL:
		message("%s: only its first %s can be used", f->path, count);
		break;
	case KEYTAB_EMPTY:
		message("%s: is empty", f->path);
		break;
	case KEYTAB_NO_KEY:
		message("%s: a keytab without a key that can be read", f->path);
		break;
	case KEYTAB_NONE:
		message("%s: is no keytab", f->path);
		break;
	}
	free(count);
}

bool
keyring_keytab(struct keyring *k, const char *path)
{
	struct ring_file *f = arena_alloc(&k->mem, sizeof(*f));
	enum keytab_state state;
	struct octets o = { 0 };
	int fd;

	secret_guard();
	f->path = arena_text(&k->mem, path, strlen(path));
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || !octets_read(fd, &o)) {
		message("%s: %s", path, strerror(errno));
		state = KEYTAB_NONE;
	} else {
		state = keytab_take(k, f, o.p, o.len);
		tell_state(f, state);
	}
	if (fd >= 0)
		close(fd);
	octets_free(&o);
	if (f->entries > 0)
		post_keytab(k, f, state == KEYTAB_DAMAGED);
	return state == KEYTAB_WHOLE;
}

/* --- the ring ------------------------------------------------------------ */

struct keyring *
keyring_new(event_sink sink, void *arg)
{
	struct keyring *k = must_calloc(1, sizeof(*k));

	k->sink = sink;
	k->arg = arg;
	k->most_unlikely = RING_UNLIKELY;
	k->files_end = &k->files;
	k->entries_end = &k->entries;
	return k;
}

bool
keyring_empty(const struct keyring *k)
{
	return k->entries == NULL && k->passwords == NULL;
}

void
keyring_event(struct keyring *k, const struct event *ev)
{
	try_event(k, ev);
}

void
keyring_finish(struct keyring *k)
{
	struct ring_entry *e;
	struct ring_file *f;

	for (e = k->entries; e != NULL; e = e->next)
		if (e->file != NULL && e->realm->seen)
			e->file->fits = true;
	if (k->not_tried > 0)
		message("keytabs: too many keys; on some tickets only those of "
			"their service were tried");
	for (f = k->files; f != NULL; f = f->next)
		if (!f->fits && f->entries > 0)
			message("%s: no entry is for a service or realm seen "
				"in these captures",
			    f->path);
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	ring_wipe(k);
	table_free(&k->families, free);
	table_free(&k->realms, free);
	table_free(&k->seen, free);
	table_free(&k->services, free);
	arena_free(&k->mem);
	free(k);
}
