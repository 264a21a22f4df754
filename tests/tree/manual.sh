# Every option of --help stands in the manual page, and the reverse; so do the
# names of a filter, with their help.

. tests/lib.sh

run_ks --help
want_status 0
grep -oE '(^|[ ,[|])--?[a-zA-Z][a-z0-9-]*' "$TMP/out" | tr -d ' ,[|' |
    sort -u >"$TMP/help"
sed 's/\\-/-/g' doc/kerbscope.1 | sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/p' |
    sed -n '/^\.TP/{n;p;}' | sed 's/\\f[BIRP]//g; s/[",]/ /g' |
    grep -oE '(^| )--?[a-zA-Z][a-z0-9-]*' | tr -d ' ' | sort -u >"$TMP/man"
diff "$TMP/help" "$TMP/man" ||
    fail "< only in --help, > only in doc/kerbscope.1"

[ -x "$UNITS/filter" ] || fail "the unit programs are not built"
"$UNITS/filter" names | tr '\t' '\n' >"$TMP/names"
sed -n '/^\.SH FILTERS/,/^\.SH LIVE/p' doc/kerbscope.1 |
    sed -n '/^\.TP/{n;s/^\.B //p;n;p;}' |
    sed 's/\\-/-/g; s/\\e/\\/g' >"$TMP/man-names"
diff "$TMP/names" "$TMP/man-names" ||
    fail "< only in the filter's table, > only in doc/kerbscope.1"

if command -v man >/dev/null; then
	LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z \
	    doc/kerbscope.1 2>&1 >/dev/null | tee "$TMP/warnings"
	[ ! -s "$TMP/warnings" ] || fail "the manual page has warnings"
fi
