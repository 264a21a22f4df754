# The completion for bash offers every option, command and rule, and what
# their arguments may be.

. tests/lib.sh

command -v bash >/dev/null || skip "bash is not installed"

# offered WORD BEFORE [POSITION]: what is offered for WORD behind BEFORE
offered()
{
	bash -c '. doc/kerbscope.bash
	COMP_CWORD=$4
	_kerbscope "$1" "$2" "$3"
	printf "%s\n" "${COMPREPLY[@]}"' bash "$KERBSCOPE" "$1" "$2" \
	    "${3:-2}" | sort -u >"$TMP/offered"
}

offers()
{
	grep -qxF -e "$1" "$TMP/offered" || {
		cat "$TMP/offered"
		fail "$1 is not offered"
	}
}

run_ks --help
cp "$TMP/out" "$TMP/help"
offered - x.pcap
grep -oE '^  (-[a-z])?,? +(--[a-z0-9-]+)?' "$TMP/help" | tr -d ',' |
    grep -oE -e '--?[a-z][a-z0-9-]*' | sort -u | diff - "$TMP/offered" ||
    fail "< only in --help, > only in the completion"
[ "$(wc -l <"$TMP/offered")" -gt 20 ] || fail "hardly an option is offered"

offered '' kerbscope 1
for c in $(sed -n 's/^  kerbscope \([a-z]*\) .*/\1/p' "$TMP/help") read README; do
	offers "$c"
done
offered aud kerbscope 1
offers audit
! grep -x live "$TMP/offered" || fail "live does not begin with aud"

offered spn-mis explain
offers spn-missing
offered '' --format
offers json
offered '' -f
offers text
offered '' -i
offers any
offers lo
offered READ --keytab
offers README
offered READ -o
offers README
offered '' --skew
[ ! -s "$TMP/offered" ] || [ "$(cat "$TMP/offered")" = '' ] ||
    fail "a number of seconds is offered"
# These take no argument: what follows is a capture.
for o in -v -q --syslog; do
	offered READ $o
	offers README
done
