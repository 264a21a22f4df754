# What live and the terminal cannot do is one line, exit 2, before anything
# is opened.

. tests/lib.sh

wrong()
{
	words=$1
	shift
	run_ks "$@"
	want_status 2 "kerbscope $*"
	want_one_line "^kerbscope: .*$words"
	[ ! -s "$TMP/out" ] || fail "output as well: kerbscope $*"
}

wrong 'interface goes with live and tui, not with read' -i lo "$healthy"
wrong 'interface goes with live' read -i lo
wrong 'json-log goes with live' --json-log "$TMP/log" "$healthy"
wrong 'duration goes with live' collect --duration 5 "$healthy"
wrong 'syslog goes with live' audit --syslog
wrong 'live needs an interface: -i NAME; there are: .*any$' live
wrong 'tui needs a capture, or an interface: -i NAME' tui
wrong 'either captures or -i' live -i lo "$healthy"
wrong 'bpf goes with -i' live --bpf 'port 88' "$healthy"
wrong 'user goes with -i' live --user nobody "$healthy"
wrong 'snaplen goes with -i' tui --snaplen 100 "$healthy"
wrong 'give it as --ldif' live --ldap ldap://dc1.fjord.test "$healthy"
wrong 'give it as --ldif' live -i lo --ldap ldap://dc1.fjord.test
wrong 'only one thing can go to standard output' \
    live --json-log - -f json "$healthy"
wrong 'only one thing can go to standard output' \
    live --json-log - --events - "$healthy"
wrong 'is given to --events and --json-log' \
    live --json-log "$TMP/x" --events "$TMP/x" "$healthy"
wrong 'is given to --output and --json-log' \
    live --json-log "$TMP/x" -o "$TMP/x" "$healthy"
wrong 'No such file' live --json-log "$TMP/no/such/log" "$healthy"
wrong 'No such file' live --events "$TMP/no/such/events" "$healthy"
wrong 'No such file' live -o "$TMP/no/such/report" "$healthy"
wrong 'no such capture.*No such file' live 'no such capture'
wrong 'seconds' live --duration soon "$healthy"
[ ! -e "$TMP/x" ] || fail "a file was made in vain"

cp "$healthy" "$TMP/own.pcap"
for option in -o --events --json-log; do
	wrong 'is an input, and not overwritten' \
	    live "$option" "$TMP/own.pcap" "$TMP/own.pcap"
	cmp "$healthy" "$TMP/own.pcap" || fail "$option wrote over its input"
done

# Without a terminal tui is what read is.
run_ks "$broken"
mv "$TMP/out" "$TMP/read"
run_ks tui "$broken"
want_status 1
cmp "$TMP/read" "$TMP/out" || fail "tui without a terminal"
