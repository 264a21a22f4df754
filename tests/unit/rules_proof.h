/*
 * rules_proof.h - the answers of rules_world.h's ledger to what rules ask of
 * look-ups: one account, one name, one service, one trial, one krb5.conf.
 */
#ifndef UNIT_RULES_PROOF_H
#define UNIT_RULES_PROOF_H

const struct key_trial *
ledger_key_trial(const struct ledger *l, const uint8_t digest[DIGEST_LEN])
{
	(void)digest;
	return l->proofs.has_trial ? &l->proofs.trial : NULL;
}

const struct auth_fact *
ledger_authenticator(const struct ledger *l, const struct ref *ref)
{
	(void)l, (void)ref;
	return NULL;
}

const struct preauth_trial *
ledger_preauth(const struct ledger *l, const struct ref *ref)
{
	(void)ref;
	return l->proofs.has_preauth ? &l->proofs.preauth : NULL;
}

bool
ledger_has_keytab(const struct ledger *l)
{
	return l->proofs.has_trial || l->proofs.has_preauth;
}

const struct spn_owners *
ledger_owners(const struct ledger *l, const char *spn, const char *realm)
{
	(void)spn, (void)realm;
	return l->proofs.has_spn ? &l->proofs.spn : NULL;
}

const struct dir_account *
ledger_owner(const struct ledger *l, const char *spn, const char *realm)
{
	(void)spn, (void)realm;
	return l->proofs.has_spn && l->proofs.spn.nowners == 1 ?
	    l->proofs.spn.owners[0] :
	    NULL;
}

const struct name_owners *
ledger_directory_name(const struct ledger *l, const char *name,
    const char *realm)
{
	(void)name, (void)realm;
	return l->proofs.has_name ? &l->proofs.name : NULL;
}

const struct dir_account *
ledger_directory_account(const struct ledger *l, const char *name,
    const char *realm)
{
	(void)name, (void)realm;
	return l->proofs.has_account ? &l->proofs.account : NULL;
}

const struct dir_account *
ledger_dir_account(const struct ledger *l, const char *name)
{
	return l->proofs.has_account &&
		strcasecmp(l->proofs.account.name, name) == 0 ?
	    &l->proofs.account :
	    NULL;
}

const struct dir_account *
ledger_dir_trust(const struct ledger *l, const char *realm, const char *other)
{
	(void)realm, (void)other;
	return l->proofs.has_account ? &l->proofs.account : NULL;
}

const struct dir_domain *
ledger_dir_domain(const struct ledger *l, const char *realm)
{
	(void)l, (void)realm;
	return NULL;
}

bool
dir_account_revoked(const struct dir_account *a, int64_t time)
{
	(void)time;
	return (a->uac & UAC_DISABLED) != 0;
}

bool
dir_list_has(const char *const *list, const char *text)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcasecmp(*list, text) == 0)
			return true;
	return false;
}

const struct krb5_conf *
ledger_krb5_conf(const struct ledger *l)
{
	return l->proofs.has_conf ? &l->proofs.conf : NULL;
}

const char *
ledger_domain_realm(const struct ledger *l, const char *host, const char **line)
{
	(void)l, (void)host, (void)line;
	return NULL;
}

const char *const *
ledger_realm_kdcs(const struct ledger *l, const char *realm)
{
	(void)l, (void)realm;
	return NULL;
}

#endif
