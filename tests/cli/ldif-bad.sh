# An LDIF file that is no help is named in one line, exit 2, and the report
# is there as it would be without it.

. tests/lib.sh

run_ks -f json "$broken"
cp "$TMP/out" "$TMP/plain"

# The file $1 gets the line $2; the report stays what it was.
useless()
{
	run_ks -f json --ldif "$1" "$broken"
	want_status 2 "$1"
	want_one_line "^kerbscope: $1: $2"
	jq -c '[.findings[] | [.rule, .certainty]]' "$TMP/out" >"$TMP/now"
	jq -c '[.findings[] | [.rule, .certainty]]' "$TMP/plain" |
	    cmp - "$TMP/now" || fail "$1: another report"
}

: >"$TMP/empty.ldif"
printf 'version: 1\n\n# nothing\n' >"$TMP/nothing.ldif"
printf 'Name : anna\nEnabled : True\n' >"$TMP/table.ldif"
head -c 4096 /dev/zero >"$TMP/zeros.ldif"
useless "$TMP/none.ldif" 'No such file'
useless "$TMP" 'Is a directory'
useless "$TMP/empty.ldif" 'is empty'
useless "$TMP/nothing.ldif" 'holds no object'
printf '# base <DC=fjord,DC=test> with scope subtree\n%s\n%s\n\n' \
    '# filter: (objectClass=*)' '# requesting: ALL' >"$TMP/refused.ldif"
useless "$TMP/refused.ldif" 'holds no object'
useless "$TMP/table.ldif" 'is not LDIF .line 1'
useless "$TMP/zeros.ldif" 'is not LDIF'
useless "$broken" 'is not LDIF'
printf 'dn: CN=a,DC=x\nsAMAccountName: a\n' >"$TMP/secret.ldif"
chmod 0 "$TMP/secret.ldif"
status=0
as_nobody timeout 60 "$KERBSCOPE" --ldif "$TMP/secret.ldif" "$broken" \
    >"$TMP/out" 2>"$TMP/err" </dev/null || status=$?
want_status 2
want_one_line "^kerbscope: $TMP/secret.ldif: Permission denied"

# Damaged part-way, or of another domain: said, and the findings decide.
printf 'dn: CN=a,DC=x\nsAMAccountName: a\n\n???\n' >"$TMP/damaged.ldif"
run_ks --ldif "$TMP/damaged.ldif" "$broken"
want_status 1
want_err "^kerbscope: $TMP/damaged.ldif: damaged at line 4"
printf 'dn: CN=a,DC=else,DC=test\nsAMAccountName: a\n\n' >"$TMP/else.ldif"
run_ks --ldif "$TMP/else.ldif" "$broken"
want_status 1
want_one_line "^kerbscope: $TMP/else.ldif: of ELSE.TEST, but .* are of "

# What it says reaches no terminal as it is.
printf 'dn: CN=a\033[2J,DC=else\033]0;x\007,DC=test\nsAMAccountName: a\n\n' \
    >"$TMP/esc.ldif"
run_ks --ldif "$TMP/esc.ldif" "$broken"
! has_controls "$TMP/err" || fail "control characters in stderr"
