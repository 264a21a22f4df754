# Other people's captures are read where they lie, never copied in here.

. tests/lib.sh

captures=${KERBSCOPE_CAPTURES:-../shared/captures}
[ -d "$captures" ] || skip "$captures: not here (set KERBSCOPE_CAPTURES)"
find "$captures" -type f -exec sha256sum {} + | cut -d ' ' -f 1 |
    sort >"$TMP/theirs"
find tests pcaps -type f -size +64c -exec sha256sum {} + |
    sort >"$TMP/ours"
join "$TMP/theirs" "$TMP/ours" >"$TMP/copies"
[ ! -s "$TMP/copies" ] || fail "copied from $captures: $(cut -d ' ' -f 2- \
    "$TMP/copies" | tr '\n' ' ')"
