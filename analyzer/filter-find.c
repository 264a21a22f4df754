/*
 * filter-find.c - a name of a filter by its text; one that is none is told
 * why, with the names near it.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "filter-store.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

/* What to ask for instead of a field that is not kept. */
static const struct {
	const char *name, *instead;
} others[] = {
	{ "state", "reach" },
	{ "reason", "reach" },
	{ "time", "start" },
	{ "result", "kpasswd_result" },
	{ "null_session", "guest" },
	{ "answers", "data" },
	{ "session_etype", "auth_etype" },
	{ "dns_computer", "server" },
	{ "nb_computer", "server" },
	{ "dns_domain", "domain" },
	{ "nb_domain", "domain" },
};

const char *
filter_name(size_t i, const char **help)
{
	const struct filter_name *name = filter_name_at(i);

	if (name == NULL)
		return NULL;
	*help = name->help;
	return name->name;
}

/* Whether LEN octets at P are NAME; - is as good as _. */
static bool
is_name(const char *name, const char *p, size_t len)
{
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((p[i] == '-' ? '_' : tolower((unsigned char)p[i])) !=
		    name[i])
			return false;
	return true;
}

/* Letters to change, add or leave out until LEN octets at P are NAME. */
static size_t
distance(const char *name, const char *p, size_t len)
{
	size_t row[32], n = strlen(name), i, k, above, best;

	if (n >= COUNT(row) || len >= COUNT(row))
		return COUNT(row);
	for (k = 0; k <= n; k++)
		row[k] = k;
	for (i = 1; i <= len; i++) {
		above = row[0];
		row[0] = i;
		for (k = 1; k <= n; k++) {
			best = above + ((p[i - 1] | 0x20) != name[k - 1]);
			above = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[n];
}

/* The names most like it: the fewest letters away, or begun by it. */
static void
wrong_name(const char *p, size_t len, size_t at, struct filter_wrong *w)
{
	char shown[FILTER_WORD], near[FILTER_ERROR / 2] = "";
	size_t most = len < 5 ? 1 : 2, i, n, said = 0;
	const struct filter_name *name;

	for (i = 0; (name = filter_name_at(i)) != NULL && said < 3; i++) {
		if (distance(name->name, p, len) > most &&
		    (len < 2 || strncasecmp(name->name, p, len) != 0))
			continue;
		n = strlen(near);
		snprintf(near + n, sizeof(near) - n, "%s%s",
		    said++ == 0 ? "; near it: " : ", ", name->name);
	}
	filter_wrong(w, at, "%s is no name%s", filter_word(p, len, shown),
	    said > 0 ? near : ", such as client, principal, service or error");
}

/* A field of events; false when there is none called so. */
static bool
wrong_field(const char *p, size_t len, size_t at, struct filter_wrong *w)
{
	const char *name = NULL, *kind = NULL;
	size_t k, i;

	for (k = EV_NONE + 1; name == NULL && k < EV_KINDS; k++)
		for (i = 0; i < event_descs[k].nfields; i++)
			if (is_name(event_descs[k].fields[i].name, p, len)) {
				name = event_descs[k].fields[i].name;
				kind = event_descs[k].name;
			}
	if (name == NULL)
		return false;
	for (i = 0; i < COUNT(others); i++)
		if (strcmp(others[i].name, name) == 0) {
			filter_wrong(w, at,
			    "%s is not kept of a log-on; see %s", name,
			    others[i].instead);
			return true;
		}
	filter_wrong(w, at, "%s (of %s) is not kept of a log-on", name, kind);
	return true;
}

const struct filter_name *
filter_name_find(const char *p, size_t len, size_t at, struct filter_wrong *w)
{
	const struct filter_name *name;

	for (size_t i = 0; (name = filter_name_at(i)) != NULL; i++)
		if (is_name(name->name, p, len))
			return name;
	if (!wrong_field(p, len, at, w))
		wrong_name(p, len, at, w);
	return NULL;
}
