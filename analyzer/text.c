/*
 * text.c - paragraphs of 80 columns, and lines on stderr.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event-json.h"
#include "memory.h"
#include "presenter.h"
#include "progress.h"
#include "table.h"
#include "text.h"

char *
text_escaped(const char *text)
{
	char *buf = NULL;
	size_t len;
	FILE *f = open_memstream(&buf, &len);

	if (f == NULL)
		memory_none();
	escape_text(f, text);
	if (fclose(f) != 0 || buf == NULL)
		memory_none();
	return buf;
}

size_t
text_width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((uint8_t)*text & 0xc0) != 0x80;
	return n;
}

void
text_wrap(FILE *out, size_t column, const char *prefix, const char *text)
{
	char *all = text_escaped(text), *rest = all, *word;
	size_t indent = text_width(prefix), width;
	bool fresh = true;

	while ((word = strsep(&rest, " ")) != NULL) {
		if (*word == '\0')
			continue;
		width = text_width(word);
		if (!fresh && column + 1 + width > TEXT_COLUMNS) {
			fprintf(out, "\n%s", prefix);
			column = indent;
			fresh = true;
		}
		if (!fresh)
			putc(' ', out);
		fputs(word, out);
		column += width + !fresh;
		fresh = false;
	}
	putc('\n', out);
	free(all);
}

char *
text_printf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		memory_none();
	return s;
}

char *
text_count(uint64_t n, const char *word, const char *many)
{
	return text_printf("%llu %s%s", (unsigned long long)n, word,
	    n == 1 ? "" : many);
}

static bool
is_plain(const char *word)
{
	for (; *word != '\0'; word++)
		if (!isalnum((uint8_t)*word) &&
		    strchr("-._/@:+,=%", *word) == NULL)
			return false;
	return true;
}

char *
text_shell(const char *word)
{
	const char *dash = *word == '-' ? "./" : "";
	char *shown = text_escaped(word), *quoted, *q;
	bool same = strcmp(shown, word) == 0;

	free(shown);
	if (!same || *word == '\0')
		return NULL;
	if (is_plain(word))
		return text_printf("%s%s", dash, word);
	/* Each ' ends the quoted text, stands escaped, and begins it anew. */
	q = quoted = must_calloc(4 * strlen(word) + 5, 1);
	q += sprintf(q, "'%s", dash);
	for (; *word != '\0'; word++)
		q += sprintf(q, *word == '\'' ? "'\\''" : "%c", *word);
	*q = '\'';
	return quoted;
}

char *
text_captures(const struct result *r, const char *again)
{
	char *words = text_printf("%s", again == NULL ? "" : again), *more;
	char *word;

	for (size_t i = 0; i < r->ncaptures; i++) {
		const char *path = r->captures[i].path;

		/* Neither standard input nor an interface has it again. */
		word = r->live || strcmp(path, "-") == 0 ? NULL :
							   text_shell(path);
		more = text_printf("%s %s", words,
		    word == NULL ? "CAPTURE" : word);
		free(word);
		free(words);
		words = more;
	}
	return words;
}

char *
text_evidence(unsigned kinds)
{
	char *text = text_printf("%s", ""), *more;

	for (unsigned bit = 1; bit <= EVIDENCE_LAST; bit <<= 1) {
		if ((kinds & bit) == 0)
			continue;
		more = text_printf("%s%s%s", text, *text == '\0' ? "" : ", ",
		    evidence_name(bit));
		free(text);
		text = more;
	}
	return text;
}

char *
text_fix_comment(const struct fix *fix)
{
	const char *note = fix->note == NULL ? "" : fix->note;

	if (strcmp(fix->platform, "any") == 0)
		return text_printf("%s", note);
	return text_printf("for %s%s%s", fix->platform,
	    *note == '\0' ? "" : "; ", note);
}

/* It says of which stream it reads: JOURNAL_STREAM=DEVICE:INODE. */
bool
text_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat sb;

	if (stream == NULL || fstat(fd, &sb) != 0)
		return false;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)sb.st_dev,
	    (uintmax_t)sb.st_ino);
	return strcmp(stream, here) == 0;
}

static void (*message_taker)(void *arg, const char *text);
static void *message_arg;

void
message_to(void (*taker)(void *arg, const char *text), void *arg)
{
	message_taker = taker;
	message_arg = arg;
}

void
message(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		memory_none();
	if (message_taker != NULL) {
		message_taker(message_arg, s);
	} else {
		progress_clear();
		fputs(text_is_journal(STDERR_FILENO) ? "<4>" : "kerbscope: ",
		    stderr);
		escape_text(stderr, s);
		putc('\n', stderr);
	}
	free(s);
}
