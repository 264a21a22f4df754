/*
 * present.c - what all presenters share: names of the enumerations, what
 * evidence is called and how it is captured, escaping, time.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "event-json.h"
#include "presenter.h"

const char *const outcome_names[OUTCOME_BROKEN + 1] = {
	[OUTCOME_UNSEEN] = "unseen",
	[OUTCOME_OK] = "ok",
	[OUTCOME_DEGRADED] = "degraded",
	[OUTCOME_BROKEN] = "broken",
};

const char *const impact_names[IMPACT_BREAKS + 1] = {
	[IMPACT_NONE] = "none",
	[IMPACT_REMARK] = "remark",
	[IMPACT_WEAKENS] = "weakens",
	[IMPACT_DEGRADES] = "degrades",
	[IMPACT_BREAKS] = "breaks",
};

const char *const certainty_names[CERTAINTY_PROVEN + 1] = {
	[CERTAINTY_NONE] = "none",
	[CERTAINTY_POSSIBLE] = "possible",
	[CERTAINTY_LIKELY] = "likely",
	[CERTAINTY_PROVEN] = "proven",
};

const char *const verdict_names[VERDICT_FIRED + 1] = {
	[VERDICT_NOT_APPLICABLE] = "not-applicable",
	[VERDICT_CLEAR] = "clear",
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_FIRED] = "fired",
};

static const struct {
	unsigned bit;
	const char *name;
	const char *how;
} evidence[] = {
	{ EVIDENCE_KDC, "kdc",
	    "Capture port 88 (UDP and TCP) at the client, before it logs on." },
	{ EVIDENCE_SERVICE, "service",
	    "Capture both directions between client and service." },
	{ EVIDENCE_DNS, "dns", "Capture port 53 too, with the cache emptied." },
	{ EVIDENCE_CLOCK, "clock",
	    "Capture from the start of the connection." },
	{ EVIDENCE_NTLM, "ntlm", "Capture from the start of the connection." },
	{ EVIDENCE_COMPARE, "compare",
	    "Capture another log-on too: other name, user or server." },
	{ EVIDENCE_DIRECTORY, "directory",
	    "Give an export (--ldif), or let it be asked (--ldap)." },
	{ EVIDENCE_KEYTAB, "keytab",
	    "Give the service's keytab (--keytab), best on the server." },
	{ EVIDENCE_KRB5_CONF, "krb5-conf",
	    "Give the client's krb5.conf (--krb5-conf)." },
	{ EVIDENCE_REACH, "reach",
	    "Capture at the client, both directions, with ICMP." },
};

#define EVIDENCES (sizeof(evidence) / sizeof(*evidence))

const char *
evidence_name(unsigned bit)
{
	for (size_t i = 0; i < EVIDENCES; i++)
		if (evidence[i].bit == bit)
			return evidence[i].name;
	return "other";
}

const char *
evidence_how(unsigned bit)
{
	for (size_t i = 0; i < EVIDENCES; i++)
		if (evidence[i].bit == bit)
			return evidence[i].how;
	return "";
}

int
result_status(const struct result *r)
{
	for (size_t i = 0; i < r->ncauses; i++)
		if (r->causes[i].cause && r->causes[i].impact > IMPACT_REMARK)
			return 1;
	return 0;
}

/*
 * \xNN for an octet, \u{N} for a character: nothing that a terminal obeys
 * and nothing that turns the direction of the line passes.
 */
void
escape_text(FILE *out, const char *text)
{
	size_t len = strlen(text), n;
	uint32_t code;

	for (; len > 0; text += n, len -= n) {
		n = utf8_char(text, len, &code);
		if (n == 0 || (n == 1 && utf8_is_control(code))) {
			n = 1;
			fprintf(out, "\\x%02x", (unsigned)(uint8_t)*text);
		} else if (utf8_is_control(code)) {
			fprintf(out, "\\u{%" PRIx32 "}", code);
		} else {
			fwrite(text, 1, n, out);
		}
	}
}

/*
 * Gregorian, without the year 0 or five digits: what is beyond is shown as
 * its nearest end.  gmtime_r() is exact and knows no time zone.
 */
const char *
time_text(int64_t usec, char buf[TIME_TEXT])
{
	struct tm tm;
	time_t t;

	if (usec < 0)
		usec = 0;
	if (usec > EVENT_TIME_MAX)
		usec = EVENT_TIME_MAX;
	t = (time_t)(usec / SECOND);
	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	/* The modulus tells the compiler what the limits above ensure. */
	snprintf(buf, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
	    (unsigned)(tm.tm_year + 1900) % 10000,
	    (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100,
	    (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
	    (unsigned)tm.tm_sec % 100, (unsigned)(usec % SECOND));
	return buf;
}
