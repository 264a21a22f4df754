/*
 * spn.c - service principal names and host names: taking them apart and
 * comparing them (RFC 4120 6.2, MS-ADTS 3.1.1.5.3.1.2 for AD's form).
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "story.h"

struct str
str_of(const char *s)
{
	return (struct str){ s, s == NULL ? 0 : strlen(s) };
}

/* Cuts TEXT at the first C outside brackets; what follows goes to REST. */
static struct str
cut_at(struct str text, char c, struct str *rest)
{
	size_t i;
	int depth = 0;

	*rest = (struct str){ NULL, 0 };
	for (i = 0; i < text.len; i++) {
		if (text.p[i] > ']')
			continue; /* a small letter, as most are */
		if (text.p[i] == '[')
			depth++;
		else if (text.p[i] == ']')
			depth--;
		else if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == c && depth <= 0) {
			rest->p = text.p + i + 1;
			rest->len = text.len - i - 1;
			return (struct str){ text.p, i };
		}
	}
	return text;
}

bool
spn_split(const char *text, struct spn *out)
{
	return spn_split_str(str_of(text), out);
}

bool
spn_split_str(struct str text, struct spn *out)
{
	struct str rest;

	memset(out, 0, sizeof(*out));
	if (text.len == 0 || memchr(text.p, '/', text.len) == NULL) {
		out->host = text;
		return false;
	}
	out->class = cut_at(text, '/', &rest);
	out->host = cut_at(rest, '/', &out->name);
	out->host = cut_at(out->host, ':', &out->port);
	return out->class.len > 0;
}

static bool
str_same(struct str a, struct str b)
{
	return a.len == b.len &&
	    (a.len == 0 || strncasecmp(a.p, b.p, a.len) == 0);
}

bool
spn_equal(const char *a, const char *b)
{
	struct spn x, y;

	if (a == NULL || b == NULL)
		return false;
	/* Most are one text, or of two classes. */
	if (strcmp(a, b) == 0)
		return true;
	if (strncasecmp(a, b, 1) != 0)
		return false;
	if (spn_split(a, &x) != spn_split(b, &y))
		return false;
	if (x.class.len == 0)
		return strcasecmp(a, b) == 0;
	return str_same(x.class, y.class) && str_same(x.host, y.host);
}

/* Most names have a letter beyond f among their first octets. */
static bool
may_be_ip(struct str text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!isxdigit((unsigned char)text.p[i]) &&
		    strchr(":.[]", text.p[i]) == NULL)
			return false;
	return true;
}

bool
text_is_ip(struct str text)
{
	struct addr a;

	if (!may_be_ip(text))
		return false;
	if (text.len > 2 && text.p[0] == '[' && text.p[text.len - 1] == ']')
		return addr_parse(text.p + 1, text.len - 2, &a);
	return text.len > 0 && addr_parse(text.p, text.len, &a);
}

bool
host_alike(struct str a, struct str b)
{
	struct str swap;

	if (str_same(a, b))
		return a.len > 0;
	if (a.len > b.len) {
		swap = a;
		a = b;
		b = swap;
	}
	return a.len > 0 && a.len < b.len && b.p[a.len] == '.' &&
	    memchr(a.p, '.', a.len) == NULL &&
	    strncasecmp(a.p, b.p, a.len) == 0 && !text_is_ip(a) &&
	    !text_is_ip(b);
}

bool
host_in_domain(struct str host, struct str realm)
{
	return realm.len > 0 && host.len > realm.len + 1 &&
	    host.p[host.len - realm.len - 1] == '.' &&
	    strncasecmp(host.p + host.len - realm.len, realm.p, realm.len) == 0;
}
