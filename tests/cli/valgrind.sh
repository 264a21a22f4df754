# No read of what was never written, no leak: some captures under valgrind.

. tests/lib.sh

if grep -q __asan_init "$KERBSCOPE"; then
	echo "the address sanitizer does the same"
	exit 0
fi
command -v valgrind >/dev/null || skip "valgrind is not installed"

# Leaks are what nothing points to any more; the ICU and OpenSSL libraries of
# libarchive keep tables.
grind()
{
	status=0
	timeout 300 valgrind -q --error-exitcode=99 --leak-check=full \
	    --show-leak-kinds=definite --errors-for-leak-kinds=definite \
	    "$KERBSCOPE" "$@" </dev/null >"$TMP/out" 2>"$TMP/err" || status=$?
	[ "$status" -le 1 ] && return
	cat "$TMP/err"
	fail "status $status: kerbscope $*"
}

for f in pcaps/spn-wrong-account-samba.pcap tests/healthy/lossy-capture.pcap \
    tests/healthy/mit-udp-fragments.pcap tests/dissect/kdc/errors.pcap \
    tests/rules/cluster-prefixless-benign/*.jsonl; do
	[ -f "$f" ] || continue
	grind -f json "$f"
	grind -v "$f"
done
grind --events "$TMP/events" pcaps/mixed-morning.pcap
grind "$TMP/events" "$healthy"
head -c 20000 "$broken" >"$TMP/cut.pcap"
grind --memory 1M "$TMP/cut.pcap"
