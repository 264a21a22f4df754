# A name that leads to the wrong machine, and is led back: the cause is told,
# and that it is over; and nothing else is told while packets come.

. tests/lib.sh

command -v jq >/dev/null || skip "needs jq"

run_ks live -q --json-log "$TMP/log" \
    tests/rules/dns-stale-record-wrong-host/dns-stale-mended.pcap
want_status 1
# What stands at the end is what a report of all packets says.
jq -s '.[-1].time as $done | .[] | select(.time < $done and .impact == "breaks") |
    "\(.change) \(.rule) \(.subject.host) \(.ok_since)"' -r "$TMP/log" \
    >"$TMP/actual"
cat >"$TMP/expected" <<'END'
opened dns-stale-record-wrong-host fs2.fjord.test null
cleared dns-stale-record-wrong-host fs2.fjord.test 2
END
diff "$TMP/expected" "$TMP/actual" || fail "the changes differ"

# A clock that is off for a moment does not explain a stale key before it.
run_ks live -q --json-log "$TMP/clock" \
    tests/rules/key-stale-service-keytab/stale-key-around-clock.pcap
jq -s 'any(.[]; .change == "retracted")' "$TMP/clock" | grep -q true &&
    fail "a cause is retracted"
jq -s '[.[] | select(.change == "opened" and .impact == "breaks") | .rule] |
    sort | join(" ")' -r "$TMP/clock" >"$TMP/actual"
echo key-stale-service-keytab time-skew-service |
    diff - "$TMP/actual" || fail "the causes differ"
