/*
 * ldif-text.h - a directory made of LDIF text, and what it says to questions.
 */
#ifndef TESTS_LDIF_TEXT_H
#define TESTS_LDIF_TEXT_H

#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "directory.h"
#include "event-json.h"

/* A file with TEXT in it, to be read once. */
static struct directory *
directory_of(const char *text, size_t len, bool *ok)
{
	struct directory *d = directory_new();
	char path[] = "/tmp/kerbscope-ldif-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
	*ok = ldif_read(d, path);
	unlink(path);
	return d;
}

static UNUSED struct directory *
directory_from(const char *text)
{
	bool ok;
	struct directory *d = directory_of(text, strlen(text), &ok);

	CHECK(ok);
	return d;
}

struct told {
	FILE *out;
	char *text;
	size_t len;
};

static void
told_event(void *arg, const struct event *ev)
{
	struct told *t = arg;

	event_json_write(t->out, ev);
}

/* What D says to Q, as event lines; the caller frees it. */
static UNUSED char *
told(const struct directory *d, const struct questions *q)
{
	struct told t = { .out = NULL };

	t.out = open_memstream(&t.text, &t.len);
	if (t.out == NULL)
		abort();
	directory_tell(d, q, told_event, &t);
	fclose(t.out);
	return t.text;
}

static struct str
lit(const char *p)
{
	return (struct str){ p, strlen(p) };
}

/* A ticket for SPN is asked of REALM's KDC. */
static UNUSED void
asks_ticket(struct questions *q, const char *spn, const char *realm)
{
	struct event ev;

	event_init(&ev, EV_kdc_req);
	ev.u.kdc_req.msg_type = 12;
	ev.u.kdc_req.sname = lit(spn);
	ev.u.kdc_req.realm = lit(realm);
	questions_event(q, &ev);
}

/* NAME logs on at REALM. */
static UNUSED void
asks_logon(struct questions *q, const char *name, const char *realm)
{
	struct event ev;

	event_init(&ev, EV_kdc_req);
	ev.u.kdc_req.msg_type = 10;
	ev.u.kdc_req.cname = lit(name);
	ev.u.kdc_req.realm = lit(realm);
	questions_event(q, &ev);
}

/* What TEXT, an LDIF file, says of who holds SPN. */
static UNUSED char *
owners_in(const char *text, const char *spn, const char *realm)
{
	struct directory *d = directory_from(text);
	struct questions *q = questions_new();
	char *all, *line;

	asks_ticket(q, spn, realm);
	all = told(d, q);
	line = strstr(all, "{\"event\":\"directory-spn\"");
	line = strndup(line == NULL ? "" : line,
	    line == NULL ? 0 : strcspn(line, "\n"));
	free(all);
	questions_free(q);
	directory_free(d);
	return line;
}

/* Whether that line has WORD in it; it is freed. */
static UNUSED bool
line_has(char *line, const char *word)
{
	bool has = strstr(line, word) != NULL;

	if (!has)
		printf("no %s in %s\n", word, line);
	free(line);
	return has;
}

static UNUSED bool
line_lacks(char *line, const char *word)
{
	bool has = strstr(line, word) != NULL;

	if (has)
		printf("%s in %s\n", word, line);
	free(line);
	return !has;
}

/* One account. */
#define ACCOUNT(name, class, more)                                      \
	"dn: CN=" name ",CN=Users,DC=corp,DC=test\nobjectClass: " class \
	    "\nsAMAccountName: " name "\n" more "\n"

/* An export of all accounts of CORP.TEST. */
#define KRBTGT \
	ACCOUNT("krbtgt", "user", "servicePrincipalName: kadmin/changepw\n")
#define DC1                                                      \
	ACCOUNT("DC1$", "computer",                              \
	    "userAccountControl: 532480\nservicePrincipalName: " \
	    "HOST/dc1.corp.test\n")
#define FS1                                                          \
	ACCOUNT("FS1$", "computer",                                  \
	    "userAccountControl: 4096\ndNSHostName: fs1.corp.test\n" \
	    "servicePrincipalName: HOST/fs1.corp.test\n"             \
	    "servicePrincipalName: HOST/FS1\n")
#define ANNA ACCOUNT("anna", "user", "userPrincipalName: anna@corp.test\n")
#define BOB ACCOUNT("bob", "user", "userAccountControl: 512\n")
#define CORP KRBTGT DC1 FS1 ANNA BOB

#endif
