# One missing name and 200 clients are one cause: it counts them all, says
# when first and last, and how often. Beyond what it tells apart it says so.

. tests/lib.sh

run_ks --events - -q tests/rules/spn-missing/spn-missing-http.pcap
mv "$TMP/out" "$TMP/one"

is()
{
	[ "$(jq -r "$1" "$TMP/out")" = "$2" ] ||
	    fail "$1 is $(jq -c "$1" "$TMP/out"), not $2"
}

python3 tests/cli/crowd.py "$TMP/one" 200 >"$TMP/200.jsonl" || fail "no crowd"
run_ks -f json "$TMP/200.jsonl"
want_status 1
is '.summary.causes' 1
is '.findings[0].rule' spn-missing
is '.findings[0].clients' 200
is '.findings[0].more_clients' null
is '.findings[0].occurrences' 200
is '.findings[0].rate_per_minute | round' 12
is '.findings[0] | .last > .first' true
run_ks "$TMP/200.jsonl"
tr -s '\n ' ' ' <"$TMP/out" >"$TMP/flat"
grep -q 'and 197 others; 200 clients, 200 log-ons, .* UTC, 12 a minute' \
    "$TMP/flat" || fail "$(cat "$TMP/out")"

python3 tests/cli/crowd.py "$TMP/one" 4200 >"$TMP/4200.jsonl" ||
    fail "no crowd"
run_ks -f json "$TMP/4200.jsonl"
is '.summary.causes' 1
is '.findings[0].clients' 4096
is '.findings[0].more_clients' true
is '.findings[0].occurrences' 4200
run_ks "$TMP/4200.jsonl"
tr -s '\n ' ' ' <"$TMP/out" >"$TMP/flat"
grep -q 'and others; more than 4096 clients, 4200 log-ons' "$TMP/flat" ||
    fail "$(cat "$TMP/out")"
