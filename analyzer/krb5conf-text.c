/*
 * krb5conf-text.c - gathers a krb5.conf and what it includes, as libkrb5 does
 * (MIT krb5: krb5.conf, "include", "includedir"; src/util/profile).
 *
 * libkrb5 is not left to open the included files itself: it takes the whole
 * for unreadable when one is missing, follows a file that includes itself
 * until no descriptor is left, and hangs on a device.  What a client's file
 * includes is mostly /etc/krb5.conf.d, on the client; here it is another
 * machine's, and says nothing of the client.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "krb5conf-text.h"
#include "table.h"
#include "text.h"

/*
 * libkrb5 sorts what it reads into lists, which takes the square of their
 * length; a large site's file has a thousand lines.
 */
#define CONF_OCTETS ((size_t)256 << 10)
#define CONF_LINES 5000
#define CONF_DEPTH 8 /* of includes */
#define CONF_TOLD 4  /* lines on stderr */

/* A file while it is being read. */
struct source {
	struct conf_text *t;
	const char *path;
	unsigned short file;
	unsigned line;
	unsigned depth;
	bool started;    /* a section began; before it all is comment */
	unsigned level;  /* of braces */
	struct str head; /* the last line that began a section */
};

static bool read_file(struct conf_text *t, const char *path, unsigned depth);

/* One line on stderr, a few times: who includes in a circle does so often. */
static void
tell(struct conf_text *t, const char *where, const char *why)
{
	if (t->told++ < CONF_TOLD)
		message("%s: %s", where, why);
}

/* --- one file --------------------------------------------------------- */

/* Up to CONF_OCTETS octets of FD: how many; -1 with errno. */
static ssize_t
read_all(int fd, char *buf)
{
	size_t len = 0;
	ssize_t n;

	while (len < CONF_OCTETS) {
		n = read(fd, buf + len, CONF_OCTETS - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* An included file is one that ends; only the user's own may be a pipe. */
static int
open_file(const char *path, unsigned depth)
{
	int fd = open(path,
	    O_RDONLY | O_CLOEXEC | (depth > 0 ? O_NONBLOCK : 0));
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode) &&
	    (depth == 0 || S_ISREG(st.st_mode)))
		return fd;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	close(fd);
	return -1;
}

/* What FD holds, in memory that the caller frees; NULL with a word why not. */
static char *
take_file(struct conf_text *t, int fd, const char *path, size_t *len)
{
	char *buf = must_calloc(1, CONF_OCTETS + 1);
	ssize_t n = read_all(fd, buf);
	const char *why = NULL;

	if (n < 0)
		why = strerror(errno);
	else if (t->read + (size_t)n >= CONF_OCTETS)
		why = "too large for a krb5.conf";
	else if (memchr(buf, '\0', (size_t)n) != NULL)
		why = "not a krb5.conf: it is no text";
	if (why != NULL) {
		tell(t, path, why);
		free(buf);
		return NULL;
	}
	*len = (size_t)n;
	t->read += (size_t)n;
	return buf;
}

/* --- lines ------------------------------------------------------------ */

static void
add_line(struct source *s, struct str line)
{
	struct conf_text *t = s->t;

	if (t->nlines == t->room) {
		t->room = t->room == 0 ? 64 : 2 * t->room;
		t->lines = must_realloc(t->lines, t->room, sizeof(*t->lines));
	}
	t->text = must_realloc(t->text, t->len + line.len + 1, 1);
	memcpy(t->text + t->len, line.p, line.len);
	t->len += line.len;
	t->text[t->len++] = '\n';
	t->lines[t->nlines++] = (struct conf_line){ t->len, s->file, s->line };
}

/* LINE without the blanks around it. */
static struct str
trimmed(struct str line)
{
	while (line.len > 0 && isspace((unsigned char)line.p[0])) {
		line.p++;
		line.len--;
	}
	while (line.len > 0 && isspace((unsigned char)line.p[line.len - 1]))
		line.len--;
	return line;
}

/* What stands behind WORD at the very start of LINE; p is NULL if not. */
static struct str
behind(struct str line, const char *word)
{
	size_t n = strlen(word);
	struct str none = { NULL, 0 };

	if (line.len <= n || memcmp(line.p, word, n) != 0 ||
	    !isspace((unsigned char)line.p[n]))
		return none;
	return trimmed((struct str){ line.p + n, line.len - n });
}

/* Braces, to know what an included file would be part of. */
static void
follow(struct source *s, struct str line)
{
	struct str t = trimmed(line);

	if (t.len == 0 || t.p[0] == ';' || t.p[0] == '#')
		return;
	if (t.p[0] == '[') {
		s->head = line;
		return;
	}
	if (t.p[0] == '}')
		s->level -= s->level > 0;
	else if (t.p[t.len - 1] == '{')
		s->level++;
}

/* --- includes --------------------------------------------------------- */

static void
left_out(struct source *s, const char *what, const char *why)
{
	char *where = text_printf("%s:%u: includes %s, which is left out",
	    s->path, s->line, what);

	s->t->partial = true;
	tell(s->t, where, why);
	free(where);
}

/* As libkrb5 picks them: letters, digits, - and _, or NAME.conf. */
static int
is_wanted(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	const char *p;

	if (d->d_name[0] == '.')
		return 0;
	if (n > 5 && strcmp(d->d_name + n - 5, ".conf") == 0)
		return 1;
	for (p = d->d_name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
			return 0;
	return 1;
}

static void
read_folder(struct source *s, const char *path)
{
	struct dirent **names = NULL;
	int i, n = scandir(path, &names, is_wanted, alphasort);
	char *file;

	if (n < 0)
		left_out(s, path, strerror(errno));
	for (i = 0; i < n; i++) {
		file = text_printf("%s/%s", path, names[i]->d_name);
		if (!read_file(s->t, file, s->depth + 1))
			s->t->partial = true;
		free(file);
		free(names[i]);
	}
	free(names);
}

/* Whether PATH is this machine's own, and the file given is another's. */
static bool
is_ours(const struct source *s, const char *path)
{
	char *given = realpath(s->t->files[0], NULL);
	bool ours = strncmp(path, "/etc/", 5) == 0 &&
	    (given == NULL || strncmp(given, "/etc/", 5) != 0);

	free(given);
	return ours;
}

static void
include(struct source *s, struct str what, bool folder)
{
	char *path = text_printf("%.*s", (int)what.len, what.p);

	if (s->level > 0)
		left_out(s, path, "it stands within braces");
	else if (is_ours(s, path))
		left_out(s, path, "that is this machine's, not the client's");
	else if (s->depth >= CONF_DEPTH || s->t->nfiles >= CONF_FILES)
		left_out(s, path, "too many includes");
	else if (access(path, R_OK) != 0)
		left_out(s, path, strerror(errno));
	else if (folder)
		read_folder(s, path);
	else if (!read_file(s->t, path, s->depth + 1))
		s->t->partial = true;
	/* The rest belongs to the section that it stands in. */
	if (s->head.len > 0)
		add_line(s, s->head);
	free(path);
}

static void
take_line(struct source *s, struct str line)
{
	struct str file = behind(line, "include");
	struct str folder = behind(line, "includedir");

	s->line++;
	if (file.p != NULL || folder.p != NULL) {
		include(s, folder.p != NULL ? folder : file, folder.p != NULL);
		return;
	}
	s->started |= line.len > 0 && line.p[0] == '[';
	if (!s->started)
		return;
	add_line(s, line);
	follow(s, line);
}

static bool
take_lines(struct source *s, const char *p, size_t len)
{
	const char *end = p + len, *nl;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (s->t->nlines >= CONF_LINES || s->line >= CONF_LINES) {
			tell(s->t, s->path, "too large for a krb5.conf");
			return false;
		}
		take_line(s, (struct str){ p, (size_t)(nl - p) });
	}
	return true;
}

static bool
read_file(struct conf_text *t, const char *path, unsigned depth)
{
	struct source s = { .t = t, .depth = depth };
	int fd = open_file(path, depth);
	size_t len;
	char *buf;
	bool ok;

	if (fd < 0 || t->nfiles >= CONF_FILES) {
		tell(t, path, fd < 0 ? strerror(errno) : "too many includes");
		if (fd >= 0)
			close(fd);
		return false;
	}
	buf = take_file(t, fd, path, &len);
	close(fd);
	if (buf == NULL)
		return false;
	s.file = (unsigned short)t->nfiles;
	s.path = t->files[t->nfiles++] = text_printf("%s", path);
	ok = take_lines(&s, buf, len);
	free(buf);
	return ok;
}

bool
conf_text_read(const char *path, struct conf_text *out)
{
	memset(out, 0, sizeof(*out));
	return read_file(out, path, 0);
}

void
conf_text_free(struct conf_text *t)
{
	for (size_t i = 0; i < t->nfiles; i++)
		free(t->files[i]);
	free(t->lines);
	free(t->text);
}
