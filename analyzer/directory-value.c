/*
 * directory-value.c - values of attributes, as a directory writes them: SIDs
 * (MS-DTYP 2.4.2), security descriptors (MS-DTYP 2.4.6; as text 2.5.1), times
 * (MS-DTYP 2.3.3, RFC 4517 3.3.13), distinguished names (RFC 4514).
 *
 * All of them are hostile: a value that is not well formed is none.
 */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "directory-store.h"
#include "event-json.h"

/* --- texts ------------------------------------------------------------- */

const char *
dir_text(struct arena *mem, const char *p, size_t len)
{
	char clean[DIR_MAX_TEXT];
	size_t i, n, good = 0;
	uint32_t code;

	if (len == 0 || len > DIR_MAX_TEXT)
		return NULL;
	for (i = 0; i < len; i += n) {
		n = utf8_char(p + i, len - i, &code);
		if (n > 0 && code != 0) {
			memcpy(clean + good, p + i, n);
			good += n;
			continue;
		}
		clean[good++] = '?';
		n = 1;
	}
	return arena_text(mem, clean, good);
}

int64_t
dir_number(const char *p, size_t len, int64_t otherwise)
{
	char digits[32], *end;
	long long v;

	if (len == 0 || len >= sizeof(digits))
		return otherwise;
	memcpy(digits, p, len);
	digits[len] = '\0';
	v = strtoll(digits, &end, strncasecmp(digits, "0x", 2) == 0 ? 16 : 10);
	return *end == '\0' && end != digits ? v : otherwise;
}

/* --- times ------------------------------------------------------------- */

#define FILETIME_1970 INT64_C(116444736000000000)

/* Days since 1970 of a date of the proleptic Gregorian calendar. */
static int64_t
days_of(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	return y * 365 + y / 4 - y / 100 + y / 400 +
	    (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1 - 719468;
}

static int64_t
digits_at(const char *p, size_t n)
{
	int64_t v = 0;

	while (n-- > 0) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + (*p++ - '0');
	}
	return v;
}

/* 20260102030405.0Z, the only form that directories write. */
static int64_t
generalized_time(const char *p, size_t len)
{
	int64_t y, m, d, h, min, s;

	if (len < 15 || p[len - 1] != 'Z' || (len > 15 && p[14] != '.'))
		return 0;
	y = digits_at(p, 4);
	m = digits_at(p + 4, 2);
	d = digits_at(p + 6, 2);
	h = digits_at(p + 8, 2);
	min = digits_at(p + 10, 2);
	s = digits_at(p + 12, 2);
	if (y < 1601 || m < 1 || m > 12 || d < 1 || d > 31 || h < 0 || h > 23 ||
	    min < 0 || min > 59 || s < 0 || s > 60)
		return 0;
	y = (((days_of(y, m, d) * 24 + h) * 60 + min) * 60 + s) * 1000000;
	return y > 0 ? y : 0;
}

int64_t
dir_time(const char *p, size_t len)
{
	int64_t v = dir_number(p, len, -1);

	if (len >= 15 && p[len - 1] == 'Z')
		return generalized_time(p, len);
	if (v < FILETIME_1970)
		return 0;
	/* INT64_MAX is never; what is past the year 9999 is no time either. */
	v = (v - FILETIME_1970) / 10;
	return v > EVENT_TIME_MAX ? 0 : v;
}

/* --- SIDs -------------------------------------------------------------- */

#define SID_MOST_PARTS 15

static uint32_t
le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* The octets of the SID at P; 0: there is none. */
static size_t
sid_length(const uint8_t *p, size_t len)
{
	size_t n;

	if (len < 8 || p[0] != 1 || p[1] > SID_MOST_PARTS)
		return 0;
	n = 8 + 4 * (size_t)p[1];
	return n <= len ? n : 0;
}

static const char *
sid_text(struct arena *mem, const uint8_t *p)
{
	char text[16 + 11 * (SID_MOST_PARTS + 2)];
	uint64_t authority = 0;
	size_t i;
	int at;

	for (i = 2; i < 8; i++)
		authority = authority << 8 | p[i];
	at = snprintf(text, sizeof(text), "S-1-%llu",
	    (unsigned long long)authority);
	for (i = 0; i < p[1]; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "-%u",
		    le32(p + 8 + 4 * i));
	return arena_text(mem, text, (size_t)at);
}

/* ldbsearch and PowerShell write a SID as SDDL does. */
const char *
dir_sid(struct arena *mem, const char *p, size_t len)
{
	size_t i;

	if (len > 4 && len < 200 && strncasecmp(p, "S-1-", 4) == 0) {
		for (i = 4; i < len; i++)
			if (p[i] != '-' && (p[i] < '0' || p[i] > '9'))
				return NULL;
		return arena_text(mem, p, len);
	}
	if (sid_length((const uint8_t *)p, len) != len || len == 0)
		return NULL;
	return sid_text(mem, (const uint8_t *)p);
}

/* --- security descriptors ---------------------------------------------- */

#define SD_DACL_PRESENT 0x0004
#define SD_SELF_RELATIVE 0x8000
#define ACE_ALLOWED 0
#define ACE_ALLOWED_OBJECT 5
#define ACE_INHERIT_ONLY 0x08
#define ACE_OBJECT_TYPE 1
#define ACE_INHERITED_TYPE 2

/* Where the SID of an ACE stands; 0: not in one of these. */
static size_t
ace_sid_at(const uint8_t *p, size_t len)
{
	size_t at = 12;

	if (len < 8 || (p[1] & ACE_INHERIT_ONLY) != 0)
		return 0;
	if (p[0] == ACE_ALLOWED)
		return 8;
	if (p[0] != ACE_ALLOWED_OBJECT || len < 12)
		return 0;
	at += (le32(p + 8) & ACE_OBJECT_TYPE) != 0 ? 16 : 0;
	at += (le32(p + 8) & ACE_INHERITED_TYPE) != 0 ? 16 : 0;
	return at;
}

/* The I-th part, from 0, of an entry "A;;RP;;;S-1-5-21-..." of SDDL. */
static struct str
ace_part(struct str ace, size_t i)
{
	const char *p = ace.p, *end = ace.p + ace.len, *semicolon;

	for (;; i--) {
		semicolon = memchr(p, ';', (size_t)(end - p));
		if (i == 0 || semicolon == NULL)
			break;
		p = semicolon + 1;
	}
	if (i > 0)
		return (struct str){ "", 0 };
	return (struct str){ p,
		(size_t)((semicolon == NULL ? end : semicolon) - p) };
}

static bool
part_is(struct str part, const char *text)
{
	return part.len == strlen(text) &&
	    strncasecmp(part.p, text, part.len) == 0;
}

/*
 * A descriptor in the words of MS-DTYP 2.5.1, as Samba's ldbsearch writes it.
 * Who has an alias there (BA, DA) is a group, and stays that alias.
 */
static size_t
descriptor_text(struct arena *mem, struct str text, const char **sids,
    size_t most)
{
	const char *p = memmem(text.p, text.len, "D:", 2);
	const char *end = text.p + text.len, *close;
	struct str ace, sid;
	size_t n = 0;

	while (p != NULL && n < most &&
	    (p = memchr(p, '(', (size_t)(end - p))) != NULL &&
	    (close = memchr(p, ')', (size_t)(end - p))) != NULL) {
		ace = (struct str){ p + 1, (size_t)(close - p - 1) };
		p = close;
		sid = ace_part(ace, 5);
		if ((part_is(ace_part(ace, 0), "A") ||
			part_is(ace_part(ace, 0), "OA")) &&
		    sid.len > 0 &&
		    memmem(ace_part(ace, 1).p, ace_part(ace, 1).len, "IO", 2) ==
			NULL &&
		    (sids[n] = dir_text(mem, sid.p, sid.len)) != NULL)
			n++;
	}
	return n;
}

static size_t
descriptor_octets(struct arena *mem, const uint8_t *p, size_t len,
    const char **sids, size_t most)
{
	size_t at = le32(p + 16), end, ace, sid, n = 0, left;

	if (((p[2] | p[3] << 8) & SD_DACL_PRESENT) == 0 || at < 20 ||
	    at > len - 8 || len < 28)
		return 0;
	end = at + (size_t)(p[at + 2] | p[at + 3] << 8);
	if (end > len)
		end = len;
	left = (size_t)(p[at + 4] | p[at + 5] << 8);
	for (at += 8; left > 0 && n < most && at + 4 <= end; left--) {
		ace = (size_t)(p[at + 2] | p[at + 3] << 8);
		if (ace < 8 || ace > end - at)
			break;
		sid = ace_sid_at(p + at, ace);
		if (sid != 0 && sid < ace &&
		    sid_length(p + at + sid, ace - sid) != 0)
			sids[n++] = sid_text(mem, p + at + sid);
		at += ace;
	}
	return n;
}

size_t
dir_descriptor(struct arena *mem, const char *octets, size_t len,
    const char **sids, size_t most)
{
	if (len >= 20 && octets[0] == 1)
		return descriptor_octets(mem, (const uint8_t *)octets, len,
		    sids, most);
	if (len > 2 && octets[1] == ':' && memchr("OGDS", octets[0], 4) != NULL)
		return descriptor_text(mem, (struct str){ octets, len }, sids,
		    most);
	/* Not understood: somebody whom nobody knows, and not nobody. */
	if (len > 0 && most > 0)
		sids[0] = "?";
	return len > 0 && most > 0;
}

/* --- distinguished names ----------------------------------------------- */

/* Where the part of DN at P ends: a comma, or the end. */
static const char *
part_end(const char *p)
{
	for (; *p != '\0' && *p != ','; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	return p;
}

/* Without the blanks before its end, unless one is escaped. */
static const char *
part_trimmed(const char *p, const char *end)
{
	while (end > p + 1 && end[-1] == ' ' && end[-2] != '\\')
		end--;
	return end;
}

static const char *
after_blanks(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

const char *
dir_dn_realm(struct arena *mem, const char *dn)
{
	char realm[256];
	size_t n = 0;
	const char *end, *last;

	for (dn = after_blanks(dn); *dn != '\0';) {
		end = part_end(dn);
		last = part_trimmed(dn, end);
		if (strncasecmp(dn, "DC=", 3) != 0) {
			n = 0;
		} else {
			if (n > 0 && n < sizeof(realm))
				realm[n++] = '.';
			for (dn += 3; dn < last && n < sizeof(realm); dn++)
				realm[n++] = (char)toupper((unsigned char)*dn);
		}
		dn = *end == '\0' ? end : after_blanks(end + 1);
	}
	return n == 0 || n >= sizeof(realm) ? NULL : arena_text(mem, realm, n);
}

const char *
dir_dn_plain(struct arena *mem, const char *dn)
{
	size_t n = 0;
	const char *end, *last;
	char *plain = arena_alloc(mem, strlen(dn) + 1);

	for (dn = after_blanks(dn); *dn != '\0';) {
		end = part_end(dn);
		for (last = part_trimmed(dn, end); dn < last; dn++)
			plain[n++] = (char)tolower((unsigned char)*dn);
		if (*end == '\0')
			break;
		plain[n++] = ',';
		dn = after_blanks(end + 1);
	}
	plain[n] = '\0';
	return plain;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *
dir_dn_first(struct arena *mem, const char *dn)
{
	char value[DIR_MAX_TEXT];
	const char *end = part_end(dn), *p = strchr(dn, '=');
	size_t n = 0;

	if (p == NULL || p >= end)
		return NULL;
	for (p++; p < end && n < sizeof(value); p++) {
		if (*p != '\\' || p + 1 >= end)
			value[n++] = *p;
		else if (p + 2 < end && hex_digit(p[1]) >= 0 &&
		    hex_digit(p[2]) >= 0) {
			value[n++] = (char)(hex_digit(p[1]) * 16 +
			    hex_digit(p[2]));
			p += 2;
		} else
			value[n++] = *++p;
	}
	return dir_text(mem, value, n);
}
