/*
 * probe-keytab.c - keys at hand, tried on what passes.
 */
#include <stdlib.h>

#include "probe-keytab.h"
#include "table.h"
#include "text.h"

struct keyring {
	event_sink sink;
	void *arg;
};

struct keyring *
keyring_new(event_sink sink, void *arg)
{
	struct keyring *k = must_calloc(1, sizeof(*k));

	k->sink = sink;
	k->arg = arg;
	return k;
}

bool
keyring_keytab(struct keyring *k, const char *path)
{
	(void)k;
	message("--keytab %s is not in this release", path);
	return false;
}

bool
keyring_password(struct keyring *k, const char *principal, const char *file)
{
	(void)k;
	(void)file;
	message("--password-for %s is not in this release", principal);
	return false;
}

bool
keyring_empty(const struct keyring *k)
{
	(void)k;
	return true;
}

void
keyring_event(struct keyring *k, const struct event *ev)
{
	(void)k;
	(void)ev;
}

void
keyring_free(struct keyring *k)
{
	free(k);
}
