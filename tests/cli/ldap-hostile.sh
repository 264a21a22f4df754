# A directory that is silent, slow, cut off, endless or hostile: one line, no
# longer than its time, and the report as it is without it.

. tests/lib.sh
. tests/ldap/server.sh

needs_ldap
capture=tests/rules/spn-duplicate/spn-duplicate-samba.pcap
echo word >"$TMP/password"

# against MODE [OPTION...]
against()
{
	mode=$1
	shift
	socket=$TMP/$mode.socket
	python3 tests/ldap/fake.py "$socket" "$mode" 2>"$TMP/fake" &
	servers=$!
	for _ in $(seq 100); do
		[ -S "$socket" ] && break
		sleep 0.1
	done
	began=$(date +%s)
	run_ks -f json --ldap "ldapi://$(echo "$socket" | sed 's|/|%2f|g')" \
	    --ldap-user cn=reader --ldap-password-file "$TMP/password" \
	    --events "$TMP/events" "$@" "$capture"
	took=$(($(date +%s) - began))
	stop_servers
	has_controls "$TMP/err" && fail "$mode: controls on stderr"
	[ "$took" -le 20 ] || fail "$mode: took $took seconds"
	jq -e .findings "$TMP/out" >/dev/null || fail "$mode: no report"
}

# No answer is called whole.
nothing_covered()
{
	[ -z "$(jq -c 'select(.covered == 1 or .whole == 1)' \
	    "$TMP/events")" ] || fail "$mode: absence is claimed"
}

owners()
{
	jq -r 'select(.event == "directory-spn" and
	    .spn == "HTTP/portal.fjord.test") | .owners // [] | join(" ")' \
	    "$TMP/events"
}

against none
[ ! -s "$TMP/err" ] || fail "the fake itself: $(cat "$TMP/err")"
[ "$(owners)" = svc-web@FJORD.TEST ] || fail "owners: $(owners)"
[ -n "$(jq -c 'select(.covered == 1)' "$TMP/events")" ] ||
    fail "nothing is covered"

against ranges
[ "$(owners)" = svc-web@FJORD.TEST ] || fail "ranges: owners: $(owners)"
jq -r 'select(.event == "account").spns[]?' "$TMP/events" >"$TMP/spns"
[ "$(tr '\n' ' ' <"$TMP/spns")" = \
    'HTTP/a HTTP/b HTTP/c HTTP/d HTTP/e HTTP/portal.fjord.test ' ] ||
    fail "ranges: $(cat "$TMP/spns")"
against loop
nothing_covered

for mode in silent mute drip; do
	against $mode --ldap-timeout 2
	want_one_line "no end within 2 seconds, "
	want_status 2
	[ "$took" -le 5 ] || fail "$mode: took $took seconds"
	nothing_covered
done

against cut
want_one_line ': the connection was lost half-way$'
want_status 2
nothing_covered

against flood
want_one_line ': more than 20000 objects answer: what comes after them is left'
nothing_covered
[ "$(wc -c <"$TMP/events")" -lt 200000 ] || fail "flood: all of it is told"

against endless --ldap-timeout 5
nothing_covered

for mode in huge garbage; do
	against $mode --ldap-timeout 5
	[ "$(wc -l <"$TMP/err")" -eq 1 ] || fail "$mode: $(cat "$TMP/err")"
	want_status 2
	nothing_covered
done

against refer
want_one_line ': another server has dc=fjord,dc=test: ask that one$'
nothing_covered

against limit
want_one_line ': gives no more than a part: Size limit exceeded$'
want_status 2
nothing_covered
[ "$(owners)" = svc-web@FJORD.TEST ] || fail "limit: owners: $(owners)"

against evil
run_ks -f json "$TMP/events"
