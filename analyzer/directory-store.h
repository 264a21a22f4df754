/*
 * directory-store.h - how the directory keeps what it was given, for the
 * files directory*.c alone.
 */
#ifndef ANALYZER_DIRECTORY_STORE_H
#define ANALYZER_DIRECTORY_STORE_H

#include "arena.h"
#include "directory.h"

#define DIR_NONE UINT32_MAX
#define DIR_MAX_MEMORY ((size_t)512 << 20)
#define DIR_MAX_DOMAINS 4096
#define DIR_MAX_SOURCES 65536
#define DIR_MAX_LIST 4096 /* values of one attribute that are kept */
#define DIR_MAX_VALUE ((size_t)64 << 10)
#define DIR_MAX_OBJECT ((size_t)8 << 20)
#define DIR_MAX_TEXT 1200 /* octets of one; MS-ADTS: an SPN has 1123 */

/* Makes room for one more in a list of N. */
#define DIR_ROOM(list, n, room)                               \
	do {                                                  \
		if ((n) == (room)) {                          \
			(room) = (room) == 0 ? 16 : (room)*2; \
			(list) = must_realloc((list), (room), \
			    sizeof(*(list)));                 \
		}                                             \
	} while (0)

/* --- an index: texts, without regard to case, to numbers ----------------- */

struct dir_entry {
	const char *p; /* not copied */
	uint32_t len, hash, next, id;
};

struct dir_index {
	uint32_t *heads;
	size_t nheads;
	struct dir_entry *e;
	size_t n, room;
};

/* Found at once by dir_index_find(); the newest first. */
void
dir_index_add(struct dir_index *ix, const char *p, size_t len, uint32_t id);
/* Found after dir_index_link() only, and then in the order of their coming. */
void
dir_index_put(struct dir_index *ix, const char *p, size_t len, uint32_t id);
void dir_index_link(struct dir_index *ix);
/* The first entry for the text, or NULL; and the one after E. */
const struct dir_entry *
dir_index_find(const struct dir_index *ix, const char *p, size_t len);
const struct dir_entry *
dir_index_next(const struct dir_index *ix, const struct dir_entry *e);
void dir_index_empty(struct dir_index *ix);

/* --- objects ------------------------------------------------------------- */

enum dir_attr {
	DA_NONE,
#define DIR_ATTR(id, name) DA_##id,
#include "directory-attr.def"
	DA_COUNT
};

#define DA_BIT(id) (UINT64_C(1) << DA_##id)

/* An attribute's number, DA_NONE for one that is of no use. */
enum dir_attr dir_attr_of(struct str name);

/* A value of the object that is being built. */
struct dir_value {
	enum dir_attr attr;
	size_t at, len; /* in directory.octets */
};

/* An account or a trust: what others see, and what that is made from. */
struct dir_record {
	struct dir_account a;
	uint64_t have;             /* DA_BITs of the attributes that it has */
	uint32_t source;           /* index of the source it is from */
	uint32_t domain;           /* index, or DIR_NONE */
	uint32_t id;               /* of its DN */
	const char *sam;           /* never NULL */
	const char *flat_name;     /* a trust's NetBIOS name, or NULL */
	const char *const *actors; /* SIDs behind acts_here, ended by NULL */
	const char *const *hosts;  /* msDS-AdditionalDnsHostName */
	uint32_t primary_group;
	bool former; /* a later export has it elsewhere, or by another name */
};

/* A name of the tree: an account's, a group's, or only mentioned. */
struct dir_name {
	const char *dn;  /* lower case */
	uint32_t record; /* DIR_NONE: not an account at hand */
	uint32_t source; /* of a group at hand */
	bool group;      /* a group at hand */
	bool protecting; /* Protected Users, or inside of it */
	bool unsure;     /* what it is inside of is not known */
};

struct dir_edge {
	uint32_t child, parent; /* names */
};

struct dir_region {
	struct dir_domain d;
	const char *suffix; /* DNS domain, lower case */
	const char *sid;
	uint32_t index, source; /* the last that had something of it */
	bool object;            /* the domain object is at hand */
	uint32_t object_source; /* and from there */
};

/* What one file, or one search, gave. */
struct dir_source {
	const char *name;
	uint64_t have, asked; /* DA_BITs: seen, and surely shown */
	const char *base;     /* NULL: not told */
	bool whole, damaged;
	bool unfiltered;
	int64_t time;
	size_t first; /* index of its first record */
};

struct dir_cover;

struct directory {
	struct directory *self; /* what is derived is made when asked for */
	struct arena mem;
	struct dir_record **records;
	size_t nrecords, room_records;
	struct dir_region **domains;
	size_t ndomains, room_domains;
	struct dir_source *sources;
	size_t nsources, room_sources;
	struct dir_name *names;
	size_t nnames, room_names;
	struct dir_edge *edges;
	size_t nedges, room_edges;
	struct dir_index by_dn;     /* names */
	struct dir_index by_domain; /* realm, NetBIOS name */
	struct dir_index aliases;   /* sPNMappings: index into alias_of */
	const char **alias_of;
	size_t naliases, room_aliases;
	struct dir_cover *cover; /* what searches surely found */
	bool full;               /* no more is kept */

	/* the object that is being built */
	bool building, source_open;
	const char *source, *dn;
	struct arena scratch;
	char *octets;
	size_t noctets, room_octets;
	struct dir_value *values;
	size_t nvalues, room_values;

	/* made of it all by dir_settle() */
	bool settled;
	struct dir_index by_spn, by_name, by_sam, by_upn, by_host, by_sid;
	struct dir_index by_spn_host, by_flat;
	struct arena settled_mem;
};

/* Makes what is searched, if something came since the last time. */
const struct directory *dir_settle(const struct directory *d);
void dir_unsettle(struct directory *d);
/* Whether what R is from would show ATTR, were it there. */
bool dir_shows(const struct directory *d, const struct dir_record *r,
    enum dir_attr attr);
/* The domain of REALM, which may be a NetBIOS name, or NULL. */
struct dir_region *dir_region(const struct directory *d, const char *realm);
/* A line on stderr when it is of none of the domains that Q names. */
void dir_warn_of_others(const struct directory *d, const struct questions *q);

/* Where the host of SPN stands: class/HOST:port/name. */
struct str dir_spn_host(const char *spn);
struct str dir_spn_class(const char *spn);

/* --- values (directory-value.c) ------------------------------------------ */

/* As text, NUL and what is not UTF-8 replaced; NULL: too long. */
const char *dir_text(struct arena *mem, const char *p, size_t len);
/* A SID, binary or as text (S-1-...), or "sid:" missing; NULL: none. */
const char *dir_sid(struct arena *mem, const char *p, size_t len);
/* The accounts that a security descriptor allows something to. */
size_t dir_descriptor(struct arena *mem, const char *octets, size_t len,
    const char **sids, size_t most);
/* FILETIME in digits, or generalized time; 0: never. */
int64_t dir_time(const char *p, size_t len);
int64_t dir_number(const char *p, size_t len, int64_t otherwise);
/* The realm that the DC= parts of DN say, upper case; NULL: none. */
const char *dir_dn_realm(struct arena *mem, const char *dn);
/* DN in lower case, without blanks around its commas. */
const char *dir_dn_plain(struct arena *mem, const char *dn);
/* The value of the first part of DN. */
const char *dir_dn_first(struct arena *mem, const char *dn);

/* --- objects (directory-object.c) ---------------------------------------- */

void dir_object(struct directory *d);
uint32_t dir_name_of(struct directory *d, const char *dn);
struct dir_region *dir_region_make(struct directory *d, const char *realm);

/* --- what is surely at hand (directory-cover.c) -------------------------- */

struct dir_cover *dir_cover_new(void);
void dir_cover_add(struct directory *d, uint32_t source, struct str text);
void dir_cover_free(struct dir_cover *c);
/* Whether every object of REALM with ATTR = VALUE is surely at hand. */
bool dir_covers(const struct directory *d, const char *realm,
    enum dir_attr attr, const char *value);
/* Whether no account of REALM is missing. */
bool dir_covers_all(const struct directory *d, const char *realm);

#endif
