/*
 * machines.h - the table of the machines that is made from a view.
 */
#ifndef TUI_MACHINES_H
#define TUI_MACHINES_H

#include "view.h"

#define MACHINES_MAX 1000 /* rows; more are counted */
#define MACHINE_NAMES 256 /* octets of the names of one */

/* Kept log-ons in which a machine had a part. */
struct machine_count {
	struct addr addr;
	/* By outcome, as the client and as the service. */
	uint32_t client[4], service[4];
};

struct machine {
	struct addr addr;
	char names[MACHINE_NAMES]; /* its own first; "": none known */
	char account[MACHINE_NAMES];
	unsigned roles;
	bool has_clock;
	int64_t offset; /* microseconds ahead */
	bool silent;    /* a KDC that never answered */
	struct machine_count count;
	uint64_t trouble; /* the more, the worse */
};

enum machines_order {
	MACHINES_WORST,
	MACHINES_ADDRESS,
	MACHINES_NAME,
	MACHINES_CLOCK,
	MACHINES_ORDERS
};

struct census;

struct machines {
	struct machine *rows;
	size_t n;
	size_t more;           /* machines that have no row */
	int64_t skew;          /* tolerated */
	struct census *census; /* goes on, or NULL */
};

/* Begins to count what R has; the rows stay what they are. */
void machines_begin(struct machines *m, const struct result *r);
/*
 * Goes on with it for some microseconds; false when it is done: then the rows
 * are those of R, the worst first.
 */
bool machines_piece(struct machines *m);
/* No more: R is gone. */
void machines_stop(struct machines *m);
/* Per cent of it that is done. */
unsigned machines_share(const struct machines *m);
void machines_sort(struct machines *m, enum machines_order order);
void machines_free(struct machines *m);

/* "KDC DNS service client" */
#define MACHINE_ROLES 32
const char *machine_roles(unsigned roles, char buf[MACHINE_ROLES]);
/* "+400.1 s", "-2.0 h" */
#define MACHINE_OFFSET 24
const char *machine_offset(int64_t usec, char buf[MACHINE_OFFSET]);
/* Whether its clock is off by more than is tolerated. */
bool machine_skewed(const struct machines *m, const struct machine *row);

#endif
