/*
 * probe-ldap.c - asks a directory over LDAP.
 */
#include "directory.h"
#include "text.h"

bool
ldap_ask(struct directory *d, const struct options *opt,
    const struct questions *q)
{
	(void)d;
	(void)q;
	message("--ldap %s is not in this release", opt->ldaps[0]);
	return false;
}
