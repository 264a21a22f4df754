# A capture without packets is no error; the report says that it is empty.

. tests/lib.sh

printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\377\377\000\000\001\000\000\000' \
    >"$TMP/none.pcap"
run_ks "$TMP/none.pcap"
want_status 0
want_out 'no packets'
run_ks -f json "$TMP/none.pcap"
want_status 0
[ "$(jq '.captures[0].packets' "$TMP/out")" = 0 ] || fail "packets is not 0"
