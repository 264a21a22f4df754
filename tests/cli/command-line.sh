# What is wrong on the command line is named in one line, exit 2.

. tests/lib.sh

wrong()
{
	words=$1
	shift
	run_ks "$@"
	want_status 2 "kerbscope $*"
	want_err "^kerbscope: .*$words"
	[ "$(wc -l <"$TMP/err")" -le 2 ] || fail "more than two lines: $*"
	[ ! -s "$TMP/out" ] || fail "output as well: kerbscope $*"
}

wrong 'no-such-option' --no-such-option "$healthy"
wrong 'Z' -Z "$healthy"
wrong 'sentences' -f sentences "$healthy"
wrong 'format' "$healthy" --format
wrong 'skew' --skew soon "$healthy"
wrong 'memory' --memory much "$healthy"
wrong 'decode' --decode nonsense "$healthy"
wrong 'color' --color sometimes "$healthy"
wrong 'no-such-rule' explain no-such-rule
wrong '.'

run_ks --version
want_status 0
want_out '^kerbscope [0-9]+\.[0-9]+\.[0-9]+'
run_ks --help
want_status 0
want_out '--output'
