/*
 * ntlm-logon-refused - a server refused an NTLM log-on, and says why or does
 * not: NTSTATUS in the session set-up (MS-NLMP 3.2.5.1.2, MS-ERREF 2.3.1),
 * LDAP 49, HTTP 401.
 *
 * It is no fault of Kerberos, but a log-on that failed; where Kerberos failed
 * before it, that is why NTLM was used, and its finding is the cause.
 * C000006D hides whether the user or the password is wrong (Windows and Samba
 * make one of both); the other statuses name the reason.
 *
 * Not this: C0000016, a step; a null session; a guest; access denied after
 * the log-on was accepted; NTLM that is not allowed at all (nego-ntlm-
 * blocked).
 */
#include <string.h>
#include <strings.h>

#include "logon.h"
#include "rule.h"

/* The user's name alone: of DOMAIN\user, or of user@DOMAIN. */
static struct str
bare_name(const char *user)
{
	const char *cut = strchr(user, '\\');

	if (cut != NULL)
		return str_of(cut + 1);
	return (struct str){ user, strcspn(user, "@") };
}

static bool
is_same_user(const char *a, const char *b)
{
	struct str x = bare_name(a), y = bare_name(b);

	return x.len == y.len && strncasecmp(x.p, y.p, x.len) == 0;
}

/*
 * Every refusal of the user: Windows' Explorer tries four times at once, and
 * people put another domain before the name.
 */
static void
cite_before(const struct story *s, const struct attempt *a, struct finding *f)
{
	const struct attempt *b;
	bool same;

	for (b = s->attempts; b < a; b++) {
		if (b->mech != MECH_NTLM || b->answer != ANSWER_ERROR ||
		    b->status != a->status || b->user == NULL ||
		    !is_same_user(b->user, a->user))
			continue;
		same = strcmp(b->user, a->user) == 0;
		finding_evidence(f, &b->rep, "the same before%s%s",
		    same ? "" : ", as ", same ? "" : b->user);
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = logon_ntlm_refusal(s);

	if (a == NULL)
		return verdict_clear_if(story_tried(s, MECH_NTLM) != NULL);
	if (logon_ntlm_blocked(a))
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_NTLM;
	f->certainty = logon_reason_named(a) ? CERTAINTY_PROVEN :
					       CERTAINTY_LIKELY;
	logon_refusal(f, l, a);
	cite_before(s, a, f);
	if (logon_is_local(s, l, a))
		finding_param(f, "who",
		    " The account is a computer's own or a workgroup's (by "
		    "its domain), for which there is no Kerberos.");
	else if (s->nexchanges == 0 && story_tried(s, MECH_KRB5) == NULL)
		finding_param(f, "who",
		    " No Kerberos came before it in this capture.");
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "cmdkey /list",
	    "stored passwords; event 4625 on the server has the sub status" },
	{ "samba", "smbclient -L {server|SERVER} -U {user|USER}",
	    "and the server's log: auth_check_ntlm_password" },
	{ "unix", "wbinfo -a {user|USER}", "on the server: asks its domain" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-NLMP 3.2.5.1.2",
	"MS-ERREF 2.3.1",
	"Windows events 4625, 4776",
	NULL,
};

const struct rule rule_ntlm_logon_refused = {
	.id = "ntlm-logon-refused",
	.title = "{server|The server} refuses the NTLM log-on of {user|a user}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "NTLM",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_CARRIER,
	.check = check,
	.why = "{server|The server} answered NTLM with {said|a refusal}: "
	       "{reason|user name or password are wrong, and it does not say "
	       "which}.{who|}",
	.not_this =
	    "A share or page refused after the log-on was accepted. "
	    "NTLM switched off (C0000418). A Kerberos failure before it is "
	    "the cause and this its consequence.",
	.decide = "event 4625 in the Security log of {server|the server}, "
		  "or its own log, at that time",
	.verify = "The log-on of {user|the user} at {server|the server} is "
		  "accepted, better with Kerberos than with NTLM.",
	.fix = fix,
	.see = see,
};
