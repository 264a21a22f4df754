/*
 * story-search-name.c - of the names that are looked up in vain, those by which
 * somebody may mean a server.
 */
#include <string.h>

#include "story-tell.h"

struct str
name_first_label(struct str name)
{
	const char *dot = name.len == 0 ? NULL : memchr(name.p, '.', name.len);

	if (dot != NULL)
		name.len = (size_t)(dot - name.p);
	return name;
}

/*
 * Names that clients try without anybody having asked for them: proxies,
 * tunnels and the like, the KDC where SRV records lead nowhere (Heimdal:
 * kerberos.REALM, kerberos-1.REALM).
 */
static bool
is_tried_anyhow(struct str label)
{
	static const char *const names[] = { "wpad", "isatap", "teredo",
		"localhost", "localdomain", "autodiscover", "autoconfig",
		"lyncdiscover", "lyncdiscoverinternal", "sip", "sipinternal",
		"sipexternal", "enterpriseregistration", "enterpriseenrollment",
		"msoid", "mta-sts", "gateway", "time", "ntp", "b", "lb", "db" };
	size_t i;

	if (label.len >= 8 && memcmp(label.p, "kerberos", 8) == 0)
		return true;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (label.len == strlen(names[i]) &&
		    memcmp(label.p, names[i], label.len) == 0)
			return true;
	return false;
}

static bool
ends_with(struct str name, const char *end)
{
	size_t n = strlen(end);

	return name.len >= n && memcmp(name.p + name.len - n, end, n) == 0;
}

bool
name_may_be_server(struct str name)
{
	size_t i;

	if (name.len == 0 || name.p[0] == '_' || ends_with(name, ".arpa") ||
	    is_tried_anyhow(name_first_label(name)) || text_is_ip(name))
		return false;
	for (i = 0; i + 1 < name.len; i++)
		if (name.p[i] == '.' && name.p[i + 1] == '_')
			return false;
	return true;
}
