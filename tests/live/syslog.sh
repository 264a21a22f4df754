# --syslog: a message for each change, its urgency by the impact; a log that
# is not there is said once.

. tests/lib.sh

[ "$(id -u)" -eq 0 ] || skip "needs root, for a /dev/log of its own"
unshare -m true 2>/dev/null || skip "needs mount namespaces"

# In a /dev of its own: with a log, or without.
own_dev()
{
	status=0
	unshare -m sh -c '
	    mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 &&
	    mknod -m 666 /dev/urandom c 1 9 || exit 77
	    exec "$@"' sh "$@" >"$TMP/out" 2>"$TMP/err" || status=$?
	[ "$status" -ne 77 ] || skip "cannot make a /dev of its own"
}

own_dev python3 tests/live/syslog.py "$TMP/log" \
    "$KERBSCOPE" live -q --syslog "$broken"
want_status 1
grep -qE '^<30>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} kerbscope\[[0-9]+\]: kerb' \
    "$TMP/log" || fail "no first line: $(cat "$TMP/log")"
grep -q '^<27>.*: opened: breaks (.*spn-wrong-account.; fix: setspn' \
    "$TMP/log" || fail "no finding: $(cat "$TMP/log")"
grep -q '^<30>.*: 1 of 2 log-ons failed' "$TMP/log" || fail "no last line"
[ ! -s "$TMP/err" ] || fail "$(cat "$TMP/err")"

own_dev "$KERBSCOPE" live -q --syslog "$broken"
want_status 1
want_one_line '^kerbscope: /dev/log: No such file or directory; messages are'
