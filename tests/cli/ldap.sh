# Asking a real directory: a password goes over trusted TLS alone, absence is
# proven by it, and what goes wrong is one line; the report comes all the same.

. tests/lib.sh
. tests/ldap/server.sh

needs_ldap
make_certificates
slapd_start whole
duplicate=tests/rules/spn-duplicate/spn-duplicate-samba.pcap
user='cn=admin,dc=fjord,dc=test'
echo the-reader >"$TMP/password"
echo the-writer >"$TMP/wrong"

# ask URI [OPTION...]: with the reader's password
ask()
{
	uri=$1
	shift
	run_ks -f json --ldap "$uri" --ldap-user "$user" \
	    --ldap-password-file "$TMP/password" --ldap-ca "$TMP/ca.pem" \
	    "$@" "$duplicate"
}

# found RULE CERTAINTY
found()
{
	[ -n "$(jq --arg r "$1" --arg c "$2" '.findings[] |
	    select(.rule == $r and .certainty == $c)' "$TMP/out")" ] && return
	jq -r '.findings[] | "\(.certainty) \(.rule)"' "$TMP/out"
	fail "not $2: $1"
}

quiet()
{
	[ ! -s "$TMP/err" ] && return
	cat "$TMP/err"
	fail "a word on stderr"
}

# --- LDAPS, StartTLS and the socket, in clear on none of them
for uri in "ldaps://127.0.0.1:$ldaps" "ldap://127.0.0.1:$ldap" "$ldapi" \
    "ldap://127.0.0.1:$ldap/dc=fjord,dc=test"; do
	ask "$uri"
	quiet
	want_status 1
	found spn-duplicate proven
done

# --- what came of it, as events
ask "$ldapi" --events "$TMP/events" -q
event()
{
	jq -c "select(.event == \"$1\")$2" "$TMP/events" >"$TMP/event" &&
	    [ -s "$TMP/event" ] || fail "no event $1 has $2"
}
event directory ' | select(.realm == "FJORD.TEST" and .netbios == "FJORD")'
event directory-spn ' | select(.covered == 1 and (.owners | length) == 2)'
event directory-name ' | select(.name == "anna" and .covered == 1)'
event account ' | select(.name == "svc-web@FJORD.TEST" and .kvno == 3 and
    .delegate_known == 1 and .acts_known == 1 and .enctypes == "0x18")'
# through a group in the group, whose name is German
event account ' | select(.name == "anna@FJORD.TEST" and .member_known == 1 and
    .protected_user == 1)'
event account ' | select(.name == "svc-data@FJORD.TEST" and
    .member_known == 1 and .protected_user != 1)'
grep -q fs7 "$TMP/events" && fail "an account that nobody named was told"
grep -qi 'the-reader' "$TMP/events" "$TMP/out" && fail "the password is told"

# --- who is absent is proven absent
ask "$ldapi" >/dev/null
run_ks -f json --ldap "$ldapi" --ldap-user "$user" --ldap-password-file \
    "$TMP/password" tests/rules/spn-missing/spn-missing-http.pcap
quiet
found spn-missing proven

# --- passwords: descriptors, no terminal, none, a wrong one
run_ks -f json --ldap "$ldapi" --ldap-user "$user" --ldap-password-file fd:7 \
    "$duplicate" 7<"$TMP/password"
quiet
found spn-duplicate proven
status=0
setsid timeout 60 "$KERBSCOPE" -q --ldap "$ldapi" --ldap-user "$user" \
    "$duplicate" </dev/null >"$TMP/out" 2>"$TMP/err" || status=$?
want_err 'no terminal to ask for the password of cn=admin'
ask "ldaps://127.0.0.1:$ldaps" --ldap-password-file "$TMP/wrong"
want_one_line "^kerbscope: ldaps://.*: $user is not let in: wrong name or"
want_status 2
jq -e .findings "$TMP/out" >/dev/null || fail "there is no report"
ask "$ldapi" --ldap-password-file "$TMP/nowhere"
want_one_line '/nowhere: No such file or directory$'
want_status 2

# --- TLS that nobody should trust: nothing is sent over it
ask "ldaps://127.0.0.1:$ldaps" --ldap-ca "$TMP/other.pem"
want_one_line 'TLS is not trusted: the certificate has expired, or who signed'
want_status 2
ask "ldap://127.0.0.1:$ldap" --ldap-ca "$TMP/other.pem"
want_one_line 'TLS is not trusted: the certificate has expired, or who signed'
ask "ldaps://localhost:$ldaps"
want_one_line 'TLS is not trusted: the certificate is not for this name'
# what a settings file beside the captures says changes nothing
mkdir "$TMP/cwd"
printf 'TLS_REQCERT never\nTLS_CACERT %s\n' "$TMP/ca.pem" >"$TMP/cwd/ldaprc"
top=$PWD
(cd "$TMP/cwd" && LDAPTLS_REQCERT=never timeout 60 "$KERBSCOPE" -q \
    --ldap "ldaps://127.0.0.1:$ldaps" --ldap-user "$user" \
    --ldap-password-file "$TMP/password" "$top/$duplicate" </dev/null \
    >"$TMP/out" 2>"$TMP/err")
want_one_line 'TLS is not trusted: .*; --ldap-ca names whom to trust$'
ask "ldaps://127.0.0.1:$ldaps" --ldap-ca "$TMP/password"
want_status 2
[ "$(wc -l <"$TMP/err")" -eq 1 ] || fail "not one line: $(cat "$TMP/err")"
ask "ldaps://127.0.0.1:$ldaps" --ldap-ca "$TMP/nowhere"
want_one_line '^kerbscope: .*: --ldap-ca .*nowhere: No such file or directory$'
ask "ldaps://127.0.0.1:$ldap" --ldap-timeout 5
want_one_line '^kerbscope: ldaps://127.0.0.1:[0-9]*: no TLS there'

# --- no ticket, nobody there, no such host, no such tree, not an URI
KRB5CCNAME=FILE:$TMP/no-tickets
export KRB5CCNAME
run_ks -q --ldap "ldap://127.0.0.1:$ldap" "$duplicate"
want_one_line '(no Kerberos ticket: run kinit|Cyrus SASL has no GSSAPI here)'
ask "ldaps://127.0.0.1:$(free_port)"
want_one_line '^kerbscope: ldaps://127.0.0.1:[0-9]*: Connection refused$'
ask "ldaps://no-such-host.invalid" --ldap-timeout 60
want_one_line '^kerbscope: ldaps://no-such-host.invalid: '
ask "ldaps://127.0.0.1:$ldaps/dc=hill,dc=test"
want_one_line ': there is no base dc=hill,dc=test$'
found spn-duplicate possible
for uri in ldap:// ldap:///dc=x 'ldap://127.0.0.1:port' "$ldapi%zz"; do
	run_ks -q --ldap "$uri" --ldap-user "$user" --ldap-password-file \
	    "$TMP/password" --ldap-timeout 5 "$duplicate"
	[ "$(wc -l <"$TMP/err")" -eq 1 ] ||
	    fail "$uri: not one line: $(cat "$TMP/err")"
done

# --- another server that works is asked all the same
ask "ldaps://127.0.0.1:$(free_port)" --ldap "$ldapi"
want_one_line 'Connection refused$'
found spn-duplicate proven

# --- LDIF and LDAP together: what both have is one account
run_ks -f json --ldap "$ldapi" --ldap-user "$user" --ldap-password-file \
    "$TMP/password" --ldif tests/rules/spn-duplicate/spn-duplicate-samba.ldif \
    --events "$TMP/events" "$duplicate"
quiet
found spn-duplicate proven
event directory-spn ' | select((.owners | length) == 2)'

# --- all accounts, page by page; a server that gives a part only says so
stop_servers
cp tests/ldap/domain.ldif "$TMP/many.ldif"
for i in $(seq 1100); do
	printf '\ndn: cn=n%s,cn=Users,dc=fjord,dc=test\nobjectClass: user\n' "$i"
	printf 'cn: n%s\nsAMAccountName: n%s\nuserAccountControl: 512\n' \
	    "$i" "$i"
	echo servicePrincipalName: HTTP/crowd.fjord.test
done >>"$TMP/many.ldif"
SLAPD_LDIF=$TMP/many.ldif
slapd_start many 'sizelimit 1000'
# audit USER
audit()
{
	run_ks audit -f json --ldap "$ldapi" --ldap-user "$1" \
	    --ldap-password-file "$TMP/password"
}
audit "$user"
quiet
want_out '"accounts": 1108, "whole": true'
audit 'cn=reader,cn=Users,dc=fjord,dc=test'
want_one_line 'gives no more than a part: Size limit exceeded$'
want_status 2
want_out '"whole": false'
