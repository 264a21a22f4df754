# Packets of a link type that cannot be read (147, USER0) are counted, and
# the report says so.

. tests/lib.sh

{
	printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000'
	printf '\377\377\000\000\223\000\000\000'
	printf '\001\000\000\000\000\000\000\000\004\000\000\000\004\000\000\000'
	printf 'abcd'
} >"$TMP/user0.pcap"
run_ks "$TMP/user0.pcap"
[ "$status" -eq 0 ] || [ "$status" -eq 2 ] || want_status 0
cat "$TMP/err" "$TMP/out" | grep -qi 'link type' ||
    fail "nothing says 'link type'"
run_ks -f json "$healthy" "$TMP/user0.pcap"
[ "$status" -eq 0 ] || [ "$status" -eq 2 ] || want_status 0
[ "$(jq '.quality.unread_link_types' "$TMP/out")" -ge 1 ] ||
    fail "quality.unread_link_types is 0"
