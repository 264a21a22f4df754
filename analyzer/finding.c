/*
 * finding.c - what a rule says of a story, and the texts made from it.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding-text.h"

const char *const subject_names[SUBJECTS] = {
	[SUBJECT_SPN] = "spn",
	[SUBJECT_REALM] = "realm",
	[SUBJECT_ACCOUNT] = "account",
	[SUBJECT_CLIENT] = "client",
	[SUBJECT_SERVER] = "server",
	[SUBJECT_KDC] = "kdc",
	[SUBJECT_HOST] = "host",
	[SUBJECT_NAME] = "name",
};

/* --- for rules -------------------------------------------------------- */

void
finding_subject(struct finding *f, enum subject what, const char *value)
{
	if (value != NULL && what < SUBJECTS)
		f->subject[what] = arena_str(f->arena, str_of(value));
}

void
finding_subject_addr(struct finding *f, enum subject what,
    const struct addr *addr)
{
	char text[ADDR_TEXT];

	if (addr->family != 0)
		finding_subject(f, what, addr_text(addr, text));
}

void
finding_param(struct finding *f, const char *key, const char *value)
{
	struct param *p;

	if (value == NULL || f->nparams == FINDING_MAX_PARAMS)
		return;
	p = &f->params[f->nparams++];
	p->key = key;
	p->value = arena_str(f->arena, str_of(value));
}

void
finding_paramf(struct finding *f, const char *key, const char *fmt, ...)
{
	va_list ap;

	if (f->nparams == FINDING_MAX_PARAMS)
		return;
	f->params[f->nparams].key = key;
	va_start(ap, fmt);
	f->params[f->nparams++].value = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
}

void
finding_evidence(struct finding *f, const struct ref *ref, const char *fmt, ...)
{
	struct evidence *e;
	va_list ap;
	size_t i;

	if (ref->frame == 0 || f->nevidence == FINDING_MAX_EVIDENCE)
		return;
	for (i = 0; i < f->nevidence; i++)
		if (f->evidence[i].source == NULL &&
		    f->evidence[i].ref.frame == ref->frame &&
		    f->evidence[i].ref.capture == ref->capture)
			return; /* the first word on a frame counts */
	e = &f->evidence[f->nevidence++];
	e->ref = *ref;
	e->source = NULL;
	va_start(ap, fmt);
	e->says = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
}

void
finding_lookup(struct finding *f, const char *source, const char *fmt, ...)
{
	struct evidence *e;
	va_list ap;
	size_t i;

	if (source == NULL || f->nevidence == FINDING_MAX_EVIDENCE)
		return;
	for (i = 0; i < f->nevidence; i++)
		if (f->evidence[i].source != NULL &&
		    strcmp(f->evidence[i].source, source) == 0)
			return;
	e = &f->evidence[f->nevidence++];
	memset(&e->ref, 0, sizeof(e->ref));
	e->source = arena_str(f->arena, str_of(source));
	va_start(ap, fmt);
	e->says = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
}

void
finding_account(struct finding *f, const struct dir_account *a, const char *fmt,
    ...)
{
	const char *text;
	va_list ap;

	if (a == NULL)
		return;
	va_start(ap, fmt);
	text = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	f->rests_on |= EVIDENCE_DIRECTORY;
	finding_lookup(f, a->source, "%s", text);
}

void
finding_excluded(struct finding *f, const struct ref *ref, const char *what,
    const char *fmt, ...)
{
	struct excluded *x;
	va_list ap;

	if (f->nexcluded == FINDING_MAX_EXCLUDED)
		return;
	x = &f->excluded[f->nexcluded++];
	memset(&x->ref, 0, sizeof(x->ref));
	if (ref != NULL)
		x->ref = *ref;
	x->what = arena_str(f->arena, str_of(what));
	va_start(ap, fmt);
	x->because = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
}

void
finding_step(struct finding *f, const struct ref *req)
{
	f->step = *req;
}

const char *
finding_text(struct finding *f, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	return text;
}

/* --- texts ------------------------------------------------------------ */

/* {sam}: the account as Windows commands want it, without its realm. */
static const char *
sam_of(const struct finding *f)
{
	const char *name = f->subject[SUBJECT_ACCOUNT];

	if (name == NULL)
		return NULL;
	return arena_text(f->arena, name, strcspn(name, "@"));
}

static const char *
value_of(const struct finding *f, const char *key, size_t len)
{
	size_t i;

	for (i = 0; i < f->nparams; i++)
		if (strlen(f->params[i].key) == len &&
		    memcmp(f->params[i].key, key, len) == 0)
			return f->params[i].value;
	for (i = 0; i < SUBJECTS; i++)
		if (strlen(subject_names[i]) == len &&
		    memcmp(subject_names[i], key, len) == 0)
			return f->subject[i];
	return len == 3 && memcmp(key, "sam", 3) == 0 ? sam_of(f) : NULL;
}

/*
 * Names come from the network, and a command goes into a shell: nothing that
 * any shell could take for more than a word may pass.
 */
static bool
safe_to_paste(const char *value)
{
	const char *p;

	if (value[0] == '-' || value[0] == '\0')
		return false;
	for (p = value; *p != '\0'; p++) {
		if (isalnum((unsigned char)*p) || strchr("-._/@:", *p) != NULL)
			continue;
		/* A machine account: $ at the end, or before the realm. */
		if (*p == '$' && (p[1] == '\0' || p[1] == '@'))
			continue;
		return false;
	}
	return true;
}

/* What stands for {KEY} or {KEY|WORDS}; LEN octets at P. */
static void
fill_one(const struct finding *f, const char *p, size_t len, bool command,
    FILE *out)
{
	const char *bar = memchr(p, '|', len), *value;
	size_t keylen = bar == NULL ? len : (size_t)(bar - p), i;

	value = value_of(f, p, keylen);
	if (value != NULL && (!command || safe_to_paste(value)))
		fputs(value, out);
	else if (bar != NULL)
		fwrite(bar + 1, 1, len - keylen - 1, out);
	else if (command) {
		fputc('<', out);
		for (i = 0; i < keylen; i++)
			fputc(toupper((unsigned char)p[i]), out);
		fputc('>', out);
	} else
		fprintf(out, "%.*s", (int)keylen, p);
}

/* {name} is to be filled in; other braces are PowerShell's own. */
static size_t
placeholder_len(const char *p)
{
	size_t n = 1 + strspn(p + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (n == 1)
		return 0;
	if (p[n] == '|')
		n += strcspn(p + n, "}");
	return p[n] == '}' ? n + 1 : 0;
}

const char *
finding_fill(const struct finding *f, const char *template, bool command,
    struct arena *mem)
{
	const char *p, *result;
	char *text = NULL;
	size_t size = 0, n;
	FILE *out;

	if (template == NULL)
		return NULL;
	out = open_memstream(&text, &size);
	if (out == NULL)
		return template;
	for (p = template; *p != '\0';) {
		n = *p == '{' ? placeholder_len(p) : 0;
		if (n == 0) {
			fputc(*p++, out);
			continue;
		}
		fill_one(f, p + 1, n - 2, command, out);
		p += n;
	}
	fclose(out);
	result = arena_text(mem, text, size);
	free(text);
	return result;
}

const struct fix *
finding_fixes(const struct finding *f, struct arena *mem)
{
	const struct fix *from = f->fix != NULL ? f->fix : f->rule->fix;
	struct fix *to;
	size_t n = 0, i;

	if (from == NULL)
		return NULL;
	while (from[n].platform != NULL)
		n++;
	to = arena_alloc(mem, (n + 1) * sizeof(*to));
	for (i = 0; i < n; i++) {
		to[i].platform = from[i].platform;
		to[i].run = finding_fill(f, from[i].run, true, mem);
		to[i].note = finding_fill(f, from[i].note, false, mem);
	}
	return to;
}
