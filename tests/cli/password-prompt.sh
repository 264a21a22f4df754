# A password that is asked for at the terminal is not shown there, is taken,
# and an interrupt leaves the terminal as it was.

. tests/lib.sh
. tests/ldap/server.sh

needs_ldap
make_certificates
slapd_start prompt
capture=tests/rules/spn-duplicate/spn-duplicate-samba.pcap

# type WORD: the program asks for it
answer()
{
	status=0
	python3 tests/cli/password-prompt.py "$1" timeout --foreground 60 \
	    "$KERBSCOPE" -f json -o "$TMP/report" --ldap "$ldapi" --ldap-user \
	    cn=admin,dc=fjord,dc=test "$capture" >"$TMP/out" || status=$?
}

answer the-reader
want_status 1
want_out '^Password for cn=admin,dc=fjord,dc=test: '
grep -q spn-duplicate "$TMP/report" || fail "there is no report"
answer the-writer
want_status 2
want_out 'is not let in: wrong name or password'
rm "$TMP/report"
answer ^C
[ "$status" -ne 3 ] || fail "echo did not come back"
[ ! -e "$TMP/report" ] || fail "it went on after an interrupt"
