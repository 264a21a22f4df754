# `-` is standard input: a file, a pipe, compressed or not.

. tests/lib.sh

# The format says `pcap (gzip)` of a compressed one.
same='del(.captures[].path, .captures[].format)'

run_ks -f json "$broken"
want_status 1
jq "$same" "$TMP/out" >"$TMP/plain"

same_as_plain()
{
	[ "$status" -eq 1 ] || fail "status $status: $1"
	jq "$same" "$TMP/out" | diff -u "$TMP/plain" - ||
	    fail "another report: $1"
}

status=0
timeout 60 "$KERBSCOPE" -f json - <"$broken" >"$TMP/out" || status=$?
same_as_plain "a file"
status=0
# shellcheck disable=SC2002
cat "$broken" | timeout 60 "$KERBSCOPE" -f json - >"$TMP/out" || status=$?
same_as_plain "a pipe"
status=0
gzip -c "$broken" | timeout 60 "$KERBSCOPE" -f json - >"$TMP/out" || status=$?
same_as_plain "a compressed pipe"
