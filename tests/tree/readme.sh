# The report that README shows is the one that the program prints.

. tests/lib.sh

run_ks pcaps/spn-wrong-account-samba.pcap
sed 's/^\(.\)/    \1/' "$TMP/out" >"$TMP/sample"
sed -n '/^    1 of 2 log-ons failed/,/^    [0-9]* packets/p' README |
    diff -u - "$TMP/sample" || fail "README shows another report"
