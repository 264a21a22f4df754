# A disk that is full is said once; what was found is in the report.

. tests/lib.sh

[ -c /dev/full ] || skip "needs /dev/full"

run_ks live --json-log /dev/full "$broken"
want_status 1
want_one_line '^kerbscope: /dev/full: No space left on device; lines are lost'
want_out '\[spn-wrong-account\]'

run_ks live -o /dev/full "$broken"
want_status 3
want_err '^kerbscope: /dev/full: No space left on device$'
want_err '^kerbscope: the report follows here instead$'
want_out 'Verify'

run_ks live --events /dev/full "$broken"
want_status 3
want_one_line '^kerbscope: /dev/full: No space left on device; no more events'
want_out 'Verify'

status=0
ks live -f json -o "$TMP/report" "$broken" >/dev/full 2>"$TMP/err" || status=$?
want_status 3
want_one_line '^kerbscope: standard output: No space left on device; lines'
jq -e '.summary.broken == 1' "$TMP/report" >/dev/null || fail "no report"

# Who reads the lines has seen enough.
ks live pcaps/day-three-faults.pcap 2>"$TMP/err" | head -n 1 >/dev/null
[ ! -s "$TMP/err" ] || fail "$(cat "$TMP/err")"

# The old report stays when the new one cannot be written whole.
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=8k none "$TMP" 2>/dev/null
then
	echo old >"$TMP/report"
	status=0
	"$KERBSCOPE" live -q -f json -o "$TMP/report" -v \
	    pcaps/day-three-faults.pcap 2>/dev/null || status=$?
	old=$(cat "$TMP/report")
	umount "$TMP"
	want_status 3
	[ "$old" = old ] || fail "the old report is gone"
fi

# Nobody waits for the reader of a FIFO.
mkfifo "$TMP/fifo"
status=0
timeout 20 "$KERBSCOPE" live --json-log "$TMP/fifo" "$broken" >"$TMP/out" \
    2>"$TMP/err" || status=$?
want_status 2
want_one_line "/fifo: nobody reads this FIFO"
