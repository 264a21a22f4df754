# A compressed capture gives the report of the plain one, but for its path.

. tests/lib.sh

# The format says `pcap (gzip)` of a compressed one.
same='del(.captures[].path, .captures[].format)'

run_ks -f json "$broken"
want_status 1
jq "$same" "$TMP/out" >"$TMP/plain"
missing=
for tool in gzip zstd xz lz4 bzip2; do
	command -v $tool >/dev/null || {
		missing="$missing $tool"
		continue
	}
	$tool -c <"$broken" >"$TMP/capture.$tool" 2>/dev/null
	run_ks -f json "$TMP/capture.$tool"
	want_status 1 "$tool"
	jq "$same" "$TMP/out" | diff -u "$TMP/plain" - ||
	    fail "$tool: another report"
done
[ -z "$missing" ] || skip "not installed:$missing"
