/*
 * gss.h - what gss.c and spnego.c say to each other: a token inside a token,
 * with how deep it stands.
 */
#ifndef DISSECT_GSS_H
#define DISSECT_GSS_H

#include "carrier.h"

/* SPNEGO in GSS in SPNEGO occurs (Windows 2000); deeper is hostile. */
#define GSS_MAX_DEPTH 4

enum gss_mech {
	MECH_OTHER,
	MECH_KRB5,
	MECH_MS_KRB5,
	MECH_KRB5_U2U,
	MECH_SPNEGO,
	MECH_NTLMSSP,
	MECH_NEGOEX,
	MECH_IAKERB
};

bool gss_token_at(const struct auth *a, struct reader token, int depth);
bool spnego_token_at(const struct auth *a, struct reader token, int depth);

/*
 * The contents of an OBJECT IDENTIFIER: its mechanism, and its name ("krb5",
 * "ntlmssp", ..., else the numbers with dots).
 */
enum gss_mech gss_mech(struct reader oid);
struct str gss_mech_name(struct dissector *d, struct reader oid);

#endif
