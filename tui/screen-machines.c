/*
 * screen-machines.c - the machines: names, roles, clocks, what became of
 * their log-ons; those with trouble first; more of the selected one below.
 *
 *  ADDRESS      NAME             ROLES    CLOCK      AS CLIENT  AS SERVICE
 *  10.77.0.21   fs1.fjord.test   service  +400.1 s              5 bad
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "machines.h"
#include "text.h"

#define WHEEL 3
#define LABELS 10
#define PANE 6       /* lines of the selected one */
#define PANE_FROM 15 /* lines of the area from which there is room */
#define COUNT_TEXT 48
#define NAME_LEAST 19 /* columns, where there are so many */

struct machines_screen {
	struct machines all;
	struct list list;
	enum machines_order order;
	struct addr selected; /* by the user; family 0: none */
	struct sheet *sheet;
	bool filled;   /* there are rows, or there is nothing */
	uint64_t view; /* that was counted, or is */
};

/* Columns; 0: not shown. */
struct columns {
	int address, name, roles, clock, client, service, account;
};

static struct machines_screen *
state(struct tui *t)
{
	return view_state(t, SCREEN_MACHINES);
}

/* --- rows --------------------------------------------------------------------------- */

static void
select_row(struct tui *t, size_t at)
{
	struct machines_screen *v = state(t);

	v->list.at = at;
	if (at < v->all.n)
		v->selected = v->all.rows[at].addr;
	t->dirty = true;
}

/* The one that was chosen stays selected; until one is, the worst is. */
static void
find_selected(struct machines_screen *v)
{
	if (v->selected.family == 0)
		v->list.at = 0;
	for (size_t i = 0; i < v->all.n && v->selected.family != 0; i++)
		if (addr_equal(&v->all.rows[i].addr, &v->selected)) {
			v->list.at = i;
			return;
		}
	if (v->list.at >= v->all.n)
		v->list.at = v->all.n == 0 ? 0 : v->all.n - 1;
}

/* What is counted for a view that is gone comes to nothing. */
static void
machines_update(struct tui *t)
{
	struct machines_screen *v = state(t);

	if (v->view == t->own->views)
		return;
	machines_stop(&v->all);
	if (t->paused && v->filled)
		return;
	machines_begin(&v->all, t->r);
	v->view = t->own->views;
}

static bool
machines_work(struct tui *t)
{
	struct machines_screen *v = state(t);

	if (v->all.census == NULL)
		return false;
	if (machines_piece(&v->all))
		return true;
	machines_sort(&v->all, v->order);
	find_selected(v);
	v->filled = t->dirty = true;
	return false;
}

/* --- drawing -------------------------------------------------------------------------- */

/* What the names take, those on no page too, so that nothing jumps. */
static int
name_columns(const struct tui *t, const struct machines_screen *v)
{
	size_t n, most = NAME_LEAST;

	for (size_t i = 0; i < v->all.n; i++) {
		n = text_columns(t, v->all.rows[i].names);
		most = n > most ? n : most;
	}
	return (int)most;
}

static void
lay(const struct tui *t, const struct machines_screen *v, int w,
    struct columns *c)
{
	char buf[ADDR_TEXT];
	int n, rest, name;

	*c = (struct columns){ .address = 9, .clock = 9 };
	for (size_t i = 0; i < v->all.n; i++) {
		n = (int)strlen(addr_text(&v->all.rows[i].addr, buf));
		c->address = n > c->address ? n : c->address;
	}
	if (c->address > w / 3)
		c->address = w / 3;
	c->service = w >= 90 ? 15 : w >= 70 ? 12 : w >= 50 ? 11 : 0;
	c->client = w >= 58 ? c->service : 0;
	c->roles = w >= 120 ? 22 : w >= 80 ? 12 : 0;
	c->account = w >= 110 ? 16 : 0;
	rest = w - c->address - c->clock - c->service - c->client - c->roles -
	    c->account - 6;
	/* Columns that belong together stand together on a wide screen. */
	name = name_columns(t, v);
	c->name = rest < 4 ? 0 : rest < name ? rest : name;
}

/* Draws TEXT in its column, and moves on. */
static void
put(struct tui *t, const struct area *a, int y, int *x, int w, attr_t attr,
    attr_t gap, const char *text)
{
	if (w == 0)
		return;
	text_cell(t, a, y, *x, w, attr, text);
	text_fill(t, a, y, *x + w, 1, gap);
	*x += w + 1;
}

static void
draw_heads(struct tui *t, const struct area *a, const struct columns *c)
{
	attr_t attr = theme(t, THEME_COLUMNS);
	int x = 0;

	text_fill(t, a, 0, 0, a->w, attr);
	put(t, a, 0, &x, c->address, attr, attr, "ADDRESS");
	put(t, a, 0, &x, c->name, attr, attr, "NAME");
	put(t, a, 0, &x, c->roles, attr, attr, "ROLES");
	put(t, a, 0, &x, c->clock, attr, attr, "CLOCK");
	put(t, a, 0, &x, c->client, attr, attr, "AS CLIENT");
	put(t, a, 0, &x, c->service, attr, attr, "AS SERVICE");
	put(t, a, 0, &x, c->account, attr, attr, "RUNS AS");
}

/* "3 bad 12 ok", of log-ons by outcome: what is cut off matters least. */
static const char *
count_text(const uint32_t by[4], char buf[COUNT_TEXT])
{
	uint32_t bad = by[OUTCOME_BROKEN] + by[OUTCOME_DEGRADED];
	uint32_t good = by[OUTCOME_OK];
	int n = 0;

	buf[0] = '\0';
	if (bad > 0)
		n = snprintf(buf, COUNT_TEXT, "%" PRIu32 " bad ", bad);
	if (good > 0)
		snprintf(buf + n, COUNT_TEXT - (size_t)n, "%" PRIu32 " ok",
		    good);
	return buf;
}

static enum theme_role
count_role(const uint32_t by[4])
{
	return by[OUTCOME_BROKEN] > 0 ? THEME_BREAKS :
	    by[OUTCOME_DEGRADED] > 0  ? THEME_DEGRADES :
					THEME_TEXT;
}

static void
draw_row(struct tui *t, const struct area *a, int y, const struct columns *c,
    const struct machine *m, bool selected)
{
	const struct machines_screen *v = state(t);
	attr_t plain = theme(t, selected ? THEME_SELECTED : THEME_TEXT);
	bool off = machine_skewed(&v->all, m);
	char buf[ADDR_TEXT], roles[MACHINE_ROLES], clock[MACHINE_OFFSET];
	char client[COUNT_TEXT], service[COUNT_TEXT];
	int x = 0;

	text_fill(t, a, y, 0, a->w, plain);
	put(t, a, y, &x, c->address, plain, plain, addr_text(&m->addr, buf));
	put(t, a, y, &x, c->name, plain, plain, m->names);
	put(t, a, y, &x, c->roles,
	    m->silent && !selected ? theme(t, THEME_BREAKS) : plain, plain,
	    m->silent ? "KDC, silent" : machine_roles(m->roles, roles));
	put(t, a, y, &x, c->clock,
	    off && !selected ? theme(t, THEME_BREAKS) : plain, plain,
	    m->has_clock ? machine_offset(m->offset, clock) : "");
	put(t, a, y, &x, c->client,
	    selected ? plain : theme(t, count_role(m->count.client)), plain,
	    count_text(m->count.client, client));
	put(t, a, y, &x, c->service,
	    selected ? plain : theme(t, count_role(m->count.service)), plain,
	    count_text(m->count.service, service));
	put(t, a, y, &x, c->account, plain, plain, m->account);
}

static void
say_clock(struct sheet *p, const struct machines_screen *v,
    const struct machine *m, const struct host *h)
{
	char offset[MACHINE_OFFSET], least[MACHINE_OFFSET],
	    most[MACHINE_OFFSET];
	bool off = machine_skewed(&v->all, m);

	if (!m->has_clock) {
		sheet_add(p, THEME_DIM, "clock", "not seen");
		return;
	}
	sheet_add(p, off ? THEME_BREAKS : THEME_TEXT, "clock",
	    "%s against the others%s; %u sample%s by %s, %s to %s of this "
	    "capture's",
	    machine_offset(m->offset, offset),
	    off ? ", more than is tolerated" : "", h->clock.samples,
	    h->clock.samples == 1 ? "" : "s",
	    h->clock.source == NULL ? "?" : h->clock.source,
	    machine_offset(h->clock.least, least),
	    machine_offset(h->clock.most, most));
}

static void
say_count(struct sheet *p, const char *label, const uint32_t by[4])
{
	if (by[OUTCOME_OK] + by[OUTCOME_BROKEN] + by[OUTCOME_DEGRADED] +
		by[OUTCOME_UNSEEN] ==
	    0)
		return;
	sheet_add(p, count_role(by), label,
	    "%" PRIu32 " ok, %" PRIu32 " failed, %" PRIu32 " degraded, %" PRIu32
	    " unseen",
	    by[OUTCOME_OK], by[OUTCOME_BROKEN], by[OUTCOME_DEGRADED],
	    by[OUTCOME_UNSEEN]);
}

/* What is known of the selected machine. */
static void
describe(struct tui *t, struct machines_screen *v, const struct machine *m)
{
	const struct host *h = t->r == NULL || t->r->ledger == NULL ?
	    NULL :
	    ledger_host(t->r->ledger, &m->addr);
	char roles[MACHINE_ROLES];

	sheet_clear(v->sheet);
	sheet_add(v->sheet, THEME_TEXT, "names", "%s",
	    *m->names == '\0' ? "none known" : m->names);
	sheet_add(v->sheet, THEME_TEXT, "roles", "%s",
	    m->roles == 0 ? "none seen" : machine_roles(m->roles, roles));
	if (h != NULL)
		say_clock(v->sheet, v, m, h);
	if (*m->account != '\0')
		sheet_add(v->sheet, THEME_TEXT, "runs as", "%s", m->account);
	if (h != NULL && ((h->roles & ROLE_KDC) != 0 || h->asked > 0))
		sheet_add(v->sheet, m->silent ? THEME_BREAKS : THEME_TEXT,
		    "as a KDC", "%" PRIu64 " asked, %" PRIu64 " answered%s%s",
		    h->asked, h->answered, h->kdc_realm == NULL ? "" : " for ",
		    h->kdc_realm == NULL ? "" : h->kdc_realm);
	say_count(v->sheet, "as client", m->count.client);
	say_count(v->sheet, "as service", m->count.service);
}

static void
draw_pane(struct tui *t, struct machines_screen *v, const struct area *a)
{
	if (v->sheet == NULL)
		v->sheet = sheet_new();
	describe(t, v, &v->all.rows[v->list.at]);
	sheet_wrap(t, v->sheet, a->w, LABELS + 1);
	sheet_draw(t, v->sheet, a, 0);
}

static void
draw_more(struct tui *t, const struct area *a, int y, size_t more)
{
	char text[96];

	if (more == 0)
		return;
	snprintf(text, sizeof(text),
	    "and %zu machine%s more, with less trouble", more,
	    more == 1 ? "" : "s");
	text_put(t, a, y, 0, a->w, theme(t, THEME_DIM), text);
}

static void
draw_nothing(struct tui *t, const struct machines_screen *v,
    const struct area *a)
{
	char text[64];

	if (v->all.census != NULL)
		snprintf(text, sizeof(text), "counting log-ons: %u %%",
		    machines_share(&v->all));
	else
		snprintf(text, sizeof(text), "no machine %s",
		    t->st.done ? "was seen" : "has been seen yet");
	text_put(t, a, 0, 0, a->w, theme(t, THEME_DIM), text);
}

static void
machines_draw(struct tui *t, const struct area *a)
{
	struct machines_screen *v = state(t);
	struct area list = *a, pane;
	struct columns c;
	int rows;

	if (v->all.n == 0) {
		draw_nothing(t, v, a);
		return;
	}
	if (a->h >= PANE_FROM)
		list.h = a->h - PANE - 1;
	lay(t, v, a->w, &c);
	draw_heads(t, &list, &c);
	rows = list.h - 1 - (v->all.more > 0);
	list_fit(&v->list, v->all.n, rows < 1 ? 1 : (size_t)rows);
	for (int y = 0; y < rows; y++) {
		size_t i = v->list.top + (size_t)y;

		if (i < v->all.n)
			draw_row(t, &list, y + 1, &c, &v->all.rows[i],
			    i == v->list.at);
	}
	draw_more(t, &list, rows + 1, v->all.more);
	if (a->h < PANE_FROM)
		return;
	text_hline(t, a, list.h, 0, a->w, theme(t, THEME_LINE));
	pane = (struct area){ a->y + list.h + 1, a->x, PANE, a->w };
	draw_pane(t, v, &pane);
}

/* --- commands --------------------------------------------------------------------------- */

static void
next_order(struct tui *t, struct machines_screen *v)
{
	static const char *const names[MACHINES_ORDERS] = {
		[MACHINES_WORST] = "the worst first",
		[MACHINES_ADDRESS] = "by address",
		[MACHINES_NAME] = "by name",
		[MACHINES_CLOCK] = "by clock",
	};

	v->order = (v->order + 1) % MACHINES_ORDERS;
	machines_sort(&v->all, v->order);
	find_selected(v);
	view_notice(t, THEME_NOTICE, "order: %s", names[v->order]);
}

/* Only the log-ons in which the selected machine had a part. */
static void
choose_log_ons(struct tui *t, const struct machine *m)
{
	char address[ADDR_TEXT], filter[3 * ADDR_TEXT];

	addr_text(&m->addr, address);
	if ((m->roles & ~(unsigned)ROLE_DNS) == 0)
		snprintf(filter, sizeof(filter), "src == %s || dst == %s",
		    address, address);
	else
		snprintf(filter, sizeof(filter), "address == %s", address);
	if (!prompt_filter(t, filter)) {
		view_notice(t, THEME_ERROR, "%s: no filter", filter);
		return;
	}
	view_enter(t, SCREEN_STORIES);
	view_notice(t, THEME_NOTICE, "only log-ons with %s: f changes it",
	    address);
}

static bool
machines_command(struct tui *t, enum command c)
{
	struct machines_screen *v = state(t);

	if (list_command(&v->list, c)) {
		select_row(t, v->list.at);
		return true;
	}
	if (c == COMMAND_SORT) {
		next_order(t, v);
		return true;
	}
	if (c != COMMAND_ENTER || v->list.at >= v->all.n)
		return false;
	choose_log_ons(t, &v->all.rows[v->list.at]);
	return true;
}

static void
machines_mouse(struct tui *t, enum mouse m, int y, int x)
{
	struct machines_screen *v = state(t);
	size_t at = v->list.top + (size_t)(y < 1 ? 0 : y - 1);

	(void)x;
	if (m == MOUSE_WHEEL_UP || m == MOUSE_WHEEL_DOWN) {
		for (int i = 0; i < WHEEL; i++)
			machines_command(t,
			    m == MOUSE_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN);
		return;
	}
	if (y < 1 || at >= v->all.n || at >= v->list.top + v->list.page)
		return;
	select_row(t, at);
	if (m == MOUSE_DOUBLE)
		machines_command(t, COMMAND_ENTER);
}

static bool
row_matches(const struct tui *t, const struct machine *m)
{
	char buf[ADDR_TEXT];

	return view_matches(t, addr_text(&m->addr, buf)) ||
	    view_matches(t, m->names) || view_matches(t, m->account);
}

static bool
machines_find(struct tui *t, int step)
{
	struct machines_screen *v = state(t);
	size_t n = v->all.n, at;

	if (n == 0)
		return false;
	at = (v->list.at + n + (size_t)(step < 0 ? -1 : step)) % n;
	for (size_t i = 0; i < n; i++) {
		if (row_matches(t, &v->all.rows[at])) {
			select_row(t, at);
			return true;
		}
		at = step < 0 ? (at + n - 1) % n : (at + 1) % n;
	}
	return false;
}

static void
machines_close(struct tui *t)
{
	struct machines_screen *v = state(t);

	machines_free(&v->all);
	sheet_free(v->sheet);
}

const struct screen screen_machines = {
	.name = "machines",
	.size = sizeof(struct machines_screen),
	.update = machines_update,
	.work = machines_work,
	.draw = machines_draw,
	.command = machines_command,
	.mouse = machines_mouse,
	.find = machines_find,
	.close = machines_close,
};
