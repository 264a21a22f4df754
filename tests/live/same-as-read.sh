# What live concludes of a capture in the end is what read does, look-ups
# among it: views on the way change nothing.

. tests/lib.sh

for c in pcaps/*.pcap tests/rules/acct-*/*.pcap tests/rules/kdc-*/*.pcap \
    tests/healthy/*.pcap; do
	[ -f "$c" ] || continue
	set -- "$c"
	[ ! -f "${c%.pcap}.ldif" ] || set -- --ldif "${c%.pcap}.ldif" "$@"
	[ ! -f "${c%.pcap}.keytab" ] || set -- --keytab "${c%.pcap}.keytab" "$@"
	run_ks -f json "$@"
	mv "$TMP/out" "$TMP/read"
	want=$status
	run_ks live -f json "$@"
	want_status "$want" "$c"
	cmp "$TMP/read" "$TMP/out" || fail "live differs: $c"
done
