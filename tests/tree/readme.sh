# The report that README shows is the one that the program prints, and the
# screen that of tests/screen/first.

. tests/lib.sh

run_ks pcaps/spn-wrong-account-samba.pcap
sed 's/^\(.\)/    \1/' "$TMP/out" >"$TMP/sample"
sed -n '/^    1 of 2 log-ons failed/,/^    [0-9]* packets/p' README |
    diff -u - "$TMP/sample" || fail "README shows another report"

sed -n '/^=== log-ons$/,/^=== one log-on$/p' tests/screen/first.screen |
    sed '1d;$d' >"$TMP/screen"
[ -s "$TMP/screen" ] || fail "tests/screen/first has no log-ons"
sed -n '/^ kerbscope  /,/^Enter open/p' README | diff -u - "$TMP/screen" ||
    fail "README shows another screen"
