/*
 * machines.c - the machines of a view: what the ledger knows of each, and
 * what became of the log-ons that are kept.
 *
 * There may be very many of both, and addresses are chosen by whoever sends:
 * the table of the log-ons is hashed with a secret, and only the worst
 * machines get a row.
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
find(struct counts *c, const struct addr *a)
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

/* The counts of A, which has a family; only its octets count. */
static struct machine_count *
count_of(struct counts *c, const struct addr *a)
{
	struct addr key = { .family = a->family };
	struct machine_count *found;

	memcpy(key.b, a->b, a->family == 4 ? 4 : 16);
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
count_all(struct counts *c, const struct result *r)
{
	*c = (struct counts){ .secret = 0 };
	if (getrandom(&c->secret, sizeof(c->secret), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(c->secret))
		c->secret = (uint64_t)(uintptr_t)r;
	grow(c);
	for (size_t i = 0; i < r->nkept; i++) {
		const struct story *s = r->kept[i];

		if (s->client.family != 0)
			count_of(c, &s->client)->client[s->outcome]++;
		if (s->server.family != 0)
			count_of(c, &s->server)->service[s->outcome]++;
	}
}

/* --- rows --------------------------------------------------------------------------- */

/* A machine that may get a row. */
struct candidate {
	uint64_t trouble;
	const struct host *host;
	size_t at; /* in the ledger: of two alike the one seen longer ago */
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

static void
fill(struct machine *m, const struct ledger *l, struct counts *counts,
    const struct candidate *c)
{
	*m = (struct machine){ .addr = c->host->addr };
	m->roles = c->host->roles;
	m->has_clock = ledger_clock(l, &m->addr, &m->offset);
	m->silent = is_silent(c->host);
	m->count = *count_of(counts, &m->addr);
	m->trouble = c->trouble;
	name_it(m, c->host);
	add_name(m->account, c->host->account);
}

/* All machines of the ledger, in *LIST; returns how many. */
static size_t
candidates(const struct ledger *l, struct counts *counts,
    struct candidate **list)
{
	const struct host *h;
	size_t n = 0, room = 0;

	*list = NULL;
	for (; (h = ledger_host_at(l, n)) != NULL; n++) {
		if (n == room) {
			room = room == 0 ? 256 : 2 * room;
			*list = view_alloc(*list, room * sizeof(**list));
		}
		(*list)[n] = (struct candidate){
			trouble_of(l, h, count_of(counts, &h->addr)), h, n
		};
	}
	return n;
}

void
machines_build(struct machines *m, const struct result *r)
{
	struct candidate *list = NULL;
	struct counts counts;
	size_t n = 0;

	m->n = m->more = 0;
	if (r == NULL || r->ledger == NULL)
		return;
	m->skew = ledger_skew(r->ledger);
	count_all(&counts, r);
	n = candidates(r->ledger, &counts, &list);
	if (n > 1)
		qsort(list, n, sizeof(*list), by_trouble);
	m->n = n < MACHINES_MAX ? n : MACHINES_MAX;
	m->more = n - m->n;
	m->rows = view_alloc(m->rows, m->n * sizeof(*m->rows));
	for (size_t i = 0; i < m->n; i++)
		fill(&m->rows[i], r->ledger, &counts, &list[i]);
	free(list);
	free(counts.slots);
}

void
machines_free(struct machines *m)
{
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
