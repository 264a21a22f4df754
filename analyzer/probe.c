/*
 * probe.c - opens the look-ups of the command line, and lets each say its
 * part at its time.
 */
#include <stdlib.h>

#include "directory.h"
#include "probe-keytab.h"
#include "probe-krb5conf.h"
#include "table.h"

struct probes {
	const struct options *opt;
	event_sink sink;
	void *arg;
	struct keyring *keyring;
	struct directory *directory; /* NULL: none was asked for */
	struct questions *questions; /* alike */
	struct tell *tell;           /* of views; NULL: none yet */
};

/* What a key opened names clients that nothing else does: behind FAST. */
static void
take_answer(void *probes, const struct event *ev)
{
	struct probes *p = probes;

	p->sink(p->arg, ev);
	if (p->questions != NULL)
		questions_event(p->questions, ev);
}

struct probes *
probes_new(const struct options *opt, event_sink sink, void *arg)
{
	struct probes *p = must_calloc(1, sizeof(*p));

	p->opt = opt;
	p->sink = sink;
	p->arg = arg;
	p->keyring = keyring_new(take_answer, p);
	if (opt->nldifs + opt->nldaps > 0) {
		p->directory = directory_new();
		p->questions = questions_new();
	}
	return p;
}

bool
probes_open(struct probes *p)
{
	const struct options *o = p->opt;
	bool ok = true;
	size_t i;

	for (i = 0; i < o->nkeytabs; i++)
		ok &= keyring_keytab(p->keyring, o->keytabs[i]);
	for (i = 0; i < o->npasswords; i++)
		ok &= keyring_password(p->keyring, o->passwords[i].principal,
		    o->passwords[i].file);
	for (i = 0; i < o->nldifs; i++)
		ok &= ldif_read(p->directory, o->ldifs[i]);
	if (o->krb5_conf != NULL)
		ok &= krb5conf_read(o->krb5_conf, p->sink, p->arg);
	return ok;
}

void
probes_event(void *probes, const struct event *ev)
{
	struct probes *p = probes;

	take_answer(p, ev);
	if (!keyring_empty(p->keyring))
		keyring_event(p->keyring, ev);
}

void
probes_tell(struct probes *p)
{
	if (p->directory == NULL || p->opt->nldaps > 0)
		return;
	if (p->tell == NULL)
		p->tell = tell_new(p->directory, p->questions, p->sink, p->arg);
	tell_more(p->tell);
}

bool
probes_finish(struct probes *p)
{
	bool ok = true;

	keyring_finish(p->keyring);
	if (p->directory == NULL)
		return true;
	if (p->opt->nldaps > 0)
		ok = ldap_ask(p->directory, p->opt, p->questions);
	directory_tell(p->directory, p->questions, p->sink, p->arg);
	return ok;
}

void
probes_free(struct probes *p)
{
	if (p == NULL)
		return;
	keyring_free(p->keyring);
	tell_free(p->tell);
	directory_free(p->directory);
	questions_free(p->questions);
	free(p);
}
