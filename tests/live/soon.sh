# How soon a failure is told when the capture goes on: a "no" within seconds,
# silence when an answer would have come; and nothing is taken back after it.
# CAPTURE RULE FROM SECONDS

. tests/lib.sh

command -v python3 >/dev/null || skip "needs python3"

while read -r capture rule from most; do
	run_ks -q --events "$TMP/events" "tests/rules/$capture.pcap"
	python3 tests/live/soon.py "$TMP/events" >"$TMP/longer.jsonl"
	rm -f "$TMP/log"
	run_ks live -q --json-log "$TMP/log" "$TMP/longer.jsonl"
	took=$(python3 tests/live/soon.py "$TMP/log" "$rule" "$from")
	echo "$took $most" | awk '{ exit !($1 != "never" && $1 <= $2) }' ||
		echo "$capture: $rule is told after $took s, not $most"
	! grep '"retracted"' "$TMP/log" | grep '"breaks"' ||
		echo "$capture: something is taken back"
done <<'END' >"$TMP/late"
acct-bad-password/bad-password-mit acct-bad-password proof 4.1
acct-bad-password/bad-password-samba acct-bad-password proof 4.1
acct-bad-password/stored-password-old acct-bad-password proof 4.1
acct-password-expired/password-expired-mit acct-password-expired proof 4.1
acct-password-expired/password-expired-samba acct-password-expired proof 4.1
dns-srv-kdc-missing/realm-unknown dns-srv-kdc-missing first 4.1
dns-target-nxdomain/target-nxdomain-ticket dns-target-nxdomain proof 5
kdc-port-closed/kdc-port-closed kdc-port-closed proof 2.6
kdc-tcp88-blocked/kdc-tcp-blocked kdc-tcp88-blocked first 5
kdc-unreachable/kdc-silent kdc-tcp88-blocked first 6
kdc-unreachable/kdc-host-silent kdc-unreachable first 6
kpasswd-464-blocked/kpasswd-blocked kpasswd-464-blocked first 5
nego-ntlm-blocked/ntlm-blocked nego-ntlm-blocked proof 4.1
ntlm-logon-refused/ntlm-wrong-password ntlm-logon-refused proof 4.1
spn-missing/spn-missing-http spn-missing proof 2.6
END
[ ! -s "$TMP/late" ] || fail "$(cat "$TMP/late")"
