/*
 * ledger-feed.c - what events say by themselves, without a story: DNS
 * answers, clocks, the names that hosts give themselves.
 */
#include <string.h>
#include <strings.h>

#include "ledger-store.h"
#include "names.h"
#include "rule.h"

/* The one unheard for longest gives its place. */
static void
name_add_addr(struct name_entry *e, const struct addr *a, int64_t now)
{
	struct name_fact *n = &e->name;
	size_t i, at = 0;

	for (i = 0; i < n->naddrs && !addr_equal(&n->addrs[i], a); i++)
		if (e->heard[i] < e->heard[at])
			at = i;
	if (i < n->naddrs)
		at = i;
	else if (n->naddrs < NAME_MAX_ADDRS)
		at = n->naddrs++;
	else if (now - e->heard[at] <= LEDGER_STALE)
		return;
	n->addrs[at] = *a;
	e->heard[at] = now;
}

/* The first one counts as long as it is heard. */
static void
name_alias(struct ledger *l, struct name_entry *e, struct str canonical,
    int64_t now)
{
	const char *had = e->name.canonical;

	if (had != NULL && strlen(had) == canonical.len &&
	    strncasecmp(had, canonical.p, canonical.len) == 0)
		e->heard_canonical = now;
	if (had != NULL && now - e->heard_canonical <= LEDGER_STALE)
		return;
	ledger_drop_text(l, had);
	e->name.canonical = ledger_copy(l, canonical.p, canonical.len, true);
	e->heard_canonical = now;
}

/* Who has an address is an alias no more. */
static void
name_no_alias(struct ledger *l, struct name_entry *e, int64_t now)
{
	if (e->name.canonical == NULL ||
	    now - e->heard_canonical <= LEDGER_STALE)
		return;
	ledger_drop_text(l, e->name.canonical);
	e->name.canonical = NULL;
}

static void
feed_record(struct ledger *l, const struct event *ev)
{
	const struct ev_dns_rr *rr = &ev->u.dns_rr;
	struct name_entry *e;
	struct addr a;

	if (rr->name.len == 0)
		return;
	e = ledger_name_entry(l, rr->name);
	e->name.ref = ev->ref;
	switch (rr->type) {
	case DNS_CNAME:
		if (rr->data.len > 0)
			name_alias(l, e, rr->data, ev->ref.time);
		return;
	case DNS_A:
	case DNS_AAAA:
		if (!addr_parse(rr->data.p, rr->data.len, &a))
			return;
		name_no_alias(l, e, ev->ref.time);
		name_add_addr(e, &a, ev->ref.time);
		ledger_host_name(l, &a, rr->name.p, rr->name.len, NAME_DNS,
		    &ev->ref);
		ledger_srv_addr(l, e, &a);
		return;
	case DNS_PTR:
		if (ledger_ptr_address(rr->name, &a))
			ledger_host_name(l, &a, rr->data.p, rr->data.len,
			    NAME_PTR, &ev->ref);
		return;
	case DNS_SRV:
		ledger_srv_target(l, ev);
		return;
	default:
		return;
	}
}

/* The host of \\server\share. */
static struct str
unc_host(struct str unc)
{
	struct str host;

	while (unc.len > 0 && *unc.p == '\\') {
		unc.p++;
		unc.len--;
	}
	host = unc;
	host.len = 0;
	while (host.len < unc.len && unc.p[host.len] != '\\')
		host.len++;
	return host;
}

/*
 * A target on the very server that the path names is no other place, and an
 * address is no name.
 */
static void
feed_referral(struct ledger *l, const struct event *ev)
{
	const struct ev_dfs_referral *x = &ev->u.dfs_referral;
	struct str from = unc_host(x->path), host;
	struct name_entry *e;
	size_t i;

	for (i = 0; i < x->targets.len; i++) {
		host = unc_host(x->targets.p[i]);
		if (host.len == 0 || text_is_ip(host) ||
		    (from.len > 0 && host_alike(from, host)))
			continue;
		e = ledger_name_entry(l, host);
		if (e->name.dfs != NULL)
			continue;
		e->name.dfs = ledger_copy(l, x->path.p, x->path.len, false);
		e->name.dfs_ref = ev->ref;
	}
}

/* Four numbers, the last first, and OUT has room for them: RFC 1035 3.5. */
static bool
parts_of_v4(struct str s, uint8_t *out)
{
	unsigned part, k;
	size_t i = 0, digits;

	for (k = 4; k-- > 0; i++) {
		for (part = 0, digits = 0;
		     i < s.len && s.p[i] >= '0' && s.p[i] <= '9' && digits < 3;
		     i++, digits++)
			part = part * 10 + (unsigned)(s.p[i] - '0');
		if (digits == 0 || part > 255 || i >= s.len || s.p[i] != '.')
			return false;
		out[k] = (uint8_t)part;
	}
	return i == s.len;
}

/* 32 hexadecimal digits, the last first: RFC 3596 2.5. */
static bool
parts_of_v6(struct str s, uint8_t *out)
{
	static const char hex[] = "0123456789abcdef";
	const char *at;
	unsigned k;

	if (s.len != 64)
		return false;
	memset(out, 0, 16);
	for (k = 0; k < 32; k++) {
		at = memchr(hex, s.p[2 * k], 16);
		if (at == NULL || s.p[2 * k + 1] != '.')
			return false;
		out[15 - k / 2] |= (uint8_t)((at - hex) << (k % 2 * 4));
	}
	return true;
}

bool
ledger_ptr_address(struct str name, struct addr *out)
{
	static const char v4[] = "in-addr.arpa", v6[] = "ip6.arpa";
	size_t n4 = sizeof(v4) - 1, n6 = sizeof(v6) - 1;

	memset(out, 0, sizeof(*out));
	if (name.len > n4 && memcmp(name.p + name.len - n4, v4, n4) == 0) {
		name.len -= n4;
		out->family = 4;
		return parts_of_v4(name, out->b);
	}
	if (name.len <= n6 || memcmp(name.p + name.len - n6, v6, n6) != 0)
		return false;
	name.len -= n6;
	out->family = 6;
	return parts_of_v6(name, out->b);
}

static void
feed_reply(struct ledger *l, const struct event *ev)
{
	const struct ev_dns_reply *r = &ev->u.dns_reply;
	struct name_entry *e;

	l->evidence |= EVIDENCE_DNS;
	ledger_host_entry(l, &ev->src)->host.roles |= ROLE_DNS;
	if (r->name.len == 0 || r->rcode != 3)
		return;
	e = ledger_name_entry(l, r->name);
	e->name.denied++;
	e->name.ref = ev->ref;
}

/* H may be another machine than the one that had its address before. */
static void
runs_as(struct ledger *l, struct host *h, struct str account)
{
	if (h->account != NULL && strlen(h->account) == account.len &&
	    memcmp(h->account, account.p, account.len) == 0)
		return;
	ledger_drop_text(l, h->account);
	h->account = ledger_copy(l, account.p, account.len, false);
}

/*
 * Who a service says it is: Windows and Samba put the account they run as
 * into KRB-ERROR's sname ("FS1$", "host/fs1.corp").  MIT acceptors echo the
 * SPN that was asked, which says nothing; the caller knows
 * which was asked.
 */
void
ledger_runs_as(struct ledger *l, const struct addr *addr, struct str sname,
    const struct ref *ref)
{
	struct host *h;

	if (sname.len < 2)
		return;
	if (sname.p[sname.len - 1] == '$' &&
	    memchr(sname.p, '/', sname.len) == NULL) {
		h = &ledger_host_entry(l, addr)->host;
		runs_as(l, h, sname);
		ledger_host_name(l, addr, sname.p, sname.len - 1, NAME_ITSELF,
		    ref);
	} else if (sname.len > 5 && strncasecmp(sname.p, "host/", 5) == 0)
		ledger_host_name(l, addr, sname.p + 5, sname.len - 5,
		    NAME_ITSELF, ref);
}

static void
feed_error(struct ledger *l, const struct event *ev)
{
	const struct ev_krb_error *e = &ev->u.krb_error;
	struct host *h;

	ledger_clock_sample(l, &ev->src, e->stime, "krb-error", &ev->ref);
	if (e->code == KRB_AP_ERR_SKEW) {
		h = &ledger_host_entry(l, &ev->dst)->host;
		h->skew_by = ev->src;
		h->skew_told = ev->ref;
	}
	if (e->from.len == 3 && memcmp(e->from.p, "kdc", 3) == 0) {
		h = &ledger_host_entry(l, &ev->src)->host;
		h->roles |= ROLE_KDC;
		h->udp_answered += ev->transport == TRANSPORT_UDP;
	}
}

static void
feed_ntlm(struct ledger *l, const struct event *ev)
{
	const struct ev_ntlm *n = &ev->u.ntlm;

	if (n->type != 2)
		return;
	l->evidence |= EVIDENCE_NTLM;
	ledger_clock_sample(l, &ev->src, n->time, "ntlm-challenge", &ev->ref);
	ledger_host_name(l, &ev->src, n->nb_computer.p, n->nb_computer.len,
	    NAME_ITSELF, &ev->ref);
	ledger_host_name(l, &ev->src, n->dns_computer.p, n->dns_computer.len,
	    NAME_ITSELF, &ev->ref);
}

static void
feed_negotiated(struct ledger *l, const struct event *ev)
{
	const struct ev_smb_negotiated *n = &ev->u.smb_negotiated;
	struct host *h;

	h = &ledger_host_entry(l, &ev->src)->host;
	h->roles |= ROLE_SERVICE;
	if (n->guid.len == sizeof(h->guid))
		memcpy(h->guid, n->guid.p, sizeof(h->guid));
	ledger_clock_sample(l, &ev->src, n->system_time, "smb2-negotiate",
	    &ev->ref);
}

void
ledger_feed(struct ledger *l, const struct event *ev)
{
	struct host *h;

	ledger_feed_hosts(l, ev);
	switch (ev->kind) {
	case EV_dfs_referral:
		feed_referral(l, ev);
		break;
	case EV_dns_rr:
		feed_record(l, ev);
		break;
	case EV_dns_reply:
		feed_reply(l, ev);
		break;
	case EV_krb_error:
		ledger_feed_realms(l, ev);
		feed_error(l, ev);
		break;
	case EV_ntlm:
		feed_ntlm(l, ev);
		break;
	case EV_smb_negotiated:
		feed_negotiated(l, ev);
		break;
	case EV_target:
		ledger_host_name(l, &ev->dst, ev->u.target.host.p,
		    ev->u.target.host.len, NAME_ASKED, &ev->ref);
		break;
	case EV_ap_req:
		ledger_feed_realms(l, ev);
		break;
	case EV_kdc_req:
		ledger_feed_realms(l, ev);
		ledger_host_entry(l, &ev->src)->host.roles |= ROLE_CLIENT;
		h = &ledger_host_entry(l, &ev->dst)->host;
		h->asked++;
		h->udp_asked += ev->transport == TRANSPORT_UDP;
		break;
	case EV_kdc_rep:
		ledger_feed_realms(l, ev);
		h = &ledger_host_entry(l, &ev->src)->host;
		h->roles |= ROLE_KDC;
		h->answered++;
		h->udp_answered += ev->transport == TRANSPORT_UDP;
		l->evidence |= EVIDENCE_KDC;
		break;
	case EV_auth_reply:
		ledger_host_entry(l, &ev->src)->host.roles |= ROLE_SERVICE;
		ledger_host_entry(l, &ev->dst)->host.roles |= ROLE_CLIENT;
		l->evidence |= EVIDENCE_SERVICE;
		break;
	default:
		break;
	}
}
