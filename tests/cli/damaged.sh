# A capture that ends inside a packet: reported as far as it goes, the damage
# named on stderr and under quality, and the exit status is the findings'.

. tests/lib.sh

findings='[.findings[] | [.rule, .impact, .cause]]'
run_ks -f json "$broken"
want_status 1
whole=$(jq -c "$findings" "$TMP/out")
quality=$(jq -c .quality "$TMP/out")

size=$(wc -c <"$broken")
head -c $((size - 7)) "$broken" >"$TMP/cut.pcap"
run_ks -f json "$TMP/cut.pcap"
want_status 1
want_one_line "^kerbscope: $TMP/cut.pcap: "
[ "$(jq -c "$findings" "$TMP/out")" = "$whole" ] ||
    fail "other findings than in the whole capture"
[ "$(jq -c .quality "$TMP/out")" != "$quality" ] ||
    fail "quality says nothing of the damage"

gzip -c "$broken" | head -c $((size / 4)) >"$TMP/cut.pcap.gz"
run_ks -f json "$TMP/cut.pcap.gz"
[ "$status" -le 1 ] || want_status 0
want_one_line "^kerbscope: $TMP/cut.pcap.gz: "
