# doc/kerbscope.service with doc/kerbscope.conf as they are, but without
# systemd: an ordinary user with CAP_NET_RAW alone, a file system that is
# read-only, /proc without the machine, and the unit's own seccomp filter.
# What it writes, on every signal that it knows, and its end.

. tests/net.sh

command -v setpriv >/dev/null || skip "needs setpriv (util-linux)"
command -v systemd-analyze >/dev/null || skip "needs systemd-analyze (systemd)"
[ -x /usr/bin/python3 ] || skip "needs /usr/bin/python3"
send=$(dirname "$UNITS")/bench/send
[ -x "$send" ] || skip "$send is not built"

ip -n "$HERE" link set v0 mtu 2034
ip -n "$THERE" link set v1 mtu 2034
run_ks --version
evidence=$(sed -n 's/^#EVIDENCE=//p' doc/kerbscope.conf)
metrics='--metrics unix:/run/kerbscope/metrics'
ks live -i lo --duration 1 --metrics "unix:$TMP/metrics" >"$TMP/out" 2>&1
! grep -q libmicrohttpd "$TMP/out" || metrics=
eval "$(sed -n 's/^\([A-Z]*\)=\(.*\)/\1="\2"/p' doc/kerbscope.conf)"
INTERFACES='-i v0'

# In a mount namespace of its own: the folders that systemd would make, and
# nothing else that could be written.
cat >"$TMP/start" <<'EOF'
set -e
mkdir -p "$1/log" "$1/lib" "$1/run"
chown 65534:65534 "$1"/l?? "$1/run"
for d in log lib run; do
	mount -t tmpfs -o mode=755 ks /var/$d 2>/dev/null ||
	    mount -t tmpfs -o mode=755 ks "$(readlink -f /var/$d)"
	mkdir "/var/$d/kerbscope"
	mount --bind "$1/$d" "/var/$d/kerbscope"
done
# Where an ordinary user can read them, wherever the sources are.
mount -t tmpfs -o mode=755 ks /mnt
cp "$2" /mnt/kerbscope
cp "$3/doc/kerbscope.service" "$3/tests/live/unit.py" /mnt
cd /
mount -o remount,ro /mnt
mount -o remount,ro,bind /
mount -t proc -o subset=pid,hidepid=invisible proc /proc
shift 3
exec setpriv --reuid 65534 --regid 65534 --clear-groups \
    --inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw \
    --bounding-set=-all,+net_raw --no-new-privs \
    /usr/bin/python3 /mnt/unit.py /mnt/kerbscope.service /mnt/kerbscope "$@"
EOF
mkdir "$TMP/state"
# Looking for leaks needs ptrace(), which no filter here allows.
export ASAN_OPTIONS="detect_leaks=0:$ASAN_OPTIONS"
# shellcheck disable=SC2086
ip netns exec "$HERE" unshare -m sh "$TMP/start" "$TMP/state" "$KERBSCOPE" "$PWD" live \
    $INTERFACES $FINDINGS $REPORT $evidence $metrics $MORE \
    </dev/null >"$TMP/out" 2>"$TMP/err" &
pid=$!
log=$TMP/state/log/findings.jsonl
n=100
until grep -q '"started"' "$log" 2>/dev/null; do
	kill -0 $pid 2>/dev/null || {
		wait $pid
		[ $? -ne 77 ] || skip "$(cat "$TMP/out")"
		fail "it has ended: $(cat "$TMP/out" "$TMP/err")"
	}
	n=$((n - 1))
	[ $n -gt 0 ] || fail "it does not start: $(cat "$TMP/err")"
	sleep 0.1
done

there "$send" v1 2000 4 pcaps/healthy-logon.pcap -- \
    tests/rules/spn-missing/spn-missing-http.pcap >"$TMP/sent" ||
    fail "nothing could be sent"
wait_for '"change": "opened".*"rule": "spn-missing"' "$log"

mv "$log" "$log.1"
kill -HUP $pid
n=100
until [ -e "$log" ]; do
	n=$((n - 1))
	[ $n -gt 0 ] || fail "SIGHUP does not open the log anew"
	sleep 0.1
done
kill -USR1 $pid
n=100
until grep -q spn-missing "$TMP/state/log/report.txt" 2>/dev/null; do
	n=$((n - 1))
	[ $n -gt 0 ] || fail "SIGUSR1 writes no report"
	sleep 0.1
done
[ -z "$metrics" ] || [ -S "$TMP/state/run/metrics" ] ||
    fail "there is no socket for metrics"

kill $pid
wait_gone $pid
wait $pid
status=$?
[ $status -eq 1 ] || fail "status $status: $(cat "$TMP/err")"
wait_for '"change": "stopped"' "$log"
ls "$TMP/state/lib" | grep -q pcapng || fail "there is no evidence"
