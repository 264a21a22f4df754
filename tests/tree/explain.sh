# Every rule has a page, and `kerbscope rules` lists it.

. tests/lib.sh

run_ks rules
want_status 0
mv "$TMP/out" "$TMP/rules"
for f in rules/*.c; do
	id=$(basename "$f" .c)
	[ "$id" != registry ] && [ "$id" != '*' ] || continue
	grep -qw -- "$id" "$TMP/rules" || fail "kerbscope rules lacks $id"
	run_ks explain "$id"
	want_status 0
	want_out "$id"
	[ "$(wc -l <"$TMP/out")" -ge 5 ] || fail "the page of $id is too short"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$TMP/out")" -le 80 ] ||
	    fail "the page of $id has a line of more than 80 columns"
	! grep -E '\{[a-z]+[|}]' "$TMP/out" ||
	    fail "the page of $id has a name left to fill in"
done
