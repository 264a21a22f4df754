# With a good and a bad input the good one is reported, exit 2.

. tests/lib.sh

run_ks -f json "$broken"
want_status 1
causes=$(jq .summary.causes "$TMP/out")
for order in "$broken $TMP/none.pcap" "$TMP/none.pcap $broken"; do
	# shellcheck disable=SC2086
	run_ks -f json $order
	want_status 2
	want_one_line "^kerbscope: $TMP/none.pcap: "
	[ "$(jq .summary.causes "$TMP/out")" = "$causes" ] ||
	    fail "the good capture is not reported: $order"
done
