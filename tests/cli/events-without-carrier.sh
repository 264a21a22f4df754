# Events that say no carrier, which no program of ours writes: they are told
# like others. A fuzzer found the first of them.

. tests/lib.sh

run_ks --events "$TMP/events" "$broken"
sed 's/"carrier":"[a-z0-9]*",//' "$TMP/events" >"$TMP/less"
! cmp -s "$TMP/events" "$TMP/less" || fail "nothing was taken away"
run_ks -f json "$TMP/less"
[ "$status" -le 1 ] || want_status 1
[ "$(jq .summary.stories "$TMP/out")" -gt 0 ] || fail "no log-on was told"
run_ks -v "$TMP/less"
[ "$status" -le 1 ] || want_status 1
