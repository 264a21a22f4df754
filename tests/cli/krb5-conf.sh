# A krb5.conf that is none: one line says so, with its line where libkrb5
# stumbles, and the analysis goes on without it.

. tests/lib.sh

conf=$TMP/krb5.conf

# $1 is the status, $2 the line on stderr; the report is there in any case.
with_conf()
{
	run_ks --krb5-conf "$conf" "$healthy"
	want_status "$1"
	[ -z "$2" ] || want_one_line "$2"
	[ -s "$TMP/out" ] || fail 'no report'
}

printf '[libdefaults]\n\tdefault_realm = CORP.EXAMPLE\n' >"$conf"
with_conf 0 ''
[ ! -s "$TMP/err" ] || fail "$(cat "$TMP/err")"

: >"$conf"
with_conf 2 "^kerbscope: $conf: holds no section"

printf '[libdefaults]\n\trdns = 1\n\n\tdefault_realm CORP\n[realms]\n' >"$conf"
with_conf 2 "^kerbscope: $conf:4: damaged, this is not NAME = VALUE"

printf '[realms]\nX = {\n[libdefaults]\n' >"$conf"
with_conf 2 "^kerbscope: $conf:3: damaged, a section begins within braces"

printf '[libdefaults]\nrdns = 1\0\n' >"$conf"
with_conf 2 "^kerbscope: $conf: not a krb5.conf"

yes '[libdefaults]' | head -n 20000 >"$conf"
with_conf 2 "^kerbscope: $conf: too large for a krb5.conf"

printf '[libdefaults]\ninclude %s\n' "$TMP/none" >"$conf"
with_conf 2 "^kerbscope: $conf:2: includes $TMP/none, which is left out: No su"

printf '[libdefaults]\ninclude %s\ninclude %s\n' "$conf" "$conf" >"$conf"
run_ks --krb5-conf "$conf" "$healthy"
want_status 2
[ "$(wc -l <"$TMP/err")" -lt 6 ] || fail 'a circle is told again and again'

rm "$conf"
with_conf 2 "^kerbscope: $conf: No such file"

mkdir "$conf"
with_conf 2 "^kerbscope: $conf: Is a directory"

# The machine's own file is none of the client's.
printf '[libdefaults]\n\tdns_lookup_kdc = true\n' >"$TMP/k"
printf '[libdefaults]\nthis is damaged\n' >"$TMP/own"
KRB5_CONFIG=$TMP/own
export KRB5_CONFIG
run_ks --krb5-conf "$TMP/k" "$healthy"
want_status 0
