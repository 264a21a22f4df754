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
