# Somebody who tries one name after the other fills no mailbox: people are
# told of some and that there are more, programs of all.

. tests/lib.sh

command -v python3 >/dev/null || skip "needs python3"
command -v jq >/dev/null || skip "needs jq"

run_ks -q --events "$TMP/bad" tests/rules/spn-missing/spn-missing-mssql.pcap
n=0
set --
while [ $n -lt 30 ]; do
	n=$((n + 1))
	sed "s/fs2/server$n/g; s/FS2/SERVER$n/g" "$TMP/bad" >"$TMP/one"
	python3 tests/live/later.py "$TMP/one" $n 1 1 >"$TMP/$n.jsonl"
	set -- "$@" "$TMP/$n.jsonl"
done
run_ks live --json-log "$TMP/log" "$@"
want_status 1
all=$(jq -s '[.[] | select(.change == "opened" and
    .rule == "spn-missing")] | length' "$TMP/log")
[ "$all" -gt 25 ] || fail "programs are told of $all"
told=$(grep -c ' opened .*breaks' "$TMP/out")
[ "$told" -le 20 ] && [ "$told" -gt 10 ] || fail "people are told of $told"
[ "$(grep -c ' many .*spn-missing: more than 20 changes' "$TMP/out")" -eq 1 ] ||
    fail "nobody says that there are more"
jq -se '[.[] | select(.change == "many")] == []' "$TMP/log" >/dev/null ||
    fail "a program is told what is for people"
