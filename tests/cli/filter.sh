# --filter: what is wrong with it is one line before any work; it changes what
# is shown, not what is judged, nor the exit status.

. tests/lib.sh

capture=pcaps/day-three-faults.pcap

wrong()
{
	run_ks --filter "$1" -o "$TMP/report" "$capture"
	want_status 2 "$1"
	want_one_line "$2"
	[ ! -e "$TMP/report" ] || fail "a report was begun: $1"
}

wrong 'outcome = ok' 'equal is written == \(column 9\)'
wrong 'prinzipal ~ "anna*"' 'prinzipal is no name; near it: principal'
wrong 'outcome == failed' 'there are unseen, ok, degraded, broken'
wrong 'salt == x' 'salt .* is not kept'
wrong "$(printf 'a\033[2Jb')" 'a.x1b\[2Jb is no name'

run_ks -f json "$capture"
want_status 1
mv "$TMP/out" "$TMP/whole"
run_ks -f json --filter 'outcome == ok && client != 10.0.0.0/8' "$capture"
want_status 1 "of the whole"
cmp -s "$TMP/out" "$TMP/whole" && fail "nothing was left out"

same()
{
	jq "$1" "$TMP/whole" >"$TMP/a"
	jq "$1" "$TMP/out" >"$TMP/b"
	diff "$TMP/a" "$TMP/b" || fail "differs under a filter: $1"
}

run_ks -f json --filter 'service ~ "cifs/desk*" and outcome != ok' "$capture"
same '.summary | del(.filter, .shown)'
same '.rules, .machines, .captures, .quality'
same '[.stories[] | select(.service.spn == "cifs/desk.fjord.test" and
    .outcome != "ok") | del(.findings)]'
jq -e '.summary.shown == (.stories | length) and (.findings | length > 0) and
    all(.stories[]; .service.spn == "cifs/desk.fjord.test")' "$TMP/out" \
    >"$TMP/said" || fail "other log-ons are shown"

# Numbers of findings still lead to them: the rules of each log-on are those
# that it has without a filter.
rules='. as $r | [.stories[] | select(.service.spn == "cifs/desk.fjord.test"
    and .outcome != "ok") | [.id, [.findings[] | $r.findings[.].rule]]]'
same "$rules"
jq -e '. as $r | all(.findings[] | .explained_by, .rival_of |
    select(. != null); $r.findings[.].cause)' "$TMP/out" >"$TMP/said" ||
    fail "a finding has lost what accounts for it"

run_ks --filter 'id == 0' "$capture"
want_status 1
want_out '^0 of [0-9]+ log-ons shown, without a cause \(--filter'
run_ks collect --filter 'id == 0' "$capture"
want_status 0
