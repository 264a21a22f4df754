# A file that may not be read.

. tests/lib.sh

cp "$healthy" "$TMP/secret.pcap"
chmod 0 "$TMP/secret.pcap"
status=0
as_nobody timeout 60 "$KERBSCOPE" "$TMP/secret.pcap" </dev/null \
    >"$TMP/out" 2>"$TMP/err" || status=$?
[ "$status" -ne 77 ] || skip "$(cat "$TMP/out")"
want_status 2
want_one_line "^kerbscope: $TMP/secret.pcap: .*[Pp]ermission denied"
