# Metrics are asked for while packets are looked at, on a Unix socket and on
# the loopback; scrapers that dawdle, shout or never stop hold nothing up.

. tests/net.sh

command -v python3 >/dev/null || skip "needs python3"
command -v curl >/dev/null || skip "needs curl"
capture=pcaps/spn-wrong-account-samba.pcap

begin()
{
	ip netns exec "$HERE" "$KERBSCOPE" live -i v0 --metrics "$1" \
	    >"$TMP/out" 2>"$TMP/err" &
	monitor=$!
	if ! wait_for 'listens|libmicrohttpd' "$TMP/out" 2>/dev/null; then
		grep -q libmicrohttpd "$TMP/err" && skip "no libmicrohttpd"
		fail "$(cat "$TMP/err")"
	fi
}

# Value of the series $1 in the scrape.
series()
{
	awk -v s="$1" '$1 == s { print $2 }' "$TMP/scrape"
}

scrape()
{
	here curl -sS -m 5 -H 'Accept: application/openmetrics-text' \
	    "$@" >"$TMP/scrape" || fail "the scrape failed"
	[ "$(tail -n 1 "$TMP/scrape")" = '# EOF' ] || fail "it has no end"
}

finish()
{
	kill -TERM "$monitor"
	rc=0
	wait "$monitor" || rc=$?
	[ $rc -le 1 ] || fail "status $rc: $(cat "$TMP/err")"
	[ ! -s "$TMP/err" ] || fail "$(cat "$TMP/err")"
}

"$KERBSCOPE" live -i lo --packets 1 --duration 1 --metrics 192.0.2.1:80 \
    >"$TMP/out" 2>"$TMP/err" && fail "it serves the world"
grep -q libmicrohttpd "$TMP/err" && skip "built without libmicrohttpd"
grep -q 'only the loopback' "$TMP/err" || fail "$(cat "$TMP/err")"

begin "unix:$TMP/socket"
[ "$(stat -c %a "$TMP/socket")" = 660 ] || fail "$(stat -c %a "$TMP/socket")"
python3 tests/live/scrapers.py "$TMP/socket" >"$TMP/crowd" 2>&1 &
crowd=$!
there python3 tests/live/replay.py v1 "$capture"
wait_for 'opened' "$TMP/out" 20
wait "$crowd" || fail "$(cat "$TMP/crowd")"
scrape --unix-socket "$TMP/socket" http://localhost/metrics
[ "$(series 'kerbscope_interface_up{interface="v0"}')" = 1 ] ||
    fail "v0 is not up"
[ "$(series 'kerbscope_packets_total{interface="v0"}')" -gt 100 ] ||
    fail "no packets are counted"
grep -q '^kerbscope_findings{.*impact="breaks".*} 1$' "$TMP/scrape" ||
    fail "no finding is counted"
before=$(series 'kerbscope_packets_total{interface="v0"}')
there python3 tests/live/replay.py v1 "$capture"
sleep 1.5
scrape --unix-socket "$TMP/socket" http://localhost/metrics
after=$(series 'kerbscope_packets_total{interface="v0"}')
[ "$after" -ge $((before + 100)) ] || fail "it counts no further: $before, $after"
[ "$(series 'kerbscope_dropped_total{interface="v0",by="kernel"}')" = 0 ] ||
    fail "the scrapers made it drop packets"
finish

begin '[::1]:9464'
scrape 'http://[::1]:9464/metrics'
[ "$(here curl -s -o /dev/null -w '%{http_code}' \
    'http://[::1]:9464/other')" = 404 ] || fail "another path is there"
finish
