# The same packets saved in two formats give the same report.

. tests/lib.sh

captures=${KERBSCOPE_CAPTURES:-../shared/captures}
[ -d "$captures" ] || skip "$captures: not here (set KERBSCOPE_CAPTURES)"

same_report()
{
	for f; do
		run_ks -f json "$captures/$f"
		jq 'del(.captures)' "$TMP/out" >"$TMP/$(basename "$f").json"
	done
	diff -u "$TMP/$(basename "$1").json" "$TMP/$(basename "$2").json"
}

same_report wireshark-wiki/krb-816/krb-816.cap \
    bruteshark/Kerberos-816.pcapng || exit 1
same_report bruteshark/Kerberos_v5_TCP.pcap \
    bruteshark/Kerberos_v5_TCP.pcapng || exit 1
