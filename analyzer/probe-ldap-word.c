/*
 * probe-ldap-word.c - what the child that speaks LDAP tells its parent: a
 * kind, two lengths, two texts.  The child reads what strangers send, so no
 * length is believed.
 */
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "probe-ldap.h"
#include "table.h"

static const struct str nothing = { "", 0 };

static bool
take_begin(struct ldap_listener *l, struct str source, struct str dn)
{
	if (l->in_object)
		return false;
	free(l->source);
	l->source = must_text(source);
	l->in_object = l->in_source = true;
	directory_begin(l->directory, l->source, dn);
	return true;
}

static bool
take_end(struct ldap_listener *l)
{
	bool ok = l->in_object;

	if (ok)
		directory_end(l->directory);
	l->in_object = false;
	return ok;
}

static bool
take_source(struct ldap_listener *l, struct str filter, struct str b)
{
	int flags = b.len > 0 ? b.p[0] : 0;

	directory_source(l->directory, l->uri, filter,
	    (flags & LDAP_SOURCE_WHOLE) != 0,
	    (flags & LDAP_SOURCE_DAMAGED) != 0);
	l->in_source = false;
	return !l->in_object;
}

static bool
take_doing(struct ldap_listener *l, struct str what)
{
	size_t n = what.len < sizeof(l->doing) ? what.len :
						 sizeof(l->doing) - 1;

	memcpy(l->doing, what.p, n);
	l->doing[n] = '\0';
	return true;
}

static bool
take(struct ldap_listener *l, enum ldap_word word, struct str a, struct str b)
{
	switch (word) {
	case WORD_DOING:
		return take_doing(l, a);
	case WORD_BASE:
		directory_base(l->directory, a);
		l->in_source = true;
		return true;
	case WORD_ASKED:
		directory_asked(l->directory, a);
		l->in_source = true;
		return true;
	case WORD_BEGIN:
		return take_begin(l, a, b);
	case WORD_VALUE:
		if (l->in_object)
			directory_value(l->directory, a, b);
		return l->in_object;
	case WORD_END:
		return take_end(l);
	case WORD_SOURCE:
		return take_source(l, a, b);
	case WORD_DONE:
	case WORD_FAILED:
		l->done = true;
		l->failed = word == WORD_FAILED;
		return true;
	case WORD_COUNT:
		break;
	}
	return false;
}

bool
ldap_listen(struct ldap_listener *l, const uint8_t *buf, size_t n, size_t *used)
{
	uint32_t head[3];
	size_t at = 0, need;
	const char *p;
	bool ok = true;

	while (ok && n - at >= sizeof(head)) {
		memcpy(head, buf + at, sizeof(head));
		ok = head[0] < WORD_COUNT && head[1] <= LDAP_MAX_VALUE &&
		    head[2] <= LDAP_MAX_VALUE;
		need = sizeof(head) + (size_t)head[1] + head[2];
		if (!ok || n - at < need)
			break;
		p = (const char *)buf + at + sizeof(head);
		ok = take(l, (enum ldap_word)head[0],
		    (struct str){ p, head[1] },
		    (struct str){ p + head[1], head[2] });
		at += need;
	}
	*used = at;
	return ok;
}

void
ldap_listener_end(struct ldap_listener *l)
{
	/* Half an object would seem to lack what it has. */
	if (l->in_object)
		directory_begin(l->directory, "", nothing);
	if (l->in_source)
		directory_source(l->directory, l->uri, nothing, false, true);
	l->in_object = l->in_source = false;
	free(l->source);
	l->source = NULL;
}

void
ldap_say(struct ldap_task *t, enum ldap_word word, struct str a, struct str b)
{
	uint32_t head[3];

	a.len = a.len > LDAP_MAX_VALUE ? LDAP_MAX_VALUE : a.len;
	b.len = b.len > LDAP_MAX_VALUE ? LDAP_MAX_VALUE : b.len;
	head[0] = (uint32_t)word;
	head[1] = (uint32_t)a.len;
	head[2] = (uint32_t)b.len;
	fwrite(head, sizeof(head), 1, t->out);
	if (a.len > 0)
		fwrite(a.p, a.len, 1, t->out);
	if (b.len > 0)
		fwrite(b.p, b.len, 1, t->out);
	/* Whoever ends us finds what was whole. */
	if (word == WORD_DOING || word == WORD_SOURCE)
		fflush(t->out);
	if (t->self.directory != NULL)
		take(&t->self, word, a, b);
}

void
ldap_doing(struct ldap_task *t, const char *what)
{
	ldap_say(t, WORD_DOING, (struct str){ what, strlen(what) }, nothing);
}
