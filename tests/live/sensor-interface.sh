# An interface that is down at the start, comes up, goes down, is taken away
# and made anew: every frame that comes while it is there is read.

. tests/net.sh

ip -n "$HERE" link set v0 down
ip netns exec "$HERE" "$KERBSCOPE" live -i v0 --duration 300 \
    --events "$TMP/events" >"$TMP/out" 2>"$TMP/err" &
monitor=$!
wait_for 'v0: is down; waiting for it' "$TMP/err"

# Asks for $1 for three seconds: nobody says when an interface that came back
# is open again, but it is tried once a second.
ask()
{
	there python3 tests/live/query.py udp 10.9.0.1 "$1" 60 2>/dev/null
}

ip -n "$HERE" link set v0 up
ask first.test
ip -n "$HERE" link set v0 down
sleep 1.2
ip -n "$HERE" link set v0 up
# It was never closed: nothing is lost.
there python3 tests/live/query.py udp 10.9.0.1 second.test
sleep 1.2
ip -n "$HERE" link del v0
sleep 1.5
net_up
ask third.test
kill -KILL "$(pgrep -P "$monitor" -x ks-grabber)"
ask fourth.test
kill -TERM "$monitor"
wait "$monitor" || fail "status $?: $(cat "$TMP/err")"
for name in first second third fourth; do
	grep -q "\"$name.test\"" "$TMP/events" || fail "$name was not heard"
done
