/*
 * krb-padata.c - what stands inside PA-DATA and the e-data of a KRB-ERROR.
 *
 * RFC 4120 5.2.7 (PA-DATA, ETYPE-INFO, ETYPE-INFO2, PA-ENC-TIMESTAMP) and
 * 5.9.1 (METHOD-DATA, TYPED-DATA), RFC 6113 5.4 (FAST), MS-KILE 2.2.2
 * (KERB-ERROR-DATA), 2.2.3 (KERB-PA-PAC-REQUEST) and 2.2.10 (PA-PAC-OPTIONS),
 * MS-SFU 2.2.1 (PA-FOR-USER) and 2.2.2 (PA-S4U-X509-USER), RFC 3244 (result
 * codes of kpasswd).
 *
 * The e-data of an error is not keyed by its code: 7, 13, 14, 37 and 52 carry
 * METHOD-DATA as well as 24 and 25, so its own octets decide.
 */
#include <string.h>

#include "krb.h"
#include "names.h"

#define SEQUENCE 0x30
#define BOOLEAN 0x01
#define OCTET_STRING 0x04
#define CONTEXT 0xa0

#define PA_PW_SALT 3

/* KERB-ERROR-DATA, MS-KILE 2.2.2. */
#define KERB_ERR_TYPE_EXTENDED 3
#define EXTENDED_LEN 12 /* NTSTATUS, reserved, flags */
#define NT_SEVERITY 0xc0000000u

/* What a list of PA-DATA says of the client's key. */
struct key_info {
	struct ints etypes;
	struct str salt;
	bool fast;
};

static struct ints
padata_types(struct dissector *d, const struct krb_pa *pa, size_t n)
{
	struct ints list = { 0 };
	int64_t *v;

	if (n == 0)
		return list;
	v = scratch(d, n * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = pa[i].type;
	list.p = v;
	list.len = n;
	return list;
}

/*
 * ETYPE-INFO2 or ETYPE-INFO: they differ in the string type of the salt.  The
 * first entry may be RC4, which has no salt; the first salt that is there is
 * what counts.
 */
static void
padata_etype_info(struct dissector *d, struct reader value,
    struct key_info *info)
{
	struct reader list, entry, field;
	int64_t *v;

	if (!der_get(&value, SEQUENCE, &list))
		return;
	v = scratch(d, KRB_MAX_ETYPES * sizeof(*v));
	*info = (struct key_info){ .etypes.p = v, .fast = info->fast };
	while (info->etypes.len < KRB_MAX_ETYPES &&
	    der_get(&list, SEQUENCE, &entry)) {
		if (!der_ctx_int(&entry, 0, &v[info->etypes.len]))
			break;
		info->etypes.len++;
		if (info->salt.len == 0 && der_get(&entry, CONTEXT | 1, &field))
			info->salt = krb_der_text(d, &field);
	}
}

/*
 * Old KDCs give ETYPE-INFO or PW-SALT, new ones ETYPE-INFO2, some of them
 * all: the newest wins (RFC 4120 5.2.7.5).  An empty PA-FX-FAST only says
 * that the KDC can do FAST; with contents it is armour.
 */
static struct key_info
padata_key_info(struct dissector *d, const struct krb_pa *pa, size_t n)
{
	static const int64_t order[] = { PA_PW_SALT, PA_ETYPE_INFO,
		PA_ETYPE_INFO2 };
	struct key_info info = { 0 };

	for (size_t o = 0; o < sizeof(order) / sizeof(order[0]); o++)
		for (size_t i = 0; i < n; i++) {
			struct reader r = pa[i].value;
			size_t len = rd_have(&r);

			if (pa[i].type != order[o])
				continue;
			if (order[o] != PA_PW_SALT)
				padata_etype_info(d, r, &info);
			else if (len > 0 && len == rd_left(&r))
				info.salt = text_utf8(d, rd_bytes(&r, len),
				    len);
		}
	for (size_t i = 0; i < n; i++)
		if (pa[i].type == PA_FX_FAST && rd_left(&pa[i].value) > 0)
			info.fast = true;
	return info;
}

/* --- requests and replies --------------------------------------------- */

static void
padata_for_user(struct dissector *d, struct reader r, struct ev_kdc_req *q)
{
	struct reader seq, field;
	struct krb_name name;

	if (!der_get(&r, SEQUENCE, &seq) ||
	    !der_get(&seq, CONTEXT | 0, &field) ||
	    !krb_der_name(d, &field, &name))
		return;
	q->for_user = name.text;
	if (der_get(&seq, CONTEXT | 1, &field))
		q->for_user_realm = krb_der_text(d, &field);
}

/* In an AS-REQ the value is a bare certificate, which is not looked at. */
static void
padata_s4u_x509(struct dissector *d, struct reader r, struct ev_kdc_req *q)
{
	struct reader seq, outer, id, field;
	struct krb_name name;
	int64_t nonce;

	if (!der_get(&r, SEQUENCE, &seq) ||
	    !der_get(&seq, CONTEXT | 0, &outer) ||
	    !der_get(&outer, SEQUENCE, &id) || !der_ctx_int(&id, 0, &nonce))
		return;
	if (der_get(&id, CONTEXT | 1, &field) &&
	    krb_der_name(d, &field, &name) && name.text.len > 0)
		q->for_user = name.text;
	if (der_get(&id, CONTEXT | 2, &field))
		q->for_user_realm = krb_der_text(d, &field);
}

static void
padata_pac_request(struct reader r, struct ev_kdc_req *q)
{
	struct reader seq, field, value;

	if (der_get(&r, SEQUENCE, &seq) && der_get(&seq, CONTEXT | 0, &field) &&
	    der_get(&field, BOOLEAN, &value) && rd_have(&value) == 1)
		q->pac_request = rd_u8(&value) != 0;
}

static void
padata_pac_options(struct reader r, struct ev_kdc_req *q)
{
	struct reader seq, field;

	if (der_get(&r, SEQUENCE, &seq) && der_get(&seq, CONTEXT | 0, &field))
		krb_der_flags(&field, &q->pac_options);
}

static void
padata_one(struct dissector *d, const struct krb_pa *pa, struct ev_kdc_req *q)
{
	struct reader r = pa->value;
	struct krb_enc enc;

	switch (pa->type) {
	case PA_ENC_TIMESTAMP:
		krb_der_enc(&r, &enc);
		q->ts_etype = enc.etype;
		q->ts_cipher = enc.cipher;
		break;
	case PA_PAC_REQUEST:
		padata_pac_request(r, q);
		break;
	case PA_PAC_OPTIONS:
		padata_pac_options(r, q);
		break;
	case PA_FOR_USER:
		padata_for_user(d, r, q);
		break;
	case PA_S4U_X509_USER:
		padata_s4u_x509(d, r, q);
		break;
	case PA_FX_FAST:
		if (rd_left(&r) > 0)
			q->fast = 1;
		break;
	}
}

void
krb_padata_req(struct dissector *d, const struct krb_pa *pa, size_t n,
    struct ev_kdc_req *q)
{
	q->padata = padata_types(d, pa, n);
	for (size_t i = 0; i < n; i++)
		padata_one(d, &pa[i], q);
}

void
krb_padata_rep(struct dissector *d, const struct krb_pa *pa, size_t n,
    struct ev_kdc_rep *p)
{
	struct key_info info = padata_key_info(d, pa, n);

	p->padata = padata_types(d, pa, n);
	p->info_etypes = info.etypes;
	p->salt = info.salt;
	p->fast = info.fast;
}

/* --- e-data ----------------------------------------------------------- */

/* The 12 octets of MS-KILE 2.2.2, seen with flags 1 and 3. */
static bool
edata_ntstatus(struct reader r, struct ev_krb_error *e)
{
	uint32_t status;

	if (rd_left(&r) != EXTENDED_LEN)
		return false;
	status = rd_le32(&r);
	if (!rd_ok(&r))
		return false;
	e->ntstatus = status;
	return true;
}

static void
edata_method(struct dissector *d, struct krb_pa *pa, size_t n,
    struct ev_krb_error *e)
{
	struct key_info info;

	e->padata = padata_types(d, pa, n);
	/*
	 * Windows also puts the status among others, as type 3, which is
	 * PW-SALT to everybody else: a salt of 12 octets is told from it by
	 * the severity of a failure in its fourth octet.
	 */
	for (size_t i = 0; i < n; i++) {
		struct reader r = pa[i].value;

		if (pa[i].type == PA_PW_SALT && rd_left(&r) == EXTENDED_LEN &&
		    (rd_le32(&r) & NT_SEVERITY) == NT_SEVERITY &&
		    edata_ntstatus(pa[i].value, e))
			pa[i].value = rd_make(NULL, 0, 0);
	}
	info = padata_key_info(d, pa, n);
	e->info_etypes = info.etypes;
	e->salt = info.salt;
	e->fast = info.fast;
}

/*
 * `{type[1], value[2] OPTIONAL}`, which is KERB-ERROR-DATA or a single
 * PA-DATA: the same octets.
 */
static void
edata_single(struct dissector *d, struct reader seq, struct ev_krb_error *e)
{
	struct krb_pa pa = { .value = rd_make(NULL, 0, 0) };
	struct reader field;

	if (!der_ctx_int(&seq, 1, &pa.type))
		return;
	if (der_get(&seq, CONTEXT | 2, &field) &&
	    !der_get(&field, OCTET_STRING, &pa.value))
		pa.value = rd_make(NULL, 0, 0);
	if (pa.type < 1 || pa.type > KERB_ERR_TYPE_EXTENDED) {
		edata_method(d, &pa, 1, e);
		return;
	}
	e->ext_type = pa.type;
	if (pa.type == KERB_ERR_TYPE_EXTENDED)
		edata_ntstatus(pa.value, e);
}

/*
 * A result code and a text; SEQUENCE means that a service error came
 * instead, for no result code is 0x30nn.
 */
static void
edata_kpasswd(struct reader r, struct ev_krb_error *e)
{
	uint16_t code = rd_be16(&r);

	if (rd_ok(&r))
		e->kpasswd_result = code;
}

void
krb_error_data(struct dissector *d, struct reader edata, struct ev_krb_error *e)
{
	struct krb_pa pa[KRB_MAX_PADATA];
	struct reader r = edata, seq, item;
	size_t n;

	if (e->from.len == 7 && memcmp(e->from.p, "kpasswd", 7) == 0 &&
	    der_peek(&edata) != SEQUENCE) {
		edata_kpasswd(edata, e);
		return;
	}
	if (!der_get(&r, SEQUENCE, &seq))
		return;
	if (der_peek(&seq) == (CONTEXT | 1)) {
		edata_single(d, seq, e);
		return;
	}
	r = seq;
	if (!der_get(&r, SEQUENCE, &item))
		return;
	/* TYPED-DATA is METHOD-DATA whose tags are [0] and [1]. */
	n = krb_der_padata(seq, der_peek(&item) == (CONTEXT | 0) ? 0 : 1, pa);
	edata_method(d, pa, n, e);
}
