/*
 * probe-try.h - the keys of a ring, tried on what passes.
 */
#ifndef ANALYZER_PROBE_TRY_H
#define ANALYZER_PROBE_TRY_H

#include "probe-ring.h"

/* A ticket as it passes. */
struct passing {
	const struct event *ev;
	struct str realm, sname;
	int64_t etype, kvno;
	struct bytes digest, cipher;
};

/* The families that may hold the key of a ticket. */
struct owners {
	const struct passing *t;
	struct ring_family *families[5];
	size_t n;
	bool exact; /* the first family is of the very name */
};

struct trial {
	struct keyring *k;
	const struct passing *t;
	struct owners owners;
	krb5_enc_tkt_part *opened;
	struct ring_key *key;     /* that opened it */
	struct ring_entry *entry; /* that has it, and is told */
	bool rc4_opens;
	bool partial; /* keys of other principals were not tried */
};

/* Tries the keys on EV and posts what they say. */
void try_event(struct keyring *k, const struct event *ev);

/* --- probe-tell.c -------------------------------------------------------- */

/* Posts what came of Y, if there is anything to say. */
void tell_ticket(struct trial *y);
/* An empty event of KIND, of the same place as EV, which caused it. */
void
tell_caused(struct event *out, enum event_kind kind, const struct event *ev);
/* "FILE:N" in MEM; empty for a password. */
struct str tell_source(const struct ring_entry *e, struct arena *mem);

#endif
