/*
 * audit-account.c - checks of what accounts may do and which keys they have:
 * delegation (MS-SFU 3.2.1), enctypes (MS-KILE 2.2.7), pre-authentication,
 * Protected Users, the keys of domains and trusts.
 */
#include <strings.h>

#include "audit.h"

static bool
is_service(const struct dir_account *x)
{
	return x->spns[0] != NULL && !audit_is_krbtgt(x);
}

/* One of its kind in REALM. */
static enum verdict
gather(struct audit *a, const struct audit_check *c,
    const struct dir_account *x, const char *says)
{
	audit_account(a, audit_find(a, c, x->realm, x->realm), x, "%s", says);
	return VERDICT_FIRED;
}

static const char *
first_sam(struct audit *a, const struct audit_finding *f)
{
	return audit_sam(a, f->places[0].account);
}

/* --- delegation -------------------------------------------------------- */

static enum verdict
look_unconstrained(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	if (!audit_has_flags(x) || audit_is_dc(x) || !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	if (!x->uac_known)
		return VERDICT_UNKNOWN;
	if ((x->uac & UAC_TRUSTED_FOR_DELEGATION) == 0)
		return VERDICT_CLEAR;
	return gather(a, c, x, "TRUSTED_FOR_DELEGATION");
}

static void
tell_unconstrained(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem,
	    "%s may act as anybody anywhere (unconstrained delegation)",
	    audit_accounts(a, f));
	audit_fix(a, f, "windows",
	    "and name the services that it needs: msDS-AllowedToDelegateTo",
	    "Set-ADAccountControl %s -TrustedForDelegation $false",
	    first_sam(a, f));
	audit_fix(a, f, "samba", NULL,
	    "samba-tool delegation for-any-service %s off", first_sam(a, f));
}

const struct audit_check audit_unconstrained = {
	.id = "deleg-unconstrained",
	.impact = IMPACT_WEAKENS,
	.about = "delegation",
	.look = look_unconstrained,
	.tell = tell_unconstrained,
	.why = "Whoever logs on to this account's services hands over a TGT: "
	       "who takes over the host is all of them, a domain controller "
	       "among them.",
	.see = "MS-SFU 1.3; MS-KILE 3.3.1.1",
	.needs = "userAccountControl",
};

static enum verdict
look_transition(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	/* Read-only domain controllers are made so. */
	if (!audit_has_flags(x) || audit_is_dc(x) || !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	if (!x->uac_known)
		return VERDICT_UNKNOWN;
	if ((x->uac & UAC_TRUSTED_TO_AUTH) == 0)
		return VERDICT_CLEAR;
	return gather(a, c, x,
	    x->delegate_to[0] == NULL ? "TRUSTED_TO_AUTH_FOR_DELEGATION" :
					x->delegate_to[0]);
}

static void
tell_transition(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem,
	    "%s may act as users who did not log on with Kerberos (protocol "
	    "transition)",
	    audit_accounts(a, f));
}

const struct audit_check audit_transition = {
	.id = "deleg-protocol-transition",
	.impact = IMPACT_REMARK,
	.about = "delegation",
	.look = look_transition,
	.tell = tell_transition,
	.why = "It needs no password of the user: fine where it was meant.",
	.see = "MS-SFU 3.2.5.1.2",
	.needs = "userAccountControl",
};

/* Whether nobody has SPN, or HOST/ in its place. */
static bool
is_unowned(struct audit *a, const char *spn)
{
	size_t n = strcspn(spn, "/");
	const char *alias;

	if (spn[n] == '\0' || directory_spn(a->d, spn, 0) != NULL)
		return false;
	alias = directory_alias(a->d, arena_text(&a->scratch, spn, n));
	return alias == NULL ||
	    directory_spn(a->d,
		arena_printf(&a->scratch, "%s%s", alias, spn + n), 0) == NULL;
}

/*
 * A name of another domain may be there; so may a short name, which is one
 * of this domain only when no other is at hand.
 */
static enum verdict
look_unowned(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	const struct dir_domain *d = directory_domain(a->d, x->realm);
	struct audit_finding *f;
	const char *const *p;

	if (!audit_has_flags(x) || d == NULL)
		return VERDICT_NOT_APPLICABLE;
	if (!x->delegate_known || !d->whole)
		return VERDICT_UNKNOWN;
	for (p = x->delegate_to; *p != NULL; p++) {
		if (!audit_in_domain(audit_host(*p), x->realm) ||
		    !is_unowned(a, *p))
			continue;
		f = audit_find(a, c, x->name, x->realm);
		audit_name(f, *p);
		audit_account(a, f, x, "may delegate to %s", *p);
	}
	return verdict_clear_if(x->delegate_to[0] != NULL);
}

static void
tell_unowned(struct audit *a, struct audit_finding *f)
{
	const struct dir_account *x = f->places[0].account;

	f->title = arena_printf(&a->mem,
	    "%s may delegate to %s%s, which no account has", x->name,
	    f->names[0], f->all_names > 1 ? " (and others)" : "");
	/* In one line it would be wider than a mail. */
	audit_fix(a, f, "windows", "when it is no more needed",
	    "$gone = @{'msDS-AllowedToDelegateTo'='%s'}",
	    audit_bare(f->names[0]));
	audit_fix(a, f, "windows", NULL, "%s %s -Remove $gone", audit_cmdlet(x),
	    first_sam(a, f));
	audit_fix(a, f, "samba", NULL,
	    "samba-tool delegation del-service %s %s", first_sam(a, f),
	    audit_word(a, f->names[0]));
}

const struct audit_check audit_unowned_target = {
	.id = "deleg-target-unowned",
	.impact = IMPACT_WEAKENS,
	.about = "delegation",
	.look = look_unowned,
	.tell = tell_unowned,
	.why = "The delegation fails; and who may give an account this SPN "
	       "receives users' tickets meant for another.",
	.see = "MS-SFU 3.2.5.2.3",
	.needs = "all accounts, and msDS-AllowedToDelegateTo",
};

/* --- enctypes ---------------------------------------------------------- */

#define SET_DES (SET_DES_CRC | SET_DES_MD5)
#define SET_ALL (SET_DES | SET_RC4 | SET_AES)

static enum verdict
look_des(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	if (!audit_has_flags(x) || audit_is_krbtgt(x) || !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	if (x->uac_known && (x->uac & UAC_DES_ONLY) != 0)
		return gather(a, c, x, "USE_DES_KEY_ONLY");
	if (x->enctypes_set && (x->enctypes & SET_ALL) != 0 &&
	    (x->enctypes & (SET_ALL & ~SET_DES)) == 0)
		return gather(a, c, x,
		    arena_printf(&a->scratch,
			"msDS-SupportedEncryptionTypes %u", x->enctypes));
	return x->uac_known ? VERDICT_CLEAR : VERDICT_UNKNOWN;
}

static void
tell_des(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem, "%s %s left with DES",
	    audit_accounts(a, f), f->accounts == 1 ? "is" : "are");
	audit_fix(a, f, "windows", "then set its password anew",
	    "Set-ADAccountControl %s -UseDESKeyOnly $false", first_sam(a, f));
	audit_fix(a, f, "windows", NULL,
	    "%s %s -KerberosEncryptionType AES128,AES256",
	    audit_cmdlet(f->places[0].account), first_sam(a, f));
}

const struct audit_check audit_des_only = {
	.id = "etype-des-only",
	.impact = IMPACT_BREAKS,
	.about = "enctypes",
	.look = look_des,
	.tell = tell_des,
	.why = "No client and no KDC of today uses DES: nobody logs on as "
	       "this account, or to it (KDC_ERR_ETYPE_NOSUPP).",
	.see = "MS-KILE 2.2.7; RFC 6649",
	.needs = "userAccountControl, msDS-SupportedEncryptionTypes",
};

static enum verdict
look_rc4(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	if (!audit_has_flags(x) || audit_is_krbtgt(x) || !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	if (!x->enctypes_set)
		return x->enctypes_known ? VERDICT_CLEAR : VERDICT_UNKNOWN;
	if ((x->enctypes & SET_RC4) == 0 || (x->enctypes & SET_AES) != 0)
		return VERDICT_CLEAR;
	return gather(a, c, x,
	    arena_printf(&a->scratch, "msDS-SupportedEncryptionTypes %u",
		x->enctypes));
}

static void
tell_rc4(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem, "%s %s left with RC4",
	    audit_accounts(a, f), f->accounts == 1 ? "is" : "are");
	audit_fix(a, f, "windows",
	    "if the service can AES; then set its password, and its keytab",
	    "%s %s -KerberosEncryptionType AES128,AES256",
	    audit_cmdlet(f->places[0].account), first_sam(a, f));
	audit_fix(a, f, "samba", NULL, "net ads enctypes set %s 24",
	    first_sam(a, f));
}

const struct audit_check audit_rc4_only = {
	.id = "etype-rc4-only",
	.impact = IMPACT_WEAKENS,
	.about = "enctypes",
	.look = look_rc4,
	.tell = tell_rc4,
	.why = "Tickets for it can be guessed off-line, and clients that have "
	       "RC4 off get none.",
	.see = "MS-KILE 2.2.7; RFC 8429",
	.needs = "msDS-SupportedEncryptionTypes",
};

static enum verdict
look_attr_30(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	if (!audit_has_flags(x) || !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	if (!x->enctypes_set)
		return x->enctypes_known ? VERDICT_CLEAR : VERDICT_UNKNOWN;
	if ((x->enctypes & SET_DES) == 0 || (x->enctypes & SET_AES) == 0)
		return VERDICT_CLEAR;
	return gather(a, c, x,
	    arena_printf(&a->scratch, "msDS-SupportedEncryptionTypes %u",
		x->enctypes));
}

static void
tell_attr_30(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem, "%s still %s DES beside AES",
	    audit_accounts(a, f), f->accounts == 1 ? "lists" : "list");
	audit_fix(a, f, "windows", NULL,
	    "%s %s -KerberosEncryptionType AES128,AES256",
	    audit_cmdlet(f->places[0].account), first_sam(a, f));
}

const struct audit_check audit_attr_30 = {
	.id = "etype-attr-30-des",
	.impact = IMPACT_REMARK,
	.about = "enctypes",
	.look = look_attr_30,
	.tell = tell_attr_30,
	.why = "No KDC of today gives DES; a product that takes the list by "
	       "its word may still try.",
	.see = "MS-KILE 2.2.7",
	.needs = "msDS-SupportedEncryptionTypes",
};

static enum verdict
look_trust(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	if (x->trust_partner == NULL || x->trust_type == 1)
		return VERDICT_NOT_APPLICABLE;
	if (!x->enctypes_set)
		return x->enctypes_known ? VERDICT_CLEAR : VERDICT_UNKNOWN;
	if ((x->enctypes & SET_ALL) == 0 || (x->enctypes & SET_AES) != 0)
		return VERDICT_CLEAR;
	return gather(a, c, x,
	    arena_printf(&a->scratch, "msDS-SupportedEncryptionTypes %u",
		x->enctypes));
}

static void
tell_trust(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem, "The trust of %s with %s has no AES",
	    f->realm, f->places[0].account->trust_partner);
	audit_fix(a, f, "windows", "on both sides",
	    "ksetup /setenctypeattr %s AES256-CTS-HMAC-SHA1-96",
	    audit_word(a, f->places[0].account->trust_partner));
}

const struct audit_check audit_trust_rc4 = {
	.id = "etype-trust-rc4-only",
	.impact = IMPACT_WEAKENS,
	.about = "enctypes",
	.look = look_trust,
	.tell = tell_trust,
	.why = "Referrals over it have RC4 keys; where RC4 is off, nobody "
	       "gets across.",
	.see = "MS-KILE 3.3.5.7.5",
	.needs = "msDS-SupportedEncryptionTypes",
};

/* --- krbtgt ------------------------------------------------------------ */

#define YEAR (INT64_C(31557600) * 1000000)
/* 2008-02-27: Windows Server 2008 is the first with AES. */
#define FIRST_AES (INT64_C(1204070400) * 1000000)

/* RODCs' own change with the RODC. */
static enum verdict
look_krbtgt(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	char buf[TIME_TEXT];
	struct audit_finding *f;

	if (strncasecmp(x->name, "krbtgt@", 7) != 0)
		return VERDICT_NOT_APPLICABLE;
	if (x->pwd_last_set == 0)
		return VERDICT_UNKNOWN;
	if (x->pwd_last_set > FIRST_AES && x->pwd_last_set > a->now - 2 * YEAR)
		return VERDICT_CLEAR;
	f = audit_find(a, c, x->realm, x->realm);
	audit_account(a, f, x, "password set %.10s",
	    time_text(x->pwd_last_set, buf));
	if (f != NULL && x->pwd_last_set <= FIRST_AES)
		f->impact = IMPACT_WEAKENS;
	return VERDICT_FIRED;
}

static void
tell_krbtgt(struct audit *a, struct audit_finding *f)
{
	char buf[TIME_TEXT];
	int64_t set = f->places[0].account->pwd_last_set;

	f->title = arena_printf(&a->mem, "The key of %s is from %.10s%s",
	    f->realm, time_text(set, buf),
	    set <= FIRST_AES ? ", before AES" : "");
	audit_fix(a, f, "windows",
	    "twice, with longer between than a TGT lives (10 hours)",
	    "Set-ADAccountPassword krbtgt -Reset");
	audit_fix(a, f, "samba", NULL, "samba-tool user setpassword krbtgt");
}

const struct audit_check audit_krbtgt = {
	.id = "etype-krbtgt-no-aes",
	.impact = IMPACT_REMARK,
	.about = "keys",
	.look = look_krbtgt,
	.tell = tell_krbtgt,
	.why = "Whoever once had this key can still make tickets for anybody; "
	       "one from before 2008 has no AES.",
	.see = "MS-KILE 3.3.1.1",
	.needs = "pwdLastSet",
};

/* --- log-on ------------------------------------------------------------ */

static enum verdict
look_no_preauth(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	if (!audit_has_flags(x) || !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	if (!x->uac_known)
		return VERDICT_UNKNOWN;
	if ((x->uac & UAC_NO_PREAUTH) == 0)
		return VERDICT_CLEAR;
	return gather(a, c, x, is_service(x) ? x->spns[0] : "");
}

static void
tell_no_preauth(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem, "%s %s no pre-authentication",
	    audit_accounts(a, f), f->accounts == 1 ? "needs" : "need");
	audit_fix(a, f, "windows", NULL,
	    "Set-ADAccountControl %s -DoesNotRequirePreAuth $false",
	    first_sam(a, f));
}

const struct audit_check audit_no_preauth = {
	.id = "acct-preauth-not-required",
	.impact = IMPACT_WEAKENS,
	.about = "accounts",
	.look = look_no_preauth,
	.tell = tell_no_preauth,
	.why = "Anybody may ask for its TGT and guess its password off-line.",
	.see = "RFC 4120 3.1.1; MS-ADTS 2.2.16",
	.needs = "userAccountControl",
};

static enum verdict
look_protected(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	if (!is_service(x) || !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	if (!x->protected_user)
		return x->member_known ? VERDICT_CLEAR : VERDICT_UNKNOWN;
	return gather(a, c, x, x->spns[0]);
}

static void
tell_protected(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem,
	    "%s %s a service and in Protected Users", audit_accounts(a, f),
	    f->accounts == 1 ? "is" : "are");
	audit_fix(a, f, "windows", NULL,
	    "Remove-ADGroupMember \"Protected Users\" %s", first_sam(a, f));
	audit_fix(a, f, "samba", NULL,
	    "samba-tool group removemembers \"Protected Users\" %s",
	    first_sam(a, f));
}

const struct audit_check audit_protected_service = {
	.id = "acct-protected-users",
	.impact = IMPACT_DEGRADES,
	.about = "accounts",
	.look = look_protected,
	.tell = tell_protected,
	.why = "Members have no RC4 and no NTLM, may not be delegated, and "
	       "their TGTs end after 4 hours: a service's account that needs "
	       "one of these stops working. The group is for people.",
	.see = "MS-KILE 3.3.5.6",
	.needs = "memberOf, and the groups",
};
