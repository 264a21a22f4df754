/*
 * account.c - a KDC's refusal of an account (RFC 4120 5.9.1, MS-KILE 2.2.2).
 */
#include <string.h>

#include "account.h"
#include "names.h"

bool
account_is_machine(const char *name)
{
	size_t n = name == NULL ? 0 : strlen(name);

	return n > 0 && name[n - 1] == '$';
}

/* A TGS-REQ names the service's realm; the client's is in its TGT. */
static const char *
realm_of(const struct exchange *e)
{
	return e->kind == EXCHANGE_TGS && e->crealm != NULL ? e->crealm :
							      e->realm;
}

const char *
account_subject(struct finding *f, const struct exchange *e, const char *name)
{
	const char *realm = realm_of(e);

	finding_param(f, "name", name);
	if (realm != NULL)
		name = finding_text(f, "%s@%s", name, realm);
	finding_subject(f, SUBJECT_ACCOUNT, name);
	return name;
}

void
account_refusal(struct finding *f, const struct exchange *e)
{
	char buf[NAME_TEXT];
	const char *why = e->e_text;

	if (e->ntstatus != EV_ABSENT)
		why = name_or_hex(ntstatus_name(e->ntstatus), e->ntstatus, buf);
	finding_step(f, &e->req);
	finding_evidence(f, &e->rep, "KDC: %s%s%s", krb_error_name(e->error),
	    why != NULL ? ", " : "", why != NULL ? why : "");
}
