# The captures of `make bench`, small: each log-on that the generator told is
# found once and is well, and none is found in the flood.  No time is taken.

. tests/lib.sh

generate=$(dirname "$UNITS")/bench/generate
[ -x "$generate" ] || skip "$generate is not built"
recorded='pcaps/healthy-logon.pcap tests/healthy/windows-like-logon.pcap
    tests/healthy/short-name.pcap tests/healthy/cached-ticket.pcap'

# Kind $1 of size $2: as many log-ons as the generator says, all are well.
try()
{
	"$generate" "$1" "$2" "$TMP/$1.pcap" $recorded >"$TMP/made" ||
	    fail "generate $1 $2: $?"
	told=$(sed 's/.* octets \([0-9]*\) log-ons/\1/' "$TMP/made")
	run_ks -f json "$TMP/$1.pcap"
	want_status 0 "$1"
	jq -e ".summary.stories == $told and .summary.ok == $told" \
	    "$TMP/out" >"$TMP/verdict" ||
	    fail "$1: $told log-ons were made: $(jq -c .summary "$TMP/out")"
	jq -e "[.quality | (.tcp_gaps, .duplicates, .flows_dropped)] |
	    add == 0" "$TMP/out" >"$TMP/verdict" ||
	    fail "$1: $(jq -c .quality "$TMP/out")"
}

try bulk 20M
[ "$told" -ge 2 ] || fail "bulk: $told log-ons"
try dense 10k
[ "$told" -ge 90 ] || fail "dense: $told log-ons"
try crowd 100
[ "$told" -eq 100 ] || fail "crowd: $told log-ons"
try flood 10k
