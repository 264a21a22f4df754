# The unit of systemd: nothing in it that systemd does not know, and as little
# as can be of what a program might be allowed. What it hands to the program
# are options that it has.

. tests/lib.sh

unit=doc/kerbscope.service

# The lines of doc/kerbscope.conf, and those that are only shown there.
sed -n 's/^#*\([A-Z]*\)=\(.*\)/\1 \2/p' doc/kerbscope.conf >"$TMP/conf"
[ -s "$TMP/conf" ] || fail "doc/kerbscope.conf sets nothing"
run_ks --help
while read -r name options; do
	grep -q "^ExecStart=.*[ ]\$$name\( \|\$\)" $unit ||
	    fail "$name of doc/kerbscope.conf is not in $unit"
	for o in $options; do
		case $o in
		--*) grep -q "^ *\(-[a-z], *\)\{0,1\}$o\( \|\$\)" "$TMP/out" ;;
		-*) grep -q "^  $o," "$TMP/out" ;;
		*) true ;;
		esac || fail "doc/kerbscope.conf: the program has no $o"
	done
done <"$TMP/conf"
for name in $(grep '^ExecStart=' $unit | grep -oE '\$[A-Z]+' | tr -d '$'); do
	grep -q "^$name=" doc/kerbscope.conf ||
	    fail "doc/kerbscope.conf does not set $name"
done
user=$(sed -n 's/^User=//p' $unit)
grep -q "^u $user " doc/kerbscope.sysusers || fail "who is $user?"

command -v systemd-analyze >/dev/null ||
    skip "systemd-analyze (systemd) is not installed"
sed "s|/usr/bin/kerbscope|$KERBSCOPE|" $unit >"$TMP/kerbscope.service"
systemd-analyze verify --man=no "$TMP/kerbscope.service" 2>&1 |
    grep -F kerbscope && fail "systemd-analyze verify has a word to say"
systemd-analyze security --offline=true "$TMP/kerbscope.service" \
    >"$TMP/security" 2>&1 || cat "$TMP/security"
exposure=$(sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p' \
    "$TMP/security")
[ -n "$exposure" ] || fail "systemd-analyze security: $(tail -n 1 "$TMP/security")"
awk -v e="$exposure" 'BEGIN { exit !(e <= 2.0) }' || {
	grep -v '✓' "$TMP/security"
	fail "exposure $exposure; 2.0 is the most that is wanted"
}
