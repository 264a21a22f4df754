# -o writes a file whole or not at all, and never to standard output as well.

. tests/lib.sh

run_ks "$healthy"
mv "$TMP/out" "$TMP/text"
run_ks -f json "$healthy"
mv "$TMP/out" "$TMP/json"
run_ks -f text -o "$TMP/a.txt" -f json -o "$TMP/a.json" "$healthy"
want_status 0
[ ! -s "$TMP/out" ] || fail "a report on standard output as well"
cmp "$TMP/a.txt" "$TMP/text" || exit 1
cmp "$TMP/a.json" "$TMP/json" || exit 1

run_ks -o "$TMP/no/such/folder/report" "$healthy"
[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || want_status 2
want_one_line "^kerbscope: $TMP/no/such/folder/report"

mkdir "$TMP/closed"
echo old >"$TMP/closed/report"
chmod 500 "$TMP/closed"
status=0
as_nobody timeout 60 "$KERBSCOPE" -o "$TMP/closed/report" "$healthy" \
    </dev/null >"$TMP/out" 2>"$TMP/err" || status=$?
chmod 700 "$TMP/closed"
[ "$status" -ne 77 ] || skip "$(cat "$TMP/out")"
[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || want_status 3
want_one_line "^kerbscope: $TMP/closed/report"
[ "$(cat "$TMP/closed/report")" = old ] || fail "the old report is gone"
[ "$(ls -A "$TMP/closed")" = report ] || fail "something was left behind"

if [ -c /dev/full ]; then
	status=0
	ks "$healthy" >/dev/full 2>"$TMP/err" || status=$?
	want_status 3 "a full disk"
	want_err '^kerbscope: .*[Nn]o space'
fi
