# What tests/run and the scripts under tests/ share. A test runs in the top
# folder of the source with KERBSCOPE (the program) and TMP (a folder of its
# own) set; what it prints is shown when it does not pass.

fail()
{
	printf '%s\n' "$*"
	exit 1
}

skip()
{
	printf '%s\n' "$*"
	exit 77
}

# The program with a limit on its time and nothing on its standard input.
ks()
{
	timeout 60 "$KERBSCOPE" "$@" </dev/null
}

# Run the program: its status in $status, its output in $TMP/out, $TMP/err.
# A signal, a time-out and a sanitizer's word (99) fail any test.
run_ks()
{
	status=0
	ks "$@" >"$TMP/out" 2>"$TMP/err" || status=$?
	[ "$status" -le 3 ] && return
	cat "$TMP/err"
	fail "status $status: kerbscope $*"
}

want_status()
{
	[ "$status" -eq "$1" ] && return
	cat "$TMP/err"
	fail "status $status, not $1${2:+: $2}"
}

# One line on stderr, and it matches the extended expression $1.
want_one_line()
{
	if [ "$(wc -l <"$TMP/err")" -eq 1 ] && grep -qE -- "$1" "$TMP/err"; then
		return
	fi
	echo "stderr is not one line that matches: $1"
	cat "$TMP/err"
	exit 1
}

want_err()
{
	grep -qE -- "$1" "$TMP/err" && return
	echo "stderr does not match: $1"
	cat "$TMP/err"
	exit 1
}

want_out()
{
	grep -qE -- "$1" "$TMP/out" && return
	echo "the output does not match: $1"
	head -n 40 "$TMP/out"
	exit 1
}

# A whole logon without a fault, and a capture with a cause that breaks.
healthy=pcaps/healthy-logon.pcap
broken=pcaps/spn-wrong-account-samba.pcap

# True if a file holds what a terminal would obey: C0 controls but the end
# of a line, DEL, or C1 controls in UTF-8.
has_controls()
{
	cat "$@" | tr '\n' ' ' |
	    LC_ALL=C grep -qP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]'
}

# A program without the rights of root, which may read any file.
as_nobody()
{
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
		return
	fi
	command -v setpriv >/dev/null || skip "root reads all, no setpriv"
	setpriv --inh-caps=-all --bounding-set=-all "$@"
}
