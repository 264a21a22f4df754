# An analyzer that does nothing for a while: the kernel's buffer fills, what
# does not fit is counted, and nothing else is lost.

. tests/net.sh

command -v pgrep >/dev/null || skip "needs pgrep (procps)"

cat >"$TMP/flood.py" <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(int(sys.argv[1])):
    s.sendto(bytes(1000), ("10.9.0.1", 53))
END
ip netns exec "$HERE" "$KERBSCOPE" live -i v0 --buffer 2M --duration 300 \
    --bpf 'ip and udp dst port 53' --events "$TMP/events" \
    >"$TMP/out" 2>"$TMP/err" &
monitor=$!
wait_for 'listens' "$TMP/out"
analyzer=$(pgrep -P "$monitor" | grep -vx "$(pgrep -P "$monitor" \
    -x ks-grabber)")

# What fits, while it does nothing: all of it comes, with no drop.
kill -STOP "$analyzer"
there python3 "$TMP/flood.py" 500
kill -CONT "$analyzer"
sleep 1
kill -STOP "$analyzer"
there python3 "$TMP/flood.py" 20000
kill -CONT "$analyzer"
sleep 1
there python3 "$TMP/flood.py" 500
kill -TERM "$monitor"
wait "$monitor" || fail "status $?: $(cat "$TMP/err")"
end=$(grep '"event":"capture-end"' "$TMP/events")
packets=$(echo "$end" | jq .packets)
dropped=$(echo "$end" | jq .dropped_by_kernel)
[ "$((packets + dropped))" -eq 21000 ] ||
    fail "$packets came and $dropped were dropped, of 21000"
[ "$dropped" -gt 10000 ] || fail "$dropped dropped: nothing was tested"
[ "$packets" -ge 2000 ] || fail "only $packets came"
