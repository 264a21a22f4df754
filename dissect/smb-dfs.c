/*
 * smb-dfs.c - where a DFS path leads: the answer to FSCTL_DFS_GET_REFERRALS
 * (MS-DFSC 2.2.4 to 2.2.5.4), inside an SMB2 IOCTL response (MS-SMB2 2.2.32).
 *
 * The client takes the host of a target into the SPN that it asks for next.
 * Answers about domains and their controllers (NameListReferral) lead to no
 * share and are passed over.
 */
#include "smb.h"

#define ENTRIES_MOST 32
#define PATH_MOST 512     /* UTF-16 units */
#define NAME_LIST 0x0002u /* ReferralEntryFlags */
#define HEADER 8          /* of the answer, and of each entry */
#define V1 1
#define V2 2
#define V4 4

/* The UTF-16 text at OFFSET of R, up to its NUL. */
static struct str
text_at(struct dissector *d, const struct reader *r, size_t offset)
{
	struct reader t, all;
	size_t n = 0;

	if (offset >= rd_have(r))
		return (struct str){ NULL, 0 };
	all = rd_at(r, offset, rd_have(r) - offset);
	t = all;
	while (n < PATH_MOST && rd_le16(&t) != 0 && rd_ok(&t))
		n++;
	return n == 0 ? (struct str){ NULL, 0 } :
			text_utf16(d, rd_bytes(&all, 2 * n), 2 * n);
}

/*
 * One entry at AT of R, with its strings anywhere behind it.  False when there
 * is none or its size leads nowhere; NEXT gets the place behind it.
 */
static bool
read_entry(struct dissector *d, const struct reader *r, size_t at, size_t *next,
    struct str *path, struct str *target)
{
	struct reader e, head;
	uint16_t version, size, flags, where, leads;

	if (at + HEADER > rd_have(r))
		return false;
	e = rd_at(r, at, rd_have(r) - at);
	head = e;
	version = rd_le16(&head);
	size = rd_le16(&head);
	rd_skip(&head, 2);
	flags = rd_le16(&head);
	if (version < V1 || version > V4 || size < HEADER)
		return false;
	*next = at + size;
	if (version == V1) {
		*target = text_at(d, &e, HEADER);
		return true;
	}
	if (version != V2 && (flags & NAME_LIST) != 0)
		return true;
	rd_skip(&head, version == V2 ? 8 : 4);
	where = rd_le16(&head);
	rd_skip(&head, 2);
	leads = rd_le16(&head);
	if (!rd_ok(&head))
		return false;
	*path = text_at(d, &e, where);
	*target = text_at(d, &e, leads);
	return true;
}

void
smb_dfs_referral(const struct auth *a, struct reader r)
{
	struct str targets[ENTRIES_MOST], target, path = { NULL, 0 };
	struct reader head = r;
	struct event ev;
	size_t at = HEADER, n = 0, i, count;

	rd_skip(&head, 2);
	count = rd_le16(&head);
	for (i = 0; i < count && i < ENTRIES_MOST; i++) {
		target = (struct str){ NULL, 0 };
		if (!read_entry(a->d, &r, at, &at, &path, &target))
			break;
		if (target.len > 0)
			targets[n++] = target;
	}
	if (n == 0)
		return;
	event_begin(&ev, a->f, a->dir, EV_dfs_referral);
	ev.u.dfs_referral.path = path;
	ev.u.dfs_referral.targets = (struct strs){ targets, n };
	post(a->d, &ev);
}
