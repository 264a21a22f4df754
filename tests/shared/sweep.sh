# Every real capture at hand, whatever it holds: no crash, an end within 20
# seconds, and nothing in the report that a terminal would obey.

. tests/lib.sh

captures=${KERBSCOPE_CAPTURES:-../shared/captures}
[ -d "$captures" ] || skip "$captures: not here (set KERBSCOPE_CAPTURES)"

find "$captures" -type f ! -name '*.json' ! -name '*.md' ! -name '*.ldif' \
    ! -name '*.keytab' ! -name '*.key' ! -name '*.kt' | sort >"$TMP/list"
: >"$TMP/wrong"
while read -r f; do
	rc=0
	timeout 20 "$KERBSCOPE" "$f" </dev/null >"$TMP/out" 2>"$TMP/err" || rc=$?
	case $rc in
	0 | 1 | 2) ;;
	124) echo "$f: not done within 20 seconds" >>"$TMP/wrong" ;;
	*) echo "$f: status $rc: $(tail -n 1 "$TMP/err")" >>"$TMP/wrong" ;;
	esac
	has_controls "$TMP/out" "$TMP/err" &&
	    echo "$f: control characters in the output" >>"$TMP/wrong"
	[ "$rc" -ne 2 ] || [ "$(wc -l <"$TMP/err")" -eq 1 ] ||
	    echo "$f: refused with more or less than one line" >>"$TMP/wrong"
done <"$TMP/list"
cat "$TMP/wrong"
[ ! -s "$TMP/wrong" ] ||
    fail "$(wc -l <"$TMP/wrong") wrong in $(wc -l <"$TMP/list") captures"
