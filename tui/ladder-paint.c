/*
 * ladder-paint.c - how a ladder looks: where its columns stand, and each line
 * of it as cells.
 *
 * What was said stands on its arrow when there is room, else right of it:
 * the client is the leftmost column, so that one of the two has half of the
 * width at least.
 */
#include <stdio.h>
#include <string.h>

#include "ladder-parts.h"

#define SPAN_LEAST 9   /* between columns, or it is a list */
#define SPAN_LABEL 45  /* with all of a label in it */
#define WHOLE_GOOD 55  /* of all together, to have such a one */
#define SPAN_GOOD 16   /* or columns of one machine are joined */
#define TIME_MOST 14   /* columns */
#define LABEL_BEFORE 3 /* "- " and the column's line */
#define LABEL_ROUND 5  /* and " ->" */
#define LABEL_GOOD 12  /* less does not tell anything */
#define HEAD_MAX 256

enum sign {
	SIGN_LIFE,
	SIGN_PAUSE,
	SIGN_LINE,
	SIGN_HEAVY,
	SIGN_RIGHT,
	SIGN_LEFT,
	SIGN_HEAVY_RIGHT,
	SIGN_HEAVY_LEFT,
	SIGN_LOST,
	SIGNS
};

/* All of one column. */
static const char *const signs[SIGNS][2] = {
	[SIGN_LIFE] = { "|", "\xe2\x94\x82" },
	[SIGN_PAUSE] = { ":", "\xe2\x94\x8a" },
	[SIGN_LINE] = { "-", "\xe2\x94\x80" },
	[SIGN_HEAVY] = { "=", "\xe2\x94\x81" },
	[SIGN_RIGHT] = { ">", "\xe2\x86\x92" },
	[SIGN_LEFT] = { "<", "\xe2\x86\x90" },
	[SIGN_HEAVY_RIGHT] = { ">", "\xe2\x96\xba" },
	[SIGN_HEAVY_LEFT] = { "<", "\xe2\x97\x84" },
	[SIGN_LOST] = { "x", "\xc3\x97" },
};

/* --- places --------------------------------------------------------------------- */

/* How many places there are; SAME says which columns share one. */
static size_t
count_places(const struct ladder *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->ncolumns; i++)
		n += l->columns[i].same == i;
	return n;
}

/* Columns of one machine, the client apart, become one. */
static void
join_columns(struct ladder *l)
{
	for (size_t i = 1; i < l->ncolumns; i++)
		for (size_t k = 0; k < i; k++)
			if (l->columns[i].role != LADDER_CLIENT &&
			    l->columns[k].role != LADDER_CLIENT &&
			    l->columns[k].same == k &&
			    addr_equal(&l->columns[i].addr,
				&l->columns[k].addr)) {
				l->columns[i].same = k;
				break;
			}
}

/* How many columns stand left of column I: by role, then as they came. */
static size_t
place_of(const struct ladder *l, size_t i)
{
	const struct ladder_column *c = &l->columns[i];
	size_t n = 0;

	for (size_t k = 0; k < l->ncolumns; k++) {
		const struct ladder_column *o = &l->columns[k];

		if (o->same == k &&
		    (o->role < c->role || (o->role == c->role && k < i)))
			n++;
	}
	return n;
}

/* Columns that all places have, from the first to the last. */
static int
first_x(const struct ladder *l)
{
	return l->timew + 3;
}

static int
whole_span(const struct ladder *l)
{
	int margin = l->w >= 60 ? 6 : 3;

	return l->w - 1 - margin - first_x(l);
}

/*
 * What is said to a KDC needs more room than what is said to the service,
 * whose arrows are the longest anyway: the first of SPANS is the widest.
 */
static void
place_columns(struct ladder *l, int spans)
{
	int whole = whole_span(l), first = whole / spans, wide, place;

	wide = whole - SPAN_GOOD * (spans - 1);
	wide = wide > SPAN_LABEL ? SPAN_LABEL : wide;
	if (whole >= WHOLE_GOOD && wide > first)
		first = wide;
	for (size_t i = 0; i < l->ncolumns; i++) {
		struct ladder_column *c = &l->columns[i];

		place = (int)place_of(l, c->same);
		c->x = first_x(l);
		if (place > 0 && spans == 1)
			c->x += whole;
		else if (place > 0)
			c->x += first +
			    (whole - first) * (place - 1) / (spans - 1);
	}
}

void
ladder_lay(struct ladder *l)
{
	int spans, whole = whole_span(l);

	if (l->timew > TIME_MOST)
		l->timew = TIME_MOST;
	spans = (int)count_places(l) - 1;
	if (spans > 0 && whole / spans < SPAN_GOOD) {
		join_columns(l);
		spans = (int)count_places(l) - 1;
	}
	l->list = spans < 1 || whole / spans < SPAN_LEAST ||
	    whole < 2 * LABEL_GOOD;
	if (l->list)
		return;
	place_columns(l, spans);
}

/* --- cells ------------------------------------------------------------------------ */

static void
blank(struct ladder_cell *c)
{
	c->text[0] = ' ';
	c->text[1] = '\0';
	c->width = 1;
	c->role = THEME_TEXT;
}

static void
blank_at(struct ladder *l, int x)
{
	if (x >= 0 && x < l->w)
		blank(&l->cells[x]);
}

static void
put_sign(struct ladder *l, int x, enum sign sign, enum theme_role role)
{
	struct ladder_cell *c;

	if (x < 0 || x >= l->w)
		return;
	c = &l->cells[x];
	strcpy(c->text, signs[sign][l->utf8]);
	c->width = 1;
	c->role = role;
}

/* One character at X, which has room. */
static void
put_char(struct ladder *l, int x, const struct text_char *c,
    enum theme_role role)
{
	struct ladder_cell *cell = &l->cells[x];

	/* An escape is a cell a column: the search may end within it. */
	for (int i = 0; c->width > 2 && i < c->width; i++) {
		cell[i] = (struct ladder_cell){ { c->text[i] }, 1, role };
	}
	if (c->width > 2)
		return;
	memcpy(cell->text, c->text, sizeof(cell->text));
	cell->width = c->width;
	cell->role = role;
	if (c->width == 2)
		cell[1] = (struct ladder_cell){ { 0 }, 0, role };
}

/* TEXT from column X on, in W columns at most; returns the columns used. */
static int
put_text(struct ladder *l, int x, int w, enum theme_role role, const char *text)
{
	size_t len = strlen(text), fits, used, at, n;
	struct text_char c;
	int all = 0;

	if (x < 0 || x >= l->w || w <= 0)
		return 0;
	if (w > l->w - x)
		w = l->w - x;
	fits = text_fit(l->utf8, text, len, (size_t)w, &used);
	for (at = 0; at < fits; at += n) {
		n = text_char(l->utf8, text + at, fits - at, &c);
		put_char(l, x + all, &c, role);
		all += c.width;
	}
	if (fits == len)
		return all;
	text = text_ellipsis(l->utf8);
	len = strlen(text);
	for (at = 0; at < len && all < w; at += n) {
		n = text_char(l->utf8, text + at, len - at, &c);
		put_char(l, x + all, &c, role);
		all += c.width;
	}
	return all;
}

static int
width(const struct ladder *l, const char *text)
{
	return (int)text_measure(l->utf8, text, strlen(text));
}

/* --- heads ----------------------------------------------------------------------- */

/* "DNS+KDC dc1": what stands above the place of column I. */
static void
head_text(const struct ladder *l, size_t i, char *buf, size_t size)
{
	const char *name = l->columns[i].name;
	size_t n = 0;

	for (size_t k = 0; k < l->ncolumns; k++)
		if (l->columns[k].same == i && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s",
			    n == 0 ? "" : "+",
			    ladder_role_name(l->columns[k].role));
	if (name != NULL && n < size)
		snprintf(buf + n, size - n, " %s", name);
}

/* The column whose place is the N-th from the left. */
static size_t
column_at(const struct ladder *l, size_t n)
{
	for (size_t i = 0; i < l->ncolumns; i++)
		if (l->columns[i].same == i && place_of(l, i) == n)
			return i;
	return 0;
}

/* What stands above column I in at most W columns, in BUF. */
static void
head_choose(const struct ladder *l, size_t i, int w, char *buf, size_t size)
{
	const struct ladder_column *c = &l->columns[i];
	size_t alike = 0;

	head_text(l, i, buf, size);
	if (width(l, buf) <= w || c->name == NULL)
		return;
	for (size_t k = 0; k < l->ncolumns; k++)
		alike += l->columns[k].role == c->role;
	snprintf(buf, size, "%s",
	    alike > 1 ? c->name : ladder_role_name(c->role));
}

static void
paint_head(struct ladder *l, size_t line)
{
	size_t places = count_places(l), i;
	int end = -1, w, x, most;
	char buf[HEAD_MAX];

	for (size_t n = 0; n < places; n++) {
		i = column_at(l, n);
		x = l->columns[i].x;
		/* The last one has what is left. */
		most = n + 1 == places ?
		    l->w - end - 1 :
		    l->columns[column_at(l, n + 1)].x - x - 1;
		if (line == 0)
			head_choose(l, i, most, buf, sizeof(buf));
		else
			addr_text(&l->columns[i].addr, buf);
		w = width(l, buf) < most ? width(l, buf) : most;
		x = x - w / 2 + w > l->w ? l->w - w : x - w / 2;
		x = x > end ? x : end + 1;
		w = put_text(l, x, w, line == 0 ? THEME_COLUMNS : THEME_DIM,
		    buf);
		end = x + w;
	}
}

/* --- rows --------------------------------------------------------------------------- */

static enum theme_role
row_role(const struct ladder_row *row)
{
	if (row->mark == MARK_DECIDING)
		return THEME_DECIDING;
	if (row->result == STEP_ERROR)
		return THEME_BREAKS;
	return row->result == STEP_OK ? THEME_OK : THEME_TEXT;
}

/* The time, and what a mark says where there is no colour. */
static void
paint_left(struct ladder *l, const struct ladder_row *row)
{
	static const char *const marks[] = {
		[MARK_NONE] = "",
		[MARK_CITED] = " *",
		[MARK_ERROR] = " !",
		[MARK_DECIDING] = ">>",
	};
	char buf[LADDER_TIME];
	int w, sign = width(l, text_ellipsis(l->utf8));

	if (row->kind == ROW_REMARK)
		return;
	ladder_time(l, row, buf);
	w = width(l, buf);
	put_text(l, w < l->timew ? l->timew - w : 0, l->timew, THEME_DIM, buf);
	if (row->kind == ROW_GAP && l->timew - w > sign)
		put_text(l, l->timew - w - 1 - sign, sign, THEME_DIM,
		    text_ellipsis(l->utf8));
	put_text(l, l->timew + 1, 2, row_role(row), marks[row->mark]);
}

/* TEXT after any of WORDS that it begins with. */
static const char *
without(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strncmp(text, *words, strlen(*words)) == 0)
			return text + strlen(*words);
	return text;
}

/* Without words that the column says anyway, or that all errors have. */
static const char *
shorter(const char *what)
{
	static const char *const kinds[] = { "DNS: ", "KRB-ERROR ",
		"AS-REP: ", "TGS-REP: ", "smb2: ", NULL };
	static const char *const families[] = { "KDC_ERR_", "KRB_AP_ERR_",
		"KRB_ERR_", "STATUS_", "ticket for ", NULL };
	const char *less = without(what, kinds);

	return less != what ? less : without(what, families);
}

/*
 * What of WHAT is shown where, ON columns wide or BESIDE: rather beside the
 * arrow than with fewer words, but for those that its column says.
 */
static const char *
choose(const struct ladder *l, const char *what, int on, int beside,
    bool *is_beside)
{
	const char *less = shorter(what), *least = shorter(less);
	int most = on > beside ? on : beside;

	*is_beside = false;
	if (width(l, what) <= on)
		return what;
	if (width(l, less) <= on && less != what)
		return less;
	*is_beside = beside > on;
	if (width(l, what) <= most)
		return what;
	if (width(l, less) <= most)
		return less;
	*is_beside = width(l, least) > on && beside > on;
	return least;
}

/* What was said, on the arrow from X1 to X2 (X1 < X2) or right of it. */
static void
paint_label(struct ladder *l, const struct ladder_row *row, int x1, int x2)
{
	int on = x2 - x1 - LABEL_ROUND, beside = l->w - x2 - 2, w;
	const char *what;
	bool is_beside;

	on = on < 0 ? 0 : on;
	what = choose(l, row->what, on, beside, &is_beside);
	if (is_beside) {
		w = put_text(l, x2 + 2, beside, row_role(row), what);
		blank_at(l, x2 + 1);
		blank_at(l, x2 + 2 + w);
		return;
	}
	w = put_text(l, x1 + LABEL_BEFORE, on, row_role(row), what);
	blank_at(l, x1 + LABEL_BEFORE - 1);
	blank_at(l, x1 + LABEL_BEFORE + w);
}

/* The end of an arrow that nobody answered; BACK is where it comes from. */
static void
put_lost(struct ladder *l, int x, int back, enum theme_role role)
{
	put_sign(l, x, SIGN_LOST, role);
	blank_at(l, x + back);
}

static void
paint_arrow(struct ladder *l, const struct ladder_row *row)
{
	int from = l->columns[row->from].x, to = l->columns[row->to].x;
	int x1 = from < to ? from : to, x2 = from < to ? to : from, x;
	bool heavy = row->mark == MARK_DECIDING;
	enum theme_role role = row->result == STEP_ERROR ? row_role(row) :
							   THEME_LINE;

	if (heavy)
		role = THEME_DECIDING;
	for (x = x1 + 1; x < x2; x++) {
		if (row->lost && (x - x1) % 3 == 0)
			blank(&l->cells[x]);
		else
			put_sign(l, x, heavy ? SIGN_HEAVY : SIGN_LINE, role);
	}
	if (x1 == x2)
		; /* to itself */
	else if (row->lost)
		put_lost(l, from < to ? x2 - 1 : x1 + 1, from < to ? -1 : 1,
		    role);
	else if (from < to)
		put_sign(l, x2 - 1, heavy ? SIGN_HEAVY_RIGHT : SIGN_RIGHT,
		    role);
	else
		put_sign(l, x1 + 1, heavy ? SIGN_HEAVY_LEFT : SIGN_LEFT, role);
	paint_label(l, row, x1, x2);
}

static void
paint_list(struct ladder *l, const struct ladder_row *row)
{
	const struct ladder_column *from = &l->columns[row->from];
	const struct ladder_column *to = &l->columns[row->to];
	char buf[256];
	int x = l->timew + 4;

	snprintf(buf, sizeof(buf), "%s", ladder_role_name(from->role));
	x += put_text(l, x, l->w - x, THEME_DIM, buf) + 1;
	put_sign(l, x, row->lost ? SIGN_LOST : SIGN_RIGHT, THEME_LINE);
	x += 2;
	snprintf(buf, sizeof(buf), "%s", ladder_role_name(to->role));
	x += put_text(l, x, l->w - x, THEME_DIM, buf) + 2;
	put_text(l, x, l->w - x, row_role(row), row->what);
}

static void
paint_row(struct ladder *l, const struct ladder_row *row)
{
	paint_left(l, row);
	for (size_t i = 0; !l->list && i < l->ncolumns; i++)
		if (l->columns[i].same == i)
			put_sign(l, l->columns[i].x,
			    row->kind == ROW_STEP ? SIGN_LIFE : SIGN_PAUSE,
			    THEME_LINE);
	if (row->kind == ROW_REMARK)
		put_text(l, l->timew + 4 + !l->list, l->w, THEME_DIM,
		    row->what);
	else if (row->kind == ROW_STEP && l->list)
		paint_list(l, row);
	else if (row->kind == ROW_STEP)
		paint_arrow(l, row);
}

const struct ladder_cell *
ladder_line(struct ladder *l, size_t i)
{
	for (int x = 0; x < l->w; x++)
		blank(&l->cells[x]);
	if (i < ladder_heads(l))
		paint_head(l, i);
	else if (i - ladder_heads(l) < l->nrows)
		paint_row(l, &l->rows[i - ladder_heads(l)]);
	return l->cells;
}
