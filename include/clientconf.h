/*
 * clientconf.h - whether the krb5.conf at hand is that of a story's client,
 * and what it says of its enctypes.
 *
 * A capture has many clients and --krb5-conf describes one of them.  Which
 * one is not said, so a file is taken for a client's until what the client
 * sends contradicts it.
 */
#ifndef KERBSCOPE_CLIENTCONF_H
#define KERBSCOPE_CLIENTCONF_H

#include "proof.h"
#include "story.h"

/*
 * The krb5.conf at hand, unless it cannot be that of the client of S: a
 * Windows client, or one that offers other enctypes than the file has.
 */
const struct krb5_conf *
clientconf_of(const struct story *s, const struct ledger *l);

/*
 * The enctypes that LIST (permitted_enctypes and the like) means, for a
 * client that is given them: up to SIZE in OUT.  False when LIST is not set,
 * or begins from the library's own ("DEFAULT", "+rc4"), which is not known.
 */
bool clientconf_etypes(const char *const *list, size_t size, int32_t *out,
    size_t *n);

/*
 * Cites in F the list of C that limits what E offers; false when C has none,
 * or one with AES in it.
 */
bool clientconf_cite_etypes(struct finding *f, const struct krb5_conf *c,
    const struct exchange *e);

#endif
