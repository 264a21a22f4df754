/*
 * ldif-lines.c - the lines of an LDIF file (RFC 2849): CRLF or LF, folded
 * ones joined, UTF-8 or UTF-16 as ldifde -u and PowerShell's Out-File write.
 *
 * Files may be larger than memory: one block is held, and one line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ldif-lines.h"
#include "table.h"

#define BLOCK ((size_t)256 << 10)
#define LINE_MOST ((size_t)1 << 20)

enum encoding { UTF8, UTF16_LE, UTF16_BE };

struct ldif_lines {
	int fd, error;
	enum encoding encoding;
	uint8_t raw[BLOCK]; /* as read, when it is UTF-16 */
	size_t nraw;
	uint32_t high; /* first half of a surrogate pair */
	char *buf;     /* what comes next: from .. to */
	size_t from, to, room;
	bool begun, any, ended, eof;
	char *line;
	size_t nline, line_room;
	size_t number, next_number;
};

/* --- octets ------------------------------------------------------------ */

static size_t
put_utf8(char *p, uint32_t c)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* One unit of UTF-16, to BUF; lone surrogates become '?'. */
static void
take_unit(struct ldif_lines *l, uint32_t unit)
{
	if (unit >= 0xd800 && unit < 0xdc00) {
		l->high = unit;
		return;
	}
	if (unit >= 0xdc00 && unit < 0xe000)
		unit = l->high == 0 ?
		    '?' :
		    0x10000 + ((l->high - 0xd800) << 10) + (unit - 0xdc00);
	l->high = 0;
	l->to += put_utf8(l->buf + l->to, unit);
}

static void
decode_utf16(struct ldif_lines *l)
{
	size_t i, big = l->encoding == UTF16_BE;

	for (i = 0; i + 1 < l->nraw; i += 2)
		take_unit(l,
		    (uint32_t)l->raw[i + 1 - big] << 8 | l->raw[i + big]);
	if (i < l->nraw)
		l->raw[0] = l->raw[i];
	l->nraw -= i;
}

/* A byte order mark; without one, every second octet of ASCII is NUL. */
static void
find_encoding(struct ldif_lines *l)
{
	const uint8_t *p = l->raw;
	size_t skip = 0;

	l->begun = true;
	if (l->nraw >= 2 && p[0] == 0xff && p[1] == 0xfe) {
		l->encoding = UTF16_LE;
		skip = 2;
	} else if (l->nraw >= 2 && p[0] == 0xfe && p[1] == 0xff) {
		l->encoding = UTF16_BE;
		skip = 2;
	} else if (l->nraw >= 4 && p[0] != 0 && p[1] == 0 && p[3] == 0)
		l->encoding = UTF16_LE;
	else if (l->nraw >= 4 && p[0] == 0 && p[1] != 0 && p[2] == 0)
		l->encoding = UTF16_BE;
	else if (l->nraw >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		skip = 3;
	l->nraw -= skip;
	memmove(l->raw, l->raw + skip, l->nraw);
}

/* The first octets decide how the others are read. */
static void
read_some(struct ldif_lines *l, void *to, size_t room, size_t *have)
{
	ssize_t n;

	do
		n = read(l->fd, (char *)to + *have, room - *have);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		l->error = errno;
	if (n <= 0)
		l->eof = true;
	else
		*have += (size_t)n;
}

static void
begin(struct ldif_lines *l)
{
	while (!l->eof && l->nraw < 4)
		read_some(l, l->raw, BLOCK, &l->nraw);
	l->any = l->nraw > 0;
	find_encoding(l);
	if (l->encoding == UTF8) {
		memcpy(l->buf, l->raw, l->nraw);
		l->to = l->nraw;
		l->nraw = 0;
	} else
		decode_utf16(l);
}

/* More into BUF, behind what is there; false: there is no more. */
static bool
fill(struct ldif_lines *l)
{
	size_t had;

	memmove(l->buf, l->buf + l->from, l->to - l->from);
	l->to -= l->from;
	l->from = 0;
	had = l->to;
	while (l->to == had && !l->eof) {
		if (!l->begun)
			begin(l);
		else if (l->encoding == UTF8)
			read_some(l, l->buf, l->room, &l->to);
		else {
			read_some(l, l->raw, BLOCK, &l->nraw);
			decode_utf16(l);
		}
	}
	return l->to > had;
}

/* --- lines ------------------------------------------------------------- */

struct ldif_lines *
ldif_lines_open(const char *path)
{
	struct ldif_lines *l;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	l = must_calloc(1, sizeof(*l));
	l->fd = fd;
	/* A block of UTF-16 may grow by half; and what is left of the last. */
	l->room = 4 * BLOCK;
	l->buf = must_calloc(l->room, 1);
	l->next_number = 1;
	return l;
}

void
ldif_lines_close(struct ldif_lines *l)
{
	close(l->fd);
	/* An export of a KDC's own database has its keys in it. */
	explicit_bzero(l->raw, sizeof(l->raw));
	explicit_bzero(l->buf, l->room);
	if (l->line != NULL)
		explicit_bzero(l->line, l->line_room);
	free(l->buf);
	free(l->line);
	free(l);
}

static void
line_append(struct ldif_lines *l, const char *p, size_t len, bool *too_long)
{
	if (len > LINE_MOST - l->nline) {
		*too_long = true;
		len = LINE_MOST - l->nline;
	}
	while (l->line_room - l->nline < len) {
		l->line_room = l->line_room == 0 ? 4096 : l->line_room * 2;
		l->line = must_realloc(l->line, l->line_room, 1);
	}
	if (len > 0)
		memcpy(l->line + l->nline, p, len);
	l->nline += len;
}

/* Appends up to the end of the line; false at the end of the file. */
static bool
physical(struct ldif_lines *l, bool *too_long)
{
	const char *end;
	size_t len;

	for (;;) {
		end = memchr(l->buf + l->from, '\n', l->to - l->from);
		len = end == NULL ? l->to - l->from :
				    (size_t)(end - l->buf) - l->from;
		line_append(l, l->buf + l->from, len, too_long);
		l->from += len;
		if (end != NULL) {
			l->from++;
			l->ended = true;
			break;
		}
		if (len > 0)
			l->ended = false;
		if (!fill(l))
			break;
	}
	if (l->nline > 0 && l->line[l->nline - 1] == '\r')
		l->nline--;
	return end != NULL;
}

bool
ldif_lines_next(struct ldif_lines *l, struct str *line, bool *too_long)
{
	*too_long = false;
	l->nline = 0;
	if (l->from == l->to && !fill(l))
		return false;
	l->number = l->next_number;
	while (physical(l, too_long)) {
		l->next_number++;
		if (l->from == l->to && !fill(l))
			break;
		if (l->buf[l->from] != ' ' || l->nline == 0)
			break;
		l->from++;
	}
	*line = (struct str){ l->line, l->nline };
	return true;
}

size_t
ldif_lines_number(const struct ldif_lines *l)
{
	return l->number;
}

bool
ldif_lines_any(const struct ldif_lines *l)
{
	return l->any;
}

bool
ldif_lines_ended(const struct ldif_lines *l)
{
	return l->ended;
}

int
ldif_lines_error(const struct ldif_lines *l)
{
	return l->error;
}
