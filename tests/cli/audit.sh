# The directory alone: what is given must be one, the exit status is 0 when
# nothing is wrong, 1 when something is, 2 when an input was no help.

. tests/lib.sh

faults=tests/report/audit-faults.ldif
healthy=tests/report/audit-healthy.ldif

run_ks audit
want_status 2
want_one_line 'audit needs --ldif FILE or --ldap URI'
run_ks audit "$broken"
want_status 2
want_one_line 'audit takes no capture'
run_ks audit --keytab "$TMP/any" --ldif "$healthy"
want_status 2
want_one_line 'audit has no use for keytabs'
run_ks audit --ldif "$TMP/none.ldif"
want_status 2
want_one_line "^kerbscope: $TMP/none.ldif: No such file"
: >"$TMP/empty.ldif"
run_ks audit --ldif "$TMP/empty.ldif"
want_status 2
want_one_line "^kerbscope: $TMP/empty.ldif: is empty"
printf 'dn: OU=x,DC=y\nobjectClass: organizationalUnit\n' >"$TMP/ou.ldif"
run_ks audit --ldif "$TMP/ou.ldif"
want_status 2
want_one_line 'there is no account'

# The good one of two is audited all the same.
run_ks audit --ldif "$TMP/empty.ldif" --ldif "$healthy"
want_status 2
want_out '^26 accounts, nothing is wrong'
run_ks audit --ldif "$healthy"
want_status 0
[ "$(wc -l <"$TMP/out")" -eq 3 ] || fail "$(cat "$TMP/out")"

# Damaged part-way, it is not all of the domain.
sed '60s/.*/???/' "$healthy" >"$TMP/damaged.ldif"
run_ks audit --ldif "$TMP/damaged.ldif"
want_status 0
want_one_line "damaged at line 60"
want_out 'not surely all, damaged'
want_out 'nothing is wrong in what could be read'

# Two outputs at once; each input is well, and so is the JSON.
run_ks audit -f text -o "$TMP/a.txt" -f json -o "$TMP/a.json" \
    --ldif "$faults"
want_status 1
ks audit --ldif "$faults" | cmp - "$TMP/a.txt" || fail "another text"
for f in north south near; do
	ks audit -f json --ldif "tests/report/audit-$f.ldif" >"$TMP/$f.json" ||
	    :
done
has_controls "$TMP"/*.json "$TMP/a.txt" && fail "control characters"

# Nobody can put a command of his own into those that are shown.
ks audit -v --ldif tests/report/audit-north.ldif |
    grep '^           [a-zA-Z]*-[a-zA-Z]* \|^           setspn' |
    grep -v '^ *setspn -D "HTTP/app1.north.test; rm -rf /" NAME$' |
    grep -F 'rm -rf' && fail "a command from a name"
ks audit -v --ldif tests/report/audit-north.ldif | grep -F 'setspn -D http://$' &&
    fail "a command from a name"

# account NAME CLASS FLAGS [LINE...]: one of dc=many,dc=test
account()
{
	printf 'dn: CN=%s,%s\nobjectClass: %s\nsAMAccountName: %s\n' "$1" \
	    "${domain:-DC=many,DC=test}" "$2" "$1"
	printf 'userAccountControl: %s\n' "$3"
	shift 3
	for line; do
		echo "$line"
	done
	echo
}

# finding JQ: there is one in $TMP/out
finding()
{
	jq -e "[.findings[] | select($1)] | length == 1" "$TMP/out" \
	    >"$TMP/found" && return
	jq -c '.findings[] | {check, title, impact, occurrences}' "$TMP/out"
	fail "no finding, or several: $1"
}

# Lists are cut, counts are not: of accounts that share names, of commands for
# three, of retired computers before the one service that is disabled.
{
	for i in $(seq 1100); do
		account "n$i" user 512 "servicePrincipalName: HTTP/crowd" \
		    "servicePrincipalName: HTTP/crowd.many.test" \
		    "userPrincipalName: crowd@many.test"
	done
	for i in $(seq 20); do
		account "PC$i\$" computer 4098 "dNSHostName: pc$i.many.test" \
		    "servicePrincipalName: HOST/pc$i.many.test"
		account "T$i\$" computer 4096 'dNSHostName: twin.many.test'
	done
	account svc-off user 514 'servicePrincipalName: HTTP/off.many.test'
	account svc-on user 512 'servicePrincipalName: HTTP/three.many.test'
	for i in 2 3; do
		account "svc-on$i" user 514 \
		    'servicePrincipalName: HTTP/three.many.test'
	done
	account krbtgt-like user 512 'servicePrincipalName: HTTP/like.many.test'
	account svc-like user 512 'servicePrincipalName: HTTP/like.many.test'
} >"$TMP/many.ldif"
run_ks audit -f json --ldif "$TMP/many.ldif"
want_status 1
finding '.check == "spn-duplicate" and .occurrences == 1100 and
    .title == "2 SPNs are on 1100 accounts each" and
    (.accounts | length) == 8'
finding '.check == "acct-upn-duplicate" and .occurrences == 1100 and
    .title == "crowd@many.test is the UPN of 1100 accounts"'
finding '.check == "spn-host-twin" and .occurrences == 20'
finding '.check == "spn-service-revoked" and .impact == "degrades" and
    .occurrences == 3 and .fix[0].run == "Enable-ADAccount svc-off"'
finding '.check == "spn-service-revoked" and .impact == "remark" and
    .occurrences == 20'
finding '.names == ["HTTP/three.many.test"] and ([.fix[] |
    select(.for == "windows").run] == [
    "setspn -D HTTP/three.many.test svc-on2",
    "setspn -D HTTP/three.many.test svc-on3"])'
finding '.names == ["HTTP/like.many.test"]'
run_ks audit --ldif "$TMP/many.ldif"
want_out '^           and 1092 more$'

# Many of one kind leave room for others.
for i in $(seq 12); do
	account "s$i" user 512 "servicePrincipalName: HTTP/h$i.many.test/"
	account "a$i" user 512 "userPrincipalName: u$i@many.test"
	account "b$i" user 512 "userPrincipalName: u$i@many.test"
done >"$TMP/kinds.ldif"
run_ks audit --ldif "$TMP/kinds.ldif"
want_out '^12 things break log-ons, 12 degrade them in 36 accounts.$'
want_out '^16. degrades '
want_out "^and 4 more of spn-syntax-invalid, 4 more of acct-upn-duplicate; -v"
run_ks audit -v --ldif "$TMP/kinds.ldif"
want_out '^24. degrades '

# What is pasted wrong; https/ alone, not beside HTTP/ or the host's own.
account svc-odd user 512 'servicePrincipalName: HTTP/a.many.test,HTTP/b' \
    'servicePrincipalName: MSSQLSvc/db.many.test:' \
    'servicePrincipalName: "HTTP/q.many.test"' \
    'servicePrincipalName: ldap/dc.many.test/CN=x,DC=many,DC=test' \
    'servicePrincipalName: https/w.many.test:8443' \
    'servicePrincipalName: HTTP/v.many.test' \
    'servicePrincipalName: https/v.many.test' \
    'servicePrincipalName: https/pc.many.test' >"$TMP/odd.ldif"
account 'PC$' computer 4096 'servicePrincipalName: HOST/pc.many.test' \
    >>"$TMP/odd.ldif"
run_ks audit -f json --ldif "$TMP/odd.ldif"
want_status 1
finding '.check == "spn-syntax-invalid" and (.names | length) == 4'
account svc-tls user 512 'servicePrincipalName: https/w.many.test:8443' \
    >"$TMP/tls.ldif"
run_ks audit -f json --ldif "$TMP/tls.ldif"
finding '.fix[1].run == "setspn -S HTTP/w.many.test:8443 svc-tls"'

# Trusts and contacts have no userAccountControl; who should and shows none is
# named.
{
	account anna user 512
	printf 'dn: CN=bob,DC=many,DC=test\nobjectClass: contact\n\n'
	printf 'dn: CN=far.test,CN=System,DC=many,DC=test\n'
	printf 'objectClass: trustedDomain\ntrustPartner: far.test\n\n'
} >"$TMP/contact.ldif"
run_ks audit --ldif "$TMP/contact.ldif"
want_status 0
grep -B 1 '^Checked: ' "$TMP/out" | head -n 1 | grep . && fail "no paragraph"
grep 'userAccountControl' "$TMP/out" && fail "nobody lacks it"
account carl user 0 | sed /userAccountControl/d >>"$TMP/contact.ldif"
run_ks audit --ldif "$TMP/contact.ldif"
want_out 'unconstrained: of carl@MANY.TEST it needs userAccountControl$'

# A host of neither domain, which each of two forests has an account for; a
# host of one of them is a mistake.
# twin HOST: written to two files
twin()
{
	account AZUREADSSOACC\$ computer 4096 "servicePrincipalName: HOST/$1" \
	    >"$TMP/here.ldif"
	domain=DC=far,DC=test account AZUREADSSOACC\$ computer 4096 \
	    "servicePrincipalName: HOST/$1" >"$TMP/far.ldif"
	run_ks audit -f json --ldif "$TMP/here.ldif" --ldif "$TMP/far.ldif"
}
twin autologon.microsoftazuread-sso.com
want_status 0
finding '.check == "spn-cross-domain-twin" and .impact == "remark"'
twin web.far.test
want_status 1
finding '.check == "spn-cross-domain-twin" and .impact == "breaks"'

# One UPN in two forests is two people's own affair; in one forest it is not.
account dora user 512 'userPrincipalName: dora@firm.test' >"$TMP/here.ldif"
domain=DC=far,DC=test account dora user 512 \
    'userPrincipalName: dora@firm.test' >"$TMP/far.ldif"
domain=DC=sub,DC=many,DC=test account dora user 512 \
    'userPrincipalName: dora@firm.test' >"$TMP/below.ldif"
run_ks audit -f json --ldif "$TMP/here.ldif" --ldif "$TMP/far.ldif"
want_status 0
finding '.check == "acct-upn-duplicate" and .impact == "remark"'
run_ks audit -f json --ldif "$TMP/here.ldif" --ldif "$TMP/below.ldif"
want_status 1
finding '.check == "acct-upn-duplicate" and .impact == "breaks"'

for python in python3 /usr/bin/python3; do
	"$python" -c 'import jsonschema' 2>/dev/null || continue
	"$python" - "$TMP"/*.json <<-'EOF' || fail "not as the schema says"
	import json, sys, jsonschema
	schema = json.load(open("tests/report/audit-schema.json"))
	jsonschema.Draft202012Validator.check_schema(schema)
	for path in sys.argv[1:]:
	    jsonschema.validate(json.load(open(path)), schema)
	EOF
	exit 0
done
skip "python3-jsonschema is not installed"
