/*
 * krb5-asn1.h - the ASN.1 decoders that MIT's libkrb5 exports but declares
 * only in its internal k5-int.h; configure checks that they are there.
 *
 * Each decodes one whole message and allocates its result, which the caller
 * frees with the function below it.  None of the krb5_free_*() looks at its
 * context, and all take NULL as the value.  Signatures: MIT krb5 1.10 to
 * 1.21, src/include/k5-int.h.  <krb5.h> has to come before.
 */
#ifndef DISSECT_KRB5_ASN1_H
#define DISSECT_KRB5_ASN1_H

krb5_error_code decode_krb5_as_req(const krb5_data *, krb5_kdc_req **);
krb5_error_code decode_krb5_tgs_req(const krb5_data *, krb5_kdc_req **);
void krb5_free_kdc_req(krb5_context, krb5_kdc_req *);

krb5_error_code decode_krb5_as_rep(const krb5_data *, krb5_kdc_rep **);
krb5_error_code decode_krb5_tgs_rep(const krb5_data *, krb5_kdc_rep **);
void krb5_free_kdc_rep(krb5_context, krb5_kdc_rep *);

krb5_error_code decode_krb5_ap_req(const krb5_data *, krb5_ap_req **);
void krb5_free_ap_req(krb5_context, krb5_ap_req *);

krb5_error_code decode_krb5_ap_rep(const krb5_data *, krb5_ap_rep **);
void krb5_free_ap_rep(krb5_context, krb5_ap_rep *);

/* krb5_free_error() is public. */
krb5_error_code decode_krb5_error(const krb5_data *, krb5_error **);

#endif
