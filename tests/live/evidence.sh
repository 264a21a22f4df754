# The packets of a log-on that fails are written by who may do nothing else,
# and say the same as the capture they were; a disk that is full is said, and
# what it had no room for is written later.

. tests/net.sh

command -v python3 >/dev/null || skip "needs python3"
capture=pcaps/spn-wrong-account-samba.pcap

# The cause of report $1, without its times.
cause()
{
	grep -A 1 '^1\. ' "$1"
}

# Runs with the options that follow and hears the capture; $monitor.
hear()
{
	ip netns exec "$HERE" "$@" >"$TMP/out" 2>"$TMP/err" &
	monitor=$!
	wait_for 'listens' "$TMP/out"
	there python3 tests/live/replay.py v1 "$capture" || fail "no replay"
	wait_for 'opened' "$TMP/out" 20
}

finish()
{
	kill -TERM "$monitor"
	rc=0
	wait "$monitor" || rc=$?
	[ $rc -eq 1 ] || fail "status $rc, not 1: $(cat "$TMP/err")"
}

hear "$KERBSCOPE" live -i v0 --evidence "$TMP/kept"
finish
set -- "$TMP"/kept/kerbscope-*.pcapng
[ $# -eq 1 ] && [ -s "$1" ] || fail "written: $*"
[ "$(stat -c %a "$1")" = 640 ] || fail "its mode is $(stat -c %a "$1")"
[ "$(stat -c %u "$1")" != 0 ] || fail "root wrote it"
"$KERBSCOPE" "$capture" >"$TMP/wanted"
"$KERBSCOPE" "$1" >"$TMP/got"
[ -n "$(cause "$TMP/got")" ] || fail "no cause is in it"
[ "$(cause "$TMP/got")" = "$(cause "$TMP/wanted")" ] ||
    fail "another cause: $(cause "$TMP/got")"
if command -v tshark >/dev/null; then
	tshark -r "$1" -T fields -e frame.interface_name -e frame.comment \
	    >"$TMP/fields" 2>"$TMP/err" || fail "$(cat "$TMP/err")"
	grep -q '^v0	.*kerbscope: breaks (' "$TMP/fields" ||
	    fail "no comment on what decides"
	grep -q 'kerbscope: log-on [0-9]* of .*: broken' "$TMP/fields" ||
	    fail "no comment on the log-on"
fi

# A folder that whoever analyses may not write to.
mkdir "$TMP/mine"
rc=0
ip netns exec "$HERE" "$KERBSCOPE" live -i v0 --evidence "$TMP/mine" \
    >"$TMP/out" 2>"$TMP/err" || rc=$?
[ $rc -eq 2 ] || fail "status $rc, not 2, where nothing can be written"
grep -q 'mine: Permission denied' "$TMP/err" || fail "$(cat "$TMP/err")"
[ "$(wc -l <"$TMP/err")" -eq 1 ] || fail "$(cat "$TMP/err")"

# A disk of 8 KB, in a name space of its own.
hear sh -c '
	mount -t tmpfs -o size=8k none "$1" 2>/dev/null || exit 77
	shift
	exec "$@"' sh "$TMP/mine" "$KERBSCOPE" live -i v0 \
    --evidence "$TMP/mine/full"
wait_for 'full: No space left on device' "$TMP/err" 30
nsenter -t "$monitor" -m mount -o remount,size=4m "$TMP/mine" ||
    skip "cannot make the disk larger"
# What is written at the end is gone with the process: another holds it.
nsenter -t "$monitor" -m sh -c 'exec sleep 30' &
holder=$!
sleep 0.2
finish
cp "/proc/$holder/root$TMP/mine/full"/kerbscope-*.pcapng "$TMP/late.pcapng"
kill "$holder"
grep -c 'No space' "$TMP/err" | grep -qx 1 || fail "$(cat "$TMP/err")"
grep -q 'can be written to again' "$TMP/err" || fail "$(cat "$TMP/err")"
"$KERBSCOPE" "$TMP/late.pcapng" >"$TMP/got"
[ "$(cause "$TMP/got")" = "$(cause "$TMP/wanted")" ] ||
    fail "another cause, late: $(cause "$TMP/got")"
