/*
 * probe-ldif.c - LDIF (RFC 2849) as ldifde, ldbsearch and ldapsearch write
 * it.
 *
 * ldapsearch says at the top what it asked for ("# filter:", "# base <>",
 * "# requesting:") and at the end what came of it ("result: 0 Success");
 * ldbsearch ends with "# returned 14 records".  A file that has the one and
 * not the other was cut off.
 */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "directory.h"
#include "ldif-lines.h"
#include "table.h"
#include "text.h"

struct ldif {
	struct directory *d;
	const char *path;
	struct ldif_lines *lines;
	char *place; /* "accounts.ldif:120" */
	bool too_long;
	size_t objects, here; /* in all, and of this search */
	size_t damaged_at;    /* line; 0: nowhere */
	size_t url_at;
	bool open, skip;       /* in an object; that is not read */
	bool change;           /* a record that changes something */
	bool based;            /* the search said where it began */
	char *filter;          /* declared, or NULL */
	bool searched, sized;  /* of ldapsearch, of ldbsearch */
	bool finished, failed; /* and it says that it got all, or not */
	bool witness;          /* it found what there is in every domain */
	char *octets;          /* a value in base64, decoded */
	size_t room;
};

static void
damaged(struct ldif *f)
{
	if (f->damaged_at == 0)
		f->damaged_at = ldif_lines_number(f->lines);
}

static bool
begins(struct str s, const char *word)
{
	size_t n = strlen(word);

	return s.len >= n && strncasecmp(s.p, word, n) == 0;
}

static struct str
after(struct str s, size_t n)
{
	s.p += n;
	s.len -= n;
	while (s.len > 0 && *s.p == ' ') {
		s.p++;
		s.len--;
	}
	return s;
}

static void
end_object(struct ldif *f)
{
	if (f->open && !f->change) {
		directory_end(f->d);
		f->objects++;
		f->here++;
	}
	f->open = f->skip = f->change = false;
}

/* --- comments ---------------------------------------------------------- */

/* "# requesting: a b c", or ALL. */
static void
requested(struct ldif *f, struct str s)
{
	struct str word;
	const char *end;

	while (s.len > 0) {
		end = memchr(s.p, ' ', s.len);
		word = s;
		if (end != NULL)
			word.len = (size_t)(end - s.p);
		s = after(s, word.len);
		if (word.len == 3 && memcmp(word.p, "ALL", 3) == 0)
			word = (struct str){ "*", 1 };
		directory_asked(f->d, word);
	}
}

/* "# base <dc=corp,dc=example> with scope subtree" */
static void
search_base(struct ldif *f, struct str s)
{
	const char *end = memrchr(s.p, '>', s.len);
	struct str base;

	if (s.len == 0 || *s.p != '<' || end == NULL)
		return;
	base = (struct str){ s.p + 1, (size_t)(end - s.p - 1) };
	s = after(s, (size_t)(end - s.p) + 1);
	if (begins(s, "(default)"))
		return;
	/* Of one object, or one level, nothing is sure. */
	if (!begins(s, "with scope sub"))
		f->failed = true;
	directory_base(f->d, base);
	f->based = true;
}

/*
 * Whether it surely is all that was asked for.  A head is written before the
 * search is made: that nothing follows may mean that it was refused.  So it
 * has to say how it ended, or to hold what there is in every domain (ldifde
 * says nothing, and our commands ask for krbtgt).
 */
static bool
is_whole(const struct ldif *f)
{
	if (f->failed || !ldif_lines_ended(f->lines))
		return false;
	if (f->searched || f->sized)
		return f->finished;
	return f->filter == NULL || f->finished || f->witness;
}

static void
end_source(struct ldif *f, bool bad)
{
	struct str filter = { f->filter, 0 };

	if (f->filter != NULL)
		filter.len = strlen(f->filter);
	directory_source(f->d, f->path, filter, is_whole(f), bad);
	free(f->filter);
	f->filter = NULL;
	f->here = 0;
	f->based = f->searched = f->sized = false;
	f->finished = f->failed = f->witness = false;
}

/* Several searches one after the other in one file. */
static void
another_search(struct ldif *f)
{
	end_object(f);
	if (f->here > 0 || f->filter != NULL || f->based)
		end_source(f, f->damaged_at + f->url_at != 0);
}

static void
comment(struct ldif *f, struct str s)
{
	struct str text;

	s = after(s, 1);
	if (begins(s, "filter:")) {
		text = after(s, 7);
		/* Which objects are whose is not told. */
		f->failed |= f->filter != NULL || text.len == 0;
		free(f->filter);
		f->filter = must_text(text);
	} else if (begins(s, "base <")) {
		another_search(f);
		search_base(f, after(s, 5));
	} else if (begins(s, "requesting:"))
		requested(f, after(s, 11));
	else if (begins(s, "extended LDIF")) {
		another_search(f);
		f->searched = true;
	} else if (begins(s, "record "))
		f->sized = true;
	else if (begins(s, "returned "))
		f->finished = true;
}

/* --- values ------------------------------------------------------------ */

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool
decode(struct ldif *f, struct str s, struct str *value)
{
	uint32_t bits = 0;
	size_t i, n = 0, have = 0;
	int digit;

	if (f->room < s.len) {
		f->room = s.len;
		f->octets = must_realloc(f->octets, f->room, 1);
	}
	while (s.len > 0 && (s.p[s.len - 1] == '=' || s.p[s.len - 1] == ' '))
		s.len--;
	for (i = 0; i < s.len; i++) {
		digit = base64_digit(s.p[i]);
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			f->octets[n++] = (char)(bits >> have);
		}
	}
	*value = (struct str){ f->octets, n };
	return true;
}

/* The value behind "attribute:". */
static bool
read_value(struct ldif *f, struct str s, struct str *value)
{
	if (s.len > 0 && *s.p == ':')
		return decode(f, after(s, 1), value);
	*value = after(s, 0);
	while (value->len > 0 && value->p[value->len - 1] == ' ')
		value->len--;
	return true;
}

/* --- lines ------------------------------------------------------------- */

static void
begin_object(struct ldif *f, struct str dn)
{
	end_object(f);
	free(f->place);
	f->place = text_printf("%s:%zu", f->path, ldif_lines_number(f->lines));
	directory_begin(f->d, f->place, dn);
	f->open = true;
}

/* What stands in no object: of the file, or of the search. */
static void
outside(struct ldif *f, struct str name, struct str value)
{
	if (begins(name, "result") && name.len == 6) {
		f->finished = true;
		if (!begins(value, "0"))
			f->failed = true;
	} else if (begins(name, "control") &&
	    memmem(value.p, value.len, "pagedresults", 12) != NULL)
		f->failed = value.len > 0 &&
		    memmem(value.p, value.len, "cookie=", 7) != NULL &&
		    value.p[value.len - 1] != '=';
	f->skip = true;
}

static void
attribute(struct ldif *f, struct str name, struct str rest)
{
	const char *option;
	struct str value;

	option = memchr(name.p, ';', name.len);
	if (option != NULL)
		name.len = (size_t)(option - name.p);
	if (begins(name, "dn") && name.len == 2) {
		if (read_value(f, rest, &value))
			begin_object(f, value);
		else
			damaged(f);
		return;
	}
	if (!f->open) {
		outside(f, name, after(rest, 0));
		return;
	}
	if (begins(name, "changetype") && name.len == 10) {
		f->change = !begins(after(rest, 0), "add");
		return;
	}
	if (f->change || !directory_wants(name))
		return;
	if (rest.len > 0 && *rest.p == '<')
		f->url_at = ldif_lines_number(f->lines);
	else if (f->too_long || !read_value(f, rest, &value))
		damaged(f);
	else {
		directory_value(f->d, name, value);
		f->witness |= begins(name, "sAMAccountName") &&
		    value.len == 6 && begins(value, "krbtgt");
	}
}

static bool
is_name(struct str s)
{
	size_t i;
	int c;

	for (i = 0; i < s.len; i++) {
		c = (unsigned char)s.p[i];
		if (((c | 0x20) < 'a' || (c | 0x20) > 'z') &&
		    (c < '0' || c > '9') && c != '-' && c != '.' && c != ';' &&
		    c != '_' && c != '=')
			return false;
	}
	return s.len > 0;
}

/* False: this is no LDIF. */
static bool
one_line(struct ldif *f, struct str line)
{
	const char *colon;
	struct str name;

	if (line.len == 0) {
		end_object(f);
		return true;
	}
	if (*line.p == '#') {
		comment(f, line);
		return true;
	}
	colon = memchr(line.p, ':', line.len);
	name = (struct str){ line.p,
		colon == NULL ? 0 : (size_t)(colon - line.p) };
	if (is_name(name)) {
		attribute(f, name,
		    (struct str){ colon + 1, line.len - name.len - 1 });
		return f->objects > 0 || f->open || f->skip;
	}
	if (f->change && line.len == 1 && *line.p == '-')
		return true;
	damaged(f);
	return f->objects > 0 || f->open;
}

/* --- the file ---------------------------------------------------------- */

static bool
complain(struct ldif *f, bool is_ldif)
{
	int error = ldif_lines_error(f->lines);

	if (error != 0 && f->objects == 0)
		message("%s: %s", f->path, strerror(error));
	else if (!ldif_lines_any(f->lines))
		message("%s: is empty", f->path);
	else if (!is_ldif)
		message("%s: is not LDIF (line %zu)", f->path,
		    ldif_lines_number(f->lines));
	else if (f->objects == 0)
		message("%s: holds no object", f->path);
	else if (error != 0)
		message("%s: %s; what came before is used", f->path,
		    strerror(error));
	else if (f->damaged_at != 0)
		message("%s: damaged at line %zu; the rest is used", f->path,
		    f->damaged_at);
	else if (f->url_at != 0)
		message("%s: line %zu: no value is read from a URL", f->path,
		    f->url_at);
	else
		return true;
	return f->objects > 0 && is_ldif;
}

static bool
read_all(struct ldif *f)
{
	bool is_ldif = true, good;
	struct str line;

	while (is_ldif && ldif_lines_next(f->lines, &line, &f->too_long))
		is_ldif = one_line(f, line);
	end_object(f);
	good = complain(f, is_ldif);
	end_source(f,
	    f->damaged_at + f->url_at != 0 || !is_ldif ||
		ldif_lines_error(f->lines) != 0);
	return good;
}

bool
ldif_read(struct directory *d, const char *path)
{
	struct ldif f = { .d = d, .path = path };
	bool ok;

	f.lines = ldif_lines_open(path);
	if (f.lines == NULL) {
		message("%s: %s", path, strerror(errno));
		return false;
	}
	ok = read_all(&f);
	ldif_lines_close(f.lines);
	free(f.place);
	free(f.filter);
	free(f.octets);
	return ok;
}
