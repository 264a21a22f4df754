/*
 * machines.c - the machines of a view: what the ledger knows of each, and
 * what became of the log-ons that are kept.
 *
 * There may be very many of both, and addresses are chosen by whoever sends:
 * all is counted in pieces between which keys are read, the table of the
 * log-ons is hashed with a secret, and only the worst machines get a row.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "hash.h"
#include "machines.h"

#define SKEWED (UINT64_C(1) << 40)
#define SILENT (UINT64_C(1) << 39)
#define PIECE 64 /* log-ons or machines looked at in one piece */
#define AHEAD 8  /* what is looked at soon is fetched from memory */

/* --- log-ons by address ---------------------------------------------------------- */

/* Open addressing; at least half of it stays empty. */
struct counts {
	struct machine_count *slots;
	size_t room; /* a power of two */
	size_t used;
	uint64_t secret;
};

static uint64_t
hash(const struct counts *c, const struct addr *a)
{
	uint64_t low, high;

	memcpy(&low, a->b, sizeof(low));
	memcpy(&high, a->b + sizeof(low), sizeof(high));
	return hash_fold(low ^ c->secret, high ^ a->family ^ ~c->secret);
}

static struct machine_count *
find(const struct counts *c, const struct addr *a)
{
	size_t i = (size_t)hash(c, a) & (c->room - 1);

	while (
	    c->slots[i].addr.family != 0 && !addr_equal(&c->slots[i].addr, a))
		i = (i + 1) & (c->room - 1);
	return &c->slots[i];
}

static void
grow(struct counts *c)
{
	struct counts wider = *c;

	wider.room = c->room == 0 ? 1024 : 2 * c->room;
	wider.slots = view_alloc(NULL, wider.room * sizeof(*wider.slots));
	memset(wider.slots, 0, wider.room * sizeof(*wider.slots));
	for (size_t i = 0; i < c->room; i++)
		if (c->slots[i].addr.family != 0)
			*find(&wider, &c->slots[i].addr) = c->slots[i];
	free(c->slots);
	*c = wider;
}

/* As it is looked for: only the octets of its family count. */
static struct addr
key_of(const struct addr *a)
{
	struct addr key = { .family = a->family };

	memcpy(key.b, a->b, a->family == 4 ? 4 : 16);
	return key;
}

/* The counts of A, which has a family, to be added to. */
static struct machine_count *
count_of(struct counts *c, const struct addr *a)
{
	struct addr key = key_of(a);
	struct machine_count *found;

	if (2 * c->used >= c->room)
		grow(c);
	found = find(c, &key);
	if (found->addr.family == 0) {
		found->addr = key;
		c->used++;
	}
	return found;
}

static void
count_story(struct counts *c, const struct story *s)
{
	if (s->client.family != 0)
		count_of(c, &s->client)->client[s->outcome]++;
	if (s->server.family != 0)
		count_of(c, &s->server)->service[s->outcome]++;
}

/* What is counted of the machine at A: nothing of most. */
static const struct machine_count *
counted(const struct counts *c, const struct addr *a)
{
	struct addr key = key_of(a);

	return find(c, &key);
}

/* --- rows --------------------------------------------------------------------------- */

/* A machine that may get a row. */
struct candidate {
	uint64_t trouble;
	struct addr addr; /* the ledger may let it go meanwhile */
	size_t at; /* in the ledger: of two alike the one seen longer ago */
};

/* Rows that are being made: first log-ons are counted, then machines. */
struct census {
	const struct result *r;
	struct counts counts;
	size_t stories, hosts; /* looked at */
	/* Those with most trouble, in any order; when full it is halved. */
	struct candidate list[2 * MACHINES_MAX];
	size_t n;
	uint64_t least; /* trouble that is too little to be among them */
};

static bool
is_skewed(int64_t offset, int64_t tolerated)
{
	return offset > tolerated || offset < -tolerated;
}

static bool
is_silent(const struct host *h)
{
	return h->asked > 0 && h->answered == 0;
}

static uint64_t
trouble_of(const struct ledger *l, const struct host *h,
    const struct machine_count *c)
{
	int64_t offset;
	uint64_t all = c->service[OUTCOME_BROKEN];

	all = 4 * all + 2 * (uint64_t)c->service[OUTCOME_DEGRADED] +
	    2 * (uint64_t)c->client[OUTCOME_BROKEN] +
	    c->client[OUTCOME_DEGRADED];
	if (ledger_clock(l, &h->addr, &offset) &&
	    is_skewed(offset, ledger_skew(l)))
		all += SKEWED;
	return all + (is_silent(h) ? SILENT : 0);
}

static int
by_trouble(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;

	if (a->trouble != b->trouble)
		return a->trouble < b->trouble ? 1 : -1;
	return (a->at > b->at) - (a->at < b->at);
}

static void
add_name(char *names, const char *name)
{
	size_t n = strlen(names);

	if (name != NULL && *name != '\0')
		snprintf(names + n, MACHINE_NAMES - n, "%s%s",
		    n == 0 ? "" : ", ", name);
}

/* Its own name, then the others from the surest on. */
static void
name_it(struct machine *m, const struct host *h)
{
	const char *own = host_own_name(h, NULL);

	add_name(m->names, own);
	for (int source = NAME_ITSELF; source >= NAME_ASKED; source--)
		for (size_t i = 0; i < h->nnames; i++)
			if ((int)h->names[i].source == source &&
			    (own == NULL || strcmp(h->names[i].name, own) != 0))
				add_name(m->names, h->names[i].name);
}

static bool
fill(struct machine *m, const struct ledger *l, const struct census *census,
    const struct candidate *c)
{
	const struct host *h = ledger_host(l, &c->addr);

	if (h == NULL)
		return false;
	*m = (struct machine){ .addr = h->addr };
	m->roles = h->roles;
	m->has_clock = ledger_clock(l, &m->addr, &m->offset);
	m->silent = is_silent(h);
	m->count = *counted(&census->counts, &m->addr);
	m->trouble = c->trouble;
	name_it(m, h);
	add_name(m->account, h->account);
	return true;
}

/* --- a census ------------------------------------------------------------------------ */

/* Only MACHINES_MAX candidates stay; what is no worse need not come. */
static void
halve(struct census *c)
{
	if (c->n > 1)
		qsort(c->list, c->n, sizeof(*c->list), by_trouble);
	if (c->n < MACHINES_MAX)
		return;
	c->n = MACHINES_MAX;
	c->least = c->list[MACHINES_MAX - 1].trouble + 1;
}

static void
look_at(struct census *c, const struct host *h)
{
	uint64_t trouble = trouble_of(c->r->ledger, h,
	    counted(&c->counts, &h->addr));

	if (trouble < c->least)
		return;
	c->list[c->n++] = (struct candidate){ trouble, h->addr, c->hosts };
	if (c->n == 2 * MACHINES_MAX)
		halve(c);
}

/* Some log-ons; false when all were counted. */
static bool
count_some(struct census *c)
{
	const struct result *r = c->r;
	size_t to = c->stories + PIECE;

	if (c->stories == r->nkept)
		return false;
	if (to > r->nkept)
		to = r->nkept;
	for (; c->stories < to; c->stories++) {
		if (c->stories + AHEAD < r->nkept)
			__builtin_prefetch(r->kept[c->stories + AHEAD]);
		count_story(&c->counts, r->kept[c->stories]);
	}
	return true;
}

/* Some machines of the ledger; false when there are no more. */
static bool
look_at_some(struct census *c)
{
	const struct host *h;

	for (size_t i = 0; i < PIECE; i++) {
		h = ledger_host_at(c->r->ledger, c->hosts);
		if (h == NULL)
			return i > 0;
		look_at(c, h);
		c->hosts++;
	}
	return true;
}

static void
take(struct machines *m, struct census *c)
{
	size_t n;

	halve(c);
	n = c->n < MACHINES_MAX ? c->n : MACHINES_MAX;
	m->more = c->hosts - n;
	m->skew = ledger_skew(c->r->ledger);
	m->rows = view_alloc(m->rows, n * sizeof(*m->rows));
	m->n = 0;
	for (size_t i = 0; i < n; i++)
		m->n += fill(&m->rows[m->n], c->r->ledger, c, &c->list[i]);
}

void
machines_stop(struct machines *m)
{
	if (m->census != NULL)
		free(m->census->counts.slots);
	free(m->census);
	m->census = NULL;
}

void
machines_begin(struct machines *m, const struct result *r)
{
	struct census *c;

	machines_stop(m);
	if (r == NULL || r->ledger == NULL)
		return;
	m->census = c = view_alloc(NULL, sizeof(*c));
	*c = (struct census){ .r = r };
	if (getrandom(&c->counts.secret, sizeof(c->counts.secret),
		GRND_NONBLOCK) != (ssize_t)sizeof(c->counts.secret))
		c->counts.secret = (uint64_t)(uintptr_t)r;
	grow(&c->counts);
}

bool
machines_piece(struct machines *m)
{
	struct census *c = m->census;

	if (c == NULL)
		return false;
	if (count_some(c) || look_at_some(c))
		return true;
	take(m, c);
	machines_stop(m);
	return false;
}

unsigned
machines_share(const struct machines *m)
{
	const struct census *c = m->census;

	if (c == NULL || c->r->nkept == 0)
		return c == NULL ? 100 : 0;
	/* Machines are fewer as a rule. */
	return (unsigned)(c->stories * 90 / c->r->nkept);
}

void
machines_free(struct machines *m)
{
	machines_stop(m);
	free(m->rows);
	*m = (struct machines){ .rows = NULL };
}

/* --- orders --------------------------------------------------------------------------- */

static int
compare_address(const void *pa, const void *pb)
{
	const struct machine *a = pa, *b = pb;

	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	return memcmp(a->addr.b, b->addr.b, a->addr.family == 4 ? 4 : 16);
}

static int
compare_worst(const void *pa, const void *pb)
{
	const struct machine *a = pa, *b = pb;

	if (a->trouble != b->trouble)
		return a->trouble < b->trouble ? 1 : -1;
	return compare_address(a, b);
}

/* Those without a name at the end. */
static int
compare_name(const void *pa, const void *pb)
{
	const struct machine *a = pa, *b = pb;
	int by;

	if ((*a->names == '\0') != (*b->names == '\0'))
		return *a->names == '\0' ? 1 : -1;
	by = strcmp(a->names, b->names);
	return by != 0 ? by : compare_address(a, b);
}

static uint64_t
size_of(const struct machine *m)
{
	if (!m->has_clock)
		return 0;
	return m->offset < 0 ? 0 - (uint64_t)m->offset : (uint64_t)m->offset;
}

static int
compare_clock(const void *pa, const void *pb)
{
	const struct machine *a = pa, *b = pb;

	if (a->has_clock != b->has_clock)
		return a->has_clock ? -1 : 1;
	if (size_of(a) != size_of(b))
		return size_of(a) < size_of(b) ? 1 : -1;
	return compare_address(a, b);
}

void
machines_sort(struct machines *m, enum machines_order order)
{
	static int (*const compare[MACHINES_ORDERS])(const void *,
	    const void *) = {
		[MACHINES_WORST] = compare_worst,
		[MACHINES_ADDRESS] = compare_address,
		[MACHINES_NAME] = compare_name,
		[MACHINES_CLOCK] = compare_clock,
	};

	if (m->n > 1)
		qsort(m->rows, m->n, sizeof(*m->rows), compare[order]);
}

/* --- words ------------------------------------------------------------------------------ */

const char *
machine_roles(unsigned roles, char buf[MACHINE_ROLES])
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ ROLE_KDC, "KDC" },
		{ ROLE_DNS, "DNS" },
		{ ROLE_SERVICE, "service" },
		{ ROLE_CLIENT, "client" },
	};
	int n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if ((roles & names[i].bit) != 0)
			n += snprintf(buf + n, MACHINE_ROLES - (size_t)n,
			    "%s%s", n == 0 ? "" : " ", names[i].name);
	return buf;
}

const char *
machine_offset(int64_t usec, char buf[MACHINE_OFFSET])
{
	double s = (double)usec / 1e6, size = s < 0 ? -s : s;

	if (size < 0.05)
		snprintf(buf, MACHINE_OFFSET, "0.0 s");
	else if (size < 3600)
		snprintf(buf, MACHINE_OFFSET, "%+.1f s", s);
	else if (size < 2 * 86400)
		snprintf(buf, MACHINE_OFFSET, "%+.2f h", s / 3600);
	else
		snprintf(buf, MACHINE_OFFSET, "%+.1f days", s / 86400);
	return buf;
}

bool
machine_skewed(const struct machines *m, const struct machine *row)
{
	return row->has_clock && is_skewed(row->offset, m->skew);
}
