/*
 * filter-parse.c - the text of a filter to the steps that are taken for each
 * log-on.
 *
 *   or      = and *(("||" / "or") and)
 *   and     = not *(("&&" / "and") not)
 *   not     = *("!" / "not") (name [operator value] / "(" or ")")
 *   value   = word / '"' text '"', in which \" and \\ stand for " and \
 *
 * By precedence with a stack of its own, not by functions that call each
 * other: whoever types a million brackets meets a limit, not the end of the
 * stack.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bounds.h"
#include "event-json.h"
#include "filter-store.h"
#include "table.h"

enum token {
	TOKEN_END,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_NOT,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_COMPARE,
	TOKEN_WORD,
	TOKEN_QUOTED,
	TOKEN_WRONG, /* said */
};

struct parser {
	const char *text;
	size_t at;   /* behind the token */
	size_t from; /* its first octet */
	enum token token;
	enum filter_op op; /* of TOKEN_COMPARE */
	bool negative;     /* and it is != or !~ */
	struct filter *f;
	struct filter_wrong *wrong;
	struct {
		enum token token;
		size_t from; /* in the text */
		size_t step; /* AND, OR: whose end is not known yet */
	} stack[FILTER_MAX_DEPTH];
	size_t depth;
};

static const struct {
	const char *text;
	enum token token;
	enum filter_op op;
	bool negative;
} signs[] = {
	{ "(", TOKEN_OPEN, 0, false },
	{ ")", TOKEN_CLOSE, 0, false },
	{ "&&", TOKEN_AND, 0, false },
	{ "||", TOKEN_OR, 0, false },
	{ "==", TOKEN_COMPARE, FILTER_EQUAL, false },
	{ "!=", TOKEN_COMPARE, FILTER_EQUAL, true },
	{ "!~", TOKEN_COMPARE, FILTER_LIKE, true },
	{ "~", TOKEN_COMPARE, FILTER_LIKE, false },
	{ "<=", TOKEN_COMPARE, FILTER_LESS_EQUAL, false },
	{ ">=", TOKEN_COMPARE, FILTER_MORE_EQUAL, false },
	{ "<", TOKEN_COMPARE, FILTER_LESS, false },
	{ ">", TOKEN_COMPARE, FILTER_MORE, false },
	{ "!", TOKEN_NOT, 0, false },
};

static const struct {
	const char *text;
	enum token token;
} joiners[] = {
	{ "and", TOKEN_AND },
	{ "or", TOKEN_OR },
	{ "not", TOKEN_NOT },
};

bool
filter_wrong(struct filter_wrong *w, size_t at, const char *fmt, ...)
{
	va_list ap;

	if (*w->text != '\0')
		return false;
	va_start(ap, fmt);
	vsnprintf(w->text, FILTER_ERROR, fmt, ap);
	va_end(ap);
	w->at = at;
	return false;
}

const char *
filter_word(const char *p, size_t len, char buf[FILTER_WORD])
{
	size_t used = 0, n;
	uint32_t code;

	for (; len > 0 && used + 8 < FILTER_WORD; p += n, len -= n) {
		n = utf8_char(p, len, &code);
		if (n == 0 || utf8_is_control(code)) {
			n = 1;
			used += (size_t)snprintf(buf + used, 5, "\\x%02x",
			    (unsigned)(uint8_t)*p);
		} else {
			memcpy(buf + used, p, n);
			used += n;
		}
	}
	strcpy(buf + used, len > 0 ? "..." : "");
	return buf;
}

/* --- tokens ----------------------------------------------------------- */

static bool
is_word(char c)
{
	return c != '\0' && strchr(" \t\r\n\v\f()\"!=<>~&|", c) == NULL;
}

static enum token
take_quoted(struct parser *p)
{
	const char *t = p->text;

	for (p->at++; t[p->at] != '"'; p->at++) {
		if (t[p->at] == '\\' && t[p->at + 1] != '\0')
			p->at++;
		if (t[p->at] == '\0') {
			filter_wrong(p->wrong, p->from,
			    "this quote is not closed");
			return TOKEN_WRONG;
		}
	}
	p->at++;
	return TOKEN_QUOTED;
}

static enum token
take_sign(struct parser *p)
{
	const char *t = p->text + p->at;
	size_t i, n;

	for (i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		n = strlen(signs[i].text);
		if (strncmp(t, signs[i].text, n) != 0)
			continue;
		p->at += n;
		p->op = signs[i].op;
		p->negative = signs[i].negative;
		return signs[i].token;
	}
	filter_wrong(p->wrong, p->from,
	    *t == '='     ? "equal is written ==" :
		*t == '&' ? "and is written &&" :
			    "or is written ||");
	return TOKEN_WRONG;
}

/* A word that is a VALUE may be "and". */
static enum token
take_word(struct parser *p, bool value)
{
	size_t i, n;

	while (is_word(p->text[p->at]))
		p->at++;
	n = p->at - p->from;
	for (i = 0; !value && i < sizeof(joiners) / sizeof(*joiners); i++)
		if (strlen(joiners[i].text) == n &&
		    strncasecmp(joiners[i].text, p->text + p->from, n) == 0)
			return joiners[i].token;
	return TOKEN_WORD;
}

static enum token
next(struct parser *p, bool value)
{
	while (isspace((unsigned char)p->text[p->at]))
		p->at++;
	p->from = p->at;
	if (p->text[p->at] == '\0')
		p->token = TOKEN_END;
	else if (p->text[p->at] == '"')
		p->token = take_quoted(p);
	else if (is_word(p->text[p->at]))
		p->token = take_word(p, value);
	else
		p->token = take_sign(p);
	return p->token;
}

/* The token as it stands, for a sentence. */
static const char *
shown(const struct parser *p, char buf[FILTER_WORD])
{
	return filter_word(p->text + p->from, p->at - p->from, buf);
}

/* --- steps ------------------------------------------------------------ */

static void
add_step(struct parser *p, int what, size_t to)
{
	struct filter *f = p->f;

	if ((f->nsteps & (f->nsteps - 1)) == 0)
		f->steps = must_realloc(f->steps,
		    f->nsteps == 0 ? 1 : 2 * f->nsteps, sizeof(*f->steps));
	f->steps[f->nsteps].what = what;
	f->steps[f->nsteps++].to = to;
}

static bool
push(struct parser *p, enum token token)
{
	if (p->depth == FILTER_MAX_DEPTH)
		return filter_wrong(p->wrong, p->from,
		    "it is nested more than %d deep", FILTER_MAX_DEPTH);
	p->stack[p->depth].token = token;
	p->stack[p->depth].from = p->from;
	p->stack[p->depth++].step = p->f->nsteps;
	return true;
}

static bool
top_is(const struct parser *p, enum token token)
{
	return p->depth > 0 && p->stack[p->depth - 1].token == token;
}

/* What stands before an operand and binds it at least as fast as LEAST. */
static void
reduce(struct parser *p, enum token least)
{
	while (p->depth > 0) {
		enum token top = p->stack[p->depth - 1].token;

		if (top == TOKEN_OPEN || top > least)
			return;
		p->depth--;
		if (top == TOKEN_NOT)
			add_step(p, FILTER_NOT, 0);
		else
			p->f->steps[p->stack[p->depth].step].to = p->f->nsteps;
	}
}

/* --- grammar ---------------------------------------------------------- */

static struct filter_test *
test_new(struct parser *p)
{
	struct filter *f = p->f;
	struct filter_test *t;

	if (f->ntests == FILTER_MAX_TERMS) {
		filter_wrong(p->wrong, p->from,
		    "it has more than %d comparisons", FILTER_MAX_TERMS);
		return NULL;
	}
	if ((f->ntests & (f->ntests - 1)) == 0)
		f->tests = must_realloc(f->tests,
		    f->ntests == 0 ? 1 : 2 * f->ntests, sizeof(*f->tests));
	t = &f->tests[f->ntests];
	memset(t, 0, sizeof(*t));
	add_step(p, FILTER_TEST, f->ntests++);
	return t;
}

/* The value of T, which follows; its quotes and their escapes go. */
static bool
read_value(struct parser *p, struct filter_test *t)
{
	int sign = (int)(p->at - p->from);
	const char *op = p->text + p->from;
	enum token token = next(p, true);
	size_t len = 0, i;
	char *text;
	bool ok;

	if (token == TOKEN_WRONG)
		return false;
	if (token != TOKEN_WORD && token != TOKEN_QUOTED)
		return filter_wrong(p->wrong, p->from,
		    "%.*s needs something to compare with", sign, op);
	text = must_calloc(p->at - p->from + 1, 1);
	for (i = p->from; i < p->at; i++) {
		if (token == TOKEN_QUOTED && p->text[i] == '\\' &&
		    (p->text[i + 1] == '"' || p->text[i + 1] == '\\'))
			i++;
		else if (p->text[i] == '"')
			continue;
		text[len++] = p->text[i];
	}
	ok = filter_value_read(t, text, len, token == TOKEN_QUOTED, p->from,
	    p->wrong);
	free(text);
	return ok;
}

/* NAME, or NAME operator VALUE; the token behind it is taken. */
static bool
read_comparison(struct parser *p)
{
	struct filter_test *t = test_new(p);
	bool negative;

	if (t == NULL)
		return false;
	t->name = filter_name_find(p->text + p->from, p->at - p->from, p->from,
	    p->wrong);
	if (t->name == NULL || next(p, false) == TOKEN_WRONG)
		return false;
	if (p->token != TOKEN_COMPARE)
		return true;
	t->op = p->op;
	negative = p->negative;
	if (!read_value(p, t))
		return false;
	if (negative)
		add_step(p, FILTER_NOT, 0);
	return next(p, false) != TOKEN_WRONG;
}

/* One operand with all that stands before it. */
static bool
read_operand(struct parser *p)
{
	char word[FILTER_WORD];

	for (; p->token == TOKEN_OPEN || p->token == TOKEN_NOT;
	     next(p, false)) {
		if (p->token == TOKEN_NOT && top_is(p, TOKEN_NOT))
			p->depth--;
		else if (!push(p, p->token))
			return false;
	}
	switch (p->token) {
	case TOKEN_WORD:
		return read_comparison(p);
	case TOKEN_END:
		return filter_wrong(p->wrong, p->from,
		    "a comparison is missing at the end");
	case TOKEN_WRONG:
		return false;
	default:
		return filter_wrong(p->wrong, p->from,
		    "a name is missing before %s", shown(p, word));
	}
}

static bool
close_bracket(struct parser *p)
{
	reduce(p, TOKEN_OR);
	if (p->depth == 0)
		return filter_wrong(p->wrong, p->from, "this ) has no (");
	p->depth--;
	reduce(p, TOKEN_NOT);
	return next(p, false) != TOKEN_WRONG;
}

/* What follows an operand, up to the next one; false: nothing, or wrong. */
static bool
read_operator(struct parser *p)
{
	char word[FILTER_WORD];

	reduce(p, TOKEN_NOT);
	while (p->token == TOKEN_CLOSE)
		if (!close_bracket(p))
			return false;
	if (p->token == TOKEN_END)
		return false;
	if (p->token != TOKEN_AND && p->token != TOKEN_OR)
		return filter_wrong(p->wrong, p->from,
		    "an operator is missing before %s", shown(p, word));
	reduce(p, p->token);
	if (!push(p, p->token))
		return false;
	add_step(p, p->token == TOKEN_AND ? FILTER_AND : FILTER_OR, 0);
	return next(p, false) != TOKEN_WRONG;
}

static bool
read_all(struct parser *p)
{
	if (next(p, false) == TOKEN_END)
		return true;
	do {
		if (!read_operand(p))
			return false;
	} while (read_operator(p));
	if (*p->wrong->text != '\0')
		return false;
	reduce(p, TOKEN_OR);
	if (p->depth == 0)
		return true;
	return filter_wrong(p->wrong, p->stack[p->depth - 1].from,
	    "this ( is not closed");
}

bool
filter_parse(struct filter *f, const char *text, struct filter_wrong *w)
{
	struct parser *p = must_calloc(1, sizeof(*p));
	bool ok;

	p->text = text;
	p->f = f;
	p->wrong = w;
	ok = read_all(p);
	free(p);
	return ok;
}
