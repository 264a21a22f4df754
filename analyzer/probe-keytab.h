/*
 * probe-keytab.h - keys at hand, tried on tickets, authenticators and
 * timestamps (RFC 4120 5.3, 5.5.1, 5.2.7.2; RFC 3961).
 *
 * Keys and what they open reach no output, log or core file; all that is told
 * stands in the events ticket-key, authenticator and preauth-key.
 */
#ifndef ANALYZER_PROBE_KEYTAB_H
#define ANALYZER_PROBE_KEYTAB_H

#include "probe.h"

struct keyring;

struct keyring *keyring_new(event_sink sink, void *arg);
/*
 * Reads the keytab PATH and posts the event keytab.  False when it cannot be
 * read or holds nothing; a line on stderr said so.  Of one that is damaged
 * part-way the good entries are used, and a line says so.
 */
bool keyring_keytab(struct keyring *k, const char *path);
/*
 * Takes the password of PRINCIPAL from FILE ("fd:N": descriptor N; NULL: a
 * prompt at the terminal), without the end of its line.
 */
bool
keyring_password(struct keyring *k, const char *principal, const char *file);
/* Whether there is anything to try. */
bool keyring_empty(const struct keyring *k);
/* Tries the keys on EV and posts what they say, each ticket once. */
void keyring_event(struct keyring *k, const struct event *ev);
/* After the last event: says which keytab was of no use. */
void keyring_finish(struct keyring *k);
/* Wipes all keys. */
void keyring_free(struct keyring *k);

#endif
