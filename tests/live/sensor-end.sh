# However one of the processes ends, nothing is left running, what was found
# is reported, and the shell gets its terminal back.

. tests/net.sh

command -v pgrep >/dev/null || skip "needs pgrep (procps)"

start()
{
	ip netns exec "$HERE" "$KERBSCOPE" live -i v0 --duration 300 \
	    >"$TMP/out" 2>"$TMP/err" &
	monitor=$!
	wait_for 'listens' "$TMP/out"
	grabber=$(pgrep -P "$monitor" -x ks-grabber)
	analyzer=$(pgrep -P "$monitor" | grep -vx "$grabber")
	there python3 tests/live/query.py udp 10.9.0.1 some.test
}

# All are gone; the monitor ended with status $1.
ended()
{
	status=0
	wait "$monitor" || status=$?
	want_status "$1"
	wait_gone "$analyzer"
	wait_gone "$grabber"
}

reported()
{
	# Whoever lost the monitor ends after it.
	wait_for '^[1-9][0-9]* packets' "$TMP/out"
}

# A signal to the process that was started is passed on.
for sig in TERM INT; do
	start
	kill -"$sig" "$monitor"
	ended 0
	reported
	[ ! -s "$TMP/err" ] || fail "$(cat "$TMP/err")"
done

start
kill -KILL "$monitor"
ended 137
reported
want_one_line '^kerbscope: the process that was started is gone: this is the end$'

start
kill -KILL "$analyzer"
ended 137
want_one_line '^kerbscope: the analyzer died of SIGKILL$'

# As a terminal does it: to the whole group at once.
command -v setsid >/dev/null || skip "the rest needs setsid"
setsid ip netns exec "$HERE" "$KERBSCOPE" live -i v0 --duration 300 \
    >"$TMP/out" 2>"$TMP/err" &
monitor=$!
wait_for 'listens' "$TMP/out"
grabber=$(pgrep -P "$monitor" -x ks-grabber)
analyzer=$(pgrep -P "$monitor" | grep -vx "$grabber")
there python3 tests/live/query.py udp 10.9.0.1 some.test
kill -INT -"$monitor"
ended 0
reported

python3 tests/live/terminal.py ip netns exec "$HERE" "$KERBSCOPE" \
    live -i v0 --duration 300

# An interface is no capture: it was silent.
status=0
here "$KERBSCOPE" live -i lo --duration 1 >"$TMP/out" 2>"$TMP/err" || status=$?
want_status 0
want_out '^No packets came\.$'
