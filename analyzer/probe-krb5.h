/*
 * probe-krb5.h - what MIT's libkrb5 exports for the probes but declares only
 * in its internal k5-int.h; configure checks that it is there.
 *
 * The decoders allocate their results.  Signatures: MIT krb5 1.10 to 1.21.
 * <krb5.h> has to come before.
 */
#ifndef ANALYZER_PROBE_KRB5_H
#define ANALYZER_PROBE_KRB5_H

/* PA-ENC-TS-ENC, RFC 4120 5.2.7.2; free() frees it. */
typedef struct {
	krb5_timestamp patimestamp;
	krb5_int32 pausec;
} krb5_pa_enc_ts;

krb5_error_code decode_krb5_pa_enc_ts(const krb5_data *, krb5_pa_enc_ts **);
krb5_error_code
decode_krb5_enc_tkt_part(const krb5_data *, krb5_enc_tkt_part **);
void krb5_free_enc_tkt_part(krb5_context, krb5_enc_tkt_part *);
/* krb5_free_authenticator() and krb5_free_authdata() are public. */
krb5_error_code
decode_krb5_authenticator(const krb5_data *, krb5_authenticator **);
krb5_error_code decode_krb5_authdata(const krb5_data *, krb5_authdata ***);

#endif
