# The manual page names every key of the terminal, as tui/keys.def has them.

. tests/lib.sh

sh doc/keys.sh >"$TMP/keys"
[ "$(grep -c '^\.TP' "$TMP/keys")" -eq \
    "$(grep -c '^COMMAND(' tui/keys.def)" ] || fail "not every key is understood"
sed -n '/^\.SH KEYS/,$p' doc/kerbscope.1 | sed 1d | sed '/^\.SH /,$d' |
    diff - "$TMP/keys" || fail "doc/keys.sh --write brings them in"
