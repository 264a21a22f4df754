# What cannot be listened to: one clear line each, exit status 2.

. tests/net.sh

live()
{
	status=0
	here timeout 60 "$KERBSCOPE" live --duration 1 "$@" \
	    </dev/null >"$TMP/out" 2>"$TMP/err" || status=$?
	[ "$status" -le 3 ] || fail "status $status: $(cat "$TMP/err")"
}

live -i none0
want_status 2
want_one_line '^kerbscope: none0: there is no such interface; there are: .*\<v0\>.*$'
live -i v0 -i none0
want_status 2
want_one_line '^kerbscope: none0: '
live -i v0 -i v0
want_status 2
want_one_line '^kerbscope: -i v0: is given twice$'
live -i "$(printf 'e\033[31mh\nx')"
want_status 2
want_one_line '^kerbscope: e\\x1b\[31mh\\x0ax: there is no'
live -i "$(printf '%0500d' 0)"
want_status 2
want_one_line ': there is no such interface'
live -i ../../proc
want_status 2
want_one_line ': there is no such interface'
live -i v0 --bpf 'hos 10.9.0.1'
want_status 2
want_one_line "^kerbscope: --bpf hos 10.9.0.1: can't parse filter.*$"
live -i v0 --bpf 'port 88 or ('
want_status 2
want_one_line '^kerbscope: --bpf '
# As for Ethernet it is good, as for what "any" has it is not.
live -i any --bpf 'ether broadcast'
want_status 2
want_one_line '^kerbscope: any: --bpf: '

# Down at the start: said once, and waited for.
ip -n "$HERE" link set v0 down
live -i v0
want_status 0
want_one_line '^kerbscope: v0: is down; waiting for it$'
