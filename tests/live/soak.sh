# A short soak: 20,000 packets a second of log-ons that are made as they are
# sent, some of them failing. None is lost, each that failed is counted, what
# was wrong is found, and it ends well. `make soak` is the long one.

. tests/lib.sh

bench=$(dirname "$UNITS")/bench
[ -x "$bench/send" ] || skip "$bench/send is not built"
command -v ip >/dev/null || skip "needs ip (iproute2)"
# Sanitizers make it slower.
grep -q __asan_init "$KERBSCOPE" && rate=2000 || rate=20000
chmod 755 "$TMP/.." "$TMP/../.." "$TMP"
SOAK_DIR=$TMP SOAK_SECONDS=10 SOAK_RATE=$rate timeout 100 \
    python3 tests/bench/soak.py "$KERBSCOPE" "$bench" wire
