# What signals do: a report now, another log, the end with the report; and a
# second one does not cut what is being written.

. tests/lib.sh

mkfifo "$TMP/pipe"

# live on a pipe that stays open: $pid, and $holder holds it.
start()
{
	rm -f "$TMP/log" "$TMP/out" "$TMP/err"
	"$KERBSCOPE" live "$@" "$TMP/pipe" >"$TMP/out" 2>"$TMP/err" &
	pid=$!
	(
		cat "$broken"
		exec sleep 60
	) >"$TMP/pipe" &
	holder=$!
}

# Until $1 seconds are over, or file $2 is there and matches $3.
wait_for()
{
	n=0
	until [ -f "$2" ] && { [ -z "$3" ] || grep -qE -- "$3" "$2"; }; do
		n=$((n + 1))
		[ $n -lt $(($1 * 10)) ] || fail "no $3 in $2 after $1 s"
		sleep 0.1
	done
}

ended()
{
	status=0
	wait "$pid" || status=$?
	kill "$holder"
	wait "$holder" 2>/dev/null || :
	want_status "$1"
}

# --- the end: what was read is reported, whichever way
for sig in TERM INT; do
	start --json-log "$TMP/log" -f json -o "$TMP/report.json"
	wait_for 20 "$TMP/log" '"started"'
	sleep 0.5
	kill -$sig $pid
	ended 1
	jq -e '.summary.broken == 1' "$TMP/report.json" >/dev/null ||
	    fail "SIG$sig: the report lacks what was found"
	tail -n 1 "$TMP/log" | jq -e '.change == "stopped"' >/dev/null ||
	    fail "SIG$sig: the log has no last line"
done

# --- a report now, again and again, and it goes on
start -f json -o "$TMP/report.json"
rm -f "$TMP/report.json"
wait_for 20 "$TMP/out" 'reads'
sleep 0.5
[ ! -e "$TMP/report.json" ] || fail "there is a report that nobody asked for"
kill -USR1 $pid
wait_for 20 "$TMP/report.json" '^}'
jq -e ".captures[0].packets == 156" "$TMP/report.json" >/dev/null ||
    fail "the report of SIGUSR1"
rm "$TMP/report.json"
kill -USR1 $pid
wait_for 20 "$TMP/report.json" '^}'
kill -0 $pid || fail "SIGUSR1 ended it"
# --- a second SIGINT, at any time, cuts nothing
kill -INT $pid
kill -INT $pid 2>/dev/null || :
kill -INT $pid 2>/dev/null || :
ended 1
jq -e '.summary.stories == 2' "$TMP/report.json" >/dev/null ||
    fail "the report was cut"
[ "$(ls "$TMP" | grep -c 'report.json')" -eq 1 ] ||
    fail "something was left behind: $(ls "$TMP")"

# --- the log is opened anew, and the old one kept when that fails
mkdir "$TMP/logs"
start --json-log "$TMP/logs/log"
wait_for 20 "$TMP/logs/log" '"started"'
mv "$TMP/logs/log" "$TMP/logs/old"
kill -HUP $pid
wait_for 20 "$TMP/logs/log" ''
rm -r "$TMP/logs"
kill -HUP $pid
wait_for 20 "$TMP/err" 'logs/log: No such file or directory; the old file'
kill -TERM $pid
ended 1
[ "$(wc -l <"$TMP/err")" -eq 1 ] || fail "more than one line on stderr"
